import { isAllZero } from "../../base/bytes.ts";
import { judgeTrailer, sealBlock, trailerBytes } from "../core/index.ts";
import type { RegionBlocks } from "./region.ts";

/** A region that was never used: as the creator formats it, or without a byte that is not zero. */
export interface UnusedRegion {
  state: "formatted" | "notInitialised";
}

export const isUnused = (content: object): content is UnusedRegion => "state" in content;

/**
 * Whether a region was never used: "formatted" where block 0 is zeros under a valid trailer of one of `tags` with generation 1 and all
 * else is zero or sealed in the same way (convention W4), "notInitialised" where every block is zero.
 * Source: other regions reference 1.2 and 1.3.
 */
export function unusedState(blocks: RegionBlocks, tags: readonly string[]): UnusedRegion | undefined {
  const first = blocks.block(0);
  if (!first || first.length < trailerBytes || !isAllZero(first.subarray(0, -trailerBytes))) return undefined;
  const trailer = judgeTrailer(first);
  const formatted = trailer.verified && trailer.generationNumber === 1 && tags.includes(trailer.tag);
  if (!formatted && !trailer.zero) return undefined;
  const isEmpty = (block: Uint8Array): boolean => {
    if (isAllZero(block)) return true;
    if (!formatted || !isAllZero(block.subarray(0, -trailerBytes))) return false;
    const { verified, generationNumber, tag } = judgeTrailer(block);
    return verified && generationNumber === 1 && tag === trailer.tag;
  };
  for (let index = 1; index < blocks.blockCount; index++) {
    const block = blocks.block(index);
    if (!block || !isEmpty(block)) return undefined;
  }
  return { state: formatted ? "formatted" : "notInitialised" };
}

/** The blocks of an unused region: the creator's block 0 under `tag`, or none. Source: other regions reference 1.2. */
export const writeUnused = ({ state }: UnusedRegion, tag: string, blockBytes: number): Uint8Array[] =>
  state === "formatted" ? [sealBlock(new Uint8Array(blockBytes), tag, 1)] : [];
