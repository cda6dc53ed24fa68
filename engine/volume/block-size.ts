import { viewOf } from "../base/bytes.ts";
import { isWorkingBlockSize, workingBlockSizes } from "../base/units.ts";
import { type BlockDevice, readUpTo } from "../device/block-device.ts";
import { judgeTrailer } from "../format/core/index.ts";

const blockSizeOffset = 0x34;
const judgedBlocks = 10;

export interface BlockSizeVerdict {
  /** The size to work with. */
  blockBytes: number;
  /** Blocks 0 to 9 whose trailers verify at that size. */
  verified: number;
  /** What block 0 says; undefined where it is not there. */
  stored: number | undefined;
}

/**
 * The block size at which most of blocks 0 to 9 verify; the stored one on a tie, and where none verifies if it is a working one.
 * Core reference 2.9. At most ten blocks of each size are read, and of other sizes than the stored one only as long as they may still win.
 */
export async function findBlockSize(device: BlockDevice, signal?: AbortSignal): Promise<BlockSizeVerdict> {
  const first = await readPart(device, 0, judgedBlocks * workingBlockSizes[0], signal);
  const stored = first.length >= blockSizeOffset + 4 ? viewOf(first).getInt32(blockSizeOffset, true) : undefined;
  const plausible = stored !== undefined && isWorkingBlockSize(stored) ? stored : undefined;
  let best: BlockSizeVerdict = { blockBytes: plausible ?? workingBlockSizes[0], verified: 0, stored };
  if (plausible !== undefined) {
    const byteLength = judgedBlocks * plausible;
    best.verified = verifiedBlocks(first.length < byteLength ? await readPart(device, 0, byteLength, signal) : first, plausible);
  }
  for (const blockBytes of workingBlockSizes) {
    if (best.verified === judgedBlocks) break;
    if (blockBytes === plausible) continue;
    const verified = await verifiedIfMore(device, blockBytes, best.verified, signal);
    if (verified !== undefined) best = { blockBytes, verified, stored };
  }
  return best;
}

const verifiedBlocks = (head: Uint8Array, blockBytes: number): number => {
  let verified = 0;
  for (let at = 0; at + blockBytes <= head.length && at < judgedBlocks * blockBytes; at += blockBytes) {
    if (judgeTrailer(head.subarray(at, at + blockBytes)).verified) verified++;
  }
  return verified;
};

/** How many of the blocks of a size verify; undefined as soon as it cannot be more than `least`. */
async function verifiedIfMore(device: BlockDevice, blockBytes: number, least: number, signal?: AbortSignal): Promise<number | undefined> {
  let verified = 0;
  for (let index = 0; index < judgedBlocks && verified + judgedBlocks - index > least; index++) {
    const block = await readPart(device, index * blockBytes, blockBytes, signal);
    if (block.length < blockBytes) break;
    if (judgeTrailer(block).verified) verified++;
  }
  return verified > least ? verified : undefined;
}

/** Bytes of the device; what cannot be read stands as zeros, since single blocks are judged again later. */
async function readPart(device: BlockDevice, start: number, byteLength: number, signal?: AbortSignal): Promise<Uint8Array> {
  try {
    return await readUpTo(device, BigInt(start), byteLength, signal);
  } catch (error) {
    if (signal?.aborted) throw error;
    const part = new Uint8Array(byteLength);
    for (let at = 0; at < byteLength; at += 4096) {
      await device.read(BigInt(start + at), part.subarray(at, at + 4096), signal).catch(() => part.fill(0, at, at + 4096));
    }
    return part;
  }
}
