import { tileCells } from "./block-map-curve.ts";

/** Red, green, blue. */
export type Colour = readonly [number, number, number];

/** Cells from `start` up to `end` (cells of the tile, end excluded) have this colour where they are allocated. */
export interface Band {
  start: number;
  end: number;
  colour: Colour;
  /** Left out by the legend's filter. */
  hidden: boolean;
}

export interface TileRequest {
  id: number;
  /** 0 free, 255 allocated, in between partly allocated; fewer than a full tile at the end. */
  cells: Uint8Array;
  /** Cells that lie within the volume. */
  present: number;
  counted: boolean;
  /** Place of each cell in the picture. */
  table: Uint16Array;
  bands: Band[];
  free: Colour;
  ground: Colour;
  freeHidden: boolean;
}
export interface TilePicture {
  id: number;
  pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** Least share of its colour that a cell with anything in it shows, so that a single block is never lost in the ground. */
const leastShare = 0.45;
/** What is left of the colour in a full cell seen beside a partly free one. */
const mostShare = 0.9;

/** How much of its colour a cell shows: 0 only where all is free, 1 only where all is allocated. */
export function shareOf(cell: number): number {
  if (cell === 0) return 0;
  return cell === 255 ? 1 : leastShare + (mostShare - leastShare) * (cell / 255);
}

const shares = Float64Array.from({ length: 256 }, (_, cell) => shareOf(cell));
/** Share of the pattern's grey in a free cell that is too small for its pattern. */
const freeShare = 0.16;
/** Opacity that tells a free cell: as good as opaque, and the sign by which its pattern is drawn. */
export const freeAlpha = 254;

/** Paints one tile, a pixel per cell, transparent where the volume has no block. */
export function paintTile(request: TileRequest): Uint8ClampedArray<ArrayBuffer> {
  const { cells, present, counted, table, ground, free } = request;
  const pixels = new Uint8ClampedArray(tileCells * 4);
  const mix = (colour: Colour, share: number, at: number, alpha = 255): void => {
    for (let channel = 0; channel < 3; channel++) {
      pixels[at + channel] = (ground[channel] ?? 0) + ((colour[channel] ?? 0) - (ground[channel] ?? 0)) * share;
    }
    pixels[at + 3] = alpha;
  };
  let band = 0;
  for (let cell = 0; cell < Math.min(present, table.length); cell++) {
    while (band < request.bands.length && (request.bands[band]?.end ?? 0) <= cell) band++;
    const here = request.bands[band];
    const inBand = here && here.start <= cell ? here : undefined;
    const at = (table[cell] ?? 0) * 4;
    const share = counted ? (shares[cells[cell] ?? 0] ?? 0) : 1;
    if (share === 0) mix(free, request.freeHidden ? 0 : freeShare, at, request.freeHidden ? 255 : freeAlpha);
    else if (inBand?.hidden) mix(free, 0.06, at);
    else mix(inBand?.colour ?? free, share, at);
  }
  return pixels;
}
