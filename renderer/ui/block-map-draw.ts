import { placeTile, tileSide } from "./block-map-curve.ts";
import { type Fault, type FaultGlyph, faultGlyphs, leastGlyph } from "./block-map-faults.ts";
import type { Tile, TileCache } from "./block-map-tiles.ts";
import { type CanvasSize, cellOf, type MapView, orderAt, planeOf, pointOf, visibleTiles } from "./block-map-view.ts";

export interface MapColours {
  ground: string;
  free: string;
  damaged: string;
  misplaced: string;
  text: string;
  onGlyph: string;
  focus: string;
}
export interface MapPicture {
  view: MapView;
  size: CanvasSize;
  cache: TileCache;
  faults: readonly Fault[];
  showFaults: (kind: Fault["kind"]) => boolean;
  /** Blocks selected, end excluded. */
  selected: { start: number; end: number } | undefined;
  hovered: number | undefined;
  colours: MapColours;
}

/** Draws the map: tiles, the pattern of what is not counted, selection, faults last and above all. */
export function drawMap(context: CanvasRenderingContext2D, picture: MapPicture): void {
  const { view, size, colours } = picture;
  context.imageSmoothingEnabled = false;
  context.fillStyle = colours.ground;
  context.fillRect(0, 0, size.width, size.height);
  for (const index of visibleTiles(view, size)) drawTile(context, picture, index);
  if (view.scale >= 5) drawGrid(context, picture);
  if (picture.hovered !== undefined) outline(context, view, picture.hovered, colours.text, 1);
  if (picture.selected) {
    outline(context, view, picture.selected.start, colours.focus, 2);
    if (picture.selected.end - 1 > picture.selected.start) outline(context, view, picture.selected.end - 1, colours.focus, 2);
  }
  const half = view.scale / 2;
  const middle = (block: number) => {
    const { x, y } = pointOf(view, block);
    return { x: x + half, y: y + half };
  };
  const glyphs = faultGlyphs(
    picture.faults.filter(({ kind }) => picture.showFaults(kind)),
    middle,
  );
  for (const glyph of glyphs) drawGlyph(context, glyph, view.scale, colours);
}

/** Coarser tiles that stand in for one that is not here yet, nearest first. */
const standIns = 4;

function drawTile(context: CanvasRenderingContext2D, { view, cache, colours }: MapPicture, index: number): void {
  const order = orderAt(view, view.level);
  const place = placeTile(view.arrangement, order, index);
  const side = Math.min(tileSide, view.arrangement === "rows" ? tileSide : 2 ** order);
  const [x, y] = [(place.x - view.x) * view.scale, (place.y - view.y) * view.scale];
  const pixels = side * view.scale;
  const tile = cache.get(view.level, index, true);
  if (tile) {
    context.drawImage(tile.picture, 0, 0, side, side, x, y, pixels, pixels);
    if (!tile.counted) drawHoles(context, x, y, pixels, Math.max(view.scale, 8), colours);
    else if (view.scale >= leastPattern) drawFree(context, tile, { x, y, scale: view.scale, side }, colours);
    return;
  }
  if (view.arrangement === "rows") return;
  for (let up = 1; up <= standIns && order - up >= 0; up++) {
    const scale = 2 ** up;
    const parentIndex = Math.floor(index / 4 ** up);
    const parent = cache.get(view.level + up, parentIndex, false);
    if (!parent) continue;
    const parentPlace = placeTile("hilbert", order - up, parentIndex);
    const source = [place.x / scale - parentPlace.x, place.y / scale - parentPlace.y, side / scale] as const;
    context.drawImage(parent.picture, source[0], source[1], source[2], source[2], x, y, pixels, pixels);
    return;
  }
}

/** Pixels of a cell from which on a free one shows its pattern: a dot, then lines. */
const leastPattern = 6;
const leastLines = 20;

