import { useState } from "react";
import type { EntryChange, TransactionView } from "../../../engine/contract/index.ts";
import { useEntryChange } from "../../store/journal.ts";
import { select } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { ChangeTable } from "../../ui/change-table.tsx";
import { formatCount, formatNoun, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";

/** What the images of a transaction are, block by block, against what is stored now. */
export function TransactionChanges({ volume, slot, transaction }: { volume: OpenVolume; slot: number; transaction: TransactionView }) {
  const { targets, moreTargets, state } = transaction;
  const first = targets.find((target) => !target.isApplied) ?? targets[0];
  const [chosen, setChosen] = useState(first?.offset);
  const { answer: change, failure } = useEntryChange(volume, slot, chosen);
  const isAhead = state === "pending" || state === "uncommitted" || state === "overrun";
  return (
    <section className="transaction-changes" aria-label="What it changes" tabIndex={0}>
      <ul className="targets" aria-label="Blocks">
        {targets.map((target) => (
          <li key={`${target.offset}`}>
            <button
              type="button"
              className="target"
              aria-pressed={target.offset === chosen}
              onClick={() => {
                setChosen(target.offset);
                select({ volumeId: volume.id, range: target.range });
              }}
            >
              <Glyph state={target.isApplied ? "ok" : isAhead ? "warning" : "not-run"} label />
              <span>
                block {formatCount(target.block)} · {visible(target.name)}
              </span>
              <span className="weak">{target.isApplied ? "holds the image" : isAhead ? "holds another state" : "was changed since"}</span>
            </button>
          </li>
        ))}
      </ul>
      {moreTargets > 0 && (
        <p className="empty">
          First {formatCount(targets.length)} of {formatNoun(targets.length + moreTargets, "block")}.
        </p>
      )}
      {targets.length === 0 && <p className="empty">No entry of it is left in the log.</p>}
      {failure && (
        <p className="empty" role="alert">
          {failure.what}
        </p>
      )}
      {change && <Change volume={volume} change={change} isAhead={isAhead} />}
    </section>
  );
}

function Change({ volume, change, isAhead }: { volume: OpenVolume; change: EntryChange; isAhead: boolean }) {
  if (!change.isRead) return <p className="empty">Block {formatCount(change.block)} cannot be read, so nothing is compared.</p>;
  if (change.fields.length === 0)
    return (
      <p className="empty">
        Block {formatCount(change.block)} holds this image: {isAhead ? "a replay changes nothing in it" : "nothing was changed since"}.
      </p>
    );
  return (
    <>
      <h3>
        {visible(change.structure)} · {formatNoun(change.differingBytes, "byte")} in{" "}
        {formatNoun(change.fields.length + change.more, "field")}
      </h3>
      <ChangeTable
        heads={["Stored now", isAhead ? "After a replay" : "In the transaction"]}
        fields={change.fields.map(({ path, stored, image, range, imageRange }) => ({
          path,
          before: stored,
          after: image,
          start: range.start,
          onPath: () => select({ volumeId: volume.id, range }),
          onAfter: () => select({ volumeId: volume.id, range: imageRange }),
        }))}
      />
      {change.more > 0 && <p className="empty">{formatNoun(change.more, "field")} more differ.</p>}
    </>
  );
}
