import type { RegionBlocks } from "../format/regions/index.ts";
import { goldenBytes, goldenJson } from "./golden.ts";

export interface GoldenRegion {
  tag: string;
  blocks: RegionBlocks;
  totalBlocks: bigint;
  content: Record<string, unknown> | undefined;
}

/** Blocks of an image in memory, as a region of them. */
export const blocksOf = (image: Uint8Array, blockBytes: number, startBlock: number, blockCount: number): RegionBlocks => ({
  blockBytes,
  blockCount,
  startBlock: BigInt(startBlock),
  block: (index) =>
    index < 0 || index >= blockCount ? undefined : image.subarray((startBlock + index) * blockBytes, (startBlock + index + 1) * blockBytes),
});

/** The regions of a golden that its document lists, with their bytes. */
export function goldenRegions(name: string): GoldenRegion[] {
  const { expect } = goldenJson(name);
  const image = goldenBytes(name);
  return expect.regions.map((region: { tag: string; startBlock: number; blockCount: number; content?: Record<string, unknown> }) => ({
    tag: region.tag,
    totalBlocks: BigInt(expect.superblock.totalBlocks),
    blocks: blocksOf(image, expect.superblock.blockSize, region.startBlock, region.blockCount),
    content: region.content,
  }));
}

/** Blocks that were written one by one, as a region of `blockCount` blocks with zeros behind them. */
export const writtenBlocks = (written: readonly Uint8Array[], blockCount = written.length): RegionBlocks => {
  const blockBytes = written[0]?.length ?? 4096;
  return {
    blockBytes,
    blockCount,
    startBlock: 1099n,
    block: (index) => (index < 0 || index >= blockCount ? undefined : (written[index] ?? new Uint8Array(blockBytes))),
  };
};
