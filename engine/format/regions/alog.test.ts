import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { anyBlockBytes, anyBytes, anyGuid, anyI64, anyU16, anyU32 } from "../../testing/arbitraries.ts";
import { writtenBlocks } from "../../testing/golden-region.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { exampleBlock, exampleId, exampleIdBytes } from "../../testing/worked-example.ts";
import { type AlogContent, alogCodec, auditEntry, cmalCodec } from "./alog.ts";
import type { UnusedRegion } from "./unused-region.ts";

const time = 638_000_000_000_000_000n;

describe("other regions reference 10", () => {
  const target = "11111111-2222-3333-4444-555555555555";
  const first: AlogContent["entries"][0] = {
    sequenceNumber: 0n,
    timestampUtcTicks: time,
    actorId: exampleId,
    eventType: 1,
    targetObjectId: target,
    previousEntryHash: new Uint8Array(32),
    details: new TextEncoder().encode("hi"),
  };
  const second: AlogContent["entries"][0] = {
    ...first,
    sequenceNumber: 1n,
    timestampUtcTicks: time + 10n,
    eventType: 2,
    previousEntryHash: checksum.sha256(auditEntry.encode({ ...first, detailsLength: 2 })),
    details: new Uint8Array(0),
  };
  const content: AlogContent = { generation: 7, entryCount: 2n, nextSequenceNumber: 2n, entries: [first, second] };
  const targetBytes = "11111111 2222 3333 4444555555555555";
  const block = exampleBlock(
    {
      0: "02 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00",
      24: `00 00 b3 a6 9e a1 da 08 ${exampleIdBytes} 01 00 ${targetBytes}`,
      98: "02 00 00 00 68 69",
      104: `01 00 00 00 00 00 00 00 0a 00 b3 a6 9e a1 da 08 ${exampleIdBytes} 02 00 ${targetBytes}`,
      154: "cf433283921aad9b45bfe01454825c53 85537e8a160099a76e1fa3ae8a5973fd 00000000",
    },
    "47 4f 4c 41 07 00 00 00 fe 7e 1a ed ef 94 4d 8c",
  );
  it("is written so", () => expect(alogCodec.write(content, 4096)).toEqual([block]));
  it("is read so", () => expect(alogCodec.read(writtenBlocks([block], 64))).toMatchObject({ content, problems: [] }));
  it("links a third entry by the hash of the second", () =>
    expect(toHex(checksum.sha256(auditEntry.encode({ ...second, detailsLength: 0 })))).toBe(
      "7a9220e66197b1ae76eb5c9fac1e379171c25b952502cadcdc222beb38a9b712",
    ));
  it("is what the compliance module's log holds too", () =>
    expect(cmalCodec.read(writtenBlocks([block], 64))).toMatchObject({ content, problems: [] }));
});

describe("a lost block of an audit log", () => {
  const entries = Array.from({ length: 100 }, (_, index) => ({
    sequenceNumber: BigInt(index),
    timestampUtcTicks: time,
    actorId: exampleId,
    eventType: 1,
    targetObjectId: exampleId,
    previousEntryHash: new Uint8Array(32),
    details: new Uint8Array(0),
  }));
  const written = alogCodec.write({ generation: 2, entryCount: 100n, nextSequenceNumber: 100n, entries }, 4096);
  it("leaves the entries of the others", () => {
    const { content, problems } = alogCodec.read(writtenBlocks([written[0], new Uint8Array(4096), written[2]] as Uint8Array[], 64));
    const kept = (content as AlogContent).entries.map(({ sequenceNumber }) => Number(sequenceNumber));
    expect(kept).toEqual([...Array(47).keys(), ...Array.from({ length: 6 }, (_, index) => 94 + index)]);
    expect(problems.filter(({ rule }) => rule === "alog.block-damaged")).toHaveLength(1);
  });
});

const entry = fc.record({
  sequenceNumber: anyI64,
  timestampUtcTicks: anyI64.filter((ticks) => ticks !== 0n),
  actorId: anyGuid,
  eventType: anyU16,
  targetObjectId: anyGuid,
  previousEntryHash: anyBytes(32),
  details: fc.uint8Array({ maxLength: 256 }),
});
for (const codec of [alogCodec, cmalCodec])
  describeRegionProperties<AlogContent | UnusedRegion>(codec, {
    generated: fc
      .record({
        entries: fc.array(entry, { minLength: 1, maxLength: 60, size: "max" }),
        nextSequenceNumber: anyI64,
        generation: anyU32,
        blockBytes: anyBlockBytes,
      })
      .map(({ entries, nextSequenceNumber, generation, blockBytes }) => ({
        content: { generation, entryCount: BigInt(entries.length), nextSequenceNumber, entries },
        blockBytes,
      })),
    write: codec.write,
  });
