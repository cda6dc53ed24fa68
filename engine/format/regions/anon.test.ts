import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checksum } from "../../base/checksum.ts";
import { anyBlockBytes, anyBytes, anyGuid, anyTicks, anyU16, anyU32 } from "../../testing/arbitraries.ts";
import { writtenBlocks } from "../../testing/golden-region.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { exampleBlock, exampleId, exampleIdBytes } from "../../testing/worked-example.ts";
import { type AnonContent, anonCodec } from "./anon.ts";
import type { UnusedRegion } from "./unused-region.ts";

describe("other regions reference 11", () => {
  const content: AnonContent = {
    generation: 7,
    mappingCount: 1,
    mappings: [
      {
        mappingId: exampleId,
        subjectId: "11111111-2222-3333-4444-555555555555",
        piiType: 1,
        piiHash: checksum.sha256(new TextEncoder().encode("abc")),
        anonymizedToken: Uint8Array.from({ length: 32 }, (_, index) => index),
        createdUtcTicks: 638_000_000_000_000_000n,
        flags: 1,
      },
    ],
  };
  const block = exampleBlock(
    {
      0: "01 00 00 00",
      16: `${exampleIdBytes} 11111111 2222 3333 4444555555555555 01 00`,
      50: "ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c b410ff61 f20015ad",
      82: "00010203 04050607 08090a0b 0c0d0e0f 10111213 14151617 18191a1b 1c1d1e1f",
      114: "00 00 b3 a6 9e a1 da 08 01 00",
    },
    "4e 4f 4e 41 07 00 00 00 93 1f 6a c0 2e 13 a3 65",
  );
  it("is written so", () => expect(anonCodec.write(content, 4096)).toEqual([block]));
  it("is read so", () => expect(anonCodec.read(writtenBlocks([block], 64))).toMatchObject({ content, problems: [] }));
});

const mapping = fc.record({
  mappingId: anyGuid,
  subjectId: anyGuid,
  piiType: anyU16,
  piiHash: anyBytes(32),
  anonymizedToken: anyBytes(32),
  createdUtcTicks: anyTicks,
  flags: anyU16,
});
describeRegionProperties<AnonContent | UnusedRegion>(anonCodec, {
  generated: fc
    .record({ mappings: fc.array(mapping, { minLength: 1, maxLength: 120, size: "max" }), generation: anyU32, blockBytes: anyBlockBytes })
    .map(({ mappings, generation, blockBytes }) => ({ content: { generation, mappingCount: mappings.length, mappings }, blockBytes })),
  write: anonCodec.write,
});
