import { viewOf } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { array, bytes, i32, i64, reservedUntil, struct } from "../../base/struct/index.ts";
import { blockTrailer, judgeTrailer, sealBlock, trailerBytes } from "../core/index.ts";
import { hashBytes, type MerkleNodes, nodeAt, treeCapacity } from "./merkle.ts";
import { judgeSpace, judgeTree, type MtrkRule } from "./mtrk-judge.ts";
import {
  anyStruct,
  blockOrZeros,
  headState,
  judgeBlocks,
  type RegionBlocks,
  type RegionCodec,
  type RegionPlace,
  type RegionProblem,
  type RegionReading,
  sdkTrailerFailure,
  unreadable,
} from "./region.ts";

const mostLeaves = 16_777_216;
const objectNodeBytes = 48;

const hash = bytes(hashBytes, { as: "checksum" });
const treeHeader = struct("IntegrityTreeHeader", {
  leafCount: i32({ check: (value) => value > 0 && value <= mostLeaves, expects: "1 to 16777216" }),
  treeCapacity: i32(),
  rootHash: hash,
  unused: reservedUntil(trailerBytes),
  trailer: blockTrailer,
});
const objectHeader = struct("ObjectTreeHeader", {
  inodeNumber: i64(),
  leafCount: i32({ check: (value) => value > 0 && value <= mostLeaves, expects: "1 to 16777216" }),
  treeCapacity: i32(),
  rootHash: hash,
  unused: reservedUntil(trailerBytes),
  trailer: blockTrailer,
});
const objectNode = struct("ObjectTreeNode", { hash, leftChild: i64({ doc: "-1 for a leaf" }), rightChild: i64({ doc: "-1 for a leaf" }) });

interface Tree {
  leafCount: number;
  treeCapacity: number;
  /** The header's copy. */
  rootHash: Uint8Array;
  leaves: Uint8Array[];
  /** Over nodes 1 to 2C − 1 as stored, those that are not stored as zeros. */
  nodesSha256: Uint8Array;
}
export interface RegionTree extends Tree {
  layout: "region";
  generation: number;
}
export interface ObjectTree extends Tree {
  layout: "perObject";
  inodeNumber: bigint;
  /** Absolute. */
  headerBlock: bigint;
  nodeBlockCount: number;
}
export type MtrkContent = RegionTree | ObjectTree;

export interface MtrkWriteOptions {
  /** All nodes as they are to be stored: a tree built leaf by leaf differs from one built at once. */
  nodes: MerkleNodes;
}

/** Nodes that one block holds in the region's layout. Core regions reference 7.2. */
const nodesPerBlock = (blockBytes: number): number => Math.floor((blockBytes - trailerBytes) / hashBytes);
/** Node blocks by the SDK's formula, which forgets the unused bytes of each block. Core regions reference 7.2. */
const nodeBlocks = (capacity: number, blockBytes: number): number =>
  Math.ceil(((2 * capacity - 1) * hashBytes) / (blockBytes - trailerBytes));
/** Blocks that a tree takes, its header included. */
export const integrityTreeBlocks = (leafCount: number, blockBytes: number): number => 1 + nodeBlocks(treeCapacity(leafCount), blockBytes);
/** Nodes at the end of the heap that the SDK never writes. Core regions reference 7.2. */
export const nodesNotStored = (leafCount: number, blockBytes: number): number => {
  const capacity = treeCapacity(leafCount);
  return Math.max(0, 2 * capacity - 1 - nodeBlocks(capacity, blockBytes) * nodesPerBlock(blockBytes));
};

const objectNodesPerBlock = (blockBytes: number): number => Math.floor((blockBytes - trailerBytes) / objectNodeBytes);

/** Whether a block heads the second layout, one tree for an object. Core regions reference 7.5. */
export function isObjectTree(block: Uint8Array): boolean {
  const view = viewOf(block);
  const [leafCount, capacity] = [view.getInt32(0, true), view.getInt32(4, true)];
  if (leafCount > 0 && leafCount <= mostLeaves && capacity === treeCapacity(leafCount)) return false;
  const [objectLeaves, objectCapacity] = [view.getInt32(8, true), view.getInt32(12, true)];
  return objectLeaves > 0 && objectLeaves <= mostLeaves && objectCapacity === treeCapacity(objectLeaves);
}

