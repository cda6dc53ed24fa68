import { describe, expect, it } from "vitest";
import { movedByte } from "./hex-keys.ts";

const shape = { byteLength: 1000n, blockBytes: 256, columns: 16 };
const fields = [
  { start: 256n, end: 264n },
  { start: 264n, end: 300n },
];
const press = (key: string, byte: bigint, ctrl = false) => movedByte({ key, ctrl }, { byte, shape, page: 4, fields });

describe("keys of the hex view", () => {
  it.each([
    ["ArrowRight", 270n, 271n],
    ["ArrowDown", 270n, 286n],
    ["Home", 270n, 256n],
    ["End", 270n, 271n],
    ["PageDown", 270n, 334n],
    ["PageDown", 990n, 999n],
    ["ArrowUp", 3n, 3n],
  ])("%s from %i leads to %i", (key, from, to) => expect(press(key, from)).toBe(to));
  it("moves by field and by block with Ctrl", () => {
    expect([press("ArrowRight", 256n, true), press("ArrowLeft", 270n, true), press("ArrowDown", 270n, true)]).toEqual([264n, 264n, 526n]);
  });
  it("goes to the block's ends, and to the volume's the second time", () => {
    expect([press("Home", 270n, true), press("Home", 256n, true), press("End", 270n, true), press("End", 511n, true)]).toEqual([
      256n,
      0n,
      511n,
      999n,
    ]);
  });
  it("leaves other keys alone", () => expect(press("a", 1n)).toBeUndefined());
});
