import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { MapColouring } from "../../../engine/contract/index.ts";
import {
  type ColourBy,
  type MapBand,
  mapBands,
  type OpenMap,
  readColouring,
  readMap,
  reportMap,
  selectMap,
  selectMapProblem,
  useMap,
} from "../../store/map.ts";
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
import { visible } from "../../ui/format.ts";
import { groupedNumber } from "../../ui/hex-address.ts";
import { type TokenColours, useTokenColours } from "../../ui/theme.ts";
import { MapLegend } from "./MapLegend.tsx";
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

/** Cells of a tile in the colour of the band that each begins in. */
function tileBands(all: readonly MapBand[], hidden: ReadonlySet<string>, colours: TokenColours, level: number, index: number): Band[] {
  const cell = 4 ** level;
  const first = index * tileCells;
  return all.flatMap(({ id, token, ...blocks }) => {
    const band = { start: Math.floor(blocks.start / cell) - first, end: Math.ceil(blocks.end / cell) - first };
    if (band.end <= 0 || band.start >= tileCells) return [];
    return [{ ...band, colour: colours(token), hidden: hidden.has(id) }];
  });
}

const waysToColour: readonly { by: ColourBy; name: string; title: string }[] = [
  { by: "kind", name: "Kind", title: "By the kind of region" },
  { by: "owner", name: "Owner", title: "Data by who owns it: live inodes, snapshots, or both" },
  { by: "dirty", name: "Dirty", title: "Data by what replication has to ship" },
  { by: "overlay", name: "Overlay", title: "By what was written in the overlay" },
];

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
  const [by, setBy] = useState<ColourBy>("kind");
  const [colouring, setColouring] = useState<MapColouring>();
  useEffect(() => {
    setColouring(undefined);
    if (!map || by === "kind") return;
    let stale = false;
    void readColouring(map, by).then((found) => !stale && (found ? setColouring(found) : setBy("kind")));
    return () => {
      stale = true;
    };
  }, [map, by]);
  const bands = useMemo(() => mapBands(map?.regions ?? [], colouring), [map, colouring]);
  const legend = useRef<HTMLDivElement>(null);
  const colours = useTokenColours();
  const source = useMemo<TileSource>(
    () => ({
      totalBlocks,
      tile: async (level, index) => {
        if (!map) throw new TypeError("no tile is asked for before the map is there");
        return map.api.tile(level, BigInt(index));
      },
      bands: (level, index) => tileBands(bands, hidden, colours, level, index),
      colours: { free: colours("--bs-block-free"), ground: colours("--bs-canvas"), freeHidden: hidden.has("free") },
      failed: (error) => reportMap(volume.id, error),
    }),
    [map, bands, totalBlocks, hidden, colours, volume.id],
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
  const words = summary
    ? `${volume.name}: ${groupedNumber(summary.totalBlocks)} blocks, ${groupedNumber(summary.allocated)} allocated, ${groupedNumber(summary.free)} free, ${faults.length} faults`
    : `Map of ${volume.name}`;
  return (
    <section className="map-panel" aria-label="Map">
      <div className="bar">
        <fieldset className="ways">
          <legend className="visually-hidden">Colour by</legend>
          {waysToColour
            .filter((way) => way.by !== "overlay" || data?.overview.overlay)
            .map((way) => (
              <button key={way.by} type="button" aria-pressed={by === way.by} title={way.title} onClick={() => setBy(way.by)}>
                {way.name}
              </button>
            ))}
        </fieldset>
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
      {colouring?.notes.map((note) => (
        <p key={note} role="status">
          {visible(note)}
        </p>
      ))}
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
          {map && <MapLens volume={volume} map={map} bands={bands} place={lens} faults={faults} colours={colours} />}
        </div>
        <aside>
          <MapLegend legend={legend} bands={bands} faults={faults} summary={summary} hidden={hidden} onHide={setHidden} />
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
