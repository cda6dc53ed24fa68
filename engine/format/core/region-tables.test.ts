import { describe, expect, it } from "vitest";
import { equalBytes, toHex, viewOf } from "../../base/bytes.ts";
import { toJson } from "../../base/json.ts";
import { goldenBytes } from "../../testing/golden.ts";
import { judgeTrailer } from "./block-trailer.ts";
import { emptySlot, isActiveSlot, isFreeSlot, regionDirectoryHeader, regionPointer, regionTable, slotCount } from "./region-tables.ts";

// The volume of core reference 11: Minimal, 2048 blocks of 4096 bytes.
const image = goldenBytes("created-minimal-4k");
const block = (number: number) => image.subarray(number * 4096, (number + 1) * 4096);

/** Core reference 11: tag, start and count of the slots; flags Active and UsedBlocks 0 everywhere. */
const slots = [
  "42505553 01000000 0000000000000000 0400000000000000 0000000000000000",
  "42505553 01000000 0400000000000000 0400000000000000 0000000000000000",
  "50414d52 01000000 0800000000000000 0200000000000000 0000000000000000",
  "50414d42 01000000 0a00000000000000 0100000000000000 0000000000000000",
  "444f4e49 01000000 0b00000000000000 0004000000000000 0000000000000000",
  "4c41574d 01000000 0b04000000000000 4000000000000000 0000000000000000",
  "41544144 01000000 4b04000000000000 b503000000000000 0000000000000000",
].map((row) => row.replaceAll(" ", ""));

describe("a region table", () => {
  it.each([1, 5, 8])("in block %i of a fresh volume has the slots of core reference 11", (number) => {
    const table = regionTable.decode(block(number));
    expect(table.slots).toHaveLength(slotCount);
    expect(table.slots.slice(0, 7).map((slot) => toHex(regionPointer.encode(slot)))).toEqual(slots);
    expect(table.slots.slice(7).every(isFreeSlot)).toBe(true);
    expect(toHex(block(number).subarray(-16))).toBe("50414d52010000003436d284dc4459df");
  });
  it("encodes back to its bytes", () => {
    expect(equalBytes(regionTable.encode(regionTable.parse(block(1)), { byteLength: 4096 }), block(1))).toBe(true);
  });
  it("does not fit a block of fewer than 4096 bytes (core reference 2.10)", () => {
    expect(() => regionTable.decode(new Uint8Array(2048))).toThrowError(
      expect.objectContaining({ code: "COUNT_EXCEEDS_SPACE", data: expect.objectContaining({ count: 127, room: 64 }) }),
    );
  });
  it("has slots that are neither free nor active", () => {
    const odd = { ...emptySlot, regionTypeId: 0x4441_5441 };
    expect([isFreeSlot(odd), isActiveSlot(odd)]).toEqual([false, false]);
    expect([isFreeSlot(emptySlot), isActiveSlot(emptySlot)]).toEqual([true, false]);
  });
  it("keeps negative numbers as they are stored", () => {
    const slot = { regionTypeId: 0xffff_ffff, flags: 0xffff_ffff, startBlock: -1n, blockCount: -(2n ** 63n), usedBlocks: 2n ** 63n - 1n };
    expect(regionPointer.parse(regionPointer.encode(slot))).toEqual(slot);
  });
});

describe("the directory's header", () => {
  it("of a fresh volume is the one of core reference 11", () => {
    const header = regionDirectoryHeader.decode(block(9));
    expect(toHex(block(9).subarray(0, 16))).toBe("01007f00070000003436d284dc4459df");
    expect(toHex(block(9).subarray(-16))).toBe("50414d520100000068c744b6c429d1c1");
    expect(toJson(header)).toMatchObject({ version: 1, slotCount: 127, activeCount: 7 });
    expect(header.block0Hash).toBe(judgeTrailer(block(8)).computed);
  });
  it("of another version is refused by a strict reader", () => {
    const other = block(9).slice();
    viewOf(other).setUint16(0, 0x5245, true); // "ER" of an emergency recovery block
    expect(() => regionDirectoryHeader.decode(other)).toThrowError(
      expect.objectContaining({ code: "VALUE_OUT_OF_RANGE", data: expect.objectContaining({ value: "21061" }) }),
    );
  });
});
