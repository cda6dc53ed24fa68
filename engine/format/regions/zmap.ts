import { isAllZero } from "../../base/bytes.ts";
import { array, type Decoded, i32, i64, reserved, reservedUntil, struct } from "../../base/struct/index.ts";
import {
  anyStruct,
  blockOrZeros,
  duplicates,
  type RegionCodec,
  type RegionFacts,
  type RegionPlace,
  type RegionProblem,
  type RegionReading,
  rangeProblem,
  without,
} from "./region.ts";

const headBytes = 4;
const entryBytes = 40;
/** A first count above it is refused by the SDK's loader. Source: other regions reference 18.2. */
const mostEntries = 1_000_000;

const zoneEntry = struct("ZoneMapEntry", {
  minValue: i64({ doc: "Least value; a double as its bits, a wider value as its hash" }),
  maxValue: i64(),
  nullCount: i32(),
  rowCount: i32(),
  extentStartBlock: i64({ as: "pointer", unit: "block" }),
  extentBlockCount: i32({ unit: "blocks" }),
  reserved: reserved(4),
});
type StoredEntry = Decoded<typeof zoneEntry>;
export type ZoneMapEntry = Omit<StoredEntry, "reserved">;

const zoneMapBlock = struct("ZoneMapIndex", {
  entryCount: i32({ doc: "Entries of this block" }),
  entries: array(zoneEntry, (values) => Math.max(0, values.entryCount as number)),
  unused: reservedUntil(0),
});
const perBlock = (blockBytes: number): number => Math.floor((blockBytes - headBytes) / entryBytes);

export interface ZmapContent {
  /** Of each block, as stored. */
  entryCounts: number[];
  entries: ZoneMapEntry[];
}

export type ZmapRule = `zmap.${
  | "entry-count"
  | "values-unordered"
  | "null-count"
  | "extent-range"
  | "extent-duplicate"
  | "sdk-loads-first"
  | "reserved-not-zero"}`;

interface PlacedEntry {
  entry: StoredEntry;
  place: RegionPlace;
}

/** A zone map index in blocks that a caller names: no slot of the directory leads there, no trailer marks it. Other regions reference 18.2. */
export const zmapCodec: RegionCodec<ZmapContent> = {
  tag: "ZMAP",
  read(blocks, facts = {}): RegionReading<ZmapContent> {
    const entryCounts: number[] = [];
    const placed: PlacedEntry[] = [];
    for (let index = 0; index < blocks.blockCount && !isAllZero(blockOrZeros(blocks, index)); index++) {
      const { entryCount, entries } = zoneMapBlock.parse(blockOrZeros(blocks, index));
      entryCounts.push(entryCount);
      for (const [at, entry] of entries.entries())
        placed.push({ entry, place: { block: index, start: headBytes + at * entryBytes, byteLength: entryBytes } });
    }
    const content = { entryCounts, entries: placed.map(({ entry }) => without(entry, "reserved")) };
    const sdkReads = sdkView(entryCounts, placed.length, blocks.blockBytes);
    return {
      content,
      sdkReads,
      problems: [...judgeCounts(entryCounts, blocks.blockBytes, sdkReads !== undefined), ...judgeEntries(placed, facts)],
      places: { entries: (index) => placed[index]?.place },
    };
  },
  structureOf: () => anyStruct(zoneMapBlock),
  write({ entryCounts, entries }, blockBytes) {
    if (entryCounts.some((count) => count < 0 || count > perBlock(blockBytes)) || sum(entryCounts) !== entries.length)
      throw new RangeError(`${entries.length} entries do not lie in blocks of ${entryCounts.join(", ")}`);
    let from = 0;
    return entryCounts.map((entryCount) => {
      from += entryCount;
      return zoneMapBlock.encode({ entryCount, entries: entries.slice(from - entryCount, from) }, { byteLength: blockBytes });
    });
  },
};

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** The SDK's loader takes block 0's count for that of all. Other regions reference 18.2. */
function sdkView(
  [first = 0]: readonly number[],
  there: number,
  blockBytes: number,
): { entriesFound: number; exception?: string } | undefined {
  if (first > mostEntries) return { entriesFound: 0, exception: "InvalidDataException" };
  const entriesFound = Math.min(Math.max(0, first), perBlock(blockBytes));
  return entriesFound === there ? undefined : { entriesFound };
}

function judgeCounts(counts: readonly number[], blockBytes: number, differs: boolean): RegionProblem<ZmapRule>[] {
  const place = (block: number) => ({ block, start: 0, byteLength: headBytes });
  const most = perBlock(blockBytes);
  const problems = counts.flatMap((count, index): RegionProblem<ZmapRule>[] =>
    count >= 0 && count <= most
      ? []
      : [{ rule: "zmap.entry-count", subject: `block ${index}`, found: `${count} entries`, expected: `0 to ${most}`, ...place(index) }],
  );
  if (differs && counts.length > 1 && problems.length === 0)
    problems.push({
      rule: "zmap.sdk-loads-first",
      subject: "the SDK's loader",
      found: `${counts[0]} entries of ${sum(counts)}`,
      expected: "all of them",
      ...place(0),
    });
  return problems;
}

function judgeEntries(placed: readonly PlacedEntry[], { totalBlocks }: RegionFacts): RegionProblem<ZmapRule>[] {
  const problems: RegionProblem<ZmapRule>[] = [];
  for (const [index, { entry, place }] of placed.entries()) {
    const say = (rule: ZmapRule, found: string, expected: string) =>
      problems.push({ rule, subject: `entry ${index}`, found, expected, ...place });
    const { minValue, maxValue, nullCount, rowCount, extentStartBlock, extentBlockCount } = entry;
    if (minValue > maxValue) say("zmap.values-unordered", `${minValue} to ${maxValue}`, "the least value first");
    if (nullCount < 0 || nullCount > rowCount) say("zmap.null-count", `${nullCount} nulls in ${rowCount} rows`, "0 to all of them");
    const outside = rangeProblem(extentStartBlock, BigInt(extentBlockCount), totalBlocks);
    if (outside !== undefined) say("zmap.extent-range", outside, "an extent in the volume");
    if (entry.reserved) say("zmap.reserved-not-zero", "reserved bytes in use", "zero");
  }
  for (const [first, again] of duplicates(placed, ({ entry }) => `${entry.extentStartBlock}`))
    problems.push({
      rule: "zmap.extent-duplicate",
      subject: `entry ${again}`,
      found: `the extent of entry ${first}`,
      expected: "an extent of its own",
      ...(placed[again]?.place ?? { block: 0 }),
    });
  return problems;
}
