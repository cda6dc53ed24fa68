import { isAllZero } from "../../base/bytes.ts";
import { array, i32, reserved, reservedUntil, type Struct, struct } from "../../base/struct/index.ts";
import { blockTrailer, judgeTrailer, trailerBytes } from "../core/index.ts";
import {
  blocksUsed,
  compareWalks,
  endsOfEntries,
  entriesInBlock,
  isOfTable,
  type PackedLayout,
  type PackedWalk,
  packEntries,
  sdkWalk,
  walkAsWriter,
} from "./packed-table.ts";
import { anyStruct, type BlockRule, blockOrZeros, judgeBlocks, type RegionBlocks, type RegionPlace, type RegionProblem } from "./region.ts";
import { trailedBlocks } from "./table-region.ts";

/** The table's header, before the entries of block 0. Core regions reference 3.1, 4.1. */
const tableHeader = struct("CountedTextTableHeader", {
  count: i32({ check: (value) => value >= 0, expects: "not negative", doc: "Number of entries" }),
  reserved: reserved(12),
});

/** The rules on the table as a whole, whatever its entries are; `tag` in lower case goes before. */
export type CountedTextRule<Tag extends string> =
  | BlockRule<Tag>
  | `${Tag}.${"count-differs" | "entry-broken" | "reserved-not-zero" | "slack-not-zero" | "sdk-loses-entries" | "entries-behind-table"}`;

/** A table of SNAP or CODE: entries that end in a counted text. */
export interface CountedTextTable<Tag extends string, Entry> extends PackedLayout {
  /** The tag in lower case. */
  readonly subject: Tag;
  readonly fixedBytes: number;
  readonly mostTextBytes: number;
  /** The header's count by its name in the SDK. */
  readonly countName: string;
  readonly entry: Struct<Entry>;
  /** How an entry is called by what makes it unique. */
  readonly nameOf: (entry: Entry) => string;
}

export interface CountedTextReading<Tag extends string, Entry> {
  generation: number;
  /** As stored. */
  count: number;
  entries: Entry[];
  places: RegionPlace[];
  /** False where an entry is broken, or none of those that are counted was found. */
  isWhole: boolean;
  /** The SDK's exception, or what its reader makes of the table where that is something else. */
  sdk?: string | { entries: Entry[]; phantomIndexes: number[]; lost: Entry[] } | undefined;
  problems: RegionProblem<CountedTextRule<Tag>>[];
}

/** Reads a table whose head is readable, as the writer packs (convention R6), and judges it as a whole. Core regions reference 3.3. */
export function readCountedTextTable<Tag extends string, Entry>(
  blocks: RegionBlocks,
  table: CountedTextTable<Tag, Entry>,
): CountedTextReading<Tag, Entry> {
  const first = blockOrZeros(blocks, 0);
  const header = tableHeader.parse(first);
  const walked = walkAsWriter(blocks, table, Math.max(0, header.count));
  const entryAt = ({ block, start, byteLength }: RegionPlace): Entry =>
    table.entry.parse(blockOrZeros(blocks, block).subarray(start, start + byteLength));
  const entries = walked.places.map(entryAt);
  const given = walked.ranOut || walked.broken ? trailedBlocks(blocks) : blocksUsed(walked);
  const sdk = sdkWalk(blocks, table, header.count, given);
  const compared = typeof sdk === "string" ? undefined : compareWalks(walked, sdk);
  const lost = compared?.lost ?? [];
  const differs = compared !== undefined && (compared.phantoms.length > 0 || lost.length > 0);
  const lostEntries = lost.flatMap((index) => entries[index] ?? []);
  return {
    generation: judgeTrailer(first).generationNumber,
    count: header.count,
    entries,
    places: walked.places,
    isWhole: !walked.broken && (!walked.ranOut || entries.length > 0),
    sdk:
      typeof sdk === "string"
        ? sdk
        : differs
          ? { entries: sdk.places.map(entryAt), phantomIndexes: compared.phantoms, lost: lostEntries }
          : undefined,
    problems: [
      ...judgeTable(blocks, table, header.count, walked),
      ...judgeSpace(blocks, table, header.count, walked),
      ...(lost.length > 0 ? [sdkLoss(table, lostEntries, walked.places[lost[0] ?? 0]?.block ?? 0)] : []),
    ],
  };
}

