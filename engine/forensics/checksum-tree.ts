import { checksum } from "../base/checksum.ts";
import { type InodeExtent, isEmptyExtent, judgeTrailer } from "../format/core/index.ts";
import { buildTree, hashBytes, nodeAt } from "../format/regions/merkle.ts";
import type { BlockReader } from "../volume/block-reader.ts";
import { isHole } from "../volume/extents.ts";

/** The SDK's three levels over an object's inline extents, as its HierarchicalChecksumTree computes them. Operations reference 17.2. */
export interface ChecksumTree {
  /** Level 2: CRC-32 over the whole blocks of each extent, trailers included. */
  extentCrc32: number[];
  /** Level 3: over a leaf for each block, padded with zeros to a power of two. */
  merkleRoot: Uint8Array;
  verifyObject: {
    /** Every block carries a trailer that verifies: data blocks as they are usually written fail it. */
    level1Ok: boolean;
    /** The SDK compares level 2 with nothing. */
    level2Ok: true;
    /** No stored root exists: this is level 1 again. */
    level3Ok: boolean;
    corruptBlocks: bigint[];
  };
}

/** Blocks of one object that are read; an extent from a damaged inode can name any number. Convention R7. */
const mostBlocks = 16_777_216;

/** Computes the three levels. Holes and empty extents are passed over; a block that cannot be read counts as corrupt and as zeros. DEVICE_CLOSED. */
export async function computeChecksumTree(
  reader: BlockReader,
  extents: readonly InodeExtent[],
  signal?: AbortSignal,
): Promise<ChecksumTree> {
  const extentCrc32: number[] = [];
  const corruptBlocks: bigint[] = [];
  const leaves: Uint8Array[] = [];
  for (const extent of extents) {
    let crc = 0;
    const isPassedOver = isHole(extent) || isEmptyExtent(extent) || extent.startBlock < 0n;
    for (let index = 0; index < extent.blockCount && leaves.length < mostBlocks; index++) {
      const block = extent.startBlock + BigInt(index);
      const bytes = (await reader.read(block, signal)) ?? new Uint8Array(reader.blockBytes);
      crc = checksum.crc32(bytes, crc);
      if (isPassedOver) continue;
      if (!judgeTrailer(bytes).verified) corruptBlocks.push(block);
      const hash = new Uint8Array(8);
      new DataView(hash.buffer).setBigUint64(0, checksum.xxh64(bytes), true);
      leaves.push(checksum.sha256(hash));
    }
    extentCrc32.push(crc);
  }
  const merkleRoot = leaves.length === 0 ? new Uint8Array(hashBytes) : nodeAt(buildTree(leaves), 1);
  const level1Ok = corruptBlocks.length === 0;
  return { extentCrc32, merkleRoot, verifyObject: { level1Ok, level2Ok: true, level3Ok: level1Ok, corruptBlocks } };
}