/** Whether a block holds nodes of the second layout: the first node's children are a pair 2i and 2i + 1, or none. */
function isObjectNodes(block: Uint8Array): boolean {
  const view = viewOf(block);
  const [left, right] = [view.getBigInt64(hashBytes, true), view.getBigInt64(hashBytes + 8, true)];
  return (left === -1n && right === -1n) || (left > 0n && left % 2n === 0n && right === left + 1n && left <= BigInt(2 * mostLeaves));
}

export type { MtrkRule } from "./mtrk-judge.ts";

/** The integrity tree in both its layouts. Core regions reference 7. */
export const mtrkCodec: RegionCodec<MtrkContent, MtrkWriteOptions> = {
  tag: "MTRK",
  read(blocks): RegionReading<MtrkContent> {
    const state = headState(blocks, "MTRK");
    if (state !== "readable") return unreadable(blocks, "mtrk", state, "Integrity Tree header block");
    const first = blockOrZeros(blocks, 0);
    return isObjectTree(first) ? readObjectTree(blocks) : readRegionTree(blocks, first);
  },
  structureOf(index, block) {
    if (index === 0) return isObjectTree(block) ? anyStruct(objectHeader) : anyStruct(treeHeader);
    const rest = { unused: reservedUntil(trailerBytes), trailer: blockTrailer };
    if (isObjectNodes(block))
      return anyStruct(struct("ObjectTreeNodes", { nodes: array(objectNode, objectNodesPerBlock(block.length)), ...rest }));
    return anyStruct(struct("IntegrityTreeNodes", { nodes: array(hash, nodesPerBlock(block.length)), ...rest }));
  },
  write(content, blockBytes, options) {
    if (!options || options.nodes.length !== 2 * content.treeCapacity) throw new RangeError("a tree is written with all its nodes");
    return content.layout === "region"
      ? writeRegionTree(content, blockBytes, options.nodes)
      : writeObjectTree(content, blockBytes, options.nodes);
  },
};

/** Where nodes lie, `perBlock` of `step` bytes in each block behind the header. */
const nodePlaces =
  (perBlock: number, step: number) =>
  (node: number): RegionPlace => ({
    block: 1 + Math.floor((node - 1) / perBlock),
    start: ((node - 1) % perBlock) * step,
    byteLength: step,
  });

/** The places of leaves in a tree of `capacity`; those of nodes behind `lastNode` are not stored. */
const leafPlaces =
  (placeOf: (node: number) => RegionPlace, { leafCount, capacity, lastNode }: { leafCount: number; capacity: number; lastNode: number }) =>
  (leaf: number): RegionPlace | undefined =>
    leaf >= 0 && leaf < leafCount && capacity + leaf <= lastNode ? placeOf(capacity + leaf) : undefined;

/** The nodes of the tree that a region holds, as stored; those that are not stored are zero. `perBlock` nodes of `step` bytes. */
function readNodes(blocks: RegionBlocks, capacity: number, used: number, perBlock: number, step: number): MerkleNodes {
  const zero = new Uint8Array(hashBytes);
  const last = Math.min(2 * capacity - 1, (used - 1) * perBlock);
  const nodes: MerkleNodes = new Array(2 * capacity).fill(zero);
  for (let node = 1; node <= last; node++) {
    const block = blocks.block(1 + Math.floor((node - 1) / perBlock));
    const start = ((node - 1) % perBlock) * step;
    if (block) nodes[node] = block.subarray(start, start + hashBytes);
  }
  return nodes;
}

/** How many nodes a block behind the header holds, and the bytes of each. Core regions reference 7.2, 7.5. */
export const nodeLayout = ({ layout }: Pick<MtrkContent, "layout">, blockBytes: number): { perBlock: number; step: number } =>
  layout === "region"
    ? { perBlock: nodesPerBlock(blockBytes), step: hashBytes }
    : { perBlock: objectNodesPerBlock(blockBytes), step: objectNodeBytes };

const usedBlocks = (blocks: RegionBlocks, content: MtrkContent): number =>
  Math.min(
    blocks.blockCount,
    content.layout === "region" ? integrityTreeBlocks(content.leafCount, blocks.blockBytes) : content.nodeBlockCount + 1,
  );

/** Nodes of a tree that are stored at all: those behind are zero. Core regions reference 7.2. */
export function storedNodeCount(blocks: RegionBlocks, content: MtrkContent): number {
  const { perBlock } = nodeLayout(content, blocks.blockBytes);
  return Math.min(2 * content.treeCapacity - 1, (usedBlocks(blocks, content) - 1) * perBlock);
}

/** The nodes of a decoded tree as they stand in its blocks. */
export function nodesOf(blocks: RegionBlocks, content: MtrkContent): MerkleNodes {
  const { perBlock, step } = nodeLayout(content, blocks.blockBytes);
  return readNodes(blocks, content.treeCapacity, usedBlocks(blocks, content), perBlock, step);
}

