import { isAllZero } from "../../base/bytes.ts";
import { judgeTrailer, tagNumber, trailerBytes } from "../core/index.ts";
import {
  type BlockRule,
  blockOrZeros,
  judgeBlocks,
  type RegionBlocks,
  type RegionProblem,
  type RegionReading,
  sdkTrailerFailure,
} from "./region.ts";
import { type UnusedRegion, unusedState } from "./unused-region.ts";

/** What a table of records is called, on disk and by the SDK. */
export interface TableNames<Tag extends string = string> {
  /** What rules on it begin with: the tag of the region's kind in lower case. */
  readonly rules: Tag;
  /** The tag that the codec writes. */
  readonly tag: string;
  /** What a formatted block may carry, where that is not the codec's tag alone; the creator's first. */
  readonly directoryTags?: readonly string[];
  /** How the SDK's reader names the region when a trailer fails. */
  readonly sdkRegion: string;
  /** How it names a block, where that is not the region and the block's index. */
  readonly sdkBlock?: (index: number) => string;
}

/** The rules on blocks behind the ones in use. */
export type TailRule<Tag extends string> = `${Tag}.${"stale-blocks" | "stale-newer"}`;

/** The exception of the SDK's reader for the first of `count` blocks whose trailer does not verify. Other regions reference 1.5. */
export const sdkTableFailure = (blocks: RegionBlocks, { sdkRegion, sdkBlock }: TableNames, count: number): string | undefined =>
  sdkTrailerFailure(blocks, count, sdkBlock ?? ((index) => `${sdkRegion} block ${index}`));

/**
 * Reads a table unless its head says that there is none. A head that verifies under another tag is what the SDK reads all the
 * same, and not this region's content; one without a trailer is decoded, since its payload may be whole. Other regions reference 1.3, 1.5.
 */
export function readTable<Content extends object, Tag extends string>(
  blocks: RegionBlocks,
  names: TableNames<Tag>,
  decode: () => RegionReading<Content>,
): RegionReading<Content | UnusedRegion> {
  const { tag, rules } = names;
  const unused = unusedState(blocks, names.directoryTags ?? [tag]);
  if (unused)
    return { content: unused, sdkReads: unused.state === "formatted" ? undefined : sdkTableFailure(blocks, names, 1), problems: [] };
  const first = blocks.block(0);
  if (!first || isAllZero(first))
    return { sdkReads: sdkTableFailure(blocks, names, 1), problems: judgeBlocks(blocks, rules, 1, { letters: tag }) };
  const trailer = judgeTrailer(first);
  if (trailer.blockTypeTag === tagNumber(tag) || trailer.zero) return decode();
  const problems = judgeBlocks(blocks, rules, 1, { letters: tag });
  if (!trailer.verified) return { sdkReads: sdkTableFailure(blocks, names, 1), problems };
  const { content, sdkReads } = decode();
  return { sdkReads: sdkReads ?? (content as { [key: string]: unknown } | undefined), problems };
}

/** Blocks from the region's first that carry a trailer: what a reader is given at most where a count cannot be trusted. */
export function trailedBlocks(blocks: RegionBlocks): number {
  let count = 1;
  while (count < blocks.blockCount) {
    const block = blocks.block(count);
    if (!block || judgeTrailer(block).zero) break;
    count++;
  }
  return count;
}

/**
 * Blocks behind those in use that an earlier, longer table left, as one problem for each run. Sealed blocks without content are none
 * (convention W4). Other regions reference 1.6.
 */
export function judgeTail<Tag extends string>(
  blocks: RegionBlocks,
  { rules, tag }: TableNames<Tag>,
  used: number,
): RegionProblem<TailRule<Tag>>[] {
  const generation = judgeTrailer(blockOrZeros(blocks, 0)).generationNumber;
  const runs: { rule: TailRule<Tag>; block: number; count: number; generation: number }[] = [];
  for (let index = used; index < blocks.blockCount; index++) {
    const block = blocks.block(index);
    if (!block || isAllZero(block.subarray(0, -trailerBytes))) continue;
    const trailer = judgeTrailer(block);
    if (!trailer.verified || trailer.blockTypeTag !== tagNumber(tag)) continue;
    const rule: TailRule<Tag> = trailer.generationNumber > generation ? `${rules}.stale-newer` : `${rules}.stale-blocks`;
    const last = runs.at(-1);
    if (last?.rule === rule && last.block + last.count === index && last.generation === trailer.generationNumber) last.count++;
    else runs.push({ rule, block: index, count: 1, generation: trailer.generationNumber });
  }
  return runs.map((run) => ({
    rule: run.rule,
    subject: `${run.count === 1 ? "block" : `${run.count} blocks from block`} ${run.block} of the region`,
    found: `generation ${run.generation}`,
    expected: `nothing behind the ${used} in use, which carry generation ${generation}`,
    block: run.block,
  }));
}

/** The first byte of a block's payload, from `start` on, that is not zero, as a problem of `rule`; none where all are. */
export function judgeSlack<Rule extends string>(blocks: RegionBlocks, rule: Rule, index: number, start: number): RegionProblem<Rule>[] {
  const rest = blockOrZeros(blocks, index).subarray(start, blocks.blockBytes - trailerBytes);
  const at = rest.findIndex((byte) => byte !== 0);
  if (at < 0) return [];
  return [
    {
      rule,
      subject: `block ${index} of the region`,
      found: `byte ${start + at} is not zero`,
      expected: "zeros behind the last record",
      block: index,
      start: start + at,
      byteLength: 1,
    },
  ];
}

/** The problem of reserved bytes of a header that are in use. */
export const reservedInUse = <Rule extends string>(rule: Rule, start: number, byteLength: number): RegionProblem<Rule> => ({
  rule,
  subject: "header",
  found: `bytes ${start} to ${start + byteLength - 1} are in use`,
  expected: "zero",
  block: 0,
  start,
  byteLength,
});

/** Every rule on a table's blocks, used or not. */
export type TableRule<Tag extends string> =
  | BlockRule<Tag>
  | TailRule<Tag>
  | `${Tag}.${"count-negative" | "reserved-not-zero" | "slack-not-zero"}`;
