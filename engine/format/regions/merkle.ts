import { concatBytes, equalBytes, isAllZero } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";

export const hashBytes = 32;
const zeroHash = new Uint8Array(hashBytes);

/** Smallest power of two from `leafCount` on, at least 1. Core regions reference 7.1. */
export const treeCapacity = (leafCount: number): number => {
  let capacity = 1;
  while (capacity < leafCount) capacity *= 2;
  return capacity;
};

/** Nodes of a heap whose node 1 is the root; node i stands at index i, index 0 is unused. */
export type MerkleNodes = Uint8Array[];

export const nodeAt = (nodes: MerkleNodes, index: number): Uint8Array => nodes[index] ?? zeroHash;

const parentHash = (left: Uint8Array, right: Uint8Array): Uint8Array => checksum.sha256(concatBytes([left, right]));

/** All nodes over the leaves, unused leaves zero, every inner node computed. Core regions reference 7.3. */
export function buildTree(leaves: readonly Uint8Array[]): MerkleNodes {
  const capacity = treeCapacity(leaves.length);
  const nodes: MerkleNodes = Array.from({ length: 2 * capacity }, () => zeroHash);
  for (const [index, leaf] of leaves.entries()) nodes[capacity + index] = leaf;
  for (let index = capacity - 1; index > 0; index--) nodes[index] = parentHash(nodeAt(nodes, 2 * index), nodeAt(nodes, 2 * index + 1));
  return nodes;
}

/** Stores one leaf and computes its ancestors alone: subtrees that were never touched stay zero. Core regions reference 7.3. */
export function setLeaf(nodes: MerkleNodes, leaf: number, hash: Uint8Array): void {
  let index = nodes.length / 2 + leaf;
  nodes[index] = hash;
  for (index = Math.floor(index / 2); index > 0; index = Math.floor(index / 2))
    nodes[index] = parentHash(nodeAt(nodes, 2 * index), nodeAt(nodes, 2 * index + 1));
}

/** Whether a stored inner node is the hash of its children. */
export const nodeHolds = (nodes: MerkleNodes, index: number): boolean =>
  equalBytes(nodeAt(nodes, index), parentHash(nodeAt(nodes, 2 * index), nodeAt(nodes, 2 * index + 1)));

/** Whether a node and both its children are zero: part of a subtree that was never touched, if the ones below are so too. */
export const isUntouched = (nodes: MerkleNodes, index: number): boolean =>
  isAllZero(nodeAt(nodes, index)) && isAllZero(nodeAt(nodes, 2 * index)) && isAllZero(nodeAt(nodes, 2 * index + 1));

/** Sibling hashes from the leaf up. Core regions reference 7.3. */
export function proofOf(nodes: MerkleNodes, leaf: number): Uint8Array[] {
  const proof: Uint8Array[] = [];
  for (let index = nodes.length / 2 + leaf; index > 1; index = Math.floor(index / 2)) proof.push(nodeAt(nodes, index ^ 1));
  return proof;
}

/** Whether a proof leads from a leaf to the root in a tree of `capacity` leaves. Core regions reference 7.3. */
export function verifyProof(leafHash: Uint8Array, proof: readonly Uint8Array[], leaf: number, capacity: number, root: Uint8Array): boolean {
  if (proof.length !== (capacity <= 1 ? 0 : Math.log2(capacity)) || proof.some((hash) => hash.length !== hashBytes)) return false;
  let index = capacity + leaf;
  let hash = leafHash;
  for (const sibling of proof) {
    hash = index % 2 === 0 ? parentHash(hash, sibling) : parentHash(sibling, hash);
    index = Math.floor(index / 2);
  }
  return equalBytes(hash, root);
}
