import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../base/bytes.ts";
import { anyBytes, anyU8, anyU16, anyU32, anyU64 } from "../../testing/arbitraries.ts";
import { goldenJson } from "../../testing/golden.ts";
import { writtenBlocks } from "../../testing/golden-region.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { exampleBlock } from "../../testing/worked-example.ts";
import { checkpointTicks, type Operation, type OpjrContent, opjrCodec, progressOfUnits } from "./opjr.ts";
import type { UnusedRegion } from "./unused-region.ts";
import { retainedEpoch, type WalsContent, walsCodec } from "./wals.ts";
import { type ZnsmContent, znsmCodec } from "./znsm.ts";

const time = 638_000_000_000_000_000n;
const anySize = fc.constantFrom(512, 1024, 4096, 8192, 65_536);

const resize: Operation = {
  ...{ operationId: 1n, type: 1, state: 1, flags: 3, progressPercent: 500_000 },
  ...{ startUtcTicks: time, lastUpdateUtcTicks: time + 5n, estimatedEndTicks: 0n, sourceRegionStart: 0n, targetRegionStart: 0n },
  ...{ totalUnits: 8192n, completedUnits: 4096n, checkpointData: 4096n },
  operationPayload: Uint8Array.from({ length: 32 }, (_, index) => (index === 1 ? 0x40 : 0)),
};

describe("other regions reference 16", () => {
  const content: OpjrContent = {
    ...{ activeOperations: 1, totalOperations: 1, oldestActiveId: 1n, newestId: 1n },
    lastCheckpointUtc: BigInt.asUintN(64, (time + 5n) * 100n),
    operations: [resize],
  };
  const block = exampleBlock(
    {
      0: "4f504a52 4e4c0000 01000000 01000000",
      16: "01000000 00000000 01000000 00000000",
      32: "f401ec1d f9216775",
      64: "01000000 00000000 01010300 20a10700",
      80: "0000b3a6 9ea1da08 0500b3a6 9ea1da08",
      120: "00200000 00000000",
      128: "00100000 00000000 00100000 00000000",
      144: "00400000 00000000",
    },
    "524a504f 01000000 306494e5 fb8cdcaf",
  );
  it("is written so", () => expect(opjrCodec.write(content, 4096)).toEqual([block]));
  it("is read so", () => expect(opjrCodec.read(writtenBlocks([block]))).toMatchObject({ content, problems: [] }));
  it("keeps the time of the checkpoint, which wraps around 64 bits", () => {
    expect(checkpointTicks(content.lastCheckpointUtc)).toBe(time + 5n);
    expect(checkpointTicks(0n)).toBe(0n);
    expect(checkpointTicks(content.lastCheckpointUtc + 1n)).toBeUndefined();
  });
  it("computes progress in 64 bits that wrap", () => {
    expect(progressOfUnits(4096n, 8192n)).toBe(500_000);
    expect(progressOfUnits(9n, 0n)).toBe(0);
    expect(progressOfUnits(20_000_000_000_000n, 40_000_000_000_000n)).not.toBe(500_000);
  });
});

describe("journals of vectors-opjr-blocks", () => {
  const rows: {
    operations: number;
    blocks: number;
    generations: number[];
    header: string;
    nextId: number;
    activeOperations: number;
    firstEntryHead?: string;
  }[] = goldenJson("vectors-opjr-blocks").rows;
  const view = (hex: string) => new DataView(Uint8Array.from(Buffer.from(hex, "hex")).buffer);
  it.each(rows)(
    "of $operations operations are written so",
    ({ operations, blocks, generations, header, nextId, activeOperations, firstEntryHead }) => {
      const head = view(header);
      const all = Array.from({ length: operations }, (_, index) => ({
        ...resize,
        operationId: BigInt(index + 1),
        type: 1,
        state: 3,
        flags: 3,
        progressPercent: 0,
      }));
      const written = opjrCodec.write(
        {
          ...{
            activeOperations: head.getUint32(8, true),
            totalOperations: head.getUint32(12, true),
            oldestActiveId: head.getBigUint64(16, true),
          },
          ...{ newestId: head.getBigUint64(24, true), lastCheckpointUtc: head.getBigUint64(32, true), operations: all },
        },
        4096,
      );
      expect(written).toHaveLength(blocks);
      expect(written.map((block) => new DataView(block.buffer).getUint32(4084, true))).toEqual(generations);
      expect(toHex(written[0]?.subarray(0, 40) ?? new Uint8Array(0))).toBe(header);
      if (firstEntryHead) expect(toHex(written[0]?.subarray(64, 80) ?? new Uint8Array(0))).toBe(firstEntryHead);
      const { content } = opjrCodec.read(writtenBlocks(written));
      expect(content).toMatchObject({ totalOperations: operations, newestId: BigInt(nextId - 1), activeOperations });
      expect((content as OpjrContent).operations).toHaveLength(operations);
    },
  );
});

