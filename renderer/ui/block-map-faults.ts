import type { CurvePoint } from "./block-map-curve.ts";

export interface Fault {
  block: number;
  count: number;
  kind: "damaged" | "misplaced";
  text: string;
}
export interface FaultGlyph extends CurvePoint {
  kind: Fault["kind"];
  /** Faults it stands for. */
  count: number;
  block: number;
}

/** Smallest side of a glyph in pixels: it is never drawn smaller, whatever its cell is. */
export const leastGlyph = 9;
/** Glyphs nearer than this are drawn as one, with their number. */
const mergeWithin = 14;

/** Glyphs for faults by place: near ones merged, a diamond wherever one of them is damage. `place` gives the middle of a cell in pixels. */
export function faultGlyphs(faults: readonly Fault[], place: (block: number) => CurvePoint): FaultGlyph[] {
  const buckets = new Map<string, FaultGlyph>();
  for (const fault of faults) {
    const { x, y } = place(fault.block);
    const key = `${Math.floor(x / mergeWithin)} ${Math.floor(y / mergeWithin)}`;
    const near = buckets.get(key);
    if (!near) buckets.set(key, { x, y, kind: fault.kind, count: 1, block: fault.block });
    else {
      near.count++;
      if (fault.kind === "damaged" && near.kind !== "damaged") Object.assign(near, { kind: fault.kind, block: fault.block, x, y });
    }
  }
  return [...buckets.values()].sort((a, b) => Number(a.kind === "damaged") - Number(b.kind === "damaged"));
}

/** The first fault past `block` in block order, or the first of all; undefined where there is none. */
export function nextFault(faults: readonly Fault[], block: number, direction: 1 | -1): Fault | undefined {
  const ordered = [...faults].sort((a, b) => (a.block - b.block) * direction);
  return ordered.find((fault) => (fault.block - block) * direction > 0) ?? ordered[0];
}
