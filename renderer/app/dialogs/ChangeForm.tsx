import { Button } from "@blueprintjs/core";
import { type ReactNode, useState } from "react";
import { showPanel } from "../../store/dock.ts";
import { propose } from "../../store/plan.ts";
import { addToQueue } from "../../store/queue.ts";
import { activeVolume, useSession } from "../../store/session.ts";
import { PlanResult, PlanStep } from "../wizards/PlanStep.tsx";
import { nothingWritten, WizardFrame } from "../wizards/WizardFrame.tsx";
import { closeDialog } from "./dialog-state.ts";

/** The wizard of a change with one form: the form with what is wrong with it in a sentence, the plan, the result. */
export function ChangeForm({
  operation,
  heading,
  inputs,
  problem,
  children,
}: {
  operation: string;
  heading: string;
  inputs: () => object;
  /** Why it cannot be planned as it stands. */
  problem: string | undefined;
  children: ReactNode;
}) {
  const volume = useSession(activeVolume);
  const [at, setAt] = useState(0);
  const [isBusy, setBusy] = useState(false);
  if (!volume) return null;
  const submit = async (act: typeof propose): Promise<boolean> => {
    setBusy(true);
    const isDone = await act(volume, operation, inputs());
    setBusy(false);
    return isDone;
  };
  const queue = async () => {
    if (!(await submit(addToQueue))) return;
    closeDialog();
    showPanel("plan");
  };
  const frame = { steps: ["Change", "Plan", "Result"].map((title) => ({ title })), at, onStep: setAt };
  if (at === 1) return <PlanStep volume={volume} frame={frame} onApplied={() => setAt(2)} />;
  if (at === 2) return <PlanResult volume={volume} frame={frame} />;
  return (
    <WizardFrame
      {...frame}
      heading={heading}
      problem={problem}
      note={nothingWritten}
      extra={
        <Button
          text="Add to queue"
          title="Plans it behind the changes that wait already"
          disabled={isBusy || problem !== undefined}
          onClick={() => void queue()}
        />
      }
      action={{ text: "Preview the plan", run: () => void submit(propose).then((isPlanned) => isPlanned && setAt(1)), busy: isBusy }}
    >
      {children}
    </WizardFrame>
  );
}
