import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checksum } from "../../base/checksum.ts";
import { anyBlockBytes, anyBytes, anyI32, anyI64, anyTicks, anyU32 } from "../../testing/arbitraries.ts";
import { writtenBlocks } from "../../testing/golden-region.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { exampleBlock } from "../../testing/worked-example.ts";
import type { UnusedRegion } from "./unused-region.ts";
import { type WormContent, wormCodec } from "./worm.ts";

const time = 638_000_000_000_000_000n;

describe("other regions reference 8", () => {
  const content: WormContent = {
    generation: 7,
    highWaterMark: 1n,
    totalCapacityBlocks: 1000n,
    retentionPeriodTicks: 0n,
    createdUtcTicks: time,
    writeLogCount: 1,
    writeLog: [{ blockIndex: 0n, timestampUtcTicks: time, dataLength: 3, contentHash: checksum.sha256(new TextEncoder().encode("abc")) }],
  };
  const block = exampleBlock(
    {
      0: "01 00 00 00 00 00 00 00 e8 03 00 00 00 00 00 00",
      24: "00 00 b3 a6 9e a1 da 08 01 00 00 00",
      48: "00 00 b3 a6 9e a1 da 08 03 00 00 00",
      60: "ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c b410ff61 f20015ad",
    },
    "4d 52 4f 57 07 00 00 00 1c 6f 87 0f 11 55 62 f5",
  );
  it("is written so", () => expect(wormCodec.write(content, 4096)).toEqual([block]));
  it("is read so", () => expect(wormCodec.read(writtenBlocks([block], 64))).toMatchObject({ content, problems: [] }));
});

const write = fc.record({ blockIndex: anyI64, timestampUtcTicks: anyTicks, dataLength: anyI32, contentHash: anyBytes(32) });
describeRegionProperties<WormContent | UnusedRegion>(wormCodec, {
  generated: fc
    .record({
      writeLog: fc.array(write, { minLength: 1, maxLength: 170, size: "max" }),
      header: fc.record({
        generation: anyU32,
        highWaterMark: anyI64,
        totalCapacityBlocks: anyI64,
        retentionPeriodTicks: anyI64,
        createdUtcTicks: anyTicks,
      }),
      blockBytes: anyBlockBytes,
    })
    .map(({ writeLog, header, blockBytes }) => ({ content: { ...header, writeLogCount: writeLog.length, writeLog }, blockBytes })),
  write: wormCodec.write,
});
