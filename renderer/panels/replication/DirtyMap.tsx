import { type KeyboardEvent, useState } from "react";
import type { ReplicationView } from "../../../engine/contract/index.ts";
import { formatCount, formatNoun } from "../../ui/format.ts";

const height = 44;

/** Dirty blocks along the tracked range. Arrows walk cells that hold some, Enter opens their blocks on the map. */
export function DirtyMap({
  replication: { map, dirty, trackedBlocks, dataStart },
  onSelect,
}: {
  replication: ReplicationView;
  onSelect: (start: bigint, count: bigint, open: boolean) => void;
}) {
  const [active, setActive] = useState<number>();
  if (trackedBlocks === 0) return <p className="empty">No block is tracked: the bitmap is empty.</p>;
  const { cells, blocksPerCell } = map;
  const most = Math.max(1, ...cells);
  const first = dataStart ?? 0n;
  const blocksOf = (cell: number) => {
    const start = cell * blocksPerCell;
    return { start: first + BigInt(start), count: BigInt(Math.min(blocksPerCell, trackedBlocks - start)) };
  };
  const choose = (cell: number, open: boolean) => {
    setActive(cell);
    const { start, count } = blocksOf(cell);
    if (dataStart !== undefined) onSelect(start, count, open);
  };
  const keys = (event: KeyboardEvent) => {
    const from = active ?? -1;
    const next = { ArrowRight: 1, ArrowLeft: -1, Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY }[event.key];
    if (event.key === "Enter" && active !== undefined) choose(active, true);
    else if (next !== undefined) {
      const dirtyCells = cells.flatMap((count, cell) => (count > 0 ? [cell] : []));
      const found = next > 0 ? dirtyCells.filter((cell) => cell > from) : dirtyCells.filter((cell) => cell < from);
      const cell = event.key === "Home" ? dirtyCells[0] : event.key === "End" ? dirtyCells.at(-1) : next > 0 ? found[0] : found.at(-1);
      if (cell !== undefined) choose(cell, false);
    } else return;
    event.preventDefault();
  };
  const summary = `Dirty blocks: ${formatNoun(dirty.blocks, "block")} in ${formatNoun(dirty.runs, "run")} among ${formatNoun(trackedBlocks, "tracked block")}. The table of dirty runs lists them.`;
  const chosen = active === undefined ? undefined : { ...blocksOf(active), dirty: cells[active] ?? 0 };
  return (
    <section aria-label="Dirty blocks">
      <h3>
        Dirty blocks
        <span className="aside">
          {formatNoun(dirty.blocks, "block")} in {formatNoun(dirty.runs, "run")}
        </span>
      </h3>
      <svg
        className="dirty-map"
        role="img"
        aria-label={summary}
        tabIndex={0}
        viewBox={`0 0 ${cells.length} ${height}`}
        preserveAspectRatio="none"
        onKeyDown={keys}
      >
        <title>{summary}</title>
        <defs>
          <pattern id="dirty-bars" width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="3" height="3" className="dirty-ground" />
            <rect width="1.6" height="3" className="dirty-line" />
          </pattern>
        </defs>
        {cells.map((count, cell) => {
          if (count === 0) return null;
          const tall = Math.max(4, (count / Math.min(most, blocksPerCell)) * (height - 4));
          const { start, count: blocks } = blocksOf(cell);
          return (
            <rect
              // biome-ignore lint/suspicious/noArrayIndexKey: cells have no identity beyond their place
              key={cell}
              className={cell === active ? "dirty-cell is-active" : "dirty-cell"}
              x={cell}
              width={1}
              y={height - tall}
              height={tall}
              onClick={() => choose(cell, false)}
              onDoubleClick={() => choose(cell, true)}
            >
              <title>{`Blocks ${formatCount(start)} to ${formatCount(start + blocks - 1n)}: ${formatNoun(count, "dirty block")}`}</title>
            </rect>
          );
        })}
      </svg>
      <p className="scale">
        <span>{formatCount(first)}</span>
        <span aria-live="polite">
          {chosen
            ? `${formatCount(chosen.start)} to ${formatCount(chosen.start + chosen.count - 1n)}: ${formatNoun(chosen.dirty, "dirty block")}`
            : `one bar is ${formatNoun(blocksPerCell, "block")}`}
        </span>
        <span>{formatCount(first + BigInt(trackedBlocks) - 1n)}</span>
      </p>
    </section>
  );
}
