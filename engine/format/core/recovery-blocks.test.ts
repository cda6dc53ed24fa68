import { describe, expect, it } from "vitest";
import { equalBytes, fromHex, toHex, viewOf } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { type Json, toJson } from "../../base/json.ts";
import type { Struct } from "../../base/struct/index.ts";
import { goldenJson } from "../../testing/golden.ts";
import { judgeTrailer } from "./block-trailer.ts";
import {
  emergencyRecoveryBlock,
  emergencyRecoveryBlock14,
  indirectionTable,
  migrationCheckpoint,
  preambleHeader,
} from "./recovery-blocks.ts";
import { failoverState, healthMetadata, polymorphicRaid, recoveryPointMarker, spatioTemporalExtent } from "./unplaced-structures.ts";

interface Vector {
  struct: string;
  what?: string;
  blockSize: number;
  payloadHex: string;
  trailerHex: string;
  hex: string;
  hexUpToLastNonZero: string;
  checksumHex: string;
  mappingCount: number;
  hmacKey: string;
  exception?: string;
  fields: Record<string, unknown> & Json[];
}
const vectors = goldenJson("vectors-recovery").cases as Vector[];
const only = (name: string): (readonly [string, Vector])[] =>
  vectors.filter((vector) => vector.struct === name).map((vector, index) => [vector.what ?? `vector ${index}`, vector] as const);

function blockOf({ blockSize, payloadHex, trailerHex }: Vector): Uint8Array {
  const block = new Uint8Array(blockSize);
  block.set(fromHex(payloadHex));
  block.set(fromHex(trailerHex), blockSize - 16);
  return block;
}

function expectExact<T>(structure: Struct<T>, block: Uint8Array, fields: object): T {
  const value = structure.decode(block);
  expect(toJson(value)).toMatchObject(fields);
  expect(equalBytes(structure.encode(value, { byteLength: block.length }), block)).toBe(true);
  return value;
}

describe("the emergency recovery blocks", () => {
  it.each(only("emergencyRecoveryBlock9"))("of block 9 read as by the SDK and encode back: %s", (_, vector) => {
    expectExact(emergencyRecoveryBlock, blockOf(vector), vector.fields);
    expect(judgeTrailer(blockOf(vector))).toMatchObject({ tag: "ERCV", generationNumber: 1 });
  });
  it.each(only("emergencyRecoveryBlock14"))("of block 14 read as by the SDK and encode back: %s", (_, vector) => {
    const block = blockOf(vector);
    const { recoveryHMAC } = expectExact(emergencyRecoveryBlock14, block, vector.fields);
    expect(recoveryHMAC).toEqual(checksum.hmacSha256(fromHex(vector.hmacKey), block.subarray(0, 0x29c)));
    expect(judgeTrailer(block)).toMatchObject({ tag: "RCVR", generationNumber: 0 });
  });
  it("are refused without their magic", () => {
    expect(() => emergencyRecoveryBlock.decode(new Uint8Array(4096))).toThrowError(expect.objectContaining({ code: "CONSTANT_MISMATCH" }));
    expect(() => emergencyRecoveryBlock14.decode(new Uint8Array(4096))).toThrowError(
      expect.objectContaining({ code: "CONSTANT_MISMATCH" }),
    );
  });
});

describe("the recovery footer", () => {
  it.each(only("recoveryFooter"))("is a superblock's payload under a SUPB trailer that verifies: %s", (_, vector) => {
    const { tag, verified, generationNumber } = judgeTrailer(blockOf(vector));
    expect(verified && tag === "SUPB").toBe(vector.exception === undefined);
    if (!vector.exception) expect(generationNumber).toBe(vector.fields.generation);
  });
});

describe("the inode migration checkpoint", () => {
  it.each(only("migrationCheckpoint").filter(([, vector]) => vector.fields))("reads as by the SDK and encodes back: %s", (_, vector) => {
    expectExact(migrationCheckpoint, blockOf(vector), vector.fields);
  });
  it("with a wrong checksum is refused", () => {
    const torn = blockOf((only("migrationCheckpoint")[0] as readonly [string, Vector])[1]);
    torn[33] = (torn[33] ?? 0) ^ 1;
    expect(() => migrationCheckpoint.decode(torn)).toThrowError(
      expect.objectContaining({ code: "CHECKSUM_MISMATCH", data: expect.objectContaining({ at: 90n }) }),
    );
  });
});

