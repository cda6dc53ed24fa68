import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyBlockBytes, anyGuid, anyI32, anyI64, anyTicks, anyU8, anyU32, inSlots } from "../../testing/arbitraries.ts";
import { writtenBlocks } from "../../testing/golden-region.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { exampleBlock, exampleId, exampleIdBytes } from "../../testing/worked-example.ts";
import { type RaidContent, raidCodec } from "./raid.ts";

describe("core regions reference 2.6", () => {
  const content: RaidContent = {
    generation: 1,
    strategy: 3,
    stripeSize: 128,
    dataShardCount: 3,
    parityShardCount: 1,
    activeShardCount: 1,
    parityDescCount: 1,
    rebuildCount: 0,
    shards: [{ slot: 0, deviceId: exampleId, startBlock: 0n, blockCount: 1000n, status: 0, stripeIndex: 0 }],
    parityLayout: [{ stripeGroupIndex: 0, parityShardIndex: 3, parityTypeValue: 0 }],
    rebuilds: [],
  };
  const blocks = [
    exampleBlock(
      {
        0: "03 80 00 00 00 03 01 01 01 00 00 00 00 00 00 00",
        16: `${exampleIdBytes} 0000000000000000 E803000000000000 00000000 00000000`,
      },
      "44494152 01000000 98C219BFE1AFEF5E",
    ),
    exampleBlock({ 0: "00 00 00 00 03 00 00 00 00 00 00 00" }, "44494152 01000000 5D6BF477CCB036E4"),
  ];
  it("is written so", () => expect(raidCodec.write(content, 4096)).toEqual(blocks));
  it("is read so", () => expect(raidCodec.read(writtenBlocks(blocks)).content).toEqual(content));
});

describe("a rebuild in a slot that is not the first", () => {
  const rebuild = {
    slot: 2,
    deviceId: exampleId,
    totalBlocks: 10n,
    completedBlocks: 1n,
    lastRebuiltBlock: 0n,
    startTimeUtcTicks: 1n,
    lastUpdateUtcTicks: 2n,
    statusValue: 1,
    errorCount: 0,
  };
  const content: RaidContent = {
    generation: 1,
    strategy: 0,
    stripeSize: 1,
    dataShardCount: 0,
    parityShardCount: 0,
    activeShardCount: 0,
    parityDescCount: 0,
    rebuildCount: 1,
    shards: [],
    parityLayout: [],
    rebuilds: [rebuild],
  };
  it("is found, and the SDK's reader does not find it (2.4)", () => {
    const read = raidCodec.read(writtenBlocks(raidCodec.write(content, 4096)));
    expect(read.content?.rebuilds).toEqual([rebuild]);
    expect(read.sdkReads).toMatchObject({ rebuilds: [] });
  });
});

const generated = fc
  .record({
    blockBytes: anyBlockBytes,
    content: fc.record({
      generation: anyU32,
      strategy: anyU8,
      stripeSize: anyI32,
      dataShardCount: anyU8,
      parityShardCount: anyU8,
      activeShardCount: anyU8,
      rebuildCount: anyU8,
      shards: inSlots(64, fc.record({ deviceId: anyGuid, startBlock: anyI64, blockCount: anyI64, status: anyU8, stripeIndex: anyI32 })),
      parityLayout: fc.array(fc.record({ stripeGroupIndex: anyI32, parityShardIndex: anyI32, parityTypeValue: anyU8 }), { maxLength: 256 }),
      rebuilds: inSlots(
        4,
        fc.record({
          deviceId: anyGuid,
          totalBlocks: anyI64,
          completedBlocks: anyI64,
          lastRebuiltBlock: anyI64,
          startTimeUtcTicks: anyTicks,
          lastUpdateUtcTicks: anyTicks,
          statusValue: anyU8,
          errorCount: anyI32,
        }),
      ),
    }),
  })
  .map(({ blockBytes, content }) => ({ blockBytes, content: { ...content, parityDescCount: content.parityLayout.length } }));
describeRegionProperties(raidCodec, { generated, write: raidCodec.write });
