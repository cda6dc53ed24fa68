import { Button } from "@blueprintjs/core";
import { ArrowDown, ArrowUp, Cross, Trash } from "@blueprintjs/icons";
import type { QueueEntryView } from "../../../engine/contract/index.ts";
import { clearQueue, moveQueued, removeQueued } from "../../store/queue.ts";
import type { OpenVolume } from "../../store/session.ts";

/** What can be done with the marked change of the queue, and with all of it. */
export function QueueTools({
  volume,
  entries,
  marked,
  isApplying,
}: {
  volume: OpenVolume;
  entries: readonly QueueEntryView[];
  marked: QueueEntryView | undefined;
  isApplying: boolean;
}) {
  const index = marked ? entries.indexOf(marked) : -1;
  const tool = (text: string, keys: string, icon: React.JSX.Element, disabled: boolean, run: () => void) => (
    <Button
      size="small"
      variant="minimal"
      icon={icon}
      aria-label={text}
      title={keys ? `${text} (${keys})` : text}
      disabled={disabled || isApplying}
      onClick={run}
    />
  );
  return (
    <div className="panel-bar queue-tools" role="toolbar" aria-label="Queue tools">
      {tool("Move up", "Alt+Up", <ArrowUp size={14} />, index < 1, () => marked && void moveQueued(volume, marked.id, "up"))}
      {tool(
        "Move down",
        "Alt+Down",
        <ArrowDown size={14} />,
        index < 0 || index === entries.length - 1,
        () => marked && void moveQueued(volume, marked.id, "down"),
      )}
      {tool("Remove from the queue", "Delete", <Cross size={14} />, index < 0, () => marked && void removeQueued(volume, marked.id))}
      <span className="stretch" />
      {tool("Clear the queue", "", <Trash size={14} />, entries.length === 0, () => void clearQueue(volume))}
    </div>
  );
}
