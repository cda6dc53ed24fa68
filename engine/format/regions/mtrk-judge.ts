import { equalBytes, isAllZero, toHex } from "../../base/bytes.ts";
import { trailerBytes } from "../core/index.ts";
import { hashBytes, isUntouched, type MerkleNodes, nodeAt, nodeHolds } from "./merkle.ts";
import { type BlockRule, blockOrZeros, type RegionBlocks, type RegionPlace, type RegionProblem } from "./region.ts";

export type MtrkRule =
  | BlockRule<"mtrk">
  | `mtrk.${
      | "leaf-count"
      | "capacity-differs"
      | "root-differs"
      | "node-mismatch"
      | "unused-leaf-not-zero"
      | "leaves-not-set"
      | "nodes-not-stored"
      | "child-pointer-differs"
      | "reserved-not-zero"}`;

export interface JudgedTree {
  leafCount: number;
  capacity: number;
  rootHash: Uint8Array;
  nodes: MerkleNodes;
  /** Nodes at the end that are not stored. */
  lost: number;
  /** Byte of the header's copy of the root. */
  rootStart: number;
}

/** The invariants of a tree's nodes, whatever layout they are stored in. Core regions reference 7.7. */
export function judgeTree(tree: JudgedTree, placeOf: (node: number) => RegionPlace): RegionProblem<MtrkRule>[] {
  const { leafCount, capacity, rootHash, nodes, lost, rootStart } = tree;
  const problems: RegionProblem<MtrkRule>[] = [];
  if (!equalBytes(rootHash, nodeAt(nodes, 1)))
    problems.push({
      rule: "mtrk.root-differs",
      subject: "RootHash",
      found: toHex(rootHash),
      expected: toHex(nodeAt(nodes, 1)),
      block: 0,
      start: rootStart,
      byteLength: hashBytes,
    });
  const firstLost = 2 * capacity - lost;
  const wrong: number[] = [];
  for (let node = 1; node < capacity; node++)
    if (2 * node + 1 < firstLost && !isUntouched(nodes, node) && !nodeHolds(nodes, node)) wrong.push(node);
  if (wrong[0] !== undefined)
    problems.push({
      rule: "mtrk.node-mismatch",
      subject: `node ${wrong[0]}`,
      found: `${wrong.length} inner nodes that are not the hash of their children (${wrong.slice(0, 8).join(", ")}${wrong.length > 8 ? ", …" : ""})`,
      expected: "SHA-256 of both children",
      ...placeOf(wrong[0]),
    });
  const spare = nodes.findIndex((node, index) => index >= capacity + leafCount && !isAllZero(node));
  if (spare >= 0)
    problems.push({
      rule: "mtrk.unused-leaf-not-zero",
      subject: `leaf ${spare - capacity}`,
      found: toHex(nodeAt(nodes, spare)),
      expected: "zeros",
      ...placeOf(spare),
    });
  const stored = Math.min(capacity + leafCount, firstLost) - capacity;
  const unset = nodes.slice(capacity, capacity + stored).filter((leaf) => isAllZero(leaf)).length;
  if (unset > 0)
    problems.push({
      rule: "mtrk.leaves-not-set",
      subject: "leaves",
      found: `${unset} of ${leafCount} are not set`,
      expected: "a hash of each block that is covered",
      block: 0,
    });
  const lostLeaves = capacity + leafCount - firstLost;
  if (lostLeaves > 0)
    problems.push({
      rule: "mtrk.nodes-not-stored",
      subject: "leaves",
      found: `the last ${lostLeaves} of ${leafCount} leaves are not on disk`,
      expected: "a capacity that the SDK's formula leaves room for",
      block: 0,
    });
  return problems;
}

/** Bytes of the tree's blocks that no node takes. Core regions reference 7.7. */
export function judgeSpace(
  blocks: RegionBlocks,
  used: number,
  headerEnd: number,
  nodeCount: number,
  perBlock: number,
  step: number,
): RegionProblem<MtrkRule>[] {
  const problems: RegionProblem<MtrkRule>[] = [];
  const payload = blocks.blockBytes - trailerBytes;
  for (let index = 0; index < used; index++) {
    const start = index === 0 ? headerEnd : Math.min(perBlock, Math.max(0, nodeCount - (index - 1) * perBlock)) * step;
    if (isAllZero(blockOrZeros(blocks, index).slice(start, payload))) continue;
    problems.push({
      rule: "mtrk.reserved-not-zero",
      subject: `block ${index} of the region`,
      found: `bytes from ${start} on are in use`,
      expected: "zeros",
      block: index,
      start,
      byteLength: payload - start,
    });
  }
  return problems;
}
