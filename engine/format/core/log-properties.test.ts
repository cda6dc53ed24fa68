import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Struct } from "../../base/struct/index.ts";
import { anyBytes, anyI32, anyI64 } from "../../testing/arbitraries.ts";
import { commitMark, completionMark, generalLogEntry, generalLogHeader, generalLogMagic, logEntry, logMarker } from "./index.ts";

const image = fc.integer({ min: 0, max: 300 }).chain(anyBytes);
const values: Readonly<Record<string, fc.Arbitrary<Record<string, unknown>>>> = {
  LogEntry: fc.tuple(anyI64, image).map(([targetBlock, bytes]) => ({ targetBlock, dataLength: bytes.length, image: bytes })),
  LogMarker: fc.record({ kind: fc.constantFrom(commitMark, completionMark), sequence: anyI64, entryCount: anyI32 }),
  GeneralLogHeader: fc.record({
    magic: fc.constant(generalLogMagic),
    headBlock: anyI64,
    tailBlock: anyI64,
    nextSequenceNumber: anyI64,
    lastCheckpointSequence: anyI64,
    nextTransactionId: anyI64,
  }),
  GeneralLogEntry: fc
    .tuple(anyI64, anyI64, fc.integer({ min: 1, max: 8 }), anyI64, image, image)
    .map(([sequenceNumber, transactionId, type, targetBlockNumber, beforeImage, afterImage]) => ({
      sequenceNumber,
      transactionId,
      type,
      targetBlockNumber,
      dataLength: beforeImage.length + afterImage.length,
      beforeLength: beforeImage.length,
      afterLength: afterImage.length,
      beforeImage,
      afterImage,
    })),
};

describe.each([logEntry, logMarker, generalLogHeader, generalLogEntry] as unknown as Struct<Record<string, unknown>>[])(
  "$name",
  (structure) => {
    const value = values[structure.name] ?? fc.constant({});
    it("decodes to what was encoded", () => {
      fc.assert(
        fc.property(value, (held) => {
          const { checksum: _, ...decoded } = structure.decode(structure.encode({ ...held, checksum: 0n }));
          expect(decoded).toEqual(held);
        }),
      );
    });
    it("annotates any bytes, each exactly once", () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
          let at = 0n;
          for (const row of structure.annotate(bytes)) {
            expect(row.start).toBe(at);
            at = row.end;
          }
          expect(at).toBe(BigInt(bytes.length));
        }),
      );
    });
  },
);
