import { isAllZero } from "../base/bytes.ts";
import { extendedInodeBytes, type InodeCore, inodeCore, judgeTrailer, trailerBytes } from "../format/core/index.ts";
import { type InodeTable, isPlausibleInode, isUnusedInode } from "../volume/inode-table.ts";
import type { Volume } from "../volume/volume.ts";

/** How records lie in the volume's inode tables, live and frozen. Convention W24. */
export interface RecordLayout {
  recordBytes: number;
  /** The live table's descriptor as it is stored: a frozen block that begins with it holds no records. */
  descriptor: Uint8Array;
}

/** The layout of the live table's records; a reason in words where it is not known. Conventions W10, W24. */
export function recordLayout({ descriptor, placement }: InodeTable, firstBlock: Uint8Array | undefined): RecordLayout | string {
  if (!descriptor || !firstBlock) return "the inode table has no layout descriptor";
  const recordBytes = placement === "slots-of-512" ? extendedInodeBytes : descriptor.inodeSize;
  if (recordBytes < inodeCore.leastBytes || recordBytes > firstBlock.length - trailerBytes)
    return `the inode table's descriptor says ${descriptor.inodeSize} bytes for a record`;
  return { recordBytes, descriptor: firstBlock.slice(0, 8 + 7 * descriptor.moduleFieldCount) };
}

/** What a frozen inode table holds; `problem` says in words what cannot be relied on, with what was read before it. */
export interface FrozenInodes {
  inodes: InodeCore[];
  /** Where each of them lies. */
  places: { block: bigint; offset: number }[];
  /** Blocks whose trailer verifies and says INOD. */
  verifiedBlocks: number;
  problem: string | undefined;
}

const runBytes = 1_048_576;

/** Reads a frozen inode table: records packed in each block, none across a border. Conventions W10, W15. */
export async function readFrozenInodes(
  volume: Volume,
  startBlock: bigint,
  blockCount: number,
  { recordBytes, descriptor }: RecordLayout,
  signal?: AbortSignal,
): Promise<FrozenInodes> {
  const inodes: InodeCore[] = [];
  const places: FrozenInodes["places"] = [];
  const perBlock = Math.floor((volume.blockBytes - trailerBytes) / recordBytes);
  const perRun = Math.max(1, Math.floor(runBytes / volume.blockBytes));
  let verifiedBlocks = 0;
  let problem: string | undefined;
  for (let done = 0; done < blockCount; done += perRun) {
    const run = await volume.reader.readRun(startBlock + BigInt(done), Math.min(perRun, blockCount - done), signal);
    for (const [index, block] of run.entries()) {
      const at = startBlock + BigInt(done + index);
      const unsound = blockProblem(block);
      if (unsound || !block) {
        problem ??= `block ${at} of its inode table ${unsound}`;
        continue;
      }
      verifiedBlocks++;
      if (descriptor.every((byte, offset) => block[offset] === byte)) continue;
      for (let slot = 0; slot < perBlock; slot++) {
        const record = block.subarray(slot * recordBytes, (slot + 1) * recordBytes);
        if (isAllZero(record) || isUnusedInode(record)) continue;
        if (isPlausibleInode(record)) {
          inodes.push(inodeCore.parse(record));
          places.push({ block: at, offset: slot * recordBytes });
        } else problem ??= `record ${slot} in block ${at} of its inode table is no inode`;
      }
    }
  }
  return { inodes, places, verifiedBlocks, problem };
}

function blockProblem(block: Uint8Array | undefined): string | undefined {
  if (!block) return "cannot be read";
  if (isAllZero(block)) return "was never written";
  const trailer = judgeTrailer(block);
  if (!trailer.verified) return "fails its checksum";
  return trailer.tag === "INOD" ? undefined : `carries the tag ${JSON.stringify(trailer.tag)}, not INOD`;
}
