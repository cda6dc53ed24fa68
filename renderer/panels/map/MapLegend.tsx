import type { MouseEvent, RefObject } from "react";
import type { MapSummary } from "../../../engine/contract/index.ts";
import type { MapBand } from "../../store/map.ts";
import type { Fault } from "../../ui/block-map-faults.ts";
import { groupedNumber } from "../../ui/hex-address.ts";

const words: { [id: string]: string | undefined } = {
  misplaced: "misplaced, warned of",
  live: "live inodes",
  shared: "live and snapshots",
  snapshots: "snapshots only",
  written: "written in overlay",
  clean: "clean, or free",
  neither: "none of these",
};

/** What the colours of the map mean, with counts; a click isolates one, Alt+click hides it. */
export function MapLegend({
  legend,
  bands,
  faults,
  summary,
  hidden,
  onHide,
}: {
  legend: RefObject<HTMLDivElement | null>;
  bands: readonly MapBand[];
  faults: readonly Fault[];
  summary: MapSummary | undefined;
  hidden: ReadonlySet<string>;
  onHide: (hidden: ReadonlySet<string>) => void;
}) {
  const byId = new Map<string, { colour: string; count: number }>();
  for (const { id, token, start, end } of bands) byId.set(id, { colour: `var(${token})`, count: (byId.get(id)?.count ?? 0) + end - start });
  const entries: { id: string; colour: string; count: bigint | number | undefined }[] = [
    ...(["damaged", "misplaced"] as const).map((kind) => ({
      id: kind as string,
      colour: `var(--bs-block-${kind})`,
      count: faults.filter((fault) => fault.kind === kind).length,
    })),
    // Blocks of none of the kinds are allocated ones and free ones: how many of each is not known here.
    ...[...byId].map(([id, { colour, count }]) => ({ id, colour, count: id === "neither" ? undefined : count })),
    {
      id: "free",
      colour: "repeating-linear-gradient(135deg, var(--bs-block-free) 0 1px, transparent 1px 4px)",
      count: summary?.free ?? 0n,
    },
    ...(summary && summary.counted < summary.totalBlocks
      ? [
          {
            id: "not counted",
            colour: "radial-gradient(var(--bs-canvas) 3px, var(--bs-block-free) 3px)",
            count: summary.totalBlocks - summary.counted,
          },
        ]
      : []),
  ];
  const filter = (event: MouseEvent, id: string) => {
    if (event.altKey) return onHide(hidden.has(id) ? new Set([...hidden].filter((each) => each !== id)) : new Set(hidden).add(id));
    const others = entries.map((entry) => entry.id).filter((each) => each !== id);
    onHide(others.every((each) => hidden.has(each)) ? new Set() : new Set(others));
  };
  return (
    <div className="legend" ref={legend}>
      {entries.map(({ id, colour, count }) => (
        <button
          key={id}
          type="button"
          title="Click isolates, Alt+click hides"
          data-hidden={hidden.has(id) || undefined}
          onClick={(event) => filter(event, id)}
        >
          <i style={{ background: colour }} />
          {words[id] ?? id}
          <output>{count === undefined ? "" : groupedNumber(count)}</output>
        </button>
      ))}
    </div>
  );
}
