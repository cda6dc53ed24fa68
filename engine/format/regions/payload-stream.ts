import { concatBytes } from "../../base/bytes.ts";
import { judgeTrailer, sealBlock, tagNumber, trailerBytes } from "../core/index.ts";
import { blockOrZeros, type RegionBlocks } from "./region.ts";

/** Whether a block ends in a trailer: one that verifies, or one that carries the region's tag. */
export function endsInTrailer(block: Uint8Array, tag: string): boolean {
  if (block.length < trailerBytes) return false;
  const trailer = judgeTrailer(block);
  return trailer.verified || trailer.blockTypeTag === tagNumber(tag);
}

/** The first `count` blocks of a region as one run of bytes, without their trailers where `framed`. */
export function streamOf(blocks: RegionBlocks, count: number, framed: boolean): Uint8Array {
  const end = framed ? blocks.blockBytes - trailerBytes : blocks.blockBytes;
  return concatBytes(
    Array.from({ length: Math.min(count, blocks.blockCount) }, (_, index) => blockOrZeros(blocks, index).subarray(0, end)),
  );
}

/** Cuts a run of bytes into whole blocks, at least one, the last padded with zeros; sealed where `seal` says how. */
export function cutStream(
  stream: Uint8Array,
  blockBytes: number,
  seal?: { tag: string; generationOf: (index: number) => number },
): Uint8Array[] {
  const perBlock = seal ? blockBytes - trailerBytes : blockBytes;
  return Array.from({ length: Math.max(1, Math.ceil(stream.length / perBlock)) }, (_, index) => {
    const block = new Uint8Array(blockBytes);
    block.set(stream.subarray(index * perBlock, (index + 1) * perBlock));
    return seal ? sealBlock(block, seal.tag, seal.generationOf(index)) : block;
  });
}