describe("other regions reference 14", () => {
  const row = { epochId: 5n, zoneId: 3, state: 1, flags: 2 };
  const bytes = "05000000 00000000 03000000 01000200";
  it.each(["trailers", "none"] as const)("is written and read so, framing %s", (framing) => {
    const [block = new Uint8Array(0)] = znsmCodec.write({ framing, rows: [row], ...(framing === "trailers" && { generation: 2 }) }, 4096);
    expect(toHex(block.subarray(0, 16))).toBe(bytes.replaceAll(" ", ""));
    expect(znsmCodec.read(writtenBlocks([block]))).toMatchObject({ content: { framing, rows: [row] }, problems: [] });
  });
});

describe("other regions reference 15", () => {
  const cursor = { subscriberId: 7n, lastEpoch: 3n, lastSequence: 99n, flags: 0x11n };
  it.each(["trailers", "none"] as const)("is written and read so, framing %s", (framing) => {
    const content: WalsContent = { framing, cursorCount: 1, cursors: [cursor], ...(framing === "trailers" && { generation: 2 }) };
    const [block = new Uint8Array(0)] = walsCodec.write(content, 4096);
    expect(toHex(block.subarray(0, 48))).toBe(`01${"00".repeat(15)}0700000000000000030000000000000063000000000000001100000000000000`);
    expect(walsCodec.read(writtenBlocks([block]))).toMatchObject({ content, problems: [] });
  });
  it("keeps the log from the oldest epoch of active cursors on, paused or not", () => {
    expect(retainedEpoch([cursor, { ...cursor, lastEpoch: 2n, flags: 3n }, { ...cursor, lastEpoch: 1n, flags: 2n }])).toBe(2n);
    expect(retainedEpoch([])).toBeUndefined();
  });
});

const operation = fc.record({
  ...{ operationId: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), type: anyU8, state: anyU8, flags: anyU16, progressPercent: anyU32 },
  ...{ startUtcTicks: anyU64, lastUpdateUtcTicks: anyU64, estimatedEndTicks: anyU64, sourceRegionStart: anyU64, targetRegionStart: anyU64 },
  ...{ totalUnits: anyU64, completedUnits: anyU64, checkpointData: anyU64, operationPayload: anyBytes(32) },
});
const journal = fc.record({
  blockBytes: anySize,
  content: fc.record({
    ...{ activeOperations: anyU32, totalOperations: anyU32, oldestActiveId: anyU64, newestId: anyU64, lastCheckpointUtc: anyU64 },
    operations: fc.array(operation, { maxLength: 200 }),
  }),
});
describeRegionProperties<OpjrContent | UnusedRegion>(opjrCodec, { generated: journal, write: opjrCodec.write });

const framing = fc.oneof(
  fc.constant({ framing: "none" as const }),
  anyU32.map((generation) => ({ framing: "trailers" as const, generation })),
);
const zones = fc.record({
  blockBytes: anySize,
  content: fc
    .record({
      framing,
      rows: fc.array(fc.record({ epochId: anyU64, zoneId: fc.integer({ min: 1, max: 2 ** 32 - 1 }), state: anyU16, flags: anyU16 }), {
        minLength: 1,
        maxLength: 900,
      }),
    })
    .map(({ framing: how, rows }): ZnsmContent => ({ ...how, rows })),
});
describeRegionProperties<ZnsmContent | UnusedRegion>(znsmCodec, { generated: zones, write: znsmCodec.write });

const cursors = fc.record({
  blockBytes: anySize,
  content: fc
    .record({
      framing,
      cursors: fc.array(fc.record({ subscriberId: anyU64, lastEpoch: anyU64, lastSequence: anyU64, flags: anyU64 }), {
        minLength: 1,
        maxLength: 128,
      }),
    })
    .map(({ framing: how, cursors: rows }): WalsContent => ({ ...how, cursorCount: rows.length, cursors: rows })),
});
describeRegionProperties<WalsContent | UnusedRegion>(walsCodec, { generated: cursors, write: walsCodec.write });