/** The nodes as stored of a region that `mtrkCodec` can read; undefined of another. */
export function storedNodes(blocks: RegionBlocks): MerkleNodes | undefined {
  const { content } = mtrkCodec.read(blocks);
  return content && nodesOf(blocks, content);
}

const shaOfNodes = (nodes: MerkleNodes): Uint8Array => checksum.sha256OfParts(nodes.slice(1));

function readRegionTree(blocks: RegionBlocks, first: Uint8Array): RegionReading<MtrkContent> {
  const stored = treeHeader.parse(first);
  const { leafCount, treeCapacity: capacity, rootHash } = stored;
  const failure = sdkTrailerFailure(blocks, 1, () => "Integrity Tree header block");
  const place = { block: 0, start: 0, byteLength: 8 };
  if (leafCount <= 0 || leafCount > mostLeaves || capacity !== treeCapacity(leafCount)) {
    const outside = leafCount <= 0 || leafCount > mostLeaves;
    const says =
      leafCount <= 0
        ? `Invalid leaf count: ${leafCount}.`
        : outside
          ? `Leaf count ${leafCount} exceeds maximum ${mostLeaves}.`
          : `Tree capacity ${capacity} is inconsistent with leaf count ${leafCount}.`;
    const problem: RegionProblem<MtrkRule> = outside
      ? { rule: "mtrk.leaf-count", subject: "LeafCount", found: `${leafCount}`, expected: `1 to ${mostLeaves}`, ...place }
      : {
          rule: "mtrk.capacity-differs",
          subject: "TreeCapacity",
          found: `${capacity} for ${leafCount} leaves`,
          expected: `${treeCapacity(leafCount)}`,
          ...place,
        };
    return { sdkReads: failure ?? `InvalidDataException: ${says}`, problems: [...judgeBlocks(blocks, "mtrk", 1), problem] };
  }
  const required = integrityTreeBlocks(leafCount, blocks.blockBytes);
  const used = Math.min(required, blocks.blockCount);
  const perBlock = nodesPerBlock(blocks.blockBytes);
  // A header alone must not cost the memory of 16 million leaves (convention R7); of a tree that is half unread nothing is said.
  if (required > blocks.blockCount && (blocks.isCut || 2 * capacity - 1 > 2 * blocks.blockCount * perBlock))
    return { sdkReads: failure, problems: judgeBlocks(blocks, "mtrk", required) };
  const nodes = readNodes(blocks, capacity, used, perBlock, hashBytes);
  const lost = nodesNotStored(leafCount, blocks.blockBytes);
  const placeOf = nodePlaces(perBlock, hashBytes);
  const problems: RegionProblem<MtrkRule>[] = [
    ...judgeBlocks(blocks, "mtrk", required),
    ...judgeTree({ leafCount, capacity, rootHash, nodes, lost, rootStart: 8 }, placeOf),
    ...judgeSpace(blocks, used, 8 + hashBytes, 2 * capacity - 1, perBlock, hashBytes),
  ];
  const dataFailure = sdkTrailerFailure(blocks, used, (index) =>
    index === 0 ? "Integrity Tree header block" : `Integrity Tree data block ${index}`,
  );
  const leavesLost = Array.from({ length: lost }, (_, index) => 2 * capacity - lost + index - capacity).filter(
    (leaf) => leaf >= 0 && leaf < leafCount,
  );
  const nodesLost = leavesLost.map((leaf) => capacity + leaf);
  return {
    content: {
      layout: "region",
      generation: judgeTrailer(first).generationNumber,
      leafCount,
      treeCapacity: capacity,
      rootHash,
      leaves: nodes.slice(capacity, capacity + leafCount),
      nodesSha256: shaOfNodes(nodes),
    },
    sdkReads:
      dataFailure ??
      (nodesLost.length > 0 ? { nodesLostOnWrite: nodesLost, leavesLostOnWrite: leavesLost, rootHashBeforeSaving: rootHash } : undefined),
    problems,
    places: { leaves: leafPlaces(placeOf, { leafCount, capacity, lastNode: Math.min(2 * capacity - 1, (used - 1) * perBlock) }) },
  };
}

