/** Where the cells of a map lie. Order along the curve is block order: only the drawing is a Hilbert curve, from
 *  top left to bottom left: its first half is the upper half of the square, so that a volume that fills no more of it makes a wide picture. */
export const tileSide = 256;
export const tileCells = tileSide * tileSide;
const tileDepth = 8;

export type Arrangement = "hilbert" | "rows";

/** Quadrant (x + 2y) that each step of the curve visits, by orientation; and the orientation of the curve inside it. */
const quadrants = [
  [0, 2, 3, 1],
  [0, 1, 3, 2],
  [3, 2, 0, 1],
  [3, 1, 0, 2],
] as const;
const inside = [
  [1, 0, 0, 2],
  [0, 1, 1, 3],
  [3, 2, 2, 0],
  [2, 3, 3, 1],
] as const;

const firstOrientation = 1;

export interface CurvePoint {
  x: number;
  y: number;
}

/** The orientation of the curve below a step: an index into the four tables. */
export interface CurveStep extends CurvePoint {
  orientation: number;
}

/** The step `distance` of a curve that has 4^`order` steps. Exact up to order 26. */
export function curveStep(distance: number, order: number): CurveStep {
  let [x, y, orientation] = [0, 0, firstOrientation];
  for (let level = order - 1; level >= 0; level--) {
    const digit = Math.floor(distance / 4 ** level) % 4;
    const quadrant = quadrants[orientation]?.[digit] ?? 0;
    x = x * 2 + (quadrant & 1);
    y = y * 2 + (quadrant >> 1);
    orientation = inside[orientation]?.[digit] ?? 0;
  }
  return { x, y, orientation };
}

/** How far along the curve of 4^`order` steps the point lies. */
export function curveDistance({ x, y }: CurvePoint, order: number): number {
  let [distance, orientation] = [0, firstOrientation];
  for (let level = order - 1; level >= 0; level--) {
    const scale = 2 ** level;
    const quadrant = (Math.floor(x / scale) % 2) + 2 * (Math.floor(y / scale) % 2);
    const digit = quadrants[orientation]?.indexOf(quadrant as 0 | 1 | 2 | 3) ?? 0;
    distance = distance * 4 + digit;
    orientation = inside[orientation]?.[digit] ?? 0;
  }
  return distance;
}

const tables = new Map<string, Uint16Array>();

/** Place (x + 256y) in a tile of each of the 4^`depth` cells of a curve with this orientation. */
function curveTable(orientation: number, depth: number): Uint16Array {
  const key = `${orientation} ${depth}`;
  const known = tables.get(key);
  if (known) return known;
  const table = new Uint16Array(4 ** depth);
  const fill = (at: number, count: number, x: number, y: number, turned: number): void => {
    if (count === 1) {
      table[at] = x + y * tileSide;
      return;
    }
    const quarter = count / 4;
    const half = Math.sqrt(quarter);
    for (let digit = 0; digit < 4; digit++) {
      const quadrant = quadrants[turned]?.[digit] ?? 0;
      fill(at + digit * quarter, quarter, x + half * (quadrant & 1), y + half * (quadrant >> 1), inside[turned]?.[digit] ?? 0);
    }
  };
  fill(0, table.length, 0, 0, orientation);
  tables.set(key, table);
  return table;
}

const identity = Uint16Array.from({ length: tileCells }, (_, index) => index);

export interface TilePlace extends CurvePoint {
  /** Place in the tile of each cell, in block order. */
  table: Uint16Array;
}

/** Where tile `index` lies on the plane of a level whose curve has 4^`order` cells, in cells, and where its cells lie in it. */
export function placeTile(arrangement: Arrangement, order: number, index: number): TilePlace {
  if (arrangement === "rows") return { x: 0, y: index * tileSide, table: identity };
  const above = Math.max(0, order - tileDepth);
  const { x, y, orientation } = curveStep(index, above);
  return { x: x * tileSide, y: y * tileSide, table: curveTable(orientation, Math.min(order, tileDepth)) };
}

/** Rows of the curve's square that `blocks` need: half of it where they fill no more than its first half. */
export const curveRows = (blocks: number, order: number): number => (order > 0 && blocks <= 4 ** order / 2 ? 2 ** order / 2 : 2 ** order);

/** Steps of the smallest curve that holds `blocks`: the least n with 4^n ≥ `blocks`. */
export function curveOrder(blocks: number): number {
  let order = 0;
  while (4 ** order < blocks) order++;
  return order;
}
