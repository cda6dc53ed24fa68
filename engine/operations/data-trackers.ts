import { concatBytes } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { maxBigint, minBigint } from "../base/units.ts";
import { dataRegionLeaves } from "../forensics/integrity-tree.ts";
import { bitsPerBitmapBlock, judgeTrailer, sealBlock, setBits } from "../format/core/index.ts";
import { hashBytes } from "../format/regions/merkle.ts";
import { integrityTreeBlocks, mtrkCodec, nodeLayout, type RegionTree, storedNodeCount } from "../format/regions/mtrk.ts";
import { replCodec, replicationBlocks } from "../format/regions/repl.ts";
import { loadRegionBlocks, regionFacts } from "../volume/region-readers/coded-region.ts";
import type { Volume, VolumeRegion } from "../volume/volume.ts";
import type { FreshRun, VolumeEdit } from "../volume/volume-edit.ts";
import { piecesOf } from "./fresh-content.ts";

const regionLimitBytes = 256 * 1_048_576;
/** Where the header's copy of the root begins. Core regions reference 7.2. */
const rootStart = 8;

/** What of a volume keeps account of its data blocks: integrity trees over the data region, and dirty bitmaps of replication. */
export interface DataTrackers {
  trees: { region: VolumeRegion; tree: RegionTree; storedNodes: number }[];
  bitmaps: { region: VolumeRegion; trackedBlocks: bigint }[];
  /** Blocks of theirs that one change of data can touch at most. */
  mostBlocks: number;
}

/** Finds what must follow when data blocks are written. A region that cannot be read is left alone: its findings stand. Conventions W13, W14. */
export async function findDataTrackers(volume: Volume, signal?: AbortSignal): Promise<DataTrackers> {
  const found: DataTrackers = { trees: [], bitmaps: [], mostBlocks: 0 };
  for (const region of volume.regions) {
    if (region.kind !== "MTRK" && region.kind !== "REPL") continue;
    const blocks = await loadRegionBlocks(volume, region, regionLimitBytes, signal);
    if (region.kind === "MTRK") {
      const { content } = mtrkCodec.read(blocks);
      if (content?.layout !== "region") continue;
      found.trees.push({ region, tree: content, storedNodes: storedNodeCount(blocks, content) });
      found.mostBlocks += integrityTreeBlocks(content.leafCount, volume.blockBytes);
    } else {
      const { content } = replCodec.read(blocks, regionFacts(volume, region));
      if (!content || content.trackedBlockCount <= 0) continue;
      found.bitmaps.push({ region, trackedBlocks: BigInt(content.trackedBlockCount) });
      found.mostBlocks += replicationBlocks(content.trackedBlockCount, volume.blockBytes);
    }
  }
  return found;
}

/** Brings integrity trees and dirty bitmaps up to date with the free blocks that a change fills: to be called once all are filled. Conventions W13, W14. */
export async function followData(edit: VolumeEdit, { trees, bitmaps }: DataTrackers, signal?: AbortSignal): Promise<void> {
  const data = edit.volume.dataRegion;
  if (!data) return;
  for (const { region, tree, storedNodes } of trees) {
    const leaves = await leavesOf(edit, region, tree, signal);
    if (leaves.size > 0) await writeLeaves(edit, region, tree, storedNodes, leaves);
  }
  for (const { region, trackedBlocks } of bitmaps) await markDirty(edit, region, trackedBlocks, data);
}

/** New hashes of the leaves whose blocks are filled, by leaf. */
async function leavesOf(
  edit: VolumeEdit,
  region: VolumeRegion,
  { leafCount }: RegionTree,
  signal: AbortSignal | undefined,
): Promise<Map<number, Uint8Array>> {
  const { volume } = edit;
  const { stride, coveredBlocks, blockOf, hashOf } = dataRegionLeaves(volume, region, leafCount);
  const first = blockOf(0);
  const leaves = new Map<number, Uint8Array>();
  if (first === undefined) return leaves;
  for (const run of edit.filled) {
    const from = run.block <= first ? 0n : (run.block - first + stride - 1n) / stride;
    for await (const { block, bytes } of leafImages(run, first, from, stride, volume.blockBytes)) {
      signal?.throwIfAborted();
      const leaf = Number((block - first) / stride);
      if (leaf < coveredBlocks) leaves.set(leaf, hashOf(bytes));
    }
  }
  return leaves;
}

