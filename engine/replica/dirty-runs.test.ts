import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesToShip, dirtyCells, dirtyRuns, runLengths } from "./dirty-runs.ts";

const ascending = fc.uniqueArray(fc.nat(4096), { maxLength: 300 }).map((blocks) => blocks.sort((a, b) => a - b));

describe("runs of dirty blocks", () => {
  it("join what is consecutive", () => {
    const { starts, counts } = dirtyRuns([0, 7, 8, 63, 64, 255, 256, 499]);
    expect([[...starts], [...counts]]).toEqual([
      [0, 7, 63, 255, 499],
      [1, 2, 2, 2, 1],
    ]);
    expect(dirtyRuns([]).starts).toHaveLength(0);
  });
  it("cover every dirty block once and nothing else", () => {
    fc.assert(
      fc.property(ascending, (blocks) => {
        const { starts, counts } = dirtyRuns(blocks);
        const covered = [...starts].flatMap((start, run) => Array.from({ length: counts[run] ?? 0 }, (_, at) => start + at));
        expect(covered).toEqual(blocks);
        for (let run = 1; run < starts.length; run++) expect(starts[run]).toBeGreaterThan((starts[run - 1] ?? 0) + (counts[run - 1] ?? 0));
      }),
    );
  });
  it("are counted by length, from 1 to 512 and more", () => {
    const lengths = runLengths({ starts: new Uint32Array(6), counts: Uint32Array.from([1, 1, 3, 4, 511, 9000]) });
    expect(lengths.map(({ from, runs, blocks }) => [from, runs, blocks])).toEqual([
      [1, 2, 2],
      [2, 1, 3],
      [4, 1, 4],
      [8, 0, 0],
      [16, 0, 0],
      [32, 0, 0],
      [64, 0, 0],
      [128, 0, 0],
      [256, 1, 511],
      [512, 1, 9000],
    ]);
  });
  it("ship as a header, 36 bytes each and their blocks", () => {
    expect(bytesToShip(37, 1204, 4096)).toBe(26n + 37n * 36n + 1204n * 4096n);
    expect(bytesToShip(0, 0, 65536)).toBe(26n);
  });
  it("fall into cells that cover the tracked blocks", () => {
    expect(dirtyCells([0, 7, 8, 63, 499], 500, 100)).toMatchObject({ blocksPerCell: 5 });
    fc.assert(
      fc.property(ascending, fc.integer({ min: 4097, max: 9000 }), fc.integer({ min: 1, max: 600 }), (blocks, tracked, most) => {
        const { blocksPerCell, cells } = dirtyCells(blocks, tracked, most);
        expect(cells.length).toBeLessThanOrEqual(most);
        expect(blocksPerCell * cells.length).toBeGreaterThanOrEqual(tracked);
        expect(cells.reduce((sum, count) => sum + count, 0)).toBe(blocks.length);
      }),
    );
  });
});
