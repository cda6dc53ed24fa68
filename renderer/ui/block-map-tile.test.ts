import { describe, expect, it } from "vitest";
import { placeTile, tileCells } from "./block-map-curve.ts";
import { type Colour, freeAlpha, paintTile, shareOf, type TileRequest } from "./block-map-tile.ts";

const blue: Colour = [0, 0, 200];
const ground: Colour = [0, 0, 0];
function request(change: Partial<TileRequest>): TileRequest {
  return {
    id: 1,
    cells: new Uint8Array(tileCells),
    present: tileCells,
    counted: true,
    table: placeTile("rows", 8, 0).table,
    bands: [{ start: 0, end: tileCells, colour: blue, hidden: false }],
    free: [100, 100, 100],
    ground,
    freeHidden: false,
    ...change,
  };
}
const pixel = (pixels: Uint8ClampedArray, cell: number) => [...pixels.slice(cell * 4, cell * 4 + 4)];

describe("painting a tile", () => {
  it("never shows a cell with one block in it as empty, nor one that lacks a block as full", () => {
    expect(shareOf(0)).toBe(0);
    expect(shareOf(1)).toBeGreaterThan(0.4);
    expect(shareOf(254)).toBeLessThan(1);
    expect(shareOf(255)).toBe(1);
  });
  it("gives allocated cells the colour of the band they lie in", () => {
    const cells = new Uint8Array(tileCells).fill(255);
    const pixels = paintTile(request({ cells, bands: [{ start: 2, end: 3, colour: blue, hidden: false }] }));
    expect(pixel(pixels, 2)).toEqual([0, 0, 200, 255]);
    expect(pixel(pixels, 3)).toEqual([100, 100, 100, 255]);
  });
  it("leaves what lies past the end of the volume transparent", () => {
    const pixels = paintTile(request({ present: 10 }));
    expect([pixel(pixels, 9)[3], pixel(pixels, 10)[3]]).toEqual([freeAlpha, 0]);
  });
  it("fades what the legend hides", () => {
    const cells = new Uint8Array(tileCells).fill(255);
    const pixels = paintTile(request({ cells, bands: [{ start: 0, end: 9, colour: blue, hidden: true }] }));
    expect(pixel(pixels, 0)[2]).toBeLessThan(20);
  });
});
