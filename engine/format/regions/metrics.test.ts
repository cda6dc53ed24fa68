import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyBlockBytes, anyGuid, anyI64, anyTicks, anyU8, anyU16, anyU32, anyU64 } from "../../testing/arbitraries.ts";
import { writtenBlocks } from "../../testing/golden-region.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { exampleBlock, exampleId, exampleIdBytes } from "../../testing/worked-example.ts";
import { type InteContent, inteCodec } from "./inte.ts";
import { type MlogContent, mlogCodec } from "./mlog.ts";
import type { UnusedRegion } from "./unused-region.ts";

const time = 638_000_000_000_000_000n;
const timeBytes = "0000b3a69ea1da08";

describe("other regions reference 12.1", () => {
  const content: MlogContent = {
    codec: "A",
    generation: 7,
    sampleCount: 1n,
    maxCapacitySamples: 1000n,
    compactionThreshold: 0.8,
    samples: [{ metricId: 1, timestampUtcTicks: time, value: 42.5, aggregationType: 0 }],
  };
  const block = exampleBlock(
    { 0: `0100000000000000 e803000000000000 9a9999999999e93f 0000000000000000 0100 ${timeBytes} 0000000000404540 00` },
    "4b52544d 07000000 f2f30c20 acdf962e",
  );
  it("is written so", () => expect(mlogCodec.write(content, 4096)).toEqual([block]));
  it("is read so", () => expect(mlogCodec.read(writtenBlocks([block]))).toMatchObject({ content, problems: [] }));
});

describe("other regions reference 12.2", () => {
  const content: MlogContent = {
    codec: "B",
    generation: 0,
    entryCount: 2n,
    oldestTimestamp: 1000n,
    newestTimestamp: 2000n,
    metricIdCount: 2,
    retentionSecondsMod65536: 20_864,
    downsampleFactor: 60,
    entries: [
      { timestamp: 1000n, metricId: 1, value: 5n },
      { timestamp: 2000n, metricId: 17, value: 0.25 },
    ],
  };
  const block = exampleBlock(
    {
      0: "00534349 5254454d 02000000 00000000",
      16: "e8030000 00000000 d0070000 00000000",
      32: "02008051 3c00e803 00000000 00000100",
      48: "05000000 00000000 d0070000 00000000",
      64: "11000000 00000000 d03f",
    },
    "474f4c4d 00000000 aea83c17 bce5544d",
  );
  it("is written so", () => expect(mlogCodec.write(content, 4096)).toEqual([block]));
  it("is read so, with the retention that the SDK takes for stored", () =>
    expect(mlogCodec.read(writtenBlocks([block]))).toMatchObject({
      content,
      sdkReads: { retentionSeconds: 3_953_024, downsampleFactor: 60 },
      problems: [],
    }));
});

describe("other regions reference 13", () => {
  const content: InteContent = {
    generation: 7,
    entryCount: 1,
    entries: [
      {
        ...{ objectId: exampleId, classificationId: 42 },
        ...{ confidenceScore: Math.fround(0.95), heatScore: Math.fround(0.8), tierAssignment: 0 },
        ...{ lastClassifiedUtcTicks: time, lastAccessedUtcTicks: time + 1n },
      },
    ],
  };
  const block = exampleBlock(
    { 0: "01000000", 16: `${exampleIdBytes} 2a00 3333733f cdcc4c3f 00 ${timeBytes} 0100b3a69ea1da08` },
    "45544e49 07000000 17330dce f72c4ac9",
  );
  it("is written so", () => expect(inteCodec.write(content, 4096)).toEqual([block]));
  it("is read so", () => expect(inteCodec.read(writtenBlocks([block]))).toMatchObject({ content, problems: [] }));
});

const anyDouble = fc.oneof(fc.double(), fc.constantFrom(0, 1, 0.5));
const samples = fc.record({
  blockBytes: anyBlockBytes,
  content: fc
    .record({
      ...{ codec: fc.constant("A" as const), generation: anyU32, maxCapacitySamples: anyI64, compactionThreshold: anyDouble },
      samples: fc.array(fc.record({ metricId: anyU16, timestampUtcTicks: anyTicks, value: anyDouble, aggregationType: anyU8 }), {
        maxLength: 700,
      }),
    })
    .map((content): MlogContent => ({ ...content, sampleCount: BigInt(content.samples.length) })),
});
const metricEntry = anyU16.chain((metricId) =>
  fc.record({
    timestamp: anyU64,
    metricId: fc.constant(metricId),
    value: [0x11, 0x12, 0x20, 0x21].includes(metricId) ? anyDouble : (anyI64 as fc.Arbitrary<number | bigint>),
  }),
);
const entries = fc.record({
  blockBytes: anyBlockBytes,
  content: fc
    .record({
      ...{ codec: fc.constant("B" as const), generation: anyU32, oldestTimestamp: anyU64, newestTimestamp: anyU64 },
      ...{ metricIdCount: anyU16, retentionSecondsMod65536: anyU16, downsampleFactor: anyU16 },
      entries: fc.array(fc.oneof(metricEntry, fc.record({ timestamp: anyU64, metricId: fc.constant(0x11), value: anyDouble })), {
        maxLength: 700,
      }),
    })
    .map((content): MlogContent => ({ ...content, entryCount: BigInt(content.entries.length) })),
});
describeRegionProperties<MlogContent | UnusedRegion>(mlogCodec, { generated: fc.oneof(samples, entries), write: mlogCodec.write });

const anyFloat = fc.float();
const cache = fc.record({
  blockBytes: anyBlockBytes,
  content: fc
    .record({
      generation: anyU32,
      entries: fc.array(
        fc.record({
          ...{ objectId: anyGuid, classificationId: anyU16, confidenceScore: anyFloat, heatScore: anyFloat, tierAssignment: anyU8 },
          ...{ lastClassifiedUtcTicks: anyTicks, lastAccessedUtcTicks: anyTicks },
        }),
        { maxLength: 300 },
      ),
    })
    .filter(({ generation, entries: { length } }) => generation !== 1 || length > 0)
    .map((content): InteContent => ({ ...content, entryCount: content.entries.length })),
});
describeRegionProperties<InteContent | UnusedRegion>(inteCodec, { generated: cache, write: inteCodec.write });
