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
 * Core reference 2.9. At most ten blocks of the largest size are read.
 */
export async function findBlockSize(device: BlockDevice, signal?: AbortSignal): Promise<BlockSizeVerdict> {
  const first = await readHead(device, judgedBlocks * workingBlockSizes[0], signal);
  const stored = first.length >= blockSizeOffset + 4 ? viewOf(first).getInt32(blockSizeOffset, true) : undefined;
  const plausible = stored !== undefined && isWorkingBlockSize(stored) ? stored : undefined;
  let head = first;
  if (plausible !== undefined) {
    head = await readHead(device, judgedBlocks * plausible, signal);
    const verified = verifiedBlocks(head, plausible);
    if (verified === judgedBlocks) return { blockBytes: plausible, verified, stored };
  }
  head = await readHead(device, judgedBlocks * 65_536, signal);
  let best: BlockSizeVerdict = {
    blockBytes: plausible ?? workingBlockSizes[0],
    verified: plausible ? verifiedBlocks(head, plausible) : 0,
    stored,
  };
  for (const blockBytes of workingBlockSizes) {
    const verified = verifiedBlocks(head, blockBytes);
    if (verified > best.verified) best = { blockBytes, verified, stored };
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

/** The first bytes; what cannot be read stands as zeros, since single blocks are judged again later. */
async function readHead(device: BlockDevice, byteLength: number, signal?: AbortSignal): Promise<Uint8Array> {
  try {
    return await readUpTo(device, 0n, byteLength, signal);
  } catch (error) {
    if (signal?.aborted) throw error;
    const head = new Uint8Array(byteLength);
    for (let at = 0; at < byteLength; at += 4096) {
      await device.read(BigInt(at), head.subarray(at, at + 4096), signal).catch(() => head.fill(0, at, at + 4096));
    }
    return head;
  }
}
