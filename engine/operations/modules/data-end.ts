import { checksum } from "../../base/checksum.ts";
import { minBigint } from "../../base/units.ts";
import { EngineError } from "../../errors/engine-error.ts";
import { leavesAt, strideFor } from "../../forensics/integrity-tree.ts";
import { type RegionPointer, sealBlock, tagText, trailerBytes } from "../../format/core/index.ts";
import { buildTree } from "../../format/regions/merkle.ts";
import { mtrkCodec, type RegionTree } from "../../format/regions/mtrk.ts";
import { replCodec, replicationBlocks } from "../../format/regions/repl.ts";
import { FreeSpace, recoveryFooter } from "../../volume/free-space.ts";
import { loadRegionBlocks } from "../../volume/region-readers/coded-region.ts";
import type { Volume, VolumeRegion } from "../../volume/volume.ts";
import type { VolumeEdit } from "../../volume/volume-edit.ts";
import type { MovableEnd } from "../moving/movable-end.ts";

/** The far end of a data region, where regions are cut off. Convention W23. */
export interface DataEnd {
  data: VolumeRegion;
  /** The first block past what may be cut off: the region's end, or a recovery footer before it. */
  end: bigint;
  /** Blocks before `end` that are free in one piece. */
  free: bigint;
  /** Free blocks anywhere in the volume. */
  freeAnywhere: bigint;
  /** What moving could make of it; undefined where nothing that is in use stands before free blocks. */
  movable?: MovableEnd | undefined;
}

/** Looks at the far end of the data region; undefined where there is none. */
export async function findDataEnd(volume: Volume, signal?: AbortSignal): Promise<DataEnd | undefined> {
  const data = volume.dataRegion;
  if (!data || data.blockCount <= 0n || !volume.findRegion("BMAP")) return undefined;
  const space = await FreeSpace.of(volume);
  const footer = (await recoveryFooter(volume)) ?? space.end;
  const end = minBigint(minBigint(data.startBlock + data.blockCount, footer), space.end);
  const last = await space.lastUsed({ start: data.startBlock, end, signal });
  return {
    data,
    end,
    free: last === undefined ? end - data.startBlock : end - last - 1n,
    freeAnywhere: await space.count({ signal }),
  };
}

/**
 * Gives the data region another length in both tables; its start stays. The integrity tree and the replication state count from that start
 * and get another length with it. Conventions W13, W14, W23. Gives what was left as it is, in sentences.
 */
export async function resizeDataRegion(edit: VolumeEdit, blockCount: bigint): Promise<string[]> {
  const { data, slot } = requireDataSlot(edit);
  slot.blockCount = blockCount;
  slot.usedBlocks = minBigint(slot.usedBlocks, blockCount);
  return [...(await resizeTree(edit, data, blockCount)), ...(await resizeTracking(edit, data, blockCount))];
}

function requireDataSlot({ volume, slots }: VolumeEdit): { data: VolumeRegion; slot: RegionPointer } {
  const data = volume.dataRegion;
  const slot = data && slots[data.slot];
  if (!data || !slot || tagText(slot.regionTypeId) !== data.tag)
    throw new EngineError("VOLUME_NEEDS_REPAIR", { reason: "no table names a data region" });
  return { data, slot };
}

const mostRegionBytes = 1_073_741_824;

/** A tree as convention W13 builds it gets the leaves of the region's new length; another tree says nothing about the region and stays. */
async function resizeTree(edit: VolumeEdit, data: VolumeRegion, dataBlocks: bigint): Promise<string[]> {
  const { volume } = edit;
  const region = volume.findRegion("MTRK");
  if (!region) return [];
  const blocks = await loadRegionBlocks(volume, region, mostRegionBytes);
  const { content } = mtrkCodec.read(blocks);
  if (content?.layout !== "region") return [];
  const stride = strideFor(data.blockCount, region, volume.blockBytes);
  if (leavesAt(data.blockCount, stride) !== BigInt(content.leafCount))
    return [`The integrity tree has ${content.leafCount} leaves, not those of the data region; it stays as it is.`];
  // A shorter region could be covered more densely, but only by hashing what the tree did not cover; a longer one may need a wider stride.
  const wanted = strideFor(dataBlocks, region, volume.blockBytes);
  const next = wanted > stride ? wanted : stride;
  const zeroBlock = checksum.sha256(new Uint8Array(volume.blockBytes));
  const unset = new Uint8Array(zeroBlock.length);
  const leaves = Array.from({ length: Number(leavesAt(dataBlocks, next)) }, (_, leaf) => {
    const at = BigInt(leaf) * next;
    if (at < data.blockCount) return content.leaves[Number(at / stride)] ?? unset;
    // A longer file begins as zeros; a block that other regions leave to the data region holds what they held.
    return data.startBlock + at >= volume.fileBlocks ? zeroBlock : unset;
  });
  const nodes = buildTree(leaves);
  const tree: RegionTree = {
    ...content,
    generation: (content.generation + 1) >>> 0,
    leafCount: leaves.length,
    treeCapacity: nodes.length / 2,
    rootHash: nodes[1] ?? unset,
    leaves,
  };
  const images = mtrkCodec.write(tree, volume.blockBytes, { nodes });
  for (const [index, image] of images.entries())
    await edit.put(region.startBlock + BigInt(index), image, `Give the integrity tree ${leaves.length} leaves`);
  return [];
}

/** Tracked blocks are those of the data region, as far as the region holds bits for them. Convention W14. */
async function resizeTracking(edit: VolumeEdit, data: VolumeRegion, dataBlocks: bigint): Promise<string[]> {
  const { volume } = edit;
  const region = volume.findRegion("REPL");
  if (!region) return [];
  const { content } = replCodec.read(await loadRegionBlocks(volume, region, mostRegionBytes));
  if (!content || content.trackedBlockCount === 0) return [];
  const holds = (region.blockCount - 1n) * BigInt(volume.blockBytes - trailerBytes) * 8n;
  const wasWhole = BigInt(content.trackedBlockCount) === minBigint(data.blockCount, holds);
  const wanted = wasWhole ? minBigint(dataBlocks, holds) : minBigint(BigInt(content.trackedBlockCount), dataBlocks);
  if (wanted === BigInt(content.trackedBlockCount)) return [];
  if (content.unlistedDirtyBlocks !== undefined)
    throw new EngineError("CHANGE_NOT_POSSIBLE", {
      change: "The data region's length",
      reasons: ["the replication state has more dirty blocks than can be rewritten at once"],
    });
  const trackedBlockCount = Number(wanted);
  const next = {
    ...content,
    generation: (content.generation + 1) >>> 0,
    trackedBlockCount,
    dirtyBlocks: content.dirtyBlocks.filter((block) => block < trackedBlockCount),
  };
  const images = replCodec.write(next, volume.blockBytes);
  const empty = sealBlock(new Uint8Array(volume.blockBytes), "REPL", next.generation);
  // Blocks whose bits are no longer tracked are zero, so that they are right when the region grows again.
  for (let index = images.length; index < replicationBlocks(content.trackedBlockCount, volume.blockBytes); index++) images.push(empty);
  for (const [index, image] of images.entries())
    await edit.put(region.startBlock + BigInt(index), image, `Track ${trackedBlockCount} blocks of the data region`);
  return [];
}
