import { Button, SegmentedControl } from "@blueprintjs/core";
import { useEffect, useState } from "react";
import type { QueueView } from "../../../engine/contract/index.ts";
import { enableChanges } from "../../store/plan.ts";
import { applyQueue, type QueueData, refreshQueue, selectQueue, useQueue } from "../../store/queue.ts";
import type { OpenVolume } from "../../store/session.ts";
import { isWritable, selectVolumeData, showThrough, useVolumeData } from "../../store/volume-data.ts";
import { formatCount, formatNoun, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";
import { QueueList } from "./QueueList.tsx";
import { UndoList } from "./UndoList.tsx";

/** Keeps the queue of a volume at hand while the panel is shown. */
export function useFollowedQueue(volume: OpenVolume): QueueData {
  const version = useVolumeData((state) => selectVolumeData(volume.id)(state)?.version);
  const queueVersion = useVolumeData((state) => selectVolumeData(volume.id)(state)?.queueVersion);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another version of the source or of the queue gives other plans
  useEffect(() => void refreshQueue(volume), [volume, version, queueVersion]);
  return useQueue(selectQueue(volume.id));
}

/** Beside the plan: the changes that wait, what they do together, and those that were made and can be undone. */
export function QueueSide({ volume }: { volume: OpenVolume }) {
  const { view, undo, applied, stop } = useQueue(selectQueue(volume.id));
  const [tab, setTab] = useState<"queue" | "undo">("queue");
  if (!view) return null;
  const count = view.entries.length;
  const isApplying = stop !== undefined || view.applying !== undefined;
  return (
    <section className="queue" aria-label="Queue and undo">
      <div className="panel-bar">
        <SegmentedControl
          size="small"
          intent="primary"
          aria-label="Changes"
          value={tab}
          onValueChange={(value) => setTab(value === "undo" ? "undo" : "queue")}
          options={[
            { value: "queue", label: `Queue ${count}` },
            { value: "undo", label: `Undo ${undo.length}` },
          ]}
        />
      </div>
      {view.problem !== undefined && (
        <p className="notice" role="status">
          <Glyph state="warning" label /> {visible(view.problem)}
        </p>
      )}
      {applied && (
        <p className="notice" role="status">
          <b>Done.</b> {formatNoun(applied.applied.length, "change")} made and verified
          {applied.left > 0 && `, ${applied.left} left in the queue`}. Each can be undone from the Undo list.
        </p>
      )}
      {tab === "undo" ? (
        <UndoList volume={volume} rows={undo} />
      ) : count === 0 ? (
        <p className="empty">Nothing is queued. "Add to queue" beside a plan keeps it here until all are applied.</p>
      ) : (
        <>
          <QueueList volume={volume} queue={view} isApplying={isApplying} />
          <Together volume={volume} queue={view} />
          <Actions volume={volume} queue={view} stop={stop} isApplying={isApplying} />
        </>
      )}
    </section>
  );
}

/** What all changes of the queue do together. */
function Together({ volume, queue }: { volume: OpenVolume; queue: QueueView }) {
  const { findings, worstCase, notUndone } = queue;
  const planned = queue.entries.filter(({ state }) => state === "planned").length;
  const figures = queue.figures.filter(({ before, after }) => before !== after);
  return (
    <>
      <table className="queue-figures">
        <caption>{afterWords(planned, queue.entries.length)}</caption>
        <thead>
          <tr>
            <td />
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {figures.map(({ label, before, after }) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td>{formatCount(before)}</td>
              <td>{formatCount(after)}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">Errors, warnings</th>
            <td>
              {formatCount(findings.before.error)}, {formatCount(findings.before.warning)}
            </td>
            <td>
              {formatCount(findings.after.error)}, {formatCount(findings.after.warning)}
            </td>
          </tr>
        </tbody>
      </table>
      <p className="queue-counts">
        {formatNoun(queue.changedBlocks, "block")} changed, {formatCount(queue.writtenBlocks)} newly written, in{" "}
        {formatNoun(queue.transactions, "transaction")}.
      </p>
      <h2>Worst case</h2>
      <p>{planned === 0 ? `Nothing of ${visible(volume.name)} would be written.` : visible(worstCase)}</p>
      <h2>Undo</h2>
      <p>
        {notUndone.length > 0
          ? `Undo does not bring back: ${visible(notUndone.join(" "))}`
          : `One bundle for each change, saved before its first block is written. Undo begins with the last one.`}
      </p>
    </>
  );
}

function afterWords(planned: number, all: number): string {
  if (planned < all) return `After the first ${planned}`;
  return all === 1 ? "After this change" : `After all ${all}`;
}

function Actions({
  volume,
  queue,
  stop,
  isApplying,
}: {
  volume: OpenVolume;
  queue: QueueView;
  stop: (() => void) | undefined;
  isApplying: boolean;
}) {
  const overview = useVolumeData((all) => selectVolumeData(volume.id)(all)?.overview);
  const isShown = overview?.lens === "queue";
  const enabled = isWritable(overview);
  const planned = queue.entries.filter(({ state }) => state === "planned").length;
  const problem = !enabled
    ? "Changes are not enabled for this volume"
    : planned === 0
      ? "No change of the queue can be made as it stands"
      : undefined;
  return (
    <div className="queue-actions">
      <Button
        size="small"
        text={isShown ? "Show as stored" : "Preview in all views"}
        disabled={isApplying}
        onClick={() => void showThrough(volume, isShown ? "stored" : "queue")}
      />
      {!enabled && overview?.lockedReason === undefined && (
        <Button size="small" text="Enable changes" onClick={() => void enableChanges(volume, true)} />
      )}
      {isApplying ? (
        <Button size="small" text="Stop after this operation" disabled={!stop} onClick={() => stop?.()} />
      ) : (
        <Button
          size="small"
          intent="primary"
          disabled={problem !== undefined}
          title={problem}
          text={`Apply ${formatNoun(planned, "change")} to ${volume.name}`}
          onClick={() => void applyQueue(volume)}
        />
      )}
    </div>
  );
}
