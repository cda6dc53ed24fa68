import { Button } from "@blueprintjs/core";
import { applyPlan, dropPlan, enableChanges, selectPlan, usePlan } from "../../store/plan.ts";
import type { OpenVolume } from "../../store/session.ts";
import { selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { formatNoun, visible } from "../../ui/format.ts";
import { PlanBody } from "./PlanBody.tsx";
import "./plan.css";

/** The plan that was made for this volume: what would happen, block by block, and what became of it. */
export function PlanPanel({ volume }: { volume: OpenVolume }) {
  const { state, view, applied } = usePlan(selectPlan(volume.id));
  const overview = useVolumeData((all) => selectVolumeData(volume.id)(all)?.overview);
  if (state === "none")
    return (
      <p className="empty">Nothing is planned. Choose an operation from the Volume menu: it is planned first, and only read for it.</p>
    );
  if (state === "planning" || !view) return <p className="empty">Planning…</p>;
  const locked = overview?.lockedReason;
  const enabled = overview?.writeState === "changes";
  return (
    <div className="plan" tabIndex={0} role="group" aria-label="Plan">
      {applied ? (
        <p className="notice" role="status">
          <b>Done.</b> {visible(applied.summary)} {formatNoun(applied.blocksWritten, "block")} written and verified.
          {applied.undoBundle && ` Undo bundle: ${visible(applied.undoBundle)}`}
        </p>
      ) : (
        <div className="panel-bar">
          <Button size="small" text="Discard plan" onClick={dropPlan} disabled={state === "applying"} />
          <span className="stretch" />
          {locked !== undefined ? (
            <span className="weak">Changes cannot be enabled: {visible(locked)}.</span>
          ) : (
            !enabled && <Button size="small" text="Enable changes" onClick={() => void enableChanges(volume, true)} />
          )}
          <Button
            size="small"
            intent="primary"
            disabled={!enabled || state === "applying"}
            loading={state === "applying"}
            text={`Apply to ${volume.name}`}
            title={enabled ? undefined : "Changes are not enabled for this volume"}
            onClick={() => void applyPlan()}
          />
        </div>
      )}
      <PlanBody volume={volume} />
      {applied && <Button size="small" text="Close" onClick={dropPlan} />}
    </div>
  );
}
