import { type KeyboardEvent, useId, useState } from "react";
import type { QueueEntryView, QueueView } from "../../../engine/contract/index.ts";
import { selectPlan, usePlan } from "../../store/plan.ts";
import { moveQueued, removeQueued, showQueued } from "../../store/queue.ts";
import type { OpenVolume } from "../../store/session.ts";
import { describeFailure } from "../../store/tasks.ts";
import { formatCount, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";
import { QueueTools } from "./QueueTools.tsx";

/** The changes that wait, in their order. Arrows move and show the plan, Alt with an arrow trades places, Delete removes. */
export function QueueList({ volume, queue, isApplying }: { volume: OpenVolume; queue: QueueView; isApplying: boolean }) {
  const { origin } = usePlan(selectPlan(volume.id));
  const shown = origin?.kind === "queued" ? origin.id : undefined;
  const [markedId, setMarkedId] = useState<string>();
  const listId = useId();
  const { entries } = queue;
  const marked = entries.find(({ id }) => id === (markedId ?? shown)) ?? entries[0];
  const choose = (entry: QueueEntryView | undefined) => {
    if (!entry) return;
    setMarkedId(entry.id);
    if (entry.state === "planned" && !isApplying) void showQueued(volume, entry.id);
  };
  const press = (event: KeyboardEvent) => {
    const index = marked ? entries.indexOf(marked) : -1;
    if (event.altKey && !isApplying && marked && (event.key === "ArrowUp" || event.key === "ArrowDown"))
      void moveQueued(volume, marked.id, event.key === "ArrowUp" ? "up" : "down");
    else if (event.key === "Delete" && !isApplying && marked) void removeQueued(volume, marked.id);
    else if (event.key === "Enter") choose(marked);
    else {
      const target = { ArrowDown: index + 1, ArrowUp: Math.max(0, index - 1), Home: 0, End: entries.length - 1 }[event.key];
      if (target === undefined || event.altKey) return;
      choose(entries[target]);
    }
    event.preventDefault();
  };
  return (
    <>
      <QueueTools volume={volume} entries={entries} marked={marked} isApplying={isApplying} />
      <div
        className="queue-list"
        role="listbox"
        aria-label="Queue"
        tabIndex={0}
        aria-activedescendant={marked && `${listId}-${marked.id}`}
        onKeyDown={press}
      >
        {entries.map((entry, index) => (
          <div
            key={entry.id}
            id={`${listId}-${entry.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={entry === marked}
            className="queue-row"
            onClick={(event) => {
              event.currentTarget.parentElement?.focus(); // The keys are the list's.
              choose(entry);
            }}
            onKeyDown={(event) => event.key === "Enter" && choose(entry)}
          >
            <Place entry={entry} index={index} isApplying={queue.applying === entry.id} />
            <span className="queue-title">{visible(entry.title)}</span>
            {entry.detail !== undefined && <span>{visible(entry.detail)}</span>}
            <span className="weak">{countsOf(entry)}</span>
            {entry.failure && <Failure entry={entry} />}
          </div>
        ))}
      </div>
    </>
  );
}

/** The number of a change in the queue, or what is the matter with it. */
function Place({ entry, index, isApplying }: { entry: QueueEntryView; index: number; isApplying: boolean }) {
  if (isApplying) return <Glyph state="running" label />;
  if (entry.failure) return <Glyph state="error" label />;
  return <span className="queue-number">{index + 1}</span>;
}

function countsOf({ state, written, changed }: QueueEntryView): string {
  if (state === "failed") return "cannot be made as it stands";
  if (state === "waiting") return "waits: a change before it cannot be made";
  return `${written > 0n ? `${formatCount(written)} new, ` : ""}${formatCount(changed)} changed`;
}

function Failure({ entry }: { entry: QueueEntryView }) {
  const { what, where, next } = describeFailure(entry.failure);
  return (
    <span className="queue-failure">
      {visible(what)}
      {where && ` (${visible(where)})`}. {next && visible(next)}
    </span>
  );
}
