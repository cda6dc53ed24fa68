import { describe, expect, it } from "vitest";
import { recordBlocks, recordCapacity, recordPlace, sdkRequiredBlocks } from "./fixed-records.ts";

/** The table of the other regions reference 1.4; undefined: the SDK's count is never too small within the limit looked at. */
const layouts: [
  name: string,
  headerBytes: number,
  recordBytes: number,
  capacity: [number, number, number],
  undercounts: (number | undefined)[],
][] = [
  ["CLOG", 16, 89, [45, 45, 2880], [16, 91, 5153]],
  ["DICT", 16, 68, [59, 60, 3839], [36]],
  ["XREF references", 16, 74, [54, 55, 3519], [13, 110, 2656]],
  ["XREF separation", 16, 36, [112, 113, 7231], [27, 226]],
  ["INTE", 16, 43, [94, 94, 6016], [34, 189, 3047]],
  ["ANON", 16, 108, [37, 37, 2368], [9, 75, 1213]],
  ["WORM", 40, 52, [77, 78, 4991], [18, 156]],
  ["MLOG A", 32, 19, [213, 214, 13695], [181, 642, 6895]],
  ["MLOG B", 38, 18, [224, 226, 14462], [53, 451]],
];

describe.each(layouts)("records of %s", (_, headerBytes, recordBytes, [first, other, whole], undercounts) => {
  const layout = { headerBytes, recordBytes };
  it("fill blocks as the reference counts", () => {
    expect(recordCapacity(layout, 4096, 1)).toBe(first);
    expect(recordCapacity(layout, 4096, 2)).toBe(first + other);
    expect(recordCapacity(layout, 4096, 64)).toBe(whole);
    expect(recordBlocks(layout, 4096, 0)).toBe(1);
    expect(recordBlocks(layout, 4096, first)).toBe(1);
    expect(recordBlocks(layout, 4096, first + 1)).toBe(2);
    expect(recordBlocks(layout, 4096, whole)).toBe(64);
  });
  it("lie one behind the other, none across a block", () => {
    let before = { block: 0, start: headerBytes, byteLength: 0 };
    for (let index = 0; index < first + 2 * other + 1; index++) {
      const place = recordPlace(layout, 4096, index);
      const end = before.start + before.byteLength;
      expect(place).toEqual({
        ...(end + recordBytes > 4080 ? { block: before.block + 1, start: 0 } : { ...before, start: end }),
        byteLength: recordBytes,
      });
      before = place;
    }
  });
  it("are too many for the SDK's RequiredBlocks from the count that the reference names", () => {
    for (const [index, blockBytes] of [512, 4096, 65536].entries()) {
      const expected = undercounts[index];
      if (expected === undefined) continue;
      let count = 1;
      while (sdkRequiredBlocks(layout, blockBytes, count) >= recordBlocks(layout, blockBytes, count)) count++;
      expect(count).toBe(expected);
    }
  });
});