function readObjectTree(blocks: RegionBlocks): RegionReading<MtrkContent> {
  const { inodeNumber, leafCount, treeCapacity: capacity, rootHash } = objectHeader.parse(blockOrZeros(blocks, 0));
  const perBlock = objectNodesPerBlock(blocks.blockBytes);
  const nodeBlockCount = Math.ceil((2 * capacity - 1) / perBlock);
  if (nodeBlockCount + 1 > blocks.blockCount) return { problems: judgeBlocks(blocks, "mtrk", nodeBlockCount + 1) };
  const nodes = readNodes(blocks, capacity, nodeBlockCount + 1, perBlock, objectNodeBytes);
  const placeOf = nodePlaces(perBlock, objectNodeBytes);
  const problems: RegionProblem<MtrkRule>[] = [
    ...judgeBlocks(blocks, "mtrk", nodeBlockCount + 1),
    ...judgeTree({ leafCount, capacity, rootHash, nodes, lost: 0, rootStart: 16 }, placeOf),
    ...judgeSpace(blocks, nodeBlockCount + 1, 16 + hashBytes, 2 * capacity - 1, perBlock, objectNodeBytes),
    ...judgePointers(blocks, capacity, placeOf),
  ];
  return {
    content: {
      layout: "perObject",
      inodeNumber,
      leafCount,
      treeCapacity: capacity,
      rootHash,
      headerBlock: blocks.startBlock,
      nodeBlockCount,
      leaves: nodes.slice(capacity, capacity + leafCount),
      nodesSha256: shaOfNodes(nodes),
    },
    problems,
    places: { leaves: leafPlaces(placeOf, { leafCount, capacity, lastNode: 2 * capacity - 1 }) },
  };
}

/** The child indexes that a node of the second layout carries: those of the heap, −1 for a leaf. Core regions reference 7.5. */
const childPointers = (node: number, capacity: number): [left: bigint, right: bigint] =>
  node < capacity ? [BigInt(2 * node), BigInt(2 * node + 1)] : [-1n, -1n];

function judgePointers(blocks: RegionBlocks, capacity: number, placeOf: (node: number) => RegionPlace): RegionProblem<MtrkRule>[] {
  for (let node = 1; node < 2 * capacity; node++) {
    const { block, start, byteLength } = placeOf(node);
    const { leftChild, rightChild } = objectNode.parse(blockOrZeros(blocks, block).subarray(start, start + byteLength));
    const [left, right] = childPointers(node, capacity);
    if (leftChild !== left || rightChild !== right)
      return [
        {
          rule: "mtrk.child-pointer-differs",
          subject: `node ${node}`,
          found: `children ${leftChild} and ${rightChild}`,
          expected: `${left} and ${right}`,
          ...placeOf(node),
        },
      ];
  }
  return [];
}

function writeRegionTree(
  { generation, leafCount, treeCapacity: capacity, rootHash }: RegionTree,
  blockBytes: number,
  nodes: MerkleNodes,
): Uint8Array[] {
  const perBlock = nodesPerBlock(blockBytes);
  const written = Array.from({ length: integrityTreeBlocks(leafCount, blockBytes) }, () => new Uint8Array(blockBytes));
  written[0]?.set(treeHeader.encode({ leafCount, treeCapacity: capacity, rootHash, trailer: noTrailer }, { byteLength: blockBytes }));
  for (let node = 1; node < 2 * capacity; node++)
    written[1 + Math.floor((node - 1) / perBlock)]?.set(nodeAt(nodes, node), ((node - 1) % perBlock) * hashBytes);
  return written.map((block) => sealBlock(block, "MTRK", generation));
}

function writeObjectTree(
  { inodeNumber, leafCount, treeCapacity: capacity, rootHash, nodeBlockCount }: ObjectTree,
  blockBytes: number,
  nodes: MerkleNodes,
): Uint8Array[] {
  const perBlock = objectNodesPerBlock(blockBytes);
  const written = Array.from({ length: 1 + nodeBlockCount }, () => new Uint8Array(blockBytes));
  written[0]?.set(
    objectHeader.encode({ inodeNumber, leafCount, treeCapacity: capacity, rootHash, trailer: noTrailer }, { byteLength: blockBytes }),
  );
  for (let node = 1; node < 2 * capacity; node++) {
    const [leftChild, rightChild] = childPointers(node, capacity);
    const encoded = objectNode.encode({ hash: nodeAt(nodes, node), leftChild, rightChild });
    written[1 + Math.floor((node - 1) / perBlock)]?.set(encoded, ((node - 1) % perBlock) * objectNodeBytes);
  }
  return written.map((block) => sealBlock(block, "MTRK", 1));
}

const noTrailer = { blockTypeTag: 0, generationNumber: 0, xxHash64Checksum: 0n };
