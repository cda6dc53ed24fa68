import "./tree-levels.css";
import type { MouseEvent } from "react";
import { formatCount } from "./format.ts";

export interface LevelCells {
  level: number;
  firstNode: number;
  nodes: number;
  nodesPerCell: number;
  states: Uint8Array;
}

/** Looks of nodes by the number of their state; a level's cell shows its worst node. */
export const nodeLooks = [
  { name: "not-stored", title: "not stored" },
  { name: "untouched", title: "never set" },
  { name: "unchecked", title: "not checked" },
  { name: "holds", title: "holds" },
  { name: "path", title: "above a fault" },
  { name: "unread", title: "not read" },
  { name: "differs", title: "differs" },
] as const;

interface Run {
  start: number;
  end: number;
  state: number;
}

/** Neighbouring cells of one state as one run. */
export function runsOf(states: Uint8Array): Run[] {
  const runs: Run[] = [];
  for (const [index, state] of states.entries()) {
    const last = runs.at(-1);
    if (last?.state === state) last.end = index + 1;
    else runs.push({ start: index, end: index + 1, state });
  }
  return runs;
}

/** A binary tree as its levels, root on top, each as wide as the whole. Faults are drawn last, and never too narrow to be seen. */
export function TreeLevels({
  levels,
  summary,
  onPick,
}: {
  levels: readonly LevelCells[];
  summary: string;
  onPick: (node: number) => void;
}) {
  const shown = nodeLooks
    .map((look, state) => ({ ...look, state }))
    .filter(({ state }) => levels.some((level) => level.states.includes(state)));
  const pick = (level: LevelCells) => (event: MouseEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const cell = Math.max(0, Math.min(level.states.length - 1, Math.floor(((event.clientX - box.left) / box.width) * level.states.length)));
    onPick(level.firstNode + cell * level.nodesPerCell);
  };
  return (
    <div className="tree-levels">
      <div role="img" aria-label={summary}>
        {levels.map((level) => (
          <div key={level.level} className="tree-level">
            <span>
              {level.level === 0
                ? "root"
                : level.level === levels.length - 1
                  ? `${formatCount(level.nodes)} leaves`
                  : formatCount(level.nodes)}
            </span>
            <div onClick={pick(level)}>
              {runsOf(level.states)
                .toSorted((a, b) => a.state - b.state)
                .map(({ start, end, state }) => (
                  <i
                    key={start}
                    className={`node-${nodeLooks[state]?.name}`}
                    style={{ left: `${(start / level.states.length) * 100}%`, width: `${((end - start) / level.states.length) * 100}%` }}
                    title={`Nodes ${formatCount(level.firstNode + start * level.nodesPerCell)} to ${formatCount(level.firstNode + end * level.nodesPerCell - 1)}: ${nodeLooks[state]?.title}`}
                  />
                ))}
            </div>
          </div>
        ))}
      </div>
      <ul className="legend">
        {shown.map(({ name, title }) => (
          <li key={name}>
            <i className={`node-${name}`} aria-hidden /> {title}
          </li>
        ))}
      </ul>
    </div>
  );
}
