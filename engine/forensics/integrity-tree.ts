import { breathe } from "../base/breathe.ts";
import { equalBytes, isAllZero } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { inodeCore } from "../format/core/index.ts";
import { isUntouched, nodeAt, nodeHolds } from "../format/regions/merkle.ts";
import { integrityTreeBlocks, type MtrkContent, nodesNotStored, nodesOf, storedNodeCount } from "../format/regions/mtrk.ts";
import type { RegionBlocks } from "../format/regions/region.ts";
import { inlineExtents, isHole, readIndirectExtents } from "../volume/extents.ts";
import { readInodeTable } from "../volume/inode-table.ts";
import type { Volume, VolumeRegion } from "../volume/volume.ts";

/** Which block each leaf of a tree stands for. */
export interface LeafBlocks {
  /**
   * `as-built`: LeafCount is the one that convention W13 gives for this volume; `assumed`: another, so that the blocks are the likeliest
   * ones; `object`: blocks of an inode in the order of its extents; `unknown`: no block can be named.
   */
  mapping: "as-built" | "assumed" | "object" | "unknown";
  stride: bigint;
  /** Blocks that the tree is about: the data region's, or the object's. */
  subjectBlocks: bigint;
  /** Leaves that stand for a block. */
  coveredBlocks: number;
  blockOf: (leaf: number) => bigint | undefined;
  /** What a leaf holds of its block. */
  hashOf: (block: Uint8Array) => Uint8Array;
}

const inodeTableLimitBytes = 64 * 1_048_576;
const mostStride = 2n ** 40n;

/** Smallest power of two at which a tree over `dataBlocks` fits its region without losing a leaf. Convention W13. */
export function strideFor(dataBlocks: bigint, region: Pick<VolumeRegion, "blockCount">, blockBytes: number): bigint {
  for (let stride = 1n; stride < mostStride; stride *= 2n) {
    const leaves = leavesAt(dataBlocks, stride);
    if (leaves > 16_777_216n) continue;
    const count = Math.max(1, Number(leaves));
    if (BigInt(integrityTreeBlocks(count, blockBytes)) <= region.blockCount && lostLeaves(count, blockBytes) === 0) return stride;
  }
  return mostStride;
}

/** Leaves of a tree over `dataBlocks` in which each stands for the first block of a stride. Convention W13. */
export const leavesAt = (dataBlocks: bigint, stride: bigint): bigint => (dataBlocks + stride - 1n) / stride;

function lostLeaves(leafCount: number, blockBytes: number): number {
  let capacity = 1;
  while (capacity < leafCount) capacity *= 2;
  return Math.max(0, leafCount - (capacity - nodesNotStored(leafCount, blockBytes)));
}

/** Which block each leaf stands for: by convention W13 in the region's layout, by the inode's extents in that of an object (core regions reference 7.5). */
export async function leafBlocks(volume: Volume, region: VolumeRegion, content: MtrkContent, signal?: AbortSignal): Promise<LeafBlocks> {
  if (content.layout === "perObject") return objectLeaves(volume, content.inodeNumber, content.leafCount, signal);
  return dataRegionLeaves(volume, region, content.leafCount);
}

/** Blocks of a tree over the data region: by convention W13, or the likeliest ones where the tree has another count of leaves. */
export function dataRegionLeaves(volume: Volume, region: VolumeRegion, leafCount: number): LeafBlocks {
  const data = volume.dataRegion;
  if (!data || data.blockCount <= 0n)
    return { mapping: "unknown", stride: 1n, subjectBlocks: 0n, coveredBlocks: 0, blockOf: () => undefined, hashOf: checksum.sha256 };
  const built = strideFor(data.blockCount, region, volume.blockBytes);
  const asBuilt = leavesAt(data.blockCount, built) === BigInt(leafCount);
  let stride = built;
  if (!asBuilt) for (stride = 1n; leavesAt(data.blockCount, stride) > BigInt(leafCount); ) stride *= 2n;
  const within = leavesAt(data.blockCount, stride);
  const coveredBlocks = within < BigInt(leafCount) ? Number(within) : leafCount;
  return {
    mapping: asBuilt ? "as-built" : "assumed",
    stride,
    subjectBlocks: data.blockCount,
    coveredBlocks,
    blockOf: (leaf) => (leaf < coveredBlocks ? data.startBlock + BigInt(leaf) * stride : undefined),
    hashOf: checksum.sha256,
  };
}