/** The images of a run's blocks that stand for a leaf; one by one where few do, else in the run's own pieces. */
async function* leafImages(
  run: FreshRun,
  first: bigint,
  from: bigint,
  stride: bigint,
  blockBytes: number,
): AsyncGenerator<{ block: bigint; bytes: Uint8Array }> {
  const end = run.block + run.blockCount;
  if (stride > 1n) {
    for (let block = first + from * stride; block < end; block += stride) yield { block, bytes: await run.image(block - run.block) };
    return;
  }
  for await (const piece of piecesOf(run, blockBytes))
    for (let index = 0; index * blockBytes < piece.bytes.length; index++) {
      const block = piece.block + BigInt(index);
      if (block >= first) yield { block, bytes: piece.bytes.subarray(index * blockBytes, (index + 1) * blockBytes) };
    }
}

/** Writes leaves and all nodes above them. Core regions reference 7.2, 7.3. */
async function writeLeaves(
  edit: VolumeEdit,
  region: VolumeRegion,
  tree: RegionTree,
  storedNodes: number,
  leaves: ReadonlyMap<number, Uint8Array>,
): Promise<void> {
  const { perBlock, step } = nodeLayout(tree, edit.volume.blockBytes);
  const images = new Map<bigint, Uint8Array>();
  const zero = new Uint8Array(hashBytes);
  const blockAt = (index: number) => imageOf(edit, images, region.startBlock + BigInt(index));
  const placeOf = (node: number) => ({ block: 1 + Math.floor((node - 1) / perBlock), start: ((node - 1) % perBlock) * step });
  const read = async (node: number): Promise<Uint8Array> => {
    if (node > storedNodes) return zero;
    const { block, start } = placeOf(node);
    return (await blockAt(block)).subarray(start, start + hashBytes);
  };
  const write = async (node: number, hash: Uint8Array): Promise<void> => {
    if (node > storedNodes) return;
    const { block, start } = placeOf(node);
    (await blockAt(block)).set(hash, start);
  };
  let level = new Set<number>();
  for (const [leaf, hash] of leaves) {
    await write(tree.treeCapacity + leaf, hash);
    level.add(tree.treeCapacity + leaf);
  }
  while (!level.has(1)) {
    level = new Set([...level].map((node) => Math.floor(node / 2)));
    for (const node of level) await write(node, checksum.sha256(concatBytes([await read(2 * node), await read(2 * node + 1)])));
  }
  (await blockAt(0)).set(await read(1), rootStart);
  await writeTogether(
    edit,
    region,
    images,
    integrityTreeBlocks(tree.leafCount, edit.volume.blockBytes),
    "Bring the integrity tree up to date",
  );
}

/** A block as it will be, held to be changed. */
async function imageOf(edit: VolumeEdit, images: Map<bigint, Uint8Array>, block: bigint): Promise<Uint8Array> {
  const held = images.get(block) ?? (await edit.block(block));
  images.set(block, held);
  return held;
}

/** Rewrites all blocks in use of a structure under one generation: blocks that differ in it count as torn. Core regions reference 0.2. */
async function writeTogether(
  edit: VolumeEdit,
  region: VolumeRegion,
  images: Map<bigint, Uint8Array>,
  usedBlocks: number,
  reason: string,
): Promise<void> {
  const generation = (judgeTrailer(await edit.block(region.startBlock)).generationNumber + 1) >>> 0;
  const used = minBigint(BigInt(usedBlocks), region.blockCount);
  for (let block = region.startBlock; block < region.startBlock + used; block++)
    await edit.put(block, sealBlock(await imageOf(edit, images, block), region.tag, generation), reason);
}

/** Marks filled blocks as changed for the replicas. Core regions reference 1.1. */
async function markDirty(edit: VolumeEdit, region: VolumeRegion, trackedBlocks: bigint, data: VolumeRegion): Promise<void> {
  const bitsPerBlock = BigInt(bitsPerBitmapBlock(edit.volume.blockBytes));
  const images = new Map<bigint, Uint8Array>();
  for (const run of edit.filled) {
    const end = minBigint(run.block + run.blockCount - data.startBlock, trackedBlocks);
    for (let tracked = maxBigint(run.block - data.startBlock, 0n); tracked < end; ) {
      const at = region.startBlock + 1n + tracked / bitsPerBlock;
      const image = await imageOf(edit, images, at);
      const bit = tracked % bitsPerBlock;
      const count = minBigint(end - tracked, bitsPerBlock - bit);
      setBits(image, Number(bit), Number(bit + count));
      tracked += count;
    }
  }
  if (images.size > 0)
    await writeTogether(
      edit,
      region,
      images,
      replicationBlocks(Number(trackedBlocks), edit.volume.blockBytes),
      "Mark written blocks for the replicas",
    );
}
