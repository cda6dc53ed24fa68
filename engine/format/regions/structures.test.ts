import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalBytes, isAllZero, toHex } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { toJson } from "../../base/json.ts";
import { anyI32, anyI64, anyText, anyU8 } from "../../testing/arbitraries.ts";
import { goldenDifferences } from "../../testing/compare-golden.ts";
import { goldenBytes, goldenJson, goldenNames } from "../../testing/golden.ts";
import { blocksOf, writtenBlocks } from "../../testing/golden-region.ts";
import { coverageFault, describeRegionProperties } from "../../testing/region-properties.ts";
import { type ColrContent, chunkData, colrCodec } from "./colr.ts";
import { decodeChunk } from "./colr-chunk.ts";
import { structureCodecs } from "./index.ts";
import { type MvccContent, mostVersionBytes, mvccCodec, versionData } from "./mvcc.ts";
import { isUnused } from "./unused-region.ts";
import { type ZmapContent, zmapCodec } from "./zmap.ts";

describe.each(goldenNames(/^placed-(zmap|mvcc)-/, { ending: ".dwvd.gz" }))("structures of %s", (name) => {
  const golden = goldenJson(name);
  const image = goldenBytes(name);
  const placed = Object.entries(golden.structures as Record<string, { startBlock: number; blockCount: number; content: object }>);
  const held = placed.map(([kind, { startBlock, blockCount, content }]) => ({
    kind,
    content,
    blocks: blocksOf(image, golden.expect.superblock.blockSize, startBlock, blockCount),
  }));
  it("hold the content that the golden expects", () => {
    for (const { kind, content, blocks } of held) {
      const read = structureCodecs.get(kind)?.read(blocks, { totalBlocks: BigInt(golden.expect.superblock.totalBlocks) });
      expect(goldenDifferences(toJson(read?.content ?? null), content), kind).toEqual([]);
      const wanted = golden.sdkReads?.[kind];
      if (wanted) expect(goldenDifferences(toJson(read?.sdkReads ?? null), wanted), kind).toEqual([]);
      const rules = (read?.problems ?? []).map(({ rule }) => rule).filter((rule) => rule !== "zmap.sdk-loads-first");
      expect([...new Set(rules)], kind).toEqual(golden.findings.length > 0 ? ["mvcc.checksum"] : []);
    }
  });
  it("are written as the SDK wrote them, and covered by their fields", () => {
    for (const { kind, blocks } of held) {
      const stored = Array.from({ length: blocks.blockCount }, (_, index) => blocks.block(index) ?? new Uint8Array(0)).filter(
        (block) => !isAllZero(block),
      );
      for (let index = 0; index < stored.length; index++)
        expect(coverageFault(kind === "ZMAP" ? zmapCodec : mvccCodec, blocks, index)).toBeUndefined();
      if (golden.findings.length > 0) continue;
      const written =
        kind === "ZMAP"
          ? zmapCodec.write(zmapCodec.read(blocks).content ?? { entryCounts: [], entries: [] }, blocks.blockBytes)
          : mvccCodec.write(mvccCodec.read(blocks).content ?? { versions: [] }, blocks.blockBytes, { data: stored.map(versionData) });
      expect(written.map((block, index) => equalBytes(block, stored[index] ?? new Uint8Array(0)))).toEqual(stored.map(() => true));
    }
  });
});

const zone = fc.record({
  ...{ minValue: anyI64, maxValue: anyI64, nullCount: anyI32, rowCount: anyI32, extentStartBlock: anyI64, extentBlockCount: anyI32 },
});
describeRegionProperties<ZmapContent>(zmapCodec, {
  generated: fc.record({
    blockBytes: fc.constantFrom(512, 4096),
    content: fc
      .array(fc.array(zone, { minLength: 1, maxLength: 12 }), { maxLength: 4 })
      .map((blocks): ZmapContent => ({ entryCounts: blocks.map(({ length }) => length), entries: blocks.flat() })),
  }),
  write: zmapCodec.write,
});

