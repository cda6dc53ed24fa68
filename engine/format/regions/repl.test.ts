import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyBlockBytes, anyGuid, anyI32, anyI64, anyTicks, anyU8, anyU16, anyU32, inSlots, newYear } from "../../testing/arbitraries.ts";
import { writtenBlocks } from "../../testing/golden-region.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { exampleBlock, exampleId, exampleIdBytes, newYearBytes } from "../../testing/worked-example.ts";
import { type ReplContent, replCodec, replicationBlocks } from "./repl.ts";

describe("core regions reference 1.6", () => {
  const content: ReplContent = {
    generation: 1,
    activeReplicaCount: 1,
    trackedBlockCount: 64,
    vectors: [{ slot: 0, replicaId: exampleId, counter: 1n, timestampUtcTicks: newYear }],
    watermarks: [
      {
        slot: 0,
        replicaId: exampleId,
        lastSyncedBlock: 10n,
        lastSyncedGeneration: 1n,
        syncTimestampUtcTicks: newYear,
        syncStatusValue: 2,
        pendingBlockCount: 0,
      },
    ],
    dirtyBlocks: [0, 7],
  };
  const blocks = [
    exampleBlock(
      {
        0: "01 00 40 00 00 00 00 00",
        8: `${exampleIdBytes} 01 00 00 00 00 00 00 00 ${newYearBytes}`,
        1032: `${exampleIdBytes} 0a00000000000000 0100000000000000 ${newYearBytes} 02 00 00 00 00 00 00 00`,
      },
      "4C504552 01000000 E91373538834182C",
    ),
    exampleBlock({ 0: "81" }, "4C504552 01000000 3206B532E08421CB"),
  ];
  it("is written so", () => expect(replCodec.write(content, 4096)).toEqual(blocks));
  it("is read so", () => expect(replCodec.read(writtenBlocks(blocks))).toMatchObject({ content, problems: [] }));
});

describe("the blocks of a replication state", () => {
  it.each([
    [0, 2],
    [1, 2],
    [32_640, 2],
    [32_641, 3],
    [2_056_320, 64],
    [2_056_321, 65],
    [2_147_483_640, 65_795],
  ])("that tracks %i blocks are %i of 4096 bytes", (tracked, blocks) => expect(replicationBlocks(tracked, 4096)).toBe(blocks));
});

const generated = fc
  .record({
    blockBytes: anyBlockBytes,
    trackedBlockCount: fc.oneof(fc.nat(300_000), fc.constantFrom(0, 1, 32_640, 32_641, 2_056_320)),
    dirty: fc.array(fc.nat(2 ** 22)),
    generation: anyU32,
    activeReplicaCount: anyU16,
    vectors: inSlots(32, fc.record({ replicaId: anyGuid, counter: anyI64, timestampUtcTicks: anyTicks })),
    watermarks: inSlots(
      32,
      fc.record({
        replicaId: anyGuid,
        lastSyncedBlock: anyI64,
        lastSyncedGeneration: anyI64,
        syncTimestampUtcTicks: anyTicks,
        syncStatusValue: anyU8,
        pendingBlockCount: anyI32,
      }),
    ),
  })
  .map(({ blockBytes, dirty, trackedBlockCount, ...rest }) => {
    const tracked = trackedBlockCount === 0 ? [] : dirty.map((each) => each % trackedBlockCount);
    return { blockBytes, content: { ...rest, trackedBlockCount, dirtyBlocks: [...new Set(tracked)].sort((a, b) => a - b) } };
  });
describeRegionProperties(replCodec, { generated, write: replCodec.write });
