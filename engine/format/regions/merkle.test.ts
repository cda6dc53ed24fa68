import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { anyBytes } from "../../testing/arbitraries.ts";
import { goldenJson } from "../../testing/golden.ts";
import { buildTree, type MerkleNodes, nodeAt, proofOf, setLeaf, treeCapacity, verifyProof } from "./merkle.ts";
import { integrityTreeBlocks, nodesNotStored } from "./mtrk.ts";

const shaOf = (text: string): Uint8Array => checksum.sha256(new TextEncoder().encode(text));
const zeroHash = new Uint8Array(32);
const emptyNodes = (capacity: number): MerkleNodes => Array.from({ length: 2 * capacity }, () => zeroHash);

interface VectorTree {
  leafCount: number;
  treeCapacity: number;
  built: "bulk" | "incremental";
  leavesSet: number[];
  rootHash: string;
  nodes?: string[];
  proofs: {
    leaf: number;
    leafHash: string;
    proof: string[];
    verifies: boolean;
    verifiesAtOtherIndex: boolean;
    verifiesWithLongerProof: boolean;
  }[];
}
const vectors: {
  trees: VectorTree[];
  sizes: { blockSize: number; leafCount: number; requiredBlocks: number; nodesLost: number }[];
} = goldenJson("vectors-merkle");

const treeOf = ({ leafCount, treeCapacity: capacity, built, leavesSet }: VectorTree): MerkleNodes => {
  if (built === "bulk")
    return buildTree(Array.from({ length: leafCount }, (_, leaf) => (leavesSet.includes(leaf) ? shaOf(`leaf ${leaf}`) : zeroHash)));
  const nodes = emptyNodes(capacity);
  for (const leaf of leavesSet) setLeaf(nodes, leaf, shaOf(`leaf ${leaf}`));
  return nodes;
};

describe("the SDK's trees", () => {
  it.each(vectors.trees)("of $leafCount leaves, $built, have the same nodes and proofs", (tree) => {
    const nodes = treeOf(tree);
    expect(treeCapacity(tree.leafCount)).toBe(tree.treeCapacity);
    expect(toHex(nodeAt(nodes, 1))).toBe(tree.rootHash);
    if (tree.nodes) expect(nodes.slice(1).map(toHex)).toEqual(tree.nodes);
    for (const { leaf, leafHash, proof, verifies, verifiesAtOtherIndex, verifiesWithLongerProof } of tree.proofs) {
      const steps = proofOf(nodes, leaf);
      expect(steps.map(toHex)).toEqual(proof);
      const held = nodeAt(nodes, tree.treeCapacity + leaf);
      expect(toHex(held)).toBe(leafHash);
      const leads = (to: number, by: Uint8Array[]) => verifyProof(held, by, to, tree.treeCapacity, nodeAt(nodes, 1));
      expect(leads(leaf, steps)).toBe(verifies);
      expect(leads(leaf ^ 1, steps)).toBe(verifiesAtOtherIndex);
      expect(leads(leaf, [...steps, zeroHash])).toBe(verifiesWithLongerProof);
    }
  });
  it.each(vectors.sizes)(
    "of $leafCount leaves in blocks of $blockSize bytes take $requiredBlocks",
    ({ blockSize, leafCount, requiredBlocks, nodesLost }) => {
      expect(integrityTreeBlocks(leafCount, blockSize)).toBe(requiredBlocks);
      expect(nodesNotStored(leafCount, blockSize)).toBe(nodesLost);
    },
  );
});

describe("proofs of leaves", () => {
  it("lead to the root of a tree that was built at once, and to no other", () => {
    fc.assert(
      fc.property(fc.array(anyBytes(32), { minLength: 1, maxLength: 70 }), fc.nat(), (leaves, pick) => {
        const nodes = buildTree(leaves);
        const leaf = pick % leaves.length;
        const [hash = zeroHash, capacity] = [leaves[leaf], treeCapacity(leaves.length)];
        const proof = proofOf(nodes, leaf);
        expect(verifyProof(hash, proof, leaf, capacity, nodeAt(nodes, 1))).toBe(true);
        expect(verifyProof(hash, proof, leaf, capacity, shaOf("another root"))).toBe(false);
      }),
    );
  });
});

describe("a tree that was set leaf by leaf", () => {
  it("is the one that is built at once where no leaf or one is left over (7.3)", () => {
    fc.assert(
      fc.property(fc.nat(6), fc.boolean(), (power, oneLeft) => {
        const capacity = 2 ** power;
        const count = oneLeft && capacity > 2 ? capacity - 1 : capacity;
        const leaves = Array.from({ length: count }, (_, index) => shaOf(`${index}`));
        const nodes = emptyNodes(capacity);
        for (const [index, leaf] of leaves.entries()) setLeaf(nodes, index, leaf);
        expect(nodes.slice(1)).toEqual(buildTree(leaves).slice(1));
      }),
    );
  });
});