function drawFree(
  context: CanvasRenderingContext2D,
  tile: Tile,
  { x, y, scale, side }: { x: number; y: number; scale: number; side: number },
  colours: MapColours,
): void {
  const { width, height } = context.canvas;
  const last = (at: number, pixels: number) => Math.min(side, Math.ceil((pixels - at) / scale));
  const first = (at: number) => Math.max(0, Math.floor(-at / scale));
  context.fillStyle = colours.free;
  context.strokeStyle = colours.free;
  context.lineWidth = 1;
  context.beginPath();
  const dot = Math.max(1, Math.min(2, scale / 6));
  for (let row = first(y); row < last(y, height); row++) {
    for (let column = first(x); column < last(x, width); column++) {
      if (tile.free[row * tileSide + column] === 0) continue;
      const [left, top] = [x + column * scale, y + row * scale];
      if (scale < leastLines) context.rect(left + (scale - dot) / 2, top + (scale - dot) / 2, dot, dot);
      else
        for (const from of [0.25, 0.75, 1.25, 1.75]) {
          const [low, high] = [Math.max(0, from - 1), Math.min(1, from)];
          context.moveTo(left + high * scale, top + (from - high) * scale);
          context.lineTo(left + low * scale, top + (from - low) * scale);
        }
    }
  }
  if (scale < leastLines) context.fill();
  else context.stroke();
}

/** A square hole in each cell: not counted yet. */
function drawHoles(context: CanvasRenderingContext2D, x: number, y: number, pixels: number, step: number, colours: MapColours): void {
  const { width, height } = context.canvas;
  context.fillStyle = colours.ground;
  const hole = Math.max(2, step * 0.4);
  const first = (at: number) => at + Math.max(0, Math.floor(-at / step)) * step;
  for (let top = first(y); top < Math.min(y + pixels, height); top += step) {
    for (let left = first(x); left < Math.min(x + pixels, width); left += step) {
      context.fillRect(left + (step - hole) / 2, top + (step - hole) / 2, hole, hole);
    }
  }
}

function drawGrid(context: CanvasRenderingContext2D, { view, size, colours }: MapPicture): void {
  const plane = planeOf(view);
  const right = Math.min(size.width, (plane.width - view.x) * view.scale);
  const bottom = Math.min(size.height, (plane.height - view.y) * view.scale);
  context.strokeStyle = colours.ground;
  context.lineWidth = view.scale >= 12 ? 1 : 0.5;
  context.beginPath();
  for (let x = -(view.x % 1) * view.scale; x <= right; x += view.scale) {
    context.moveTo(x, 0);
    context.lineTo(x, bottom);
  }
  for (let y = -(view.y % 1) * view.scale; y <= bottom; y += view.scale) {
    context.moveTo(0, y);
    context.lineTo(right, y);
  }
  context.stroke();
}

function outline(context: CanvasRenderingContext2D, view: MapView, block: number, colour: string, width: number): void {
  const { x, y } = pointOf(view, cellOf(view, block).start);
  const side = Math.max(view.scale, 6);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.strokeRect(x - 1, y - 1, side + 2, side + 2);
}

function drawGlyph(context: CanvasRenderingContext2D, glyph: FaultGlyph, scale: number, colours: MapColours): void {
  const radius = Math.max(glyph.count > 1 ? 9 : leastGlyph / 2 + 1, Math.min(scale / 2, 12));
  const { x, y } = glyph;
  context.beginPath();
  if (glyph.kind === "damaged") {
    context.moveTo(x, y - radius);
    context.lineTo(x + radius, y);
    context.lineTo(x, y + radius);
    context.lineTo(x - radius, y);
  } else {
    context.moveTo(x, y - radius);
    context.lineTo(x + radius, y + radius);
    context.lineTo(x - radius, y + radius);
  }
  context.closePath();
  context.fillStyle = glyph.kind === "damaged" ? colours.damaged : colours.misplaced;
  context.strokeStyle = colours.ground;
  context.lineWidth = 2;
  context.stroke();
  context.fill();
  if (glyph.count > 1) {
    context.fillStyle = colours.onGlyph;
    context.font = "600 10px Inter, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(glyph.count > 99 ? "99+" : String(glyph.count), x, glyph.kind === "damaged" ? y + 0.5 : y + 3);
  }
}