describe("the table of moved blocks", () => {
  interface Row {
    blockSize?: number;
    mappings: number;
    rule: string;
    entryCountField: number;
    mappingsReadBack: number;
    checksum?: string;
    blockSha256: string;
    damage?: string;
  }
  const rows = goldenJson("vectors-indr").rows as Row[];
  const madeOf = ({ blockSize = 4096, mappings, rule, mappingsReadBack, entryCountField }: Row): Uint8Array => {
    const far = rule.startsWith("logical i ");
    const pairs = Array.from({ length: mappingsReadBack }, (_, index) => ({
      logicalBlock: BigInt(far ? index : 5000 + 7 * index),
      physicalBlock: BigInt(far ? index + 9000 : 1200 + index),
    }));
    expect(Math.min(mappings, Math.floor((blockSize - 24) / 16))).toBe(mappingsReadBack);
    const value = { magic: new TextEncoder().encode("INDR"), version: 1, mappingCount: entryCountField, mappings: pairs, checksum: 0n };
    return indirectionTable.encode(value, { byteLength: blockSize });
  };
  it.each(rows.filter((row) => row.rule).map((row) => [`${row.mappings} in ${row.blockSize} bytes`, row] as const))(
    "is written and read as by the SDK: %s",
    (_, row) => {
      const block = madeOf(row);
      expect(toHex(checksum.sha256(block))).toBe(row.blockSha256);
      if (row.checksum) expect(toHex(block.subarray(-8))).toBe(row.checksum);
      expect(indirectionTable.decode(block).mappings).toHaveLength(row.mappingsReadBack);
    },
  );
  it.each([
    ["wrong magic", [0, 0x58], "CONSTANT_MISMATCH"],
    ["version 2", [4, 2], "VALUE_OUT_OF_RANGE"],
    ["one mapping byte flipped", [16, 0xff], "CHECKSUM_MISMATCH"],
    ["a negative count", [9, 0x80], "VALUE_OUT_OF_RANGE"],
  ] as const)("that the SDK reads as empty is refused: %s", (_, [at, value], code) => {
    const block = madeOf(rows[2] as Row);
    block[at] = value;
    expect(() => indirectionTable.decode(block)).toThrowError(expect.objectContaining({ code }));
  });
  it.each(only("indirectionTable"))("of the recovery vectors reads as by the SDK: %s", (what, vector) => {
    const block = new Uint8Array(vector.blockSize);
    block.set(fromHex(vector.hexUpToLastNonZero));
    block.set(fromHex(vector.checksumHex), vector.blockSize - 8);
    if (/^version|^checksum/.test(what)) expect(() => indirectionTable.decode(block)).toThrow();
    else {
      const { mappings } = indirectionTable.decode(block);
      expect(mappings).toHaveLength(vector.mappingCount);
      if (vector.fields) expect(toJson(mappings)).toEqual(vector.fields);
    }
  });
});

describe("the preamble header", () => {
  interface Header {
    what?: string;
    hex?: string;
    exception?: string;
    fields?: Record<string, unknown>;
    parsedFlags?: number;
    architecture?: number;
  }
  const headers = (goldenJson("vectors-preamble").cases as Header[])
    .filter((header): header is Header & { hex: string } => header.hex !== undefined)
    .map((header, index) => [header.what ?? `vector ${index}`, header] as const);
  it.each(headers.filter(([, header]) => header.fields))("reads as by the SDK and encodes back: %s", (_, header) => {
    const bytes = fromHex(header.hex);
    const value = preambleHeader.decode(bytes);
    const headerChecksum = viewOf(value.headerChecksum).getBigUint64(0, true);
    expect(toJson({ ...value, headerChecksum })).toEqual(header.fields);
    expect(toHex(preambleHeader.encode(value))).toBe(header.hex);
    if (header.parsedFlags !== undefined)
      expect([value.flags & 7, (value.flags >> 3) & 7]).toEqual([header.parsedFlags, header.architecture]);
  });
  it.each(headers.filter(([, header]) => header.exception))("is refused where the SDK refuses it: %s", (_, header) => {
    expect(() => preambleHeader.decode(fromHex(header.hex))).toThrowError(expect.objectContaining({ code: "CHECKSUM_MISMATCH" }));
  });
  it("names flags and architecture", () => {
    const text = (hex: string) => preambleHeader.annotate(fromHex(hex)).find((row) => row.path === "flags")?.text;
    const at = headers.findIndex(([, header]) => header.fields?.flags === 9);
    expect(text((headers[at] as (typeof headers)[number])[1].hex)).toBe("0x9 · compressed · AArch64");
  });
});

describe("structures that no code places in a volume", () => {
  const placed: Record<string, Struct<never>> = {
    failoverState,
    recoveryPointMarker,
    healthMetadata,
    polymorphicRaid,
    spatioTemporalExtent,
  } as unknown as Record<string, Struct<never>>;
  const records = [...vectors, ...(goldenJson("vectors-module-structs").cases as Vector[])].filter((vector) => placed[vector.struct]);
  it.each(records.filter((vector) => vector.fields).map((vector) => [vector.struct, vector] as const))(
    "read as by the SDK and encode back: %s",
    (name, { hex, fields }) => {
      const structure = placed[name] as Struct<never>;
      expect(toJson(structure.parse(fromHex(hex)))).toMatchObject(fields);
      expect(toHex(structure.encode(structure.parse(fromHex(hex))))).toBe(hex);
      expect(structure.byteLength).toBe(hex.length / 2);
    },
  );
  it.each(records.filter((vector) => vector.exception).map((vector) => [vector.struct, vector] as const))(
    "are refused where the SDK refuses them: %s",
    (name, { hex }) => {
      expect(() => (placed[name] as Struct<never>).decode(fromHex(hex))).toThrowError(
        expect.objectContaining({ code: "CONSTANT_MISMATCH" }),
      );
    },
  );
});
