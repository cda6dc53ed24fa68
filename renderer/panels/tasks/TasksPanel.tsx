import { Button } from "@blueprintjs/core";
import type { Progress } from "../../../engine/contract/index.ts";
import { type TaskRow, useTasks } from "../../store/tasks.ts";
import { formatBytes, formatCount, formatDuration } from "../../ui/format.ts";

const words: Record<TaskRow["state"], string> = { running: "Running", done: "Done", failed: "Failed", cancelled: "Cancelled" };
/** An estimate is shown once the rate has held for so long. */
const estimateAfterMs = 10_000;

/** What is being done, how far it is, and what came of it. */
export function TasksPanel() {
  const rows = useTasks((state) => state.rows);
  if (rows.length === 0) return <p className="empty">No tasks yet. What takes time is listed here.</p>;
  return (
    <ul className="tasks" aria-label="Tasks">
      {rows.map((row) => (
        <li key={row.id} className={`task-${row.state}`}>
          <b>{row.name}</b>
          <span>{row.progress?.phase ?? ""}</span>
          {row.state === "running" && (
            <progress aria-label={row.name} {...(row.progress?.total && { value: row.progress.done, max: row.progress.total })} />
          )}
          <span>{row.progress ? figures(row.progress) : ""}</span>
          <span>{row.failure ? row.failure.what : words[row.state]}</span>
          {row.cancel && <Button size="small" text="Stop" onClick={row.cancel} />}
        </li>
      ))}
    </ul>
  );
}

function figures(progress: Progress): string {
  const amount = (value: number) =>
    progress.unit === "bytes" ? formatBytes(BigInt(Math.round(value))) : `${formatCount(Math.round(value))} ${progress.unit}`;
  const parts = [progress.total === undefined ? amount(progress.done) : `${amount(progress.done)} of ${amount(progress.total)}`];
  if (progress.rate !== undefined) parts.push(`${amount(progress.rate)}/s`);
  parts.push(formatDuration(progress.elapsedMs));
  if (progress.total !== undefined && progress.elapsedMs > estimateAfterMs && progress.rate && progress.averageRate) {
    const left = progress.total - progress.done;
    const [least, most] = [left / Math.max(progress.rate, progress.averageRate), left / Math.min(progress.rate, progress.averageRate)];
    parts.push(`${formatDuration(least * 1000)} to ${formatDuration(most * 1000)} left`);
  }
  return parts.join(" · ");
}
