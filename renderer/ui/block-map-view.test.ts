import { describe, expect, it } from "vitest";
import { blockAt, cellOf, neighbour, panned, pointOf, revealing, visibleTiles, wholeView, zoomed } from "./block-map-view.ts";

const size = { width: 640, height: 640 };
const fifteenTebibytes = 4_026_531_840;

describe("the view of the whole volume", () => {
  it.each([1, 5, 4096, 1_048_576, fifteenTebibytes])("shows the first and the last of %i blocks", (blocks) => {
    const view = wholeView("hilbert", blocks, size);
    for (const block of [0, blocks - 1]) {
      const { x, y } = pointOf(view, block);
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + view.scale).toBeLessThanOrEqual(size.width + 1e-6);
      expect(y + view.scale).toBeLessThanOrEqual(size.height + 1e-6);
    }
  });
  it("fits rows into the canvas too", () => {
    const view = wholeView("rows", fifteenTebibytes, size);
    expect(pointOf(view, fifteenTebibytes - 1).y).toBeLessThan(size.height);
  });
  it("needs few tiles however large the volume is", () => {
    expect(visibleTiles(wholeView("hilbert", fifteenTebibytes, size), size).length).toBeLessThanOrEqual(4);
  });
});

describe("zooming", () => {
  it("reaches a single block and keeps it under the pointer", () => {
    let view = wholeView("hilbert", fifteenTebibytes, size);
    const point = { x: 300, y: 411 };
    const before = cellOf(view, blockAt(view, point) ?? -1);
    for (let step = 0; step < 80; step++) view = zoomed(view, 1.3, point, size);
    const block = blockAt(view, point) ?? -1;
    expect(view).toMatchObject({ level: 0, scale: 48 });
    expect(cellOf(view, block).count).toBe(1);
    expect(block).toBeGreaterThanOrEqual(before.start);
    expect(block).toBeLessThan(before.start + before.count);
  });
  it("ends at the whole volume on the way out", () => {
    const whole = wholeView("hilbert", 1_048_576, size);
    let view = whole;
    for (const factor of [4, 4, 4, 1 / 8, 1 / 8, 1 / 8]) view = zoomed(view, factor, { x: 10, y: 600 }, size);
    expect(view).toEqual(whole);
  });
  it("steps through the levels in rows", () => {
    let view = wholeView("rows", fifteenTebibytes, size);
    while (view.level > 0) view = zoomed(view, 2, { x: 100, y: 100 }, size);
    expect(cellOf(view, blockAt(view, { x: 100, y: 100 }) ?? -1).count).toBe(1);
  });
});

describe("moving", () => {
  it("stays on the plane", () => {
    const view = zoomed(wholeView("hilbert", 4096, size), 4, { x: 0, y: 0 }, size);
    expect(panned(view, 1e9, 1e9, size)).toMatchObject({ x: 0, y: 0 });
  });
  it("brings a block into sight", () => {
    const view = zoomed(wholeView("hilbert", 4096, size), 8, { x: 0, y: 0 }, size);
    const { x, y } = pointOf(revealing(view, 4095, size), 4095);
    expect([x >= 0, y >= 0, x + view.scale <= size.width + 1e-6]).toEqual([true, true, true]);
  });
  it("steps from cell to cell and not out of the volume", () => {
    const view = wholeView("hilbert", 4096, size);
    expect(neighbour(view, 0, -1, 0)).toBeUndefined();
    expect(pointOf(view, neighbour(view, 0, 1, 0) ?? -1).x).toBeCloseTo(view.scale);
  });
});
