import { divideUp, maxBigint, minBigint } from "../base/units.ts";
import { EngineError } from "../errors/engine-error.ts";
import {
  encodeExtentPointers,
  encodeFlatExtents,
  extentFlag,
  extentPointerCapacity,
  extentsPerInode,
  flatExtentCapacity,
  type InodeExtent,
} from "../format/core/index.ts";
import type { BlockRun } from "../volume/bitmap.ts";
import type { DataBlocks } from "./data-blocks.ts";
import type { StoredRun } from "./import-source.ts";

const mostExtentBlocks = 0x7fff_ffffn;

/** Blocks of a file that hold stored bytes, as ranges of the file's blocks, `end` excluded; neighbours are one. */
export function blocksOfRuns(runs: readonly StoredRun[], blockBytes: bigint): { start: bigint; end: bigint }[] {
  const ranges: { start: bigint; end: bigint }[] = [];
  for (const run of runs) {
    const [start, end] = [run.start / blockBytes, divideUp(run.end, blockBytes)];
    const last = ranges.at(-1);
    if (last && start <= last.end) last.end = maxBigint(last.end, end);
    else if (end > start) ranges.push({ start, end });
  }
  return ranges;
}

/** A piece of a file's content in the volume. */
export interface PlacedPiece extends BlockRun {
  /** The file's byte at which it begins. */
  start: bigint;
}
export interface PlacedContent {
  extents: InodeExtent[];
  pieces: PlacedPiece[];
  dataBlocks: bigint;
}

/** Places the stored blocks of a file of `byteLength` bytes into free blocks; the rest becomes hole extents. Core reference 6.6, convention W12. SPACE_NEEDED. */
export function placeContent(
  blocks: DataBlocks,
  ranges: readonly { start: bigint; end: bigint }[],
  byteLength: bigint,
  blockBytes: bigint,
): PlacedContent {
  const dataBlocks = ranges.reduce((sum, { start, end }) => sum + (end - start), 0n);
  const free = dataBlocks > 0n ? blocks.take(dataBlocks) : [];
  const placed: PlacedContent = { extents: [], pieces: [], dataBlocks };
  const add = (startBlock: bigint, from: bigint, blockCount: bigint, flags: number) => {
    for (let done = 0n; done < blockCount; done += mostExtentBlocks) {
      const count = minBigint(mostExtentBlocks, blockCount - done);
      const isHole = (flags & extentFlag.hole) !== 0;
      placed.extents.push({
        startBlock: isHole ? 0n : startBlock + done,
        blockCount: Number(count),
        flags,
        logicalOffset: (from + done) * blockBytes,
      });
    }
  };
  let at = 0n;
  let run = free.shift();
  for (const { start, end } of ranges) {
    if (start > at) add(0n, at, start - at, extentFlag.hole);
    for (at = start; at < end && run; ) {
      const blockCount = minBigint(run.blockCount, end - at);
      add(run.startBlock, at, blockCount, 0);
      placed.pieces.push({ startBlock: run.startBlock, blockCount, start: at * blockBytes });
      at += blockCount;
      run =
        run.blockCount > blockCount ? { startBlock: run.startBlock + blockCount, blockCount: run.blockCount - blockCount } : free.shift();
    }
  }
  const end = divideUp(byteLength, blockBytes);
  if (end > at) add(0n, at, end - at, extentFlag.hole);
  return placed;
}

/** The fields of an inode that name its extents, and the blocks that hold those which do not fit in it. */
export interface LinkedExtents {
  extentCount: number;
  extents: InodeExtent[];
  indirectExtentBlock: bigint;
  doubleIndirectBlock: bigint;
  /** Images of indirect blocks by where they go. */
  indirect: { block: bigint; image: Uint8Array }[];
}

/** Puts extents into an inode: eight inline, the next in an indirect block, the rest behind a block of pointers. Core reference 6.7. SPACE_NEEDED, FILE_TOO_FRAGMENTED. */
export function linkExtents(blocks: DataBlocks, extents: readonly InodeExtent[], blockBytes: number, path: string): LinkedExtents {
  const perBlock = flatExtentCapacity(blockBytes);
  const most = extentsPerInode + perBlock * (1 + extentPointerCapacity(blockBytes));
  if (extents.length > most) throw new EngineError("FILE_TOO_FRAGMENTED", { path, extents: extents.length, most });
  const indirect: LinkedExtents["indirect"] = [];
  const place = (image: Uint8Array): bigint => {
    const [run] = blocks.take(1n);
    if (!run) throw new TypeError("a taken block is there");
    indirect.push({ block: run.startBlock, image });
    return run.startBlock;
  };
  const leaves: bigint[] = [];
  for (let at = extentsPerInode; at < extents.length; at += perBlock)
    leaves.push(place(encodeFlatExtents(extents.slice(at, at + perBlock), blockBytes)));
  const [indirectExtentBlock = 0n, ...others] = leaves;
  const inline = extents.slice(0, extentsPerInode);
  const empty: InodeExtent = { startBlock: 0n, blockCount: 0, flags: 0, logicalOffset: 0n };
  return {
    extentCount: inline.length,
    extents: [...inline, ...new Array<InodeExtent>(extentsPerInode - inline.length).fill(empty)],
    indirectExtentBlock,
    doubleIndirectBlock: others.length > 0 ? place(encodeExtentPointers(others, blockBytes)) : 0n,
    indirect,
  };
}
