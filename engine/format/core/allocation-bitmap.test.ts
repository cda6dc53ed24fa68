import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitmapBlockCount, bitsPerBitmapBlock, countBits, findBit, isBitSet, setBits } from "./allocation-bitmap.ts";
import { sealBlock } from "./block-trailer.ts";

describe("the allocation bitmap", () => {
  it.each([
    [4096, 32_640],
    [8192, 65_408],
    [16_384, 130_944],
    [32_768, 262_016],
    [65_536, 524_160],
  ])("of blocks of %i bytes keeps %i bits in each", (blockBytes, bits) => expect(bitsPerBitmapBlock(blockBytes)).toBe(bits));
  it.each([
    [1n, 1n],
    [32_640n, 1n],
    [32_641n, 2n],
    [65_536n, 3n],
    [2n ** 40n, 33_686_019n],
  ])("of %i blocks takes %i blocks of 4096 bytes", (totalBlocks, blocks) => expect(bitmapBlockCount(totalBlocks, 4096)).toBe(blocks));
  it.each([
    [1099, 137, 0x07, "22e91660e57dbd32"],
    [1295, 161, 0x7f, "7dee18bc03012589"],
  ])("with %i blocks allocated is the one of core reference 3", (allocated, byte, value, hash) => {
    const block = new Uint8Array(4096);
    setBits(block, 0, allocated);
    expect(block.subarray(0, byte).every((each) => each === 0xff)).toBe(true);
    expect([block[byte], block[byte + 1]]).toEqual([value, 0]);
    expect(Buffer.from(sealBlock(block, "BMAP", 1).subarray(-8)).toString("hex")).toBe(hash);
  });

  const payloads = fc.uint8Array({ minLength: 1, maxLength: 24 });
  const within = (payload: Uint8Array, a: number, b: number): [number, number] => {
    const ends = [a, b].map((each) => each % (payload.length * 8 + 1));
    return [Math.min(...ends), Math.max(...ends)];
  };
  it("counts what a look at each bit counts", () => {
    fc.assert(
      fc.property(payloads, fc.nat(), fc.nat(), (payload, a, b) => {
        const [start, end] = within(payload, a, b);
        const plain = Array.from({ length: end - start }, (_, index) => isBitSet(payload, start + index)).filter(Boolean).length;
        expect(countBits(payload, start, end)).toBe(plain);
      }),
    );
  });
  it("finds the first bit that a look at each finds", () => {
    fc.assert(
      fc.property(payloads, fc.nat(), fc.nat(), fc.boolean(), (payload, a, b, set) => {
        const [start, end] = within(payload, a, b);
        let plain = start;
        while (plain < end && isBitSet(payload, plain) !== set) plain++;
        expect(findBit(payload, start, end, set)).toBe(plain);
      }),
    );
  });
  it("sets the bits of a range and no others", () => {
    fc.assert(
      fc.property(payloads, fc.nat(), fc.nat(), (payload, a, b) => {
        const [start, end] = within(payload, a, b);
        const after = payload.slice();
        setBits(after, start, end);
        for (let bit = 0; bit < payload.length * 8; bit++)
          expect(isBitSet(after, bit)).toBe(isBitSet(payload, bit) || (bit >= start && bit < end));
      }),
    );
  });
});