function judgeTable<Tag extends string, Entry>(
  blocks: RegionBlocks,
  table: CountedTextTable<Tag, Entry>,
  count: number,
  walked: PackedWalk,
): RegionProblem<CountedTextRule<Tag>>[] {
  const { subject, countName, mostTextBytes } = table;
  const problems: RegionProblem<CountedTextRule<Tag>>[] = [...judgeBlocks(blocks, subject, blocksUsed(walked))];
  const header = { subject: countName, found: `${count}`, block: 0, start: 0, byteLength: 4 };
  const entries = walked.places.length;
  if (count < 0) problems.push({ rule: `${subject}.count-differs`, ...header, expected: "not negative" });
  else if (walked.ranOut && blocks.isCut !== true) {
    if (isFull(blocks, table, walked)) {
      const expected = `${entries} entries fill the ${blocks.blockCount} blocks of the region`;
      problems.push({ rule: `${subject}.blocks-exceed-region`, ...header, expected });
    } else problems.push({ rule: `${subject}.count-differs`, ...header, expected: `${entries} entries are there` });
  }
  if (walked.broken) {
    const { found, sdk: _, ...place } = walked.broken;
    problems.push({
      rule: `${subject}.entry-broken`,
      ...place,
      subject: `entry ${entries}`,
      found,
      expected: `at most ${mostTextBytes}, inside the block`,
    });
  }
  return problems;
}

/** Whether the last entry stands in the region's last block and leaves no room for another. */
function isFull(
  blocks: RegionBlocks,
  { fixedBytes, mostTextBytes }: { fixedBytes: number; mostTextBytes: number },
  { places }: PackedWalk,
): boolean {
  const last = places.at(-1);
  if (last?.block !== blocks.blockCount - 1) return false;
  return last.start + last.byteLength + fixedBytes + mostTextBytes > blocks.blockBytes - trailerBytes;
}

function judgeSpace<Tag extends string, Entry>(
  blocks: RegionBlocks,
  table: CountedTextTable<Tag, Entry>,
  count: number,
  walked: PackedWalk,
): RegionProblem<CountedTextRule<Tag>>[] {
  const { subject } = table;
  const problems: RegionProblem<CountedTextRule<Tag>>[] = [];
  const used = blocksUsed(walked);
  if (tableHeader.parse(blockOrZeros(blocks, 0)).reserved)
    problems.push({
      rule: `${subject}.reserved-not-zero`,
      subject: "header",
      found: "bytes 4 to 15 are in use",
      expected: "zero",
      block: 0,
      start: 4,
      byteLength: 12,
    });
  if (walked.broken || count < 0) return problems;
  for (const [index, end] of endsOfEntries(walked, used).entries()) {
    const rest = blockOrZeros(blocks, index).subarray(end, blocks.blockBytes - trailerBytes);
    if (isAllZero(rest)) continue;
    const start = end + rest.findIndex((byte) => byte !== 0);
    problems.push({
      rule: `${subject}.slack-not-zero`,
      subject: `block ${index} of the region`,
      found: `byte ${start} is not zero`,
      expected: "zeros behind the last entry",
      block: index,
      start,
      byteLength: 1,
    });
  }
  const behind: number[] = [];
  for (let index = used; index < blocks.blockCount && isOfTable(blocks, table, index); index++)
    if (entriesInBlock(blockOrZeros(blocks, index), index, table) > 0) behind.push(index);
  if (behind[0] !== undefined)
    problems.push({
      rule: `${subject}.entries-behind-table`,
      subject: `block ${behind[0]} of the region`,
      found: `${behind.length} sealed blocks with entries behind the last entry that is counted`,
      expected: "none, or blocks that were emptied",
      block: behind[0],
    });
  return problems;
}

function sdkLoss<Tag extends string, Entry>(
  { subject, fixedBytes, nameOf }: CountedTextTable<Tag, Entry>,
  lost: readonly Entry[],
  block: number,
): RegionProblem<CountedTextRule<Tag>> {
  const most = 4;
  const names = lost.slice(0, most).map(nameOf).join(", ");
  return {
    rule: `${subject}.sdk-loses-entries`,
    subject: "the SDK's reader",
    found: `${lost.length} entries lost (${names}${lost.length > most ? ", …" : ""})`,
    expected: `less than ${fixedBytes} bytes left at the end of each full block`,
    block,
  };
}

/** The structure of one block of a table, as many entries as its bytes hold by themselves. */
export function countedTextBlock<Entry>(
  table: CountedTextTable<string, Entry>,
  name: string,
  index: number,
  block: Uint8Array,
): Struct<unknown> {
  const entries = array(table.entry, entriesInBlock(block, index, table));
  const rest = { entries, unused: reservedUntil(trailerBytes), trailer: blockTrailer };
  return anyStruct(index === 0 ? struct(name, { header: tableHeader, ...rest }) : struct(`${name}Block`, rest));
}

/** The sealed blocks of a table. Core regions reference 3.2. */
export const writeCountedTexts = (
  table: PackedLayout,
  count: number,
  entries: readonly Uint8Array[],
  generation: number,
  blockBytes: number,
): Uint8Array[] => packEntries(entries, tableHeader.encode({ count }), table.tag, generation, blockBytes);
