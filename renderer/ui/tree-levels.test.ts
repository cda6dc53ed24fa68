import { describe, expect, it } from "vitest";
import { runsOf } from "./tree-levels.tsx";

describe("the cells of a level", () => {
  it("of one state beside each other are one run", () => {
    expect(runsOf(Uint8Array.of(3, 3, 6, 3))).toEqual([
      { start: 0, end: 2, state: 3 },
      { start: 2, end: 3, state: 6 },
      { start: 3, end: 4, state: 3 },
    ]);
    expect(runsOf(new Uint8Array(0))).toEqual([]);
  });
});
