import { Button } from "@blueprintjs/core";
import { useState } from "react";
import { showPanel } from "../../store/dock.ts";
import { tryOnOverlay } from "../../store/overlays.ts";
import { applyPlan, dropPlan, enableChanges, selectPlan, usePlan } from "../../store/plan.ts";
import { addToQueue } from "../../store/queue.ts";
import type { OpenVolume } from "../../store/session.ts";
import { applyText, isWritable, selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { formatNoun, visible } from "../../ui/format.ts";
import { PlanBody } from "./PlanBody.tsx";
import { QueueSide, useFollowedQueue } from "./QueueSide.tsx";
import "./plan.css";

/** The plan that was made for this volume, beside the changes that wait: what would happen, block by block, and what became of it. */
export function PlanPanel({ volume }: { volume: OpenVolume }) {
  const { view: queue, undo, applied } = useFollowedQueue(volume);
  const hasSide =
    queue !== undefined && (queue.entries.length > 0 || undo.length > 0 || queue.problem !== undefined || applied !== undefined);
  return (
    <div className={`plan-panel${hasSide ? " has-queue" : ""}`}>
      {hasSide && <QueueSide volume={volume} />}
      <Plan volume={volume} hasQueue={hasSide && queue.entries.length > 0} />
    </div>
  );
}

function Plan({ volume, hasQueue }: { volume: OpenVolume; hasQueue: boolean }) {
  const { state, view, applied, origin } = usePlan(selectPlan(volume.id));
  if (state === "none")
    return (
      <p className="empty">
        {hasQueue
          ? "Choose a change of the queue to see its plan."
          : "Nothing is planned. Choose an operation from the Volume menu: it is planned first, and only read for it."}
      </p>
    );
  if (state === "planning" || !view) return <p className="empty">Planning…</p>;
  return (
    <div className="plan" tabIndex={0} role="group" aria-label="Plan">
      {applied ? (
        <p className="notice" role="status">
          <b>Done.</b> {visible(applied.summary)} {formatNoun(applied.blocksWritten, "block")} written and verified.
          {applied.undoBundle && ` Undo bundle: ${visible(applied.undoBundle)}`}
        </p>
      ) : origin?.kind === "queued" ? (
        <p className="empty">On the volume as the changes before it leave it. It is applied with the queue.</p>
      ) : (
        <PlanActions volume={volume} hasQueue={hasQueue} />
      )}
      <PlanBody volume={volume} />
      {applied && <Button size="small" text="Close" onClick={dropPlan} />}
    </div>
  );
}

function PlanActions({ volume, hasQueue }: { volume: OpenVolume; hasQueue: boolean }) {
  const { state, origin } = usePlan(selectPlan(volume.id));
  const overview = useVolumeData((all) => selectVolumeData(volume.id)(all)?.overview);
  const [isAdding, setIsAdding] = useState(false);
  const locked = overview?.lockedReason;
  const enabled = isWritable(overview);
  const add = async () => {
    if (origin?.kind !== "asked") return;
    setIsAdding(true);
    await addToQueue(volume, origin.operation, origin.inputs);
    setIsAdding(false);
  };
  return (
    <div className="panel-bar plan-actions">
      <Button size="small" text="Discard plan" data-first-focus onClick={dropPlan} disabled={state === "applying"} />
      {hasQueue && <span className="weak">Planned on what is stored, without the queue.</span>}
      <span className="stretch" />
      {locked !== undefined ? (
        <span className="weak">Changes cannot be enabled: {visible(locked)}.</span>
      ) : (
        <>
          {origin?.kind === "asked" && (
            <Button size="small" text="Add to queue" loading={isAdding} disabled={state === "applying"} onClick={() => void add()} />
          )}
          {origin?.kind === "asked" && overview?.writeState !== "overlay" && (
            <Button
              size="small"
              text="Try on overlay"
              title="Makes the change in a new overlay, and leaves the image alone"
              disabled={state === "applying"}
              onClick={() => void tryOnOverlay(volume).then((done) => done && showPanel("difference"))}
            />
          )}
          {!enabled && <Button size="small" text="Enable changes" onClick={() => void enableChanges(volume, true)} />}
        </>
      )}
      <Button
        size="small"
        intent="primary"
        disabled={!enabled || state === "applying"}
        loading={state === "applying"}
        text={applyText(volume, overview)}
        title={enabled ? undefined : "Changes are not enabled for this volume"}
        onClick={() => void applyPlan()}
      />
    </div>
  );
}
