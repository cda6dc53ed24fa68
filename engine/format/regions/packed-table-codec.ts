import { array, type Kind, reservedUntil, type Struct, struct } from "../../base/struct/index.ts";
import { blockTrailer, judgeTrailer, trailerBytes } from "../core/index.ts";
import {
  blocksUsed,
  compareWalks,
  entriesInBlock,
  misplacedEntries,
  type PackedLayout,
  type PackedWalk,
  packEntries,
  packedHeaderBytes,
  sdkWalk,
  walkAsWriter,
} from "./packed-table.ts";
import {
  anyStruct,
  blockOrZeros,
  judgeBlocks,
  type RegionBlocks,
  type RegionCodec,
  type RegionFacts,
  type RegionPlaces,
  type RegionProblem,
  type RegionReading,
} from "./region.ts";
import { judgeSlack, judgeTail, readTable, reservedInUse, type TableNames, type TableRule, trailedBlocks } from "./table-region.ts";
import { isUnused, type UnusedRegion, writeUnused } from "./unused-region.ts";

/** The rules on a table of records of differing size as a whole. */
export type PackedRule<Tag extends string> = TableRule<Tag> | `${Tag}.${"count-differs" | "record-broken" | "packing" | "sdk-misreads"}`;

/** Names a problem of the record at `index`, or of the header where `index` is undefined. */
export type AddPackedProblem<Rule extends string> = (rule: Rule, index: number | undefined, found: string, expected: string) => void;

/** What one kind of table adds to what tables of records of differing size share. */
export interface PackedTableMeaning<Header, Content extends { generation: number }, Tag extends string> {
  readonly names: TableNames<Tag>;
  /** The structure's name: "AuditLog". */
  readonly name: string;
  readonly header: Struct<Header>;
  /** The header's reserved bytes, where it has some. */
  readonly reserved?: { start: number; byteLength: number };
  layoutOf(header: Header): PackedLayout;
  /** How many records are counted; below 0 where a count is negative. */
  countOf(header: Header): bigint;
  /** How many of them are read where a count is negative; none unless told. */
  countIfNegative?(header: Header): bigint;
  /** A record in a sentence: "passport 3". */
  subject(index: number, header: Header): string;
  contentOf(generation: number, header: Header, records: readonly Uint8Array[]): Content;
  placesOf(place: (index: number) => PackedWalk["places"][number] | undefined, header: Header): RegionPlaces;
  /** Header and records as bytes. Throws a RangeError for a record that no region can hold. */
  encode(content: Content): { header: Uint8Array; records: Uint8Array[] };
  /** Structures of one block's records, in order. */
  structures(index: number, block: Uint8Array, countIn: (layout: PackedLayout) => number): Record<string, Kind<unknown>>;
  judge(content: Content, add: AddPackedProblem<string>, facts: RegionFacts, records: readonly Uint8Array[]): void;
}

/** A codec for a table of records of differing size. Other regions reference 6.1, 9, 10. */
export function packedTableCodec<Header extends object, Content extends { generation: number }, Tag extends string>(
  meaning: PackedTableMeaning<Header, Content, Tag>,
): RegionCodec<Content | UnusedRegion> {
  const { names } = meaning;
  return {
    tag: names.rules.toUpperCase(),
    read: (blocks, facts = {}) => readTable(blocks, names, () => readPackedTable(blocks, meaning, facts)),
    structureOf: (index, block) => packedStructure(meaning, index, block),
    write(content, blockBytes) {
      if (isUnused(content)) return writeUnused(content, names.directoryTags?.[0] ?? names.tag, blockBytes);
      return writePackedTable(meaning, content, blockBytes);
    },
  };
}

/** Packs a table's content. Throws a RangeError for a record that no block holds. */
export function writePackedTable<Header, Content extends { generation: number }, Tag extends string>(
  meaning: PackedTableMeaning<Header, Content, Tag>,
  content: Content,
  blockBytes: number,
): Uint8Array[] {
  const { header, records } = meaning.encode(content);
  return packEntries(records, header, meaning.names.tag, content.generation, blockBytes);
}

/** The structure of one block of a table. */
export function packedStructure<Header, Content extends { generation: number }, Tag extends string>(
  { name, header, structures }: PackedTableMeaning<Header, Content, Tag>,
  index: number,
  block: Uint8Array,
): Struct<unknown> {
  const records = structures(index, block, (layout) => entriesInBlock(block, index, layout));
  const rest: Record<string, Kind<unknown>> = {
    ...records,
    unused: reservedUntil(trailerBytes),
    trailer: blockTrailer as Kind<unknown>,
  };
  if (index > 0) return anyStruct(struct(`${name}Block`, rest));
  return anyStruct(struct(name, { header: header as Kind<unknown>, ...rest }));
}

/** A list of records in a block's structure. */
export const recordList = (record: Kind<never> | Kind<unknown>, count: number): Kind<unknown> =>
  array(record as Kind<unknown>, count) as Kind<unknown>;

