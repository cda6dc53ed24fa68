import { useEffect, useRef, useState } from "react";
import type { Progress } from "../../../engine/contract/index.ts";
import type { TaskWatch } from "../../store/tasks.ts";
import { formatBytes, formatCount } from "../../ui/format.ts";
import { Wizard, type WizardProps } from "../../ui/wizard.tsx";
import { closeDialog, keepDialog, requestClose, setDialogBusy, touchDialog, useDialog } from "../dialogs/dialog-state.ts";
import "./wizards.css";

export const nothingWritten = "Nothing has been written. The next step shows every block.";

/** The frame of a wizard in the window's dialog: it asks before something that was entered is lost, and stays while it writes. */
export function WizardFrame(
  props: Omit<WizardProps, "asks" | "onKeep" | "onDiscard" | "onTouch" | "cancel" | "onCopyCommand"> & { isDone?: boolean },
) {
  const { isDone = false, ...rest } = props;
  const asks = useDialog((state) => state.asksToClose);
  const isBusy = props.action.busy ?? false;
  useEffect(() => {
    setDialogBusy(isBusy);
  }, [isBusy]);
  useEffect(() => {
    if (isDone) touchDialog(false);
  }, [isDone]);
  const { command } = props;
  return (
    <Wizard
      {...rest}
      asks={asks}
      onKeep={keepDialog}
      onDiscard={closeDialog}
      onTouch={() => touchDialog(!isDone)}
      cancel={isBusy ? undefined : { text: isDone ? "Close" : "Cancel", run: requestClose }}
      onCopyCommand={() => command !== undefined && void navigator.clipboard.writeText(command)}
    />
  );
}

export interface WatchedTask {
  watch: TaskWatch;
  progress: Progress | undefined;
  stop: (() => void) | undefined;
}

/** A task of the host whose progress the wizard shows itself. */
export function useWatchedTask(): WatchedTask {
  const [progress, setProgress] = useState<Progress>();
  const [stop, setStop] = useState<() => void>();
  const watch = useRef<TaskWatch>({
    onStart: (cancel) => {
      setProgress(undefined);
      setStop(() => cancel);
    },
    onProgress: setProgress,
  });
  return { watch: watch.current, progress, stop };
}

/** How far a task is, and its Stop. */
export function TaskLine({ task, label, stopText }: { task: WatchedTask; label: string; stopText: string }) {
  const { progress, stop } = task;
  const amount = (value: number) =>
    progress?.unit === "bytes" ? formatBytes(BigInt(Math.round(value))) : `${formatCount(Math.round(value))} ${progress?.unit}`;
  return (
    <div className="wizard-task" role="status">
      <span>{progress?.phase ?? label}</span>
      <progress aria-label={label} {...(progress?.total && { value: progress.done, max: progress.total })} />
      <span>{progress && `${amount(progress.done)}${progress.total === undefined ? "" : ` of ${amount(progress.total)}`}`}</span>
      <button type="button" className="link" onClick={stop}>
        {stopText}
      </button>
    </div>
  );
}
