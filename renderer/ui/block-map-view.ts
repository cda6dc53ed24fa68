import { type Arrangement, type CurvePoint, curveDistance, curveOrder, curveRows, curveStep, tileSide } from "./block-map-curve.ts";

/** What of a volume the canvas shows. A cell of level L stands for 4^L consecutive blocks; x and y are cells of that level's plane. */
export interface MapView {
  arrangement: Arrangement;
  totalBlocks: number;
  level: number;
  /** Cells of the plane at the canvas' top left corner. */
  x: number;
  y: number;
  /** Pixels per cell. */
  scale: number;
}
export interface CanvasSize {
  width: number;
  height: number;
}

/** Pixels per cell at which the next finer level takes over. */
const finer = 6;
const mostPixels = 48;

const cellBlocks = (level: number): number => 4 ** level;
export const cellsAt = (view: Pick<MapView, "totalBlocks">, level: number): number => Math.ceil(view.totalBlocks / cellBlocks(level));
export const orderAt = (view: Pick<MapView, "totalBlocks">, level: number): number => Math.max(0, curveOrder(view.totalBlocks) - level);

/** Sides of the plane in cells. */
export function planeOf(view: MapView): CanvasSize {
  if (view.arrangement === "rows") return { width: tileSide, height: Math.ceil(cellsAt(view, view.level) / tileSide) };
  const order = orderAt(view, view.level);
  return { width: 2 ** order, height: curveRows(cellsAt(view, view.level), order) };
}

/** The whole volume, as coarse as the canvas asks for. */
export function wholeView(arrangement: Arrangement, totalBlocks: number, size: CanvasSize): MapView {
  if (arrangement === "rows") {
    const scale = Math.max(1, Math.floor(size.width / tileSide));
    let level = 0;
    while (Math.ceil(cellsAt({ totalBlocks }, level) / tileSide) * scale > size.height) level++;
    return { arrangement, totalBlocks, level, x: 0, y: 0, scale };
  }
  const order = curveOrder(totalBlocks);
  const fit = Math.min(size.width / 2 ** order, size.height / curveRows(totalBlocks, order));
  return levelled({ arrangement, totalBlocks, level: 0, x: 0, y: 0, scale: fit }, size);
}

/** The same picture drawn from the level whose cells are between 6 and 12 px, down to the block; kept within the plane. */
function levelled(view: MapView, size: CanvasSize): MapView {
  let { level, x, y, scale } = view;
  while (scale < finer && level < curveOrder(view.totalBlocks)) {
    level++;
    scale *= 2;
    x /= 2;
    y /= 2;
  }
  while (scale >= finer * 2 && level > 0) {
    level--;
    scale /= 2;
    x *= 2;
    y *= 2;
  }
  return within({ ...view, level, x, y, scale }, size);
}

function within(view: MapView, size: CanvasSize): MapView {
  const plane = planeOf(view);
  const held = (at: number, cells: number, pixels: number) => Math.max(0, Math.min(at, cells - pixels / view.scale));
  return { ...view, x: held(view.x, plane.width, size.width), y: held(view.y, plane.height, size.height) };
}

/** Zooms by `factor` with the plane under `point` (pixels of the canvas) held in place; never past the whole or one block of 48 px. */
export function zoomed(view: MapView, factor: number, point: CurvePoint, size: CanvasSize): MapView {
  if (view.arrangement === "rows") return stepRows(view, factor > 1 ? -1 : 1, point, size);
  const whole = wholeView("hilbert", view.totalBlocks, size);
  const least = (whole.scale / 2 ** whole.level) * 2 ** view.level;
  const most = Math.max(mostPixels * 2 ** view.level, least);
  const scale = Math.max(least, Math.min(view.scale * factor, most));
  const [x, y] = [view.x + point.x / view.scale - point.x / scale, view.y + point.y / view.scale - point.y / scale];
  return levelled({ ...view, scale, x, y }, size);
}

function stepRows(view: MapView, by: number, point: CurvePoint, size: CanvasSize): MapView {
  const whole = wholeView("rows", view.totalBlocks, size);
  const level = Math.max(0, Math.min(view.level + by, whole.level));
  const block = blockAt(view, point) ?? 0;
  const y = Math.floor(block / cellBlocks(level) / tileSide) - point.y / view.scale;
  return within({ ...view, level, y }, size);
}

export const panned = (view: MapView, dx: number, dy: number, size: CanvasSize): MapView =>
  within({ ...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale }, size);

/** First block of the cell under a point of the canvas; undefined where the volume has none. */
export function blockAt(view: MapView, point: CurvePoint): number | undefined {
  const plane = planeOf(view);
  const [x, y] = [Math.floor(view.x + point.x / view.scale), Math.floor(view.y + point.y / view.scale)];
  if (x < 0 || y < 0 || x >= plane.width || y >= plane.height) return undefined;
  const cell = view.arrangement === "rows" ? x + y * tileSide : curveDistance({ x, y }, orderAt(view, view.level));
  const block = cell * cellBlocks(view.level);
  return block < view.totalBlocks ? block : undefined;
}

/** Top left corner on the canvas, in pixels, of the cell that holds `block`. */
export function pointOf(view: MapView, block: number): CurvePoint {
  const cell = Math.floor(block / cellBlocks(view.level));
  const { x, y } =
    view.arrangement === "rows" ? { x: cell % tileSide, y: Math.floor(cell / tileSide) } : curveStep(cell, orderAt(view, view.level));
  return { x: (x - view.x) * view.scale, y: (y - view.y) * view.scale };
}

/** The cell that holds `block`: its first block and how many it stands for, cut at the volume's end. */
export function cellOf(view: MapView, block: number): { start: number; count: number } {
  const blocks = cellBlocks(view.level);
  const start = Math.floor(block / blocks) * blocks;
  return { start, count: Math.min(blocks, view.totalBlocks - start) };
}

/** The view moved as little as shows the cell of `block` whole. */
export function revealing(view: MapView, block: number, size: CanvasSize): MapView {
  const { x, y } = pointOf(view, block);
  const short = (at: number, pixels: number) => (at < 0 ? -at : Math.min(0, pixels - view.scale - at));
  const [dx, dy] = [short(x, size.width), short(y, size.height)];
  return dx === 0 && dy === 0 ? view : panned(view, dx, dy, size);
}

/** The cell beside that of `block`, `dx` and `dy` cells away; undefined outside the volume. */
export function neighbour(view: MapView, block: number, dx: number, dy: number): number | undefined {
  const { x, y } = pointOf(view, block);
  const half = view.scale / 2;
  return blockAt(view, { x: x + half + dx * view.scale, y: y + half + dy * view.scale });
}

/** Tiles that the canvas shows any part of, at `level` of the view's plane. */
export function visibleTiles(view: MapView, size: CanvasSize): number[] {
  const plane = planeOf(view);
  const tiles: number[] = [];
  const last = (at: number, pixels: number, cells: number) => Math.floor(Math.min(at + pixels / view.scale, cells - 1) / tileSide);
  const [right, bottom] = [last(view.x, size.width, plane.width), last(view.y, size.height, plane.height)];
  for (let row = Math.floor(view.y / tileSide); row <= bottom; row++) {
    for (let column = Math.floor(view.x / tileSide); column <= right; column++) {
      const order = Math.max(0, orderAt(view, view.level) - 8);
      const index = view.arrangement === "rows" ? row : curveDistance({ x: column, y: row }, order);
      if (index * tileSide * tileSide < cellsAt(view, view.level)) tiles.push(index);
    }
  }
  return tiles;
}
