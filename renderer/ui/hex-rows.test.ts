import { describe, expect, it } from "vitest";
import { blockAddress, groupedAddress, groupedNumber } from "./hex-address.ts";
import { ariaRows, blockRows, byteAtFraction, fractionOf, type HexShape, movedAnchor, rowIndex, rowsFrom } from "./hex-rows.ts";

const none: ReadonlySet<bigint> = new Set();
const shape: HexShape = { byteLength: 3n * 256n, blockBytes: 256, columns: 16 };
const fifteenTebibytes: HexShape = { byteLength: 15n * 2n ** 40n, blockBytes: 4096, columns: 16 };
const content = (change: object = {}) => ({ bytes: new Uint8Array(256), holes: [], unread: [], ...change });

describe("rows of a block", () => {
  it("shows zeros as one row, and each of them once opened", () => {
    const bytes = new Uint8Array(256);
    bytes[3] = 1;
    const rows = blockRows(1n, shape, content({ bytes }), none);
    expect(rows.map(({ kind }) => kind)).toEqual(["head", "bytes", "zeros"]);
    expect(rows[2]).toMatchObject({ start: 272n, end: 512n, rows: 15 });
    expect(blockRows(1n, shape, content({ bytes }), new Set([272n]))).toHaveLength(17);
  });
  it("keeps holes and unread bytes apart from zeros", () => {
    const rows = blockRows(
      0n,
      shape,
      content({ holes: [{ start: 0n, end: 128n }], unread: [{ start: 130n, end: 140n, reason: "I/O error" }] }),
      none,
    );
    expect(rows.map(({ kind }) => kind)).toEqual(["head", "hole", "unread", ...Array(7).fill("bytes")]);
    expect(rows[2]).toMatchObject({ start: 128n, end: 144n, reason: "I/O error" });
  });
  it("cuts the last row where the file ends", () => {
    const rows = blockRows(0n, { ...shape, byteLength: 20n }, undefined, none);
    expect(rows.at(-1)).toMatchObject({ start: 16n, end: 20n });
  });
});

describe("moving through rows", () => {
  const rowsOf = (block: bigint) => blockRows(block, shape, undefined, none);
  it("crosses blocks and stops at the ends", () => {
    const top = { byte: 0n, head: true };
    expect(rowsFrom({ byte: 240n, head: false }, 3, shape, rowsOf).map(({ kind, start }) => [kind, start])).toEqual([
      ["bytes", 240n],
      ["head", 256n],
      ["bytes", 256n],
    ]);
    expect(movedAnchor(top, 17, shape, rowsOf)).toEqual({ byte: 256n, head: true });
    expect(movedAnchor({ byte: 256n, head: true }, -17, shape, rowsOf)).toEqual(top);
    expect(movedAnchor(top, -5, shape, rowsOf)).toEqual(top);
    expect(movedAnchor(top, 500, shape, rowsOf)).toEqual({ byte: 752n, head: false });
  });
  it("numbers rows, and none where ARIA cannot count them", () => {
    expect(rowIndex(256n, true, shape)).toBe(18n);
    expect(ariaRows(shape, 18n)).toEqual({ count: 51, index: 18 });
    expect(ariaRows(fifteenTebibytes, 18n)).toEqual({ count: -1, index: undefined });
  });
  it("reaches both ends of 15 TiB from the scrollbar", () => {
    expect(byteAtFraction(0, fifteenTebibytes)).toBe(0n);
    expect(byteAtFraction(1, fifteenTebibytes)).toBe(fifteenTebibytes.byteLength - 16n);
    const middle = byteAtFraction(0.5, fifteenTebibytes);
    expect(fractionOf(middle, fifteenTebibytes)).toBeCloseTo(0.5, 8);
  });
});

describe("addresses", () => {
  it("are grouped by four digits from eight on", () => {
    expect([groupedAddress(0x40n), groupedAddress(0xf_1234_5678n)]).toEqual(["0000 0040", "000f 1234 5678"]);
  });
  it("name block and offset", () => expect(blockAddress(0x1020n, 4096)).toBe("1 + 0x020"));
  it("are numbers by groups of three", () => expect(groupedNumber(1048576n)).toBe("1\u2009048\u2009576"));
});
