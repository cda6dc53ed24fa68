import { expect, it } from "vitest";
import { type Fault, faultGlyphs, nextFault } from "./block-map-faults.ts";

const fault = (block: number, kind: Fault["kind"] = "damaged"): Fault => ({ block, count: 1, kind, text: "" });
const line = (block: number) => ({ x: block, y: 0 });

it("merges near faults and says how many, damage before all", () => {
  expect(faultGlyphs([fault(1, "misplaced"), fault(2), fault(100)], line)).toEqual([
    { x: 2, y: 0, kind: "damaged", count: 2, block: 2 },
    { x: 100, y: 0, kind: "damaged", count: 1, block: 100 },
  ]);
});
it("draws damage last, above everything", () => {
  expect(faultGlyphs([fault(2), fault(100, "misplaced")], line).map(({ kind }) => kind)).toEqual(["misplaced", "damaged"]);
});
it("goes from fault to fault, round the end", () => {
  const faults = [fault(5), fault(9), fault(2)];
  expect([2, 5, 9].map((block) => nextFault(faults, block, 1)?.block)).toEqual([5, 9, 2]);
  expect(nextFault(faults, 2, -1)?.block).toBe(9);
  expect(nextFault([], 2, 1)).toBeUndefined();
});
