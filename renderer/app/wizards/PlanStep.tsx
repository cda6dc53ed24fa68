import { Button } from "@blueprintjs/core";
import { useState } from "react";
import { PlanBody } from "../../panels/plan/PlanBody.tsx";
import { showPanel } from "../../store/dock.ts";
import { tryOnOverlay } from "../../store/overlays.ts";
import { applyPlan, dropPlan, enableChanges, selectPlan, usePlan } from "../../store/plan.ts";
import { addToQueue, proposeUndo } from "../../store/queue.ts";
import type { OpenVolume } from "../../store/session.ts";
import { runTask } from "../../store/tasks.ts";
import { applyText, isWritable, selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { Facts } from "../../ui/facts.tsx";
import { formatCount, formatNoun, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";
import type { WizardStep } from "../../ui/wizard.tsx";
import { closeDialog } from "../dialogs/dialog-state.ts";
import { TaskLine, useWatchedTask, WizardFrame } from "./WizardFrame.tsx";

interface StepFrame {
  steps: readonly WizardStep[];
  at: number;
  onStep: (at: number) => void;
}

/** The last but one step of every wizard that changes a volume: the plan as the Plan panel has it, and Apply. */
export function PlanStep({ volume, frame, onApplied }: { volume: OpenVolume; frame: StepFrame; onApplied: () => void }) {
  const { state, view, origin } = usePlan(selectPlan(volume.id));
  const overview = useVolumeData((all) => selectVolumeData(volume.id)(all)?.overview);
  const task = useWatchedTask();
  const locked = overview?.lockedReason;
  const isEnabled = isWritable(overview);
  const isApplying = state === "applying";
  const problem = !view
    ? "The plan was dropped. Go back to make it anew."
    : locked !== undefined
      ? `Changes cannot be enabled: ${visible(locked)}.`
      : isEnabled
        ? undefined
        : "Changes are not enabled for this volume.";
  return (
    <WizardFrame
      steps={frame.steps}
      at={frame.at}
      onStep={isApplying ? undefined : frame.onStep}
      heading="Plan"
      about="every block that would be written"
      problem={problem}
      note="Nothing has been written. The undo bundle is saved first."
      progress={isApplying && <TaskLine task={task} label="Applying" stopText="Stop" />}
      extra={
        !isApplying &&
        locked === undefined && (
          <>
            {origin?.kind === "asked" && <Elsewhere volume={volume} origin={origin} hasOverlay={overview?.writeState === "overlay"} />}
            {!isEnabled && <Button text="Enable changes" onClick={() => void enableChanges(volume, true)} />}
          </>
        )
      }
      action={{
        text: applyText(volume, overview),
        run: () => void applyPlan(task.watch).then((isDone) => isDone && onApplied()),
        busy: isApplying,
      }}
    >
      <PlanBody volume={volume} />
    </WizardFrame>
  );
}

/** What else can be done with a plan than applying it now: both leave the wizard. */
function Elsewhere({
  volume,
  origin,
  hasOverlay,
}: {
  volume: OpenVolume;
  origin: { operation: string; inputs: object };
  hasOverlay: boolean;
}) {
  const [isAdding, setAdding] = useState(false);
  const add = async () => {
    setAdding(true);
    const isAdded = await addToQueue(volume, origin.operation, origin.inputs);
    setAdding(false);
    if (!isAdded) return;
    dropPlan();
    closeDialog();
    showPanel("plan");
  };
  const tryIt = () => {
    closeDialog();
    void tryOnOverlay(volume).then((isDone) => isDone && showPanel("difference"));
  };
  return (
    <>
      <Button text="Add to queue" loading={isAdding} onClick={() => void add()} />
      {!hasOverlay && (
        <Button text="Try on overlay" title="Makes the change in a new overlay, and leaves the image alone" onClick={tryIt} />
      )}
    </>
  );
}

/** The last step: what was done, figures before and after, what the check says. */
export function PlanResult({ volume, frame }: { volume: OpenVolume; frame: StepFrame }) {
  const { view, applied } = usePlan(selectPlan(volume.id));
  const data = useVolumeData(selectVolumeData(volume.id));
  const findings = data?.overview.findings;
  const undo = async () => {
    const rows = await runTask("Read undo bundles", () => volume.api.undoRows());
    const row = rows?.find(({ file }) => applied?.undoBundle?.endsWith(file));
    if (!row) return;
    closeDialog();
    showPanel("plan");
    await proposeUndo(volume, row.id);
  };
  const state = !findings ? "not-run" : findings.error > 0 ? "error" : findings.warning > 0 ? "warning" : "ok";
  return (
    <WizardFrame
      steps={frame.steps}
      at={frame.at}
      isDone
      heading="Result"
      note="What was written was read back and verified."
      extra={
        applied?.undoBundle !== undefined && <Button text="Undo…" title="Plans it first: nothing is written" onClick={() => void undo()} />
      }
      action={{
        text: "Done",
        run: () => {
          dropPlan();
          closeDialog();
        },
      }}
    >
      {applied && view && (
        <>
          <p className="wizard-done">
            <Glyph state="ok" label /> {visible(applied.summary)} {formatNoun(applied.blocksWritten, "block")} written and verified.
          </p>
          <Facts
            rows={[
              {
                label: "Free blocks",
                value: `${formatCount(view.freeBlocks.before)} before, ${formatCount(view.freeBlocks.after)} after`,
              },
              {
                label: "Findings",
                value: (
                  <>
                    <Glyph state={state} label /> {formatNoun(findings?.error ?? 0, "error")},{" "}
                    {formatNoun(findings?.warning ?? 0, "warning")}
                  </>
                ),
              },
              { label: "Undo bundle", value: applied.undoBundle === undefined ? "none" : visible(applied.undoBundle), mono: true },
            ]}
          />
          {view.warnings.map((warning) => (
            <p key={warning} className="weak">
              {visible(warning)}
            </p>
          ))}
        </>
      )}
    </WizardFrame>
  );
}