const version = fc.record({
  ...{ transactionId: anyI64, inodeNumber: anyI64, previousVersionBlock: anyI64 },
  data: fc.uint8Array({ maxLength: mostVersionBytes(512) }),
});
describe("versions", () => {
  it("are read as they were written", () =>
    fc.assert(
      fc.property(fc.array(version, { minLength: 1, maxLength: 6 }), (all) => {
        const content: MvccContent = {
          versions: all.map(({ data, ...head }, index) => ({
            ...{ block: 1099n + BigInt(index), ...head, dataLength: data.length },
            ...{ dataSha256: toHex(checksum.sha256(data)), checksumOk: true },
          })),
        };
        const written = mvccCodec.write(content, 512, { data: all.map(({ data }) => data) });
        expect(mvccCodec.read(writtenBlocks(written)).content).toEqual(content);
        expect(written.map(versionData)).toEqual(all.map(({ data }) => data));
      }),
    ));
});

const table = fc.record({
  tableName: anyText(40),
  columns: fc.array(fc.record({ name: anyText(30), type: fc.nat(7), preferredEncoding: anyU8, nullable: fc.boolean() }), {
    minLength: 1,
    maxLength: 4,
  }),
  groups: fc.array(fc.record({ rowCount: fc.nat(200), seed: fc.uint8Array({ minLength: 4, maxLength: 40 }) }), { maxLength: 3 }),
});
const widths = [4, 8, 4, 8, 64, 64, 1, 8];

describe("columnar tables", () => {
  it("are read as they were written, their plain values hashed", () =>
    fc.assert(
      fc.property(table, fc.constantFrom(512, 4096), ({ tableName, columns, groups }, blockBytes) => {
        const data: Uint8Array[] = [];
        let block = 1100n;
        const rowGroups = groups.map(({ rowCount, seed }) => ({
          chunks: columns.map(({ type }) => {
            const dataLength = rowCount * (widths[type] ?? 1);
            const values = Uint8Array.from({ length: dataLength }, (_, index) => seed[index % seed.length] ?? 0);
            data.push(values);
            const blocks = Math.ceil((9 + dataLength) / blockBytes);
            block += BigInt(blocks);
            return {
              ...{ block: block - BigInt(blocks), encoding: 0, rowCount, dataLength, blocks },
              decodedSha256: toHex(checksum.sha256(values)),
            };
          }),
        }));
        const content: ColrContent = { tableName, rowGroupCount: groups.length, columns, rowGroups };
        const blocks = writtenBlocks(colrCodec.write(content, blockBytes, { data }));
        const read = colrCodec.read(blocks).content;
        if (!read || isUnused(read)) throw new TypeError("a table was written");
        expect(toJson(read)).toEqual(toJson(content));
        expect(chunkData(blocks, read)).toEqual(data);
      }),
    ));
});

describe("chunks of columnar tables", () => {
  const sha = (values: number[]) => checksum.sha256(Uint8Array.from(values));
  it("repeat a value over its run", () => {
    const data = Uint8Array.from([7, 3, 0, 0, 0, 9, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
    expect(decodeChunk(1, data, 5, 1, 100)).toEqual({ sha256: sha([7, 7, 7, 8, 8]) });
    expect(decodeChunk(1, data, 6, 1, 100).flaw?.rule).toBe("runs-differ");
    expect(decodeChunk(1, data.subarray(1), 5, 1, 100).flaw?.rule).toBeDefined();
  });
  it("look a value up in the dictionary", () => {
    const data = Uint8Array.from([9, 0, 0, 0, 2, 0, 0, 0, 1, 1, 2, 3, 4, 1, 0]);
    expect(decodeChunk(2, data, 2, 2, 100)).toEqual({ sha256: sha([3, 4, 1, 2]) });
    expect(decodeChunk(2, Uint8Array.from([...data.subarray(0, 13), 2, 0]), 2, 2, 100).flaw?.rule).toBe("index-range");
    expect(decodeChunk(2, data, 3, 2, 100).flaw?.rule).toBe("length-differs");
  });
  it("pack truth values in bits", () => expect(decodeChunk(3, Uint8Array.of(0b101), 3, 1, 100)).toEqual({ sha256: sha([1, 0, 1]) }));
  it("are not decoded past the bound", () => {
    const billion = Uint8Array.from([7, 0, 202, 154, 59]);
    expect(decodeChunk(1, billion, 1_000_000_000, 1, 16 * 1_048_576)).toEqual({});
  });
});
