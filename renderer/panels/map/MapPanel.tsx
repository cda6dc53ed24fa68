import { type KeyboardEvent, type MouseEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type OpenMap, readMap, reportMap, selectMap, selectMapProblem, useMap } from "../../store/map.ts";
import { hover, select, selectSelection, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { BlockMap } from "../../ui/block-map.tsx";
import { type CurvePoint, tileCells } from "../../ui/block-map-curve.ts";
import { type Fault, nextFault } from "../../ui/block-map-faults.ts";
import type { Band } from "../../ui/block-map-tile.ts";
import type { TileSource } from "../../ui/block-map-tiles.ts";
import { cellOf, type MapView, neighbour, revealing, wholeView, zoomed } from "../../ui/block-map-view.ts";
import { isChord } from "../../ui/focus.ts";
import { groupedNumber } from "../../ui/hex-address.ts";
import { type TokenColours, useTokenColours } from "../../ui/theme.ts";
import { type LensPlace, MapLens } from "./MapLens.tsx";
import { MapRanges } from "./MapRanges.tsx";
import "./map.css";

const faultsOf = (map: OpenMap | undefined): Fault[] =>
  (map?.findings ?? []).flatMap(({ severity, block, blockCount, rule, title }) =>
    block === undefined || severity === "info"
      ? []
      : [
          {
            block: Number(block),
            count: Number(blockCount ?? 1n),
            kind: rule.includes("misplaced") || severity === "warning" ? ("misplaced" as const) : ("damaged" as const),
            text: title,
          },
        ],
  );

/** Cells of a tile in the colour of the region that each begins in. */
function bandsOf(map: OpenMap, hidden: ReadonlySet<string>, colours: TokenColours, level: number, index: number): Band[] {
  const cell = 4 ** level;
  const first = index * tileCells;
  return map.regions.flatMap(({ family, start, end }) => {
    const band = { start: Math.floor(Number(start) / cell) - first, end: Math.ceil(Number(end) / cell) - first };
    if (band.end <= 0 || band.start >= tileCells) return [];
    return [{ ...band, colour: colours(`--bs-family-${family}`), hidden: hidden.has(family) }];
  });
}

const legendWords: { [id: string]: string | undefined } = { misplaced: "misplaced, warned of" };

/** The allocation of the volume as a picture from the whole to one block, with its faults, legend and table of ranges. */
export function MapPanel({ volume }: { volume: OpenVolume }) {
  const data = useVolumeData(selectVolumeData(volume.id));
  const map = useMap(selectMap(volume.id));
  const problem = useMap(selectMapProblem(volume.id));
  const range = useSelection(selectSelection(volume.id))?.range;
  const [arrangement, setArrangement] = useState<MapView["arrangement"]>("hilbert");
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [moved, setMoved] = useState<MapView>();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const blockBytes = BigInt(data?.overview.blockBytes ?? 4096);
  const version = data?.mapVersion;
  const findings = data?.findings;
  useEffect(() => {
    if (version !== undefined && findings) void readMap(volume);
  }, [volume, version, findings]);
  const totalBlocks = Number(map?.summary.totalBlocks ?? 0n);
  const view = useMemo(() => {
    if (totalBlocks === 0 || size.width === 0 || size.height === 0) return undefined;
    return moved?.totalBlocks === totalBlocks && moved.arrangement === arrangement ? moved : wholeView(arrangement, totalBlocks, size);
  }, [moved, totalBlocks, size, arrangement]);
  const legend = useRef<HTMLDivElement>(null);
  const colours = useTokenColours();
  const source = useMemo<TileSource>(
    () => ({
      totalBlocks,
      tile: async (level, index) => {
        if (!map) throw new TypeError("no tile is asked for before the map is there");
        return map.api.tile(level, BigInt(index));
      },
      bands: (level, index) => (map ? bandsOf(map, hidden, colours, level, index) : []),
      colours: { free: colours("--bs-block-free"), ground: colours("--bs-canvas"), freeHidden: hidden.has("free") },
      failed: (error) => reportMap(volume.id, error),
    }),
    [map, totalBlocks, hidden, colours, volume.id],
  );
  const faults = useMemo(() => faultsOf(map), [map]);
  const showFaults = useCallback((kind: Fault["kind"]) => !hidden.has(kind), [hidden]);
  const selected = useMemo(
    () => range && { start: Number(range.start / blockBytes), end: Number((range.end + blockBytes - 1n) / blockBytes) },
    [range, blockBytes],
  );
  const pick = (start: number, end: number) =>
    select({ volumeId: volume.id, range: { start: BigInt(start) * blockBytes, end: BigInt(end) * blockBytes } });
  const at = Math.min(selected?.start ?? 0, Math.max(0, totalBlocks - 1));
  const zoom = (factor: number) => view && setMoved(zoomed(view, factor, { x: size.width / 2, y: size.height / 2 }, size));
  // The end of the selection that Shift moves, and the one that stays.
  const moving = useRef(0);
  const fixed = useRef(0);
  const go = (block: number, extend = false) => {
    if (!view) return;
    const cell = cellOf(view, block);
    if (!extend) fixed.current = cell.start;
    moving.current = cell.start;
    const other = cellOf(view, fixed.current);
    pick(Math.min(cell.start, other.start), Math.max(cell.start + cell.count, other.start + other.count));
    setMoved(revealing(view, block, size));
  };
  const press = (event: KeyboardEvent) => {
    if (!view || isChord(event)) return;
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const isOwn = selected !== undefined && selected.start <= moving.current && moving.current < selected.end;
    if (!isOwn) [moving.current, fixed.current] = [at, at];
    const { start, count } = cellOf(view, moving.current);
    if (step) {
      const to = neighbour(view, moving.current, step[0] ?? 0, step[1] ?? 0);
      if (to !== undefined) go(to, event.shiftKey);
    } else if (event.key === "," && start > 0) go(start - 1);
    else if (event.key === "." && start + count < totalBlocks) go(start + count);
    else if (event.key === "+" || event.key === "Enter") zoom(2);
    else if (event.key === "-" || event.key === "Backspace") zoom(0.5);
    else if (event.key === "0") setMoved(undefined);
    else if (event.key.toLowerCase() === "h") setArrangement((before) => (before === "rows" ? "hilbert" : "rows"));
    else if (event.key.toLowerCase() === "l") legend.current?.querySelector("button")?.focus();
    else if (event.key === "F8") {
      const fault = nextFault(faults, at, event.shiftKey ? -1 : 1);
      if (fault) go(fault.block);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const [lens, setLens] = useState<LensPlace>();
  const picture = useRef<HTMLDivElement>(null);
  const point = (block: number | undefined, { x, y }: CurvePoint) => {
    const cell = block !== undefined && view ? cellOf(view, block) : undefined;
    const corner = picture.current?.getBoundingClientRect() ?? { left: 0, top: 0 };
    setLens(cell && { start: cell.start, count: cell.count, x: corner.left + x, y: corner.top + y });
    hover(
      cell && { volumeId: volume.id, range: { start: BigInt(cell.start) * blockBytes, end: BigInt(cell.start + cell.count) * blockBytes } },
    );
  };
  const summary = map?.summary;
  const families = [...new Set(map?.regions.map(({ family }) => family))].map((family) => ({
    id: family as string,
    colour: `var(--bs-family-${family})`,
    count: (map?.regions ?? []).reduce((sum, region) => (region.family === family ? sum + region.end - region.start : sum), 0n),
  }));
  const entries = [
    ...(["damaged", "misplaced"] as const).map((kind) => ({
      id: kind as string,
      colour: `var(--bs-block-${kind})`,
      count: BigInt(faults.filter((fault) => fault.kind === kind).length),
    })),
    ...families,
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
  const filter = (event: MouseEvent, id: string) =>
    setHidden((before) => {
      if (event.altKey) return before.has(id) ? new Set([...before].filter((each) => each !== id)) : new Set(before).add(id);
      const others = entries.map((entry) => entry.id).filter((each) => each !== id);
      return others.every((each) => before.has(each)) ? new Set() : new Set(others);
    });
  const words = summary
    ? `${volume.name}: ${groupedNumber(summary.totalBlocks)} blocks, ${groupedNumber(summary.allocated)} allocated, ${groupedNumber(summary.free)} free, ${faults.length} faults`
    : `Map of ${volume.name}`;
  return (
    <section className="map-panel" aria-label="Map">
      <div className="bar">
        {(["rows", "hilbert"] as const).map((each) => (
          <button key={each} type="button" aria-pressed={arrangement === each} onClick={() => setArrangement(each)}>
            {each === "rows" ? "Rows" : "Hilbert"}
          </button>
        ))}
        <button type="button" aria-label="Zoom out" onClick={() => zoom(0.5)}>
          −
        </button>
        <button type="button" aria-label="Zoom in" onClick={() => zoom(2)}>
          +
        </button>
        <button type="button" onClick={() => setMoved(undefined)}>
          Whole volume
        </button>
        {view && <span>1 cell = {view.level === 0 ? "1 block" : `${groupedNumber(4 ** view.level)} blocks`}</span>}
      </div>
      {(problem ?? summary?.problem) && <p role="status">{problem ?? summary?.problem}</p>}
      <div className="columns">
        <div className="picture" ref={picture}>
          <BlockMap
            summary={words}
            source={source}
            view={view}
            size={size}
            faults={faults}
            showFaults={showFaults}
            selected={selected}
            onSize={setSize}
            onView={setMoved}
            onPick={pick}
            onOpen={(block) => {
              go(block);
              zoom(2);
            }}
            onHover={point}
            onKey={press}
          />
          {map && <MapLens volume={volume} map={map} place={lens} faults={faults} colours={colours} />}
        </div>
        <aside>
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
                {legendWords[id] ?? id}
                <output>{groupedNumber(count)}</output>
              </button>
            ))}
          </div>
          <MapRanges
            ranges={map?.ranges ?? []}
            at={BigInt(at)}
            onPick={(start, end) => pick(Number(start), Number(end))}
            onNextFault={() => {
              const fault = nextFault(faults, at, 1);
              if (fault) go(fault.block);
            }}
          />
        </aside>
      </div>
    </section>
  );
}
