import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyBlockBytes, anyI32, anyI64, anyU32 } from "../../testing/arbitraries.ts";
import { writtenBlocks } from "../../testing/golden-region.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { exampleBlock } from "../../testing/worked-example.ts";
import { type StreContent, streCodec } from "./stre.ts";
import type { UnusedRegion } from "./unused-region.ts";

describe("other regions reference 7", () => {
  const content: StreContent = {
    generation: 7,
    maxCapacityBlocks: 256n,
    allocatedBlocks: 16n,
    writeHead: 20n,
    readTail: 5n,
    entryCount: 15n,
    growthIncrement: 16,
  };
  const block = exampleBlock(
    { 0: "00 01", 8: "10", 16: "14", 24: "05", 32: "0f", 40: "10 00 00 00" },
    "45 52 54 53 07 00 00 00 34 b5 a8 c1 0b e3 16 6c",
  );
  it("is written so", () => expect(streCodec.write(content, 4096)).toEqual([block]));
  it("is read so", () => expect(streCodec.read(writtenBlocks([block], 257))).toMatchObject({ content, problems: [] }));
  it("is not initialised by the creator", () =>
    expect(streCodec.read(writtenBlocks([new Uint8Array(4096)], 128))).toMatchObject({
      content: { state: "notInitialised" },
      sdkReads: "InvalidDataException: Streaming Append Region block trailer verification failed.",
    }));
});

describeRegionProperties<StreContent | UnusedRegion>(streCodec, {
  generated: fc.record({
    content: fc.record({
      generation: anyU32,
      maxCapacityBlocks: anyI64.filter((value) => value !== 0n),
      allocatedBlocks: anyI64,
      writeHead: anyI64,
      readTail: anyI64,
      entryCount: anyI64,
      growthIncrement: anyI32,
    }),
    blockBytes: anyBlockBytes,
  }),
  write: streCodec.write,
});
