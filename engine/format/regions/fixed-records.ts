import { isAllZero } from "../../base/bytes.ts";
import { array, type Kind, reservedUntil, type Struct, struct } from "../../base/struct/index.ts";
import { blockTrailer, judgeTrailer, sealBlock, trailerBytes } from "../core/index.ts";
import { anyStruct, blockOrZeros, judgeBlocks, type RegionBlocks, type RegionPlace, type RegionProblem, sdkOutOfRange } from "./region.ts";
import { judgeSlack, judgeTail, sdkTableFailure, type TableNames, type TableRule, trailedBlocks } from "./table-region.ts";

/** Records of one size behind a header in block 0; no record straddles a block. PK(H, S) of the other regions reference 1.4. */
export interface RecordLayout {
  readonly headerBytes: number;
  readonly recordBytes: number;
}

const inFirstBlock = ({ headerBytes, recordBytes }: RecordLayout, blockBytes: number): number =>
  Math.floor((blockBytes - trailerBytes - headerBytes) / recordBytes);
const inOtherBlock = ({ recordBytes }: RecordLayout, blockBytes: number): number => Math.floor((blockBytes - trailerBytes) / recordBytes);

/** Records that so many blocks hold. Other regions reference 1.4. */
export const recordCapacity = (layout: RecordLayout, blockBytes: number, blockCount: number): number =>
  blockCount < 1 ? 0 : inFirstBlock(layout, blockBytes) + (blockCount - 1) * inOtherBlock(layout, blockBytes);

/** Blocks that so many records need, at least 1. Other regions reference 1.4. */
export function recordBlocks(layout: RecordLayout, blockBytes: number, count: number): number {
  const first = inFirstBlock(layout, blockBytes);
  return count <= first ? 1 : 1 + Math.ceil((count - first) / inOtherBlock(layout, blockBytes));
}

/** Blocks that the SDK's RequiredBlocks names: it ignores what is left over in each block, so they may be too few. Other regions reference 1.4. */
export function sdkRequiredBlocks({ headerBytes, recordBytes }: RecordLayout, blockBytes: number, count: number): number {
  const payload = blockBytes - trailerBytes;
  const beyond = count * recordBytes - (payload - headerBytes);
  return beyond <= 0 ? 1 : 1 + Math.ceil(beyond / payload);
}

/** Where record `index` lies. Other regions reference 1.4. */
export function recordPlace(layout: RecordLayout, blockBytes: number, index: number): RegionPlace {
  const { headerBytes, recordBytes } = layout;
  const first = inFirstBlock(layout, blockBytes);
  if (index < first) return { block: 0, start: headerBytes + index * recordBytes, byteLength: recordBytes };
  const behind = index - first;
  const each = inOtherBlock(layout, blockBytes);
  return { block: 1 + Math.floor(behind / each), start: (behind % each) * recordBytes, byteLength: recordBytes };
}

/** A region's table of fixed records: its layout and the structures in it. */
export interface FixedTable<Header, Item, Tag extends string = string> extends TableNames<Tag>, RecordLayout {
  /** The structure's name: "ConsensusLog". */
  readonly name: string;
  /** Key of the records in a block's structure: "groups". */
  readonly list: string;
  /** The header's reserved bytes. */
  readonly reserved: { start: number; byteLength: number };
  readonly header: Struct<Header>;
  readonly record: Struct<Item>;
}

export interface FixedReading<Header, Item> {
  generation: number;
  header: Header;
  /** The records of the count that are at hand: those in blocks that are lost are left out. */
  records: Item[];
  /** The place of `records[index]`. */
  place: (index: number) => RegionPlace | undefined;
  /** Blocks that the count needs, at least 1, at most the region's. */
  used: number;
}

/** Decodes the header and as many records as `countOf` it says and the region holds. */
export function readRecords<Header, Item>(
  blocks: RegionBlocks,
  table: FixedTable<Header, Item>,
  countOf: (header: Header) => number,
): FixedReading<Header, Item> {
  const first = blockOrZeros(blocks, 0);
  const header = table.header.parse(first);
  const count = Math.max(0, countOf(header));
  const fits = count <= recordCapacity(table, blocks.blockBytes, blocks.blockCount);
  const limit = fits ? count : recordCapacity(table, blocks.blockBytes, trailedBlocks(blocks));
  const records: Item[] = [];
  const indexes: number[] = [];
  let lost = { block: -1, yes: false };
  for (let index = 0; index < limit; index++) {
    const { block, start, byteLength } = recordPlace(table, blocks.blockBytes, index);
    const bytes = blockOrZeros(blocks, block);
    if (block !== lost.block) lost = { block, yes: isAllZero(bytes) };
    const stored = bytes.subarray(start, start + byteLength);
    if (lost.yes || (!fits && isAllZero(stored))) continue;
    records.push(table.record.parse(stored));
    indexes.push(index);
  }
  return {
    generation: judgeTrailer(first).generationNumber,
    header,
    records,
    place: (index) => (indexes[index] === undefined ? undefined : recordPlace(table, blocks.blockBytes, indexes[index])),
    used: fits ? recordBlocks(table, blocks.blockBytes, count) : blocks.blockCount,
  };
}

