import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalBytes } from "../../base/bytes.ts";
import type { Struct } from "../../base/struct/index.ts";
import { EngineError } from "../../errors/engine-error.ts";
import * as core from "./index.ts";

interface Subject {
  structure: Struct<unknown>;
  byteLength: number;
  /** The one byte that is stored as 0 or 1 whatever was read: anything but 0 is true. */
  truthAt?: number;
}
const subject = (structure: unknown, byteLength?: number, truthAt?: number): [string, Subject] => {
  const { name, byteLength: fixed } = structure as Struct<unknown>;
  const length = byteLength ?? fixed;
  if (length === undefined) throw new TypeError(`${name} needs a length`);
  return [
    `${name} of ${length} bytes`,
    { structure: structure as Struct<unknown>, byteLength: length, ...(truthAt !== undefined && { truthAt }) },
  ];
};

const subjects: [string, Subject][] = [
  ...[core.superblock, core.regionTable, core.extendedMetadata, core.integrityAnchor, core.regionDirectoryHeader].flatMap((structure) => [
    subject(structure, 4096),
    subject(structure, 8192),
  ]),
  ...[core.extentTreeNode, core.inodeLayoutBlock, core.indirectionTable, core.migrationCheckpoint].map((structure) =>
    subject(structure, 4096),
  ),
  subject(core.emergencyRecoveryBlock, 4096),
  subject(core.emergencyRecoveryBlock14, 4096),
  subject(core.paddingClaimScratch, 4096),
  subject(core.walHeader, undefined, 82),
  subject(core.walHeaderBlock, 4096, 82),
  subject(core.blockTrailer),
  subject(core.magicSignature),
  subject(core.formatVersionInfo),
  subject(core.regionPointer),
  subject(core.moduleFieldEntry),
  subject(core.inodeExtent),
  subject(core.inodeCore),
  subject(core.inodeV2(384, 52)),
  subject(core.inodeV2(1216, 7)),
  subject(core.compactInode),
  subject(core.extendedInode),
  subject(core.preambleHeader),
  subject(core.polymorphicRaid),
  subject(core.spatioTemporalExtent),
  subject(core.failoverState),
  subject(core.recoveryPointMarker),
  subject(core.healthMetadata),
];

/** Bytes from a seed: long runs of zeros, of ones and of anything, so that counts, flags and signs all come up. */
const noise = (byteLength: number): fc.Arbitrary<Uint8Array> =>
  fc.array(fc.tuple(fc.constantFrom(0x00, 0xff, undefined), fc.integer({ min: 1, max: 97 }), fc.nat(255)), { minLength: 1 }).map((runs) => {
    const bytes = new Uint8Array(byteLength);
    for (let at = 0, turn = 0; at < byteLength; turn++) {
      const [fill, length, seed] = runs[turn % runs.length] ?? [0, 1, 0];
      for (const end = Math.min(byteLength, at + length); at < end; at++) bytes[at] = fill ?? seed * (at + turn + 1) + (at >> 3);
    }
    return bytes;
  });
const runs = { numRuns: 40 };

describe.each(subjects)("%s", (_, { structure, byteLength, truthAt }) => {
  it("gives back the bytes it was read from, whatever they are", () => {
    fc.assert(
      fc.property(noise(byteLength), (bytes) => {
        if (truthAt !== undefined) bytes[truthAt] = bytes[truthAt] ? 1 : 0;
        const again = structure.encode(structure.parse(bytes), { byteLength, checksums: "keep" });
        expect(equalBytes(again, bytes)).toBe(true);
      }),
      runs,
    );
  });
  it("annotates every byte of any length exactly once", () => {
    fc.assert(
      fc.property(noise(byteLength), fc.nat(byteLength), fc.bigInt({ min: 0n, max: 2n ** 62n }), (bytes, length, base) => {
        let at = base;
        for (const row of structure.annotate(bytes.subarray(0, length), base)) {
          expect(row.start).toBe(at);
          at = row.end;
        }
        expect(at).toBe(base + BigInt(length));
      }),
      runs,
    );
  });
  it("is refused by a strict reader, if at all, by a code and a byte inside it", () => {
    fc.assert(
      fc.property(noise(byteLength), fc.nat(byteLength), (bytes, length) => {
        try {
          structure.decode(bytes.subarray(0, length), 1_000_000n);
        } catch (error) {
          if (!(error instanceof EngineError)) throw error;
          const { at } = error.data as { at: bigint };
          expect(at >= 1_000_000n && at <= 1_000_000n + BigInt(length)).toBe(true);
        }
      }),
      runs,
    );
  });
  it("says where its fields of fixed place are, one behind the other", () => {
    const annotated = structure.annotate(new Uint8Array(byteLength));
    for (const field of structure.fields) {
      if (field.offset === undefined || field.path.includes("[")) continue;
      const first = annotated.find((row) => row.path === field.path || row.path.startsWith(`${field.path}[0]`));
      if (first) expect(first.start, field.path).toBe(BigInt(field.offset));
    }
  });
});

const i64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const count = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const time = fc.bigInt({ min: 0n, max: 3_155_378_975_999_999_999n });
const u32 = fc.nat(0xffff_ffff);
const extent = fc.record({ startBlock: count, blockCount: fc.nat(0x7fff_ffff), flags: u32, logicalOffset: count });

describe("a value within the ranges", () => {
  const round = <T>(structure: Struct<T>, values: fc.Arbitrary<T>, byteLength?: number) =>
    fc.assert(
      fc.property(values, (value) => {
        expect(structure.decode(structure.encode(value, byteLength ? { byteLength } : {}))).toEqual(value);
      }),
      runs,
    );
  it("of a region pointer comes back from its bytes", () =>
    round(core.regionPointer, fc.record({ regionTypeId: u32, flags: fc.nat(0x3f), startBlock: i64, blockCount: i64, usedBlocks: i64 })));
  it("of an extent comes back from its bytes", () => round(core.inodeExtent, extent));
  it("of a log header comes back from its bytes", () =>
    round(
      core.walHeader,
      fc.record({
        type: fc.nat(1),
        version: fc.constant(1),
        sequenceStart: i64,
        sequenceEnd: i64,
        headOffset: i64,
        tailOffset: i64,
        totalEntries: i64,
        maxBlocks: i64,
        usedBlocks: i64,
        createdTimestampUtc: time,
        lastCheckpointTimestamp: time,
        checkpointInterval: fc.constantFrom(1024, 4096),
        isClean: fc.boolean(),
      }),
    ));
  it("of an inode comes back from its bytes", () =>
    round(
      core.inodeV2(384, 52),
      fc.record({
        inodeNumber: i64,
        type: fc.nat(3),
        flags: fc.nat(15),
        permissions: fc.nat(0xffff),
        linkCount: fc.integer(),
        ownerId: fc.uuid(),
        size: count,
        allocatedSize: i64,
        createdUtc: time,
        modifiedUtc: time,
        accessedUtc: time,
        changedUtc: time,
        extentCount: fc.nat(8),
        extents: fc.array(extent, { minLength: 8, maxLength: 8 }),
        indirectExtentBlock: i64,
        doubleIndirectBlock: i64,
        extendedAttributeBlock: i64,
        moduleFieldData: fc.uint8Array({ minLength: 28, maxLength: 28 }),
      }),
    ));
});