async function objectLeaves(volume: Volume, inodeNumber: bigint, leafCount: number, signal?: AbortSignal): Promise<LeafBlocks> {
  const blocks: bigint[] = [];
  const table = volume.findRegion("INOD");
  const records = table && table.startBlock >= 0n ? (await readInodeTable(volume, table, inodeTableLimitBytes, signal)).records : [];
  const inode = records.map(({ record }) => inodeCore.parse(record)).find((each) => each.inodeNumber === inodeNumber);
  const extents = inode ? [...inlineExtents(inode), ...(await readIndirectExtents(volume, inode, signal)).extents] : [];
  for (const extent of extents) {
    if (isHole(extent)) continue;
    for (let index = 0n; index < BigInt(extent.blockCount) && blocks.length < leafCount; index++) blocks.push(extent.startBlock + index);
  }
  const seed = new Uint8Array(8);
  return {
    mapping: inode ? "object" : "unknown",
    stride: 1n,
    subjectBlocks: extents.reduce((sum, extent) => sum + (isHole(extent) ? 0n : BigInt(Math.max(0, extent.blockCount))), 0n),
    coveredBlocks: blocks.length,
    blockOf: (leaf) => blocks[leaf],
    hashOf: (block) => {
      new DataView(seed.buffer).setBigUint64(0, checksum.xxh64(block), true);
      return checksum.sha256(seed);
    },
  };
}

/** States of nodes, worst last: of several in one cell the greatest is shown. */
export const nodeState = { notStored: 0, untouched: 1, unchecked: 2, holds: 3, onPath: 4, unread: 5, differs: 6 } as const;

export interface FailingLeaf {
  leaf: number;
  block: bigint;
  state: "differs" | "unread";
  stored: Uint8Array;
  computed?: Uint8Array;
}

export interface TreeCheck {
  /** State of each node by its number; index 0 is unused. */
  states: Uint8Array;
  rootHolds: boolean;
  leaves: { matches: number; differs: number; unread: number; unset: number; notStored: number; withoutBlock: number };
  inner: { holds: number; differs: number; untouched: number; notStored: number };
  failingLeaves: FailingLeaf[];
  /** Inner nodes that are not the hash of their children, root first. */
  failingNodes: number[];
}

const mostFailing = 1000;
const blocksPerRead = 256;

/** What is known of a tree's nodes before anything is hashed: which are stored, and which were never touched. */
export function storedStates(blocks: RegionBlocks, content: MtrkContent): Uint8Array {
  const nodes = nodesOf(blocks, content);
  const stored = storedNodeCount(blocks, content);
  return Uint8Array.from(nodes, (node, index) =>
    index > stored ? nodeState.notStored : isAllZero(node) ? nodeState.untouched : nodeState.unchecked,
  );
}

/**
 * Computes every inner node from its stored children, and every leaf from its block. Reads only; rejects with an AbortError alone.
 * Core regions reference 7.3, 7.7; conventions W13, W25.
 */
