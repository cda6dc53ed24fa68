import { type CSSProperties, useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import type { BlockHead } from "../../../engine/contract/index.ts";
import { lensLevel, lensSide, type MapBand, type OpenMap, readLens } from "../../store/map.ts";
import type { OpenVolume } from "../../store/session.ts";
import type { Fault } from "../../ui/block-map-faults.ts";
import { shareOf } from "../../ui/block-map-tile.ts";
import { visible } from "../../ui/format.ts";
import { groupedNumber } from "../../ui/hex-address.ts";
import type { TokenColours } from "../../ui/theme.ts";

/** What the pointer rests on: a cell of the map, and where it lies in the window. */
export interface LensPlace {
  start: number;
  count: number;
  x: number;
  y: number;
}

const restMs = 300;
const mostFaults = 3;
const pixelsPerCell = 6;

/** A card on the cell that the pointer rests on: its blocks one by one as far as they fit, what they belong to, and what is wrong among them. */
export function MapLens({
  volume,
  map,
  bands,
  place,
  faults,
  colours,
}: {
  volume: OpenVolume;
  map: OpenMap;
  bands: readonly MapBand[];
  place: LensPlace | undefined;
  faults: readonly Fault[];
  colours: TokenColours;
}) {
  const [shown, setShown] = useState<{
    place: LensPlace;
    allocated: bigint;
    free: bigint;
    cells: Uint8Array;
    head: BlockHead | undefined;
  }>();
  const [start, count] = [place?.start, place?.count];
  // The pointer may move within the cell: the card stays where it came up.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the place in the window is taken as it is when the cell is entered
  useEffect(() => {
    setShown(undefined);
    if (!place) return;
    let stale = false;
    const timer = setTimeout(() => {
      readLens(volume, map, place).then(
        (found) => !stale && setShown({ place, ...found }),
        () => {}, // What cannot be read says so in the panel itself, which asks for the same tiles.
      );
    }, restMs);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [volume, map, start, count]);
  if (!shown) return null;
  const end = shown.place.start + shown.place.count;
  const inside = faults.filter((fault) => fault.block < end && shown.place.start < fault.block + fault.count);
  const regions = map.regions.filter((region) => region.start < BigInt(end) && BigInt(shown.place.start) < region.end);
  const { x, y } = shown.place;
  const side: CSSProperties = {
    ...(x < innerWidth / 2 ? { left: x + 16 } : { right: innerWidth - x + 16 }),
    ...(y < innerHeight / 2 ? { top: y + 8 } : { bottom: innerHeight - y + 8 }),
  };
  // In the page, not in the panel: a low panel would cut it off.
  return createPortal(
    <div className="map-lens" role="tooltip" style={side}>
      <h3>
        {shown.place.count === 1
          ? `Block ${groupedNumber(shown.place.start)}`
          : `Blocks ${groupedNumber(shown.place.start)}–${groupedNumber(end - 1)}`}
        {shown.place.count > 1 && <span>{groupedNumber(shown.place.count)}</span>}
      </h3>
      <div>
        {shown.place.count > 1 && <Cells cells={shown.cells} place={shown.place} bands={bands} colours={colours} />}
        <dl>
          <dt>{regions.length === 1 ? "Region" : "Regions"}</dt>
          <dd>
            {regions
              .slice(0, 3)
              .map((region) => visible(region.name))
              .join(", ") || "none"}
            {regions.length > 3 && ` and ${regions.length - 3} more`}
          </dd>
          {shown.head && (
            <>
              <dt>Structure</dt>
              <dd>{visible(shown.head.name)}</dd>
              <dt>Seal</dt>
              <dd>{shown.head.state.replace("-", " ")}</dd>
            </>
          )}
          {shown.place.count === 1 ? (
            <>
              <dt>Bitmap</dt>
              <dd>{shown.allocated > 0n ? "allocated" : "free"}</dd>
            </>
          ) : (
            <>
              <dt>Allocated</dt>
              <dd>{groupedNumber(shown.allocated)}</dd>
              <dt>Free</dt>
              <dd>{groupedNumber(shown.free)}</dd>
            </>
          )}
          {inside.length > 0 && (
            <>
              <dt>Faults</dt>
              <dd className="error">{groupedNumber(inside.length)}</dd>
            </>
          )}
        </dl>
      </div>
      {inside.slice(0, mostFaults).map((fault) => (
        <p key={`${fault.block}-${fault.text}`}>
          <b>{groupedNumber(fault.block)}</b> {visible(fault.text)}
        </p>
      ))}
      {inside.length > mostFaults && <p>and {inside.length - mostFaults} more</p>}
      <footer>
        <kbd>Enter</kbd> zoom in <kbd>H</kbd> {"rows or curve"} <kbd>F8</kbd> next fault
      </footer>
    </div>,
    document.body,
  );
}

/** The cells under one cell of the map, in reading order. */
function Cells({
  cells,
  place,
  bands,
  colours,
}: {
  cells: Uint8Array;
  place: LensPlace;
  bands: readonly MapBand[];
  colours: TokenColours;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const perCell = 4 ** lensLevel(place.count);
  const columns = Math.min(lensSide, Math.ceil(Math.sqrt(cells.length)));
  const rows = Math.ceil(cells.length / columns);
  const scale = Math.max(pixelsPerCell, Math.floor((lensSide * pixelsPerCell) / columns));
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const ground = colours("--bs-canvas");
    context.clearRect(0, 0, columns * scale, rows * scale);
    for (const [index, cell] of cells.entries()) {
      const block = place.start + index * perCell;
      const band = bands.find((each) => each.start <= block && block < each.end);
      const colour = colours(band && cell > 0 ? band.token : "--bs-block-free");
      const share = cell > 0 ? shareOf(cell) : 0.16;
      const mixed = colour.map((value, channel) => (ground[channel] ?? 0) + (value - (ground[channel] ?? 0)) * share);
      context.fillStyle = `rgb(${mixed.map(Math.round).join(" ")})`;
      context.fillRect((index % columns) * scale, Math.floor(index / columns) * scale, scale - 1, scale - 1);
    }
  }, [cells, place.start, perCell, columns, rows, scale, bands, colours]);
  return <canvas ref={canvas} width={columns * scale} height={rows * scale} aria-hidden />;
}
