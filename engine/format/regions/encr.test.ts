import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyBlockBytes, anyBytes, anyTicks, anyU8, anyU16, anyU32, inSlots, newYear } from "../../testing/arbitraries.ts";
import { writtenBlocks } from "../../testing/golden-region.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { exampleBlock, newYearBytes } from "../../testing/worked-example.ts";
import { type EncrContent, encrCodec, encryptionLayout } from "./encr.ts";

const padded = (byte: number, byteLength: number, filled: number): Uint8Array => new Uint8Array(byteLength).fill(byte, 0, filled);

describe("core regions reference 6.6", () => {
  const content: EncrContent = {
    generation: 1,
    activeSlotIndex: 0,
    totalActiveSlots: 1,
    rotationEventCount: 1,
    slots: [
      {
        slot: 0,
        slotIndex: 0,
        status: 1,
        algorithmId: 1,
        wrappedKey: padded(0xaa, 64, 32),
        keySalt: padded(0x55, 32, 32),
        kdfIterations: 100_000,
        kdfAlgorithmId: 0,
        reserved: 0,
        createdUtcTicks: newYear,
        retiredUtcTicks: 0n,
      },
    ],
    rotationLog: [{ timestampUtcTicks: newYear, oldSlotIndex: 0, newSlotIndex: 1, reason: 3 }],
  };
  const blocks = [
    exampleBlock(
      {
        0: "00 01 01 00 00 00 00 00",
        8: `00 01 01 00 ${"AA".repeat(32)} ${"00".repeat(32)} ${"55".repeat(32)} A0860100 0000 0000 ${newYearBytes}`,
      },
      "52434E45 01000000 0EF36ADF2ECE81FB",
    ),
    exampleBlock({ 3844: `${newYearBytes} 00 01 03 00` }, "52434E45 01000000 1194494FF6CBB2C7"),
  ];
  it("is written so", () => expect(encrCodec.write(content, 4096)).toEqual(blocks));
  it("is read so", () => expect(encrCodec.read(writtenBlocks(blocks)).content).toEqual(content));
  it("of an empty header is written so", () => {
    const empty = { generation: 1, activeSlotIndex: 0xff, totalActiveSlots: 0, rotationEventCount: 0, slots: [], rotationLog: [] };
    expect(encrCodec.write(empty, 4096)[0]).toEqual(exampleBlock({ 0: "FF 00 00 00 00 00 00 00" }, "52434E45 01000000 03B01445E47A1ACC"));
  });
});

describe("the places of slots and events (6.1)", () => {
  it.each([
    [4096, 32, 3844, 19],
    [8192, 63, 0, 681],
    [16_384, 63, 0, 1364],
    [32_768, 63, 0, 2729],
    [65_536, 63, 0, 5460],
  ])("in blocks of %i bytes", (blockBytes, slotsInFirst, eventStart, eventsThatFit) =>
    expect(encryptionLayout(blockBytes)).toEqual({ slotsInFirst, eventStart, eventsThatFit }),
  );
});

const generated = fc
  .record({
    blockBytes: anyBlockBytes,
    generation: anyU32,
    activeSlotIndex: anyU8,
    totalActiveSlots: anyU8,
    slots: inSlots(
      63,
      fc.record({
        slotIndex: anyU8,
        status: fc.integer({ min: 1, max: 255 }),
        algorithmId: anyU16,
        wrappedKey: anyBytes(64),
        keySalt: anyBytes(32),
        kdfIterations: anyU32,
        kdfAlgorithmId: anyU16,
        reserved: anyU16,
        createdUtcTicks: anyTicks,
        retiredUtcTicks: anyTicks,
      }),
    ),
    rotations: fc.array(fc.record({ timestampUtcTicks: anyTicks, oldSlotIndex: anyU8, newSlotIndex: anyU8, reason: anyU16 }), {
      maxLength: 800,
      size: "max",
    }),
  })
  .map(({ blockBytes, rotations, ...rest }) => {
    const rotationLog = rotations.slice(0, encryptionLayout(blockBytes).eventsThatFit);
    return { blockBytes, content: { ...rest, rotationEventCount: rotationLog.length, rotationLog } };
  });
describeRegionProperties(encrCodec, { generated, write: encrCodec.write, numRuns: 30 });
