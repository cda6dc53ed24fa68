import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checksum } from "../../base/checksum.ts";
import { anyBlockBytes, anyBytes, anyI32, anyI64, anyTicks, anyU16, anyU32 } from "../../testing/arbitraries.ts";
import { writtenBlocks } from "../../testing/golden-region.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { exampleBlock } from "../../testing/worked-example.ts";
import { type DictContent, dictCodec } from "./dict.ts";
import type { UnusedRegion } from "./unused-region.ts";

const abc = checksum.sha256(new TextEncoder().encode("abc"));

describe("other regions reference 4", () => {
  const content: DictContent = {
    generation: 7,
    dictionaryCount: 1,
    dictionaries: [
      {
        dictId: 1,
        algorithmId: 0,
        blockOffset: 200n,
        blockCount: 3,
        dictionarySizeBytes: 12_000,
        trainedUtcTicks: 638_000_000_000_000_000n,
        sampleCount: 1000n,
        contentHash: abc,
      },
    ],
  };
  const block = exampleBlock(
    {
      0: "01 00 00 00",
      16: "01 00 00 00 c8 00 00 00 00 00 00 00 03 00 00 00 e0 2e 00 00 00 00 b3 a6 9e a1 da 08 e8 03 00 00 00 00 00 00",
      52: "ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c b410ff61 f20015ad",
    },
    "54 43 49 44 07 00 00 00 cf 66 ae aa 38 47 52 0c",
  );
  it("is written so", () => expect(dictCodec.write(content, 4096)).toEqual([block]));
  it("is read so", () => expect(dictCodec.read(writtenBlocks([block], 64))).toMatchObject({ content, problems: [] }));
  it("holds at most 256 dictionaries", () => {
    const dictionaries = Array.from({ length: 257 }, () => content.dictionaries[0] as DictContent["dictionaries"][0]);
    expect(() => dictCodec.write({ ...content, dictionaries }, 4096)).toThrow(RangeError);
  });
});

describe("what the SDK's reader makes of ids", () => {
  const read = (ids: number[]) => {
    const dictionaries = ids.map((dictId, index) => ({
      dictId,
      algorithmId: 0,
      blockOffset: BigInt(index + 1),
      blockCount: 1,
      dictionarySizeBytes: 1,
      trainedUtcTicks: 0n,
      sampleCount: 0n,
      contentHash: abc,
    }));
    return dictCodec.read(writtenBlocks(dictCodec.write({ generation: 2, dictionaryCount: ids.length, dictionaries }, 4096), 64));
  };
  const seen = (ids: number[]) => {
    const { sdkReads } = read(ids);
    return (sdkReads as { dictionaries: DictContent["dictionaries"] } | undefined)?.dictionaries.map(({ dictId, blockOffset }) => [
      dictId,
      blockOffset,
    ]);
  };
  it("nothing else where they ascend", () => expect(seen([0, 1, 255])).toBeUndefined());
  it("without those from 256 on", () => expect(seen([0, 256])).toEqual([[0, 1n]]));
  it("the last of those that are equal, in order", () =>
    expect(seen([3, 1, 3])).toEqual([
      [1, 2n],
      [3, 3n],
    ]));
});

const dictionary = fc.record({
  dictId: anyU16,
  algorithmId: anyU16,
  blockOffset: anyI64,
  blockCount: anyI32,
  dictionarySizeBytes: anyI32,
  trainedUtcTicks: anyTicks,
  sampleCount: anyI64,
  contentHash: anyBytes(32),
});
describeRegionProperties<DictContent | UnusedRegion>(dictCodec, {
  generated: fc
    .record({
      dictionaries: fc.array(dictionary, { minLength: 1, maxLength: 256, size: "max" }),
      generation: anyU32,
      blockBytes: anyBlockBytes,
    })
    .map(({ dictionaries, generation, blockBytes }) => ({
      content: { generation, dictionaryCount: dictionaries.length, dictionaries },
      blockBytes,
    })),
  write: dictCodec.write,
});
