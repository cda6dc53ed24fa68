import { Button } from "@blueprintjs/core";
import { useEffect, useState } from "react";
import type { BlockChange, FindingTotals } from "../../../engine/contract/index.ts";
import { selectPlan, usePlan } from "../../store/plan.ts";
import { select } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { runTask } from "../../store/tasks.ts";
import { BlockChanges } from "../../ui/block-changes.tsx";
import { CrashRuler } from "../../ui/crash-ruler.tsx";
import { formatCount, formatNoun, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";
import { PlanBlocks } from "./PlanBlocks.tsx";

/** The five parts of every plan, always in this order: what will happen, blocks, worst case, if power fails, undo. */
export function PlanBody({ volume }: { volume: OpenVolume }) {
  const { api, view, state } = usePlan(selectPlan(volume.id));
  const [chosen, setChosen] = useState<number>();
  if (!view) return null;
  const { before, after } = view.findings;
  return (
    <div className="plan-body">
      <section aria-label="What will happen">
        <h2>What will happen</h2>
        <ul className="plan-sentences">
          {view.sentences.map((sentence) => (
            <li key={sentence}>{visible(sentence)}</li>
          ))}
          <li>
            Free blocks: {formatCount(view.freeBlocks.before)} before, {formatCount(view.freeBlocks.after)} after.
          </li>
          <li>
            <Glyph state={worstOf(after)} label /> Findings: {totals(before)} before, {totals(after)} after.
          </li>
        </ul>
        {view.warnings.map((warning) => (
          <p key={warning} className="notice">
            <Glyph state="warning" label /> {visible(warning)}
          </p>
        ))}
      </section>
      <section aria-label="Blocks" className="plan-blocks">
        <h2>
          Blocks · {formatCount(view.changedBlocks)} changed, {formatCount(view.writtenBlocks)} newly written
          {view.steps.length > 1 && ` · ${formatNoun(view.steps.length, "step")}`}
        </h2>
        <PlanBlocks
          planId={view.planId}
          rowCount={view.rowCount}
          fetch={async (start, count) => (await api?.blocks(start, count)) ?? []}
          chosen={chosen}
          onChoose={(row, index) => {
            setChosen(index);
            select({ volumeId: volume.id, range: row.range });
          }}
        />
        {chosen !== undefined && <Change row={chosen} volume={volume} />}
      </section>
      <section aria-label="Worst case">
        <h2>Worst case</h2>
        <p>{visible(view.worstCase)}</p>
      </section>
      <CrashRuler done={state === "applied" ? "everything" : "nothing"} />
      <section aria-label="Undo">
        <h2>Undo</h2>
        <p>
          {view.notUndone === undefined
            ? "Everything can be brought back while the changed blocks hold what this leaves. The bundle is saved before the first block is written."
            : `Undo does not bring back: ${visible(view.notUndone)}`}
        </p>
        <p className="panel-bar">
          <code className="mono">{visible(view.command)}</code>
          <span className="stretch" />
          <Button size="small" text="Copy as command" onClick={() => void navigator.clipboard.writeText(view.command)} />
          <Button
            size="small"
            text="Copy plan as JSON"
            onClick={() => void runTask("Copy", async () => api && navigator.clipboard.writeText(await api.json()))}
          />
        </p>
      </section>
    </div>
  );
}

const worstOf = ({ error, warning }: FindingTotals) => (error > 0 ? "error" : warning > 0 ? "warning" : "ok");
const totals = ({ error, warning }: FindingTotals): string => `${formatNoun(error, "error")}, ${formatNoun(warning, "warning")}`;

/** Before and after of one block, field by field. */
function Change({ row, volume }: { row: number; volume: OpenVolume }) {
  const { api } = usePlan(selectPlan(volume.id));
  const [change, setChange] = useState<BlockChange>();
  useEffect(() => {
    let stale = false;
    setChange(undefined);
    if (api) void runTask("Compare", () => api.change(row)).then((found) => !stale && setChange(found));
    return () => {
      stale = true;
    };
  }, [api, row]);
  if (!change) return null;
  return (
    <div className="plan-change">
      <BlockChanges change={change} heads={["Before", "After"]} onPath={(range) => select({ volumeId: volume.id, range })} />
    </div>
  );
}