export async function checkTree(
  volume: Volume,
  region: VolumeRegion,
  { blocks, content }: { blocks: RegionBlocks; content: MtrkContent },
  { signal, onProgress = () => {} }: { signal?: AbortSignal; onProgress?: (phase: string, done: number, total: number) => void } = {},
): Promise<TreeCheck> {
  const nodes = nodesOf(blocks, content);
  const states = storedStates(blocks, content);
  const { leafCount, treeCapacity: capacity } = content;
  const check: TreeCheck = {
    states,
    rootHolds: equalBytes(content.rootHash, nodeAt(nodes, 1)),
    leaves: { matches: 0, differs: 0, unread: 0, unset: 0, notStored: 0, withoutBlock: 0 },
    inner: { holds: 0, differs: 0, untouched: 0, notStored: 0 },
    failingLeaves: [],
    failingNodes: [],
  };
  for (let node = 1; node < capacity; node++) {
    if (node % 4096 === 0) {
      onProgress("Computing inner nodes", node, capacity);
      signal?.throwIfAborted();
      await breathe();
    }
    judgeInner(check, nodes, node);
  }
  const mapped = await leafBlocks(volume, region, content, signal);
  for (let leaf = 0; leaf < leafCount; ) {
    onProgress("Hashing blocks", leaf, leafCount);
    signal?.throwIfAborted();
    leaf = await judgeLeaves(check, volume, nodes, mapped, leaf, { leafCount, capacity }, signal);
    await breathe();
  }
  onProgress("Hashing blocks", leafCount, leafCount);
  lightPaths(check, capacity);
  return check;
}

function judgeInner({ states, inner, failingNodes }: TreeCheck, nodes: Uint8Array[], node: number): void {
  const childrenStored = states[2 * node + 1] !== nodeState.notStored;
  if (states[node] === nodeState.notStored || !childrenStored) inner.notStored++;
  else if (isUntouched(nodes, node)) inner.untouched++;
  else if (nodeHolds(nodes, node)) {
    inner.holds++;
    states[node] = nodeState.holds;
  } else {
    inner.differs++;
    states[node] = nodeState.differs;
    if (failingNodes.length < mostFailing) failingNodes.push(node);
  }
}

/** Judges leaves from `first` on, as many as one read brings; gives the next one. */
async function judgeLeaves(
  { states, leaves, failingLeaves }: TreeCheck,
  volume: Volume,
  nodes: Uint8Array[],
  { blockOf, hashOf, stride, mapping }: LeafBlocks,
  first: number,
  { leafCount, capacity }: { leafCount: number; capacity: number },
  signal: AbortSignal | undefined,
): Promise<number> {
  const runs = stride === 1n && mapping !== "object" && mapping !== "unknown";
  const end = Math.min(leafCount, first + (runs ? Math.max(1, Math.floor((blocksPerRead * 4096) / volume.blockBytes)) : 64));
  const firstBlock = blockOf(first);
  const run = runs && firstBlock !== undefined ? await volume.reader.readRun(firstBlock, end - first, signal) : undefined;
  for (let leaf = first; leaf < end; leaf++) {
    const node = capacity + leaf;
    const stored = nodeAt(nodes, node);
    const block = blockOf(leaf);
    if (states[node] === nodeState.notStored) leaves.notStored++;
    else if (isAllZero(stored)) leaves.unset++;
    else if (block === undefined) leaves.withoutBlock++;
    else {
      const bytes = run ? run[leaf - first] : await volume.reader.read(block, signal);
      const computed = bytes && hashOf(bytes);
      if (computed && equalBytes(computed, stored)) {
        leaves.matches++;
        states[node] = nodeState.holds;
        continue;
      }
      const state = computed ? "differs" : "unread";
      leaves[state]++;
      states[node] = nodeState[state];
      if (failingLeaves.length < mostFailing)
        failingLeaves.push({ leaf, block, state, stored: stored.slice(), ...(computed && { computed }) });
    }
  }
  return end;
}

/** Marks the ancestors of everything that failed, up to the root. */
function lightPaths({ states }: TreeCheck, capacity: number): void {
  for (let node = 2 * capacity - 1; node > 1; node--) {
    const state = states[node] ?? 0;
    const parent = node >> 1;
    if (state >= nodeState.onPath && (states[parent] ?? 0) < nodeState.onPath) states[parent] = nodeState.onPath;
  }
}
