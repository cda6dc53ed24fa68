import { bytes, type Decoded, i32, i64, reservedUntil, struct } from "../../base/struct/index.ts";
import { blockTrailer, judgeTrailer, sealBlock, trailerBytes } from "../core/index.ts";
import {
  anyStruct,
  type BlockRule,
  blockOrZeros,
  judgeBlocks,
  type RegionCodec,
  type RegionProblem,
  type RegionReading,
  sdkTrailerFailure,
} from "./region.ts";
import { readTable, reservedInUse } from "./table-region.ts";
import { isUnused, type UnusedRegion, writeUnused } from "./unused-region.ts";

const fieldBytes = 0x2c;

const streamHeader = struct("StreamingAppendHeader", {
  maxCapacityBlocks: i64({ unit: "blocks", check: (value) => value > 0n, expects: "more than 0" }),
  allocatedBlocks: i64({ unit: "blocks", doc: "Size of the ring" }),
  writeHead: i64({ doc: "The next position; only ever grows" }),
  readTail: i64({ doc: "The oldest position that is valid" }),
  entryCount: i64(),
  growthIncrement: i32({ unit: "blocks", check: (value) => value > 0, expects: "more than 0" }),
  unused: reservedUntil(trailerBytes),
  trailer: blockTrailer,
});

/** A block behind the header: perhaps of the ring, whose place and framing are unspecified. */
const ringBlock = anyStruct(struct("StreamingAppendBlock", { data: bytes((_, left) => left, { doc: "Unspecified" }) }));

export type StreContent = { generation: number } & Omit<Decoded<typeof streamHeader>, "unused" | "trailer">;

export type StreRule =
  | Exclude<BlockRule<"stre">, "stre.generations-differ" | "stre.blocks-exceed-region">
  | `stre.${
      | "capacity"
      | "growth"
      | "entry-count-differs"
      | "counters"
      | "allocation"
      | "allocation-steps"
      | "capacity-exceeds-region"
      | "reserved-not-zero"}`;

/** The header of the streaming region; its ring lies outside it, where is unspecified. Other regions reference 7. */
export const streCodec: RegionCodec<StreContent | UnusedRegion> = {
  tag: "STRE",
  read: (blocks, { regionBlocks = BigInt(blocks.blockCount) } = {}) => {
    const names = { rules: "stre", tag: "STRE", sdkRegion: "Streaming Append Region", sdkBlock: () => "Streaming Append Region block" };
    const reading = readTable(blocks, names, (): RegionReading<StreContent> => {
      const first = blockOrZeros(blocks, 0);
      const { unused, trailer: _, ...fields } = streamHeader.parse(first);
      const content = { generation: judgeTrailer(first).generationNumber, ...fields };
      const problems: RegionProblem<string>[] = [...judgeBlocks(blocks, "stre", 1), ...judge(content, regionBlocks)];
      if (unused) problems.push(reservedInUse("stre.reserved-not-zero", fieldBytes, blocks.blockBytes - trailerBytes - fieldBytes));
      return { content, sdkReads: sdkTrailerFailure(blocks, 1, names.sdkBlock) ?? sdkRefusal(content), problems };
    });
    if (reading.content && isUnused(reading.content) && reading.content.state === "formatted")
      return { ...reading, sdkReads: sdkRefusal({ maxCapacityBlocks: 0n, growthIncrement: 0 }) };
    return reading;
  },
  structureOf: (index) => (index === 0 ? anyStruct(streamHeader) : ringBlock),
  write(content, blockBytes) {
    if (isUnused(content)) return writeUnused(content, "STRE", blockBytes);
    const trailer = { blockTypeTag: 0, generationNumber: 0, xxHash64Checksum: 0n };
    return [sealBlock(streamHeader.encode({ ...content, trailer }, { byteLength: blockBytes }), "STRE", content.generation)];
  },
};

/** What the SDK's reader refuses. Other regions reference 7. */
function sdkRefusal({
  maxCapacityBlocks,
  growthIncrement,
}: Pick<StreContent, "maxCapacityBlocks" | "growthIncrement">): string | undefined {
  if (maxCapacityBlocks <= 0n) return "ArgumentOutOfRangeException: Maximum capacity must be positive. (Parameter 'maxCapacityBlocks')";
  return growthIncrement > 0 ? undefined : "ArgumentOutOfRangeException: Growth increment must be positive. (Parameter 'growthIncrement')";
}

function judge(content: StreContent, regionBlocks: bigint): RegionProblem<StreRule>[] {
  const { maxCapacityBlocks, allocatedBlocks, writeHead, readTail, entryCount, growthIncrement } = content;
  const problems: RegionProblem<StreRule>[] = [];
  const add = (rule: StreRule, subject: string, start: number, byteLength: number, found: string, expected: string): void => {
    problems.push({ rule, subject, found, expected, block: 0, start, byteLength });
  };
  if (maxCapacityBlocks <= 0n) add("stre.capacity", "MaxCapacityBlocks", 0, 8, `${maxCapacityBlocks}`, "more than 0");
  if (maxCapacityBlocks >= regionBlocks)
    add("stre.capacity-exceeds-region", "MaxCapacityBlocks", 0, 8, `${maxCapacityBlocks}`, `less than the region's ${regionBlocks} blocks`);
  if (growthIncrement <= 0) add("stre.growth", "GrowthIncrement", 0x28, 4, `${growthIncrement}`, "more than 0");
  if (readTail < 0n || readTail > writeHead)
    add("stre.counters", "ReadTail", 0x10, 16, `ReadTail ${readTail}, WriteHead ${writeHead}`, "0 or more, at most WriteHead");
  if (entryCount !== writeHead - readTail)
    add("stre.entry-count-differs", "EntryCount", 0x20, 8, `${entryCount}`, `${writeHead - readTail}, from ReadTail to WriteHead`);
  if (entryCount < 0n || entryCount > allocatedBlocks || allocatedBlocks > maxCapacityBlocks)
    add(
      "stre.allocation",
      "AllocatedBlocks",
      8,
      8,
      `${entryCount} entries in ${allocatedBlocks} of at most ${maxCapacityBlocks} blocks`,
      "0 or more entries, at most one for each block, blocks within the capacity",
    );
  if (growthIncrement > 0 && allocatedBlocks !== maxCapacityBlocks && allocatedBlocks % BigInt(growthIncrement) !== 0n)
    add(
      "stre.allocation-steps",
      "AllocatedBlocks",
      8,
      8,
      `${allocatedBlocks}`,
      `a multiple of ${growthIncrement}, or the capacity of ${maxCapacityBlocks}`,
    );
  return problems;
}