/** The rules on a table of fixed records as a whole. */
export type FixedRule<Tag extends string> = TableRule<Tag> | `${Tag}.sdk-undercounts`;

/** Judges blocks, count, slack and stale blocks of a table of `count` records. Other regions reference 1.4 to 1.8. */
export function judgeRecords<Tag extends string>(
  blocks: RegionBlocks,
  table: TableNames<Tag> & RecordLayout,
  count: number,
): RegionProblem<FixedRule<Tag>>[] {
  const { rules, tag } = table;
  const { blockBytes, blockCount } = blocks;
  if (count < 0)
    return [
      ...judgeBlocks(blocks, rules, 1, { letters: tag }),
      {
        rule: `${rules}.count-negative`,
        subject: "the count",
        found: `${count}`,
        expected: "not negative",
        block: 0,
        start: 0,
        byteLength: 4,
      },
    ];
  const needed = recordBlocks(table, blockBytes, count);
  if (needed > blockCount) {
    const [exceeds] = judgeBlocks(blocks, rules, needed, { letters: tag });
    return [...judgeBlocks(blocks, rules, trailedBlocks(blocks), { letters: tag }), ...(exceeds ? [exceeds] : [])];
  }
  const problems: RegionProblem<FixedRule<Tag>>[] = [
    ...judgeBlocks(blocks, rules, needed, { letters: tag }),
    ...judgeTail(blocks, table, needed),
  ];
  for (let index = 0; index < needed; index++) {
    const before = recordCapacity(table, blockBytes, index);
    const here = Math.min(count, recordCapacity(table, blockBytes, index + 1)) - before;
    const start = (index === 0 ? table.headerBytes : 0) + here * table.recordBytes;
    problems.push(...judgeSlack(blocks, `${rules}.slack-not-zero` as const, index, start));
  }
  const required = sdkRequiredBlocks(table, blockBytes, count);
  if (required < needed)
    problems.push({
      rule: `${rules}.sdk-undercounts`,
      subject: "RequiredBlocks of the SDK",
      found: `${required} blocks for ${count} records`,
      expected: `${needed} blocks`,
      block: 0,
    });
  return problems;
}

/**
 * The SDK reader's exception for a table of `count` records, given the blocks that they need; undefined where it reads them.
 * `judgeCount` is of readers that judge the count before they decode. Other regions reference 1.5.
 */
export function sdkRecordsFailure(
  blocks: RegionBlocks,
  table: TableNames & RecordLayout,
  count: number,
  judgeCount?: (count: number, blocks: RegionBlocks) => string | undefined,
): string | undefined {
  const { blockBytes, blockCount } = blocks;
  const fits = count <= recordCapacity(table, blockBytes, blockCount);
  const given = fits ? recordBlocks(table, blockBytes, Math.max(0, count)) : trailedBlocks(blocks);
  return sdkTableFailure(blocks, table, given) ?? judgeCount?.(count, blocks) ?? (fits ? undefined : sdkOutOfRange);
}

/** The structure of one block: as many records as reach into what is not zero. */
export function recordStructure<Header, Item>(table: FixedTable<Header, Item>, index: number, block: Uint8Array): Struct<unknown> {
  const payload = block.subarray(0, Math.max(0, block.length - trailerBytes));
  const from = index === 0 ? table.headerBytes : 0;
  const filled = payload.findLastIndex((byte) => byte !== 0) + 1 - from;
  const fit = Math.floor(Math.max(0, payload.length - from) / table.recordBytes);
  const count = Math.min(Math.max(0, Math.ceil(filled / table.recordBytes)), fit);
  const rest: Record<string, Kind<unknown>> = {
    [table.list]: array(table.record, count) as Kind<unknown>,
    unused: reservedUntil(trailerBytes),
    trailer: blockTrailer as Kind<unknown>,
  };
  if (index > 0) return anyStruct(struct(`${table.name}Block`, rest));
  return anyStruct(struct(table.name, { header: table.header as Kind<unknown>, ...rest }));
}

/** Header and records in as many blocks as they need, sealed with one generation. Throws a RangeError above `most` records. */
export function writeRecords<Header, Item>(
  table: FixedTable<Header, Item>,
  header: Header,
  records: readonly Item[],
  generation: number,
  blockBytes: number,
  most = 2 ** 31 - 1,
): Uint8Array[] {
  if (records.length > most) throw new RangeError(`${records.length} records; at most ${most} are possible`);
  const written = Array.from({ length: recordBlocks(table, blockBytes, records.length) }, () => new Uint8Array(blockBytes));
  written[0]?.set(table.header.encode(header), 0);
  for (const [index, record] of records.entries()) {
    const { block, start } = recordPlace(table, blockBytes, index);
    written[block]?.set(table.record.encode(record), start);
  }
  return written.map((block) => sealBlock(block, table.tag, generation));
}
