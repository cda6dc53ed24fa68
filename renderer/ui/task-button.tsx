import { Button } from "@blueprintjs/core";

/** Starts a task; while it runs, its bar and Stop stand in the button's place. */
export function TaskButton({
  label,
  state,
  progress,
  onRun,
  onStop,
}: {
  label: string;
  state: "idle" | "running" | "done" | "ended";
  progress: { done: number; total?: number | undefined } | undefined;
  onRun: () => void;
  onStop: () => void;
}) {
  if (state !== "running") return <Button size="small" text={label} onClick={onRun} />;
  return (
    <span className="task-button">
      <progress aria-label={label} {...(progress?.total ? { value: progress.done, max: progress.total } : {})} />
      <Button size="small" text="Stop" onClick={onStop} />
    </span>
  );
}
