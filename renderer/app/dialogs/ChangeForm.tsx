import { Button, DialogBody, DialogFooter } from "@blueprintjs/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { showPanel } from "../../store/dock.ts";
import { propose } from "../../store/plan.ts";
import { addToQueue } from "../../store/queue.ts";
import { activeVolume, useSession } from "../../store/session.ts";
import { closeDialog } from "./dialog-state.ts";

/**
 * The first step of a change: its form, what is wrong with it in a sentence, and Plan. The second step is the Plan panel, the same for
 * every operation.
 */
export function ChangeForm({
  operation,
  inputs,
  problem,
  children,
}: {
  operation: string;
  inputs: () => object;
  /** Why it cannot be planned as it stands. */
  problem: string | undefined;
  children: ReactNode;
}) {
  const volume = useSession(activeVolume);
  const [planning, setPlanning] = useState(false);
  const submit = async (act: typeof propose) => {
    if (!volume || problem !== undefined) return;
    setPlanning(true);
    const isDone = await act(volume, operation, inputs());
    setPlanning(false);
    if (!isDone) return;
    closeDialog();
    showPanel("plan");
  };
  const plan = (event: FormEvent) => {
    event.preventDefault();
    void submit(propose);
  };
  return (
    <form onSubmit={plan}>
      <DialogBody>
        {children}
        <p className="note" role="status">
          {problem ?? "Nothing is written: the change is planned and shown first."}
        </p>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Keep as it is" onClick={closeDialog} />
            <Button
              text="Add to queue"
              title="Plans it behind the changes that wait already"
              disabled={planning || problem !== undefined}
              onClick={() => void submit(addToQueue)}
            />
            <Button type="submit" intent="primary" text="Plan" loading={planning} disabled={problem !== undefined} />
          </>
        }
      />
    </form>
  );
}