/** Decodes and judges a table whose head is its own. */
export function readPackedTable<Header extends object, Content extends { generation: number }, Tag extends string>(
  blocks: RegionBlocks,
  meaning: PackedTableMeaning<Header, Content, Tag>,
  facts: RegionFacts,
): RegionReading<Content> {
  const { names } = meaning;
  const first = blockOrZeros(blocks, 0);
  const header = meaning.header.parse(first);
  const layout = meaning.layoutOf(header);
  const stored = meaning.countOf(header);
  const count = Number(stored < 0n ? (meaning.countIfNegative?.(header) ?? 0n) : stored);
  const walked = walkAsWriter(blocks, layout, count);
  const records = bytesOf(blocks, walked);
  const { generationNumber } = judgeTrailer(first);
  const content = meaning.contentOf(generationNumber, header, records);
  const problems = judgeTable(blocks, meaning, header, walked);
  const add: AddPackedProblem<string> = (rule, index, found, expected) => {
    const place = (index === undefined ? undefined : walked.places[index]) ?? { block: 0, start: 0, byteLength: packedHeaderBytes };
    problems.push({ rule, subject: index === undefined ? "header" : meaning.subject(index, header), found, expected, ...place });
  };
  meaning.judge(content, add, facts, records);
  // A caller that counts more records than are there hands over one block more, where the region has one.
  const wanted = walked.ranOut ? Math.max(blocksUsed(walked), trailedBlocks(blocks)) + 1 : blocksUsed(walked);
  const given = Math.min(walked.broken ? Math.max(wanted, trailedBlocks(blocks)) : wanted, blocks.blockCount);
  const sdk = sdkWalk(blocks, layout, count, given);
  let sdkReads: RegionReading<Content>["sdkReads"];
  if (typeof sdk === "string") sdkReads = sdk;
  else {
    const { phantoms, lost } = compareWalks(walked, sdk);
    if (phantoms.length + lost.length > 0)
      sdkReads = { ...meaning.contentOf(generationNumber, header, bytesOf(blocks, sdk)), phantomIndexes: phantoms, lostIndexes: lost };
  }
  const places = meaning.placesOf((index) => walked.places[index], header);
  const damaged = problems.some(({ rule }) => rule === `${names.rules}.record-broken`) && records.length === 0;
  return { content: damaged ? undefined : content, sdkReads, places, problems };
}

const bytesOf = (blocks: RegionBlocks, { places }: PackedWalk): Uint8Array[] =>
  places.map(({ block, start, byteLength }) => blockOrZeros(blocks, block).subarray(start, start + byteLength));

function judgeTable<Header extends object, Content extends { generation: number }, Tag extends string>(
  blocks: RegionBlocks,
  meaning: PackedTableMeaning<Header, Content, Tag>,
  header: Header,
  walked: PackedWalk,
): RegionProblem[] {
  const { names } = meaning;
  const { rules } = names;
  const used = blocksUsed(walked);
  const stored = meaning.countOf(header);
  const count = { block: 0, start: 0, byteLength: packedHeaderBytes };
  const problems: RegionProblem<PackedRule<Tag>>[] = [
    ...judgeBlocks(blocks, rules, used, { letters: names.tag }),
    ...(walked.ranOut || walked.broken || stored < 0n ? [] : judgeTail(blocks, names, used)),
  ];
  if (stored < 0n)
    problems.push({ rule: `${rules}.count-negative`, subject: "the count", found: `${stored}`, expected: "not negative", ...count });
  else if (walked.ranOut)
    problems.push({
      rule: `${rules}.count-differs`,
      subject: "the count",
      found: `${stored}`,
      expected: `${walked.places.length} records are there`,
      ...count,
    });
  if (walked.broken) {
    const { found, sdk: _, ...place } = walked.broken;
    const subject = meaning.subject(walked.places.length, header);
    problems.push({ rule: `${rules}.record-broken`, subject, found, expected: "a record that ends inside its block", ...place });
  }
  if ("reserved" in header && meaning.reserved)
    problems.push(reservedInUse(`${rules}.reserved-not-zero` as const, meaning.reserved.start, meaning.reserved.byteLength));
  if (!walked.broken && stored >= 0n) problems.push(...judgePacking(blocks, meaning, header, walked));
  return problems;
}

function judgePacking<Header, Content extends { generation: number }, Tag extends string>(
  blocks: RegionBlocks,
  { names: { rules }, layoutOf, subject }: PackedTableMeaning<Header, Content, Tag>,
  header: Header,
  walked: PackedWalk,
): RegionProblem<PackedRule<Tag>>[] {
  const payload = blocks.blockBytes - trailerBytes;
  const layout = layoutOf(header);
  const problems: RegionProblem<PackedRule<Tag>>[] = [];
  for (const index of misplacedEntries(walked, payload)) {
    const place = walked.places[index] ?? { block: 0, start: 0, byteLength: 0 };
    problems.push({
      rule: `${rules}.packing`,
      subject: subject(index, header),
      found: `${place.byteLength} bytes at the start of block ${place.block} of the region`,
      expected: "a record that the block before had no room for",
      ...place,
    });
  }
  const used = blocksUsed(walked);
  const least = layout.sdkLeastBytes ?? layout.leastBytes;
  let misread = false;
  for (let index = 0, next = 0; index < used; index++) {
    let end = index === 0 ? packedHeaderBytes : 0;
    for (let place = walked.places[next]; place?.block === index; place = walked.places[++next]) end = place.start + place.byteLength;
    problems.push(...judgeSlack(blocks, `${rules}.slack-not-zero` as const, index, end));
    if (misread || index + 1 === used || payload - end < least(next)) continue;
    misread = true;
    problems.push({
      rule: `${rules}.sdk-misreads`,
      subject: `block ${index} of the region`,
      found: `${payload - end} free bytes before a further block`,
      expected: `less than ${least(next)}`,
      block: index,
      start: end,
      byteLength: payload - end,
    });
  }
  return problems;
}
