import {
  type FixedReading,
  type FixedTable,
  judgeRecords,
  readRecords,
  recordStructure,
  sdkRecordsFailure,
  writeRecords,
} from "./fixed-records.ts";
import type { RegionBlocks, RegionCodec, RegionFacts, RegionProblem, RegionReading } from "./region.ts";
import { readTable, reservedInUse } from "./table-region.ts";
import { isUnused, type UnusedRegion, writeUnused } from "./unused-region.ts";

/** Names a problem of the record at `index`, or of the header where `index` is undefined. */
export type AddProblem<Rule extends string> = (rule: Rule, index: number | undefined, found: string, expected: string) => void;

/** What one kind of fixed table adds to the layout that they share. */
export interface FixedTableMeaning<Header, Item, Content extends { generation: number }, Tag extends string> {
  readonly table: FixedTable<Header, Item, Tag>;
  /** One record in a sentence: "group". */
  readonly noun: string;
  countOf(header: Header): number;
  contentOf(reading: FixedReading<Header, Item>): Content;
  /** Header and records back from the content. */
  partsOf(content: Content): { header: Header; records: readonly Item[] };
  /** The most records there can be, whatever the space. */
  readonly most?: number;
  /** What the SDK's reader makes of records that it can decode, where that differs from the content; or its exception. */
  sdkReads?(content: Content, blocks: RegionBlocks): RegionReading<Content>["sdkReads"];
  /** The exception of an SDK reader that checks the count before it decodes. */
  sdkCountFailure?(count: number, blocks: RegionBlocks): string | undefined;
  judge(content: Content, add: AddProblem<string>, facts: RegionFacts, blocks: RegionBlocks, records: readonly Item[]): void;
}

/** Where a problem with a record lies, or with the header. */
export const problemPlace = (place: { block: number; start: number; byteLength: number } | undefined, headerBytes: number) =>
  place ?? { block: 0, start: 0, byteLength: headerBytes };

/** A codec for a table of fixed records. Other regions reference 1.4 to 1.8. */
export function fixedTableCodec<Header extends object, Item, Content extends { generation: number }, Tag extends string>(
  meaning: FixedTableMeaning<Header, Item, Content, Tag>,
): RegionCodec<Content | UnusedRegion> {
  const { table } = meaning;
  return {
    tag: table.tag,
    read: (blocks, facts = {}) => readTable(blocks, table, () => readFixedTable(blocks, meaning, facts)),
    structureOf: (index, block) => recordStructure(table, index, block),
    write(content, blockBytes) {
      if (isUnused(content)) return writeUnused(content, table.tag, blockBytes);
      const { header, records } = meaning.partsOf(content);
      return writeRecords(table, header, records, content.generation, blockBytes, meaning.most);
    },
  };
}

/** Decodes and judges a table whose head is its own. */
export function readFixedTable<Header extends object, Item, Content extends { generation: number }, Tag extends string>(
  blocks: RegionBlocks,
  meaning: FixedTableMeaning<Header, Item, Content, Tag>,
  facts: RegionFacts,
): RegionReading<Content> {
  const { table, noun } = meaning;
  const reading = readRecords(blocks, table, meaning.countOf);
  const count = meaning.countOf(reading.header);
  const content = meaning.contentOf(reading);
  const problems: RegionProblem[] = judgeRecords(blocks, table, count);
  if ("reserved" in reading.header)
    problems.push(reservedInUse(`${table.rules}.reserved-not-zero`, table.reserved.start, table.reserved.byteLength));
  const add: AddProblem<string> = (rule, index, found, expected) => {
    const place = problemPlace(index === undefined ? undefined : reading.place(index), table.headerBytes);
    problems.push({ rule, subject: index === undefined ? "header" : `${noun} ${index}`, found, expected, ...place });
  };
  meaning.judge(content, add, facts, blocks, reading.records);
  const sdkReads = sdkRecordsFailure(blocks, table, count, meaning.sdkCountFailure) ?? meaning.sdkReads?.(content, blocks);
  return { content, sdkReads, places: { [table.list]: reading.place }, problems };
}
