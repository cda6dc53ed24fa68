import { describe, expect, it } from "vitest";
import { curveDistance, curveOrder, curveRows, curveStep, placeTile, tileCells, tileSide } from "./block-map-curve.ts";

describe("the Hilbert curve", () => {
  it("starts top left, fills the upper half first and ends bottom left", () => {
    expect(curveStep(0, 4)).toMatchObject({ x: 0, y: 0 });
    expect(curveStep(127, 4).y).toBe(7);
    expect(curveStep(128, 4).y).toBe(8);
    expect(curveStep(255, 4)).toMatchObject({ x: 0, y: 15 });
  });
  it("moves by one cell at each step and visits every cell", () => {
    const seen = new Set<string>();
    for (let distance = 0; distance < 1024; distance++) {
      const { x, y } = curveStep(distance, 5);
      seen.add(`${x},${y}`);
      const next = curveStep(Math.min(distance + 1, 1023), 5);
      expect(Math.abs(next.x - x) + Math.abs(next.y - y)).toBe(distance === 1023 ? 0 : 1);
    }
    expect(seen.size).toBe(1024);
  });
  it.each([0, 1, 4_294_967_295, 2_863_311_530, 1_234_567_890])("finds step %i of 2^32 again", (distance) => {
    expect(curveDistance(curveStep(distance, 16), 16)).toBe(distance);
  });
  it("needs half the rows where the volume ends in its first half", () =>
    expect([2048, 2049, 4096].map((blocks) => curveRows(blocks, 6))).toEqual([32, 64, 64]));
  it("is no larger than it must be", () => expect([1, 2, 4, 5, 2 ** 32].map(curveOrder)).toEqual([0, 1, 1, 2, 16]));
});

describe("tiles", () => {
  it.each([0, 1, 2, 3, 7, 21, 42, 63])("place cells of tile %i where the curve has them", (index) => {
    const place = placeTile("hilbert", 11, index);
    for (let cell = 0; cell < tileCells; cell += 4093) {
      const at = place.table[cell] ?? -1;
      expect({ x: place.x + (at % tileSide), y: place.y + Math.floor(at / tileSide) }).toEqual(
        (({ x, y }) => ({ x, y }))(curveStep(index * tileCells + cell, 11)),
      );
    }
  });
  it("hold only the cells there are where the plane is smaller than a tile", () => {
    expect(placeTile("hilbert", 3, 0).table).toHaveLength(64);
  });
  it("lie below each other in rows", () => {
    expect(placeTile("rows", 11, 3)).toMatchObject({ x: 0, y: 768 });
  });
});
