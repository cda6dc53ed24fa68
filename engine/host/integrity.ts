import { concatBytes } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import type { ByteRange, FailingNode, IntegrityCoverage, IntegrityReport, IntegrityView, TreeLevel } from "../contract/index.ts";
import { checkTree, type LeafBlocks, leafBlocks, storedStates } from "../forensics/integrity-tree.ts";
import { nodeAt } from "../format/regions/merkle.ts";
import { type MtrkContent, mtrkCodec, nodeLayout, nodesOf } from "../format/regions/mtrk.ts";
import { toHex } from "./engine.ts";
import type { OpenVolume } from "./open-volume.ts";
import type { DecodedRegion } from "./region-content.ts";
import type { Report } from "./task.ts";

const mostCells = 512;

/** The tree of a slot as stored, and what it covers; undefined where none is decoded. REGION_NOT_FOUND, REQUEST_INVALID for another kind. */
export async function describeIntegrity(opened: OpenVolume, slot: number): Promise<IntegrityView | undefined> {
  const decoded = await opened.contents.decoded(slot, mtrkCodec);
  if (!decoded) return undefined;
  const { content, blocks, region } = decoded;
  const { blockBytes } = opened.volume;
  return {
    slot,
    layout: content.layout,
    leafCount: content.leafCount,
    capacity: content.treeCapacity,
    levels: levelsOf(storedStates(blocks, content), content.treeCapacity),
    coverage: coverageOf(await leafBlocks(opened.volume, region, content), content),
    nodes: { firstByte: (region.startBlock + 1n) * BigInt(blockBytes), blockBytes, ...nodeLayout(content, blockBytes) },
  };
}

/** Computes the tree of a slot anew. REGION_NOT_FOUND, REQUEST_INVALID for another kind. */
export async function checkIntegrity(
  opened: OpenVolume,
  slot: number,
  signal: AbortSignal,
  report: Report,
): Promise<IntegrityReport | undefined> {
  const decoded = await opened.contents.decoded(slot, mtrkCodec);
  if (!decoded) return undefined;
  const { content } = decoded;
  const check = await checkTree(opened.volume, decoded.region, decoded, {
    signal,
    onProgress: (phase, done, total) => report({ phase, done, total, unit: "blocks" }),
  });
  const failing = [
    ...failingInner(opened, decoded, check.failingNodes),
    ...check.failingLeaves.map(({ leaf, block, state, stored, computed }): FailingNode => {
      const start = block * BigInt(opened.volume.blockBytes);
      return {
        node: content.treeCapacity + leaf,
        level: levelOf(content.treeCapacity + leaf),
        leaf,
        block: { start, end: start + BigInt(opened.volume.blockBytes) },
        state,
        stored: toHex(stored),
        computed: computed ? toHex(computed) : "",
        range: decoded.rangeOf("leaves", leaf),
      };
    }),
  ];
  return {
    rootHolds: check.rootHolds,
    leaves: check.leaves,
    inner: check.inner,
    levels: levelsOf(check.states, content.treeCapacity),
    failing,
    more: check.leaves.differs + check.leaves.unread + check.inner.differs - failing.length,
  };
}

const levelOf = (node: number): number => Math.floor(Math.log2(node));

function failingInner(
  opened: OpenVolume,
  { blocks, content, region }: DecodedRegion<MtrkContent>,
  failing: readonly number[],
): FailingNode[] {
  if (failing.length === 0) return [];
  const nodes = nodesOf(blocks, content);
  const { perBlock, step } = nodeLayout(content, blocks.blockBytes);
  const rangeOf = (node: number): ByteRange => {
    const block = region.startBlock + 1n + BigInt(Math.floor((node - 1) / perBlock));
    const start = block * BigInt(opened.volume.blockBytes) + BigInt(((node - 1) % perBlock) * step);
    return { start, end: start + BigInt(step) };
  };
  return failing.map((node) => ({
    node,
    level: levelOf(node),
    state: "differs",
    stored: toHex(nodeAt(nodes, node)),
    computed: toHex(checksum.sha256(concatBytes([nodeAt(nodes, 2 * node), nodeAt(nodes, 2 * node + 1)]))),
    range: rangeOf(node),
  }));
}

/** The states of all nodes as levels of at most 512 cells; a cell shows its worst node. */
export function levelsOf(states: Uint8Array, capacity: number): TreeLevel[] {
  const levels: TreeLevel[] = [];
  for (let level = 0, firstNode = 1; firstNode <= capacity; level++, firstNode *= 2) {
    const nodesPerCell = Math.max(1, firstNode / mostCells);
    const cells = new Uint8Array(firstNode / nodesPerCell);
    for (let node = 0; node < firstNode; node++) {
      const cell = Math.floor(node / nodesPerCell);
      cells[cell] = Math.max(cells[cell] ?? 0, states[firstNode + node] ?? 0);
    }
    levels.push({ level, firstNode, nodes: firstNode, nodesPerCell, states: cells });
  }
  return levels;
}

/** What the tree covers, in words. Convention W25. */
function coverageOf({ mapping, stride, subjectBlocks, coveredBlocks }: LeafBlocks, content: MtrkContent): IntegrityCoverage {
  const share = subjectBlocks > 0n ? `${coveredBlocks} of ${subjectBlocks}` : `${coveredBlocks}`;
  const whole = BigInt(coveredBlocks) === subjectBlocks;
  const words: Readonly<Record<LeafBlocks["mapping"], string>> = {
    "as-built":
      stride === 1n
        ? `Each of the data region's ${subjectBlocks} blocks has a leaf.`
        : `Every ${stride}th block of the data region has a leaf: ${share} blocks. The others are verified by nothing.`,
    assumed: `The tree has ${content.leafCount} leaves, which is not what this volume asks for; which blocks they stand for is not stored. The likeliest: leaf j is block j · ${stride} of the data region, ${share} blocks.`,
    object: `Leaves stand for the blocks of inode ${content.layout === "perObject" ? content.inodeNumber : ""} in the order of its extents: ${share} blocks${whole ? "" : "; the others are verified by nothing"}.`,
    unknown: "Which blocks the leaves stand for is not known: what they are about is not in this volume.",
  };
  return { mapping, stride, subjectBlocks, coveredBlocks, text: words[mapping] };
}
