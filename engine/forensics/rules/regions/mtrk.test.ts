import { checksum } from "../../../base/checksum.ts";
import { buildTree, type MerkleNodes, nodeAt } from "../../../format/regions/merkle.ts";
import { type MtrkContent, mtrkCodec, type ObjectTree, type RegionTree } from "../../../format/regions/mtrk.ts";
import { blockRuleCases, describeRegionRules, type RegionRuleCase } from "../../../testing/region-rules.ts";

const leaves = (count: number): Uint8Array[] => Array.from({ length: count }, (_, index) => checksum.sha256(Uint8Array.of(index)));
const tree = (count: number, capacity: number) => ({
  leafCount: count,
  treeCapacity: capacity,
  rootHash: nodeAt(buildTree(leaves(count)), 1),
  leaves: leaves(count),
  nodesSha256: new Uint8Array(32),
});
const nodesOf = (content: MtrkContent): MerkleNodes => buildTree(content.leaves);
const write = (content: MtrkContent, blockBytes: number) => mtrkCodec.write(content, blockBytes, { nodes: nodesOf(content) });
const regionTree = (count: number, capacity: number): RegionTree => ({ layout: "region", generation: 2, ...tree(count, capacity) });
/** The header of a tree that was written, which then counts what the numbers say. */
const header = (leafCount: number, capacity: number) => (blocks: Uint8Array[]) => {
  const view = new DataView((blocks[0] ?? new Uint8Array(8)).buffer);
  view.setInt32(0, leafCount, true);
  view.setInt32(4, capacity, true);
};

describeRegionRules<MtrkContent>(mtrkCodec, write, { content: () => regionTree(100, 128) }, [
  ...blockRuleCases("mtrk"),
  {
    rule: "mtrk.blocks-exceed-region",
    content: (content) => Object.assign(content, regionTree(1000, 1024)),
    blockCount: 4,
  },
  { rule: "mtrk.leaf-count", blocks: header(0, 128) },
  { rule: "mtrk.leaf-count", blocks: header(16_777_217, 33_554_432) },
  { rule: "mtrk.capacity-differs", blocks: header(100, 256) },
  { rule: "mtrk.root-differs", content: (content) => Object.assign(content, { rootHash: new Uint8Array(32).fill(1) }) },
  { rule: "mtrk.node-mismatch", blocks: ([, second]) => second?.set([1], 2 * 32) },
  { rule: "mtrk.unused-leaf-not-zero", content: (content) => (content.leafCount = 99) },
  {
    rule: "mtrk.leaves-not-set",
    content: (content) => {
      content.leaves[3] = new Uint8Array(32);
      content.rootHash = nodeAt(nodesOf(content), 1);
    },
  },
  { rule: "mtrk.nodes-not-stored", content: (content) => Object.assign(content, regionTree(128, 128)) },
  { rule: "mtrk.reserved-not-zero", blocks: ([first]) => first?.set([1], 40) },
  { rule: "mtrk.reserved-not-zero", blocks: ([, second]) => second?.set([1], 127 * 32) },
  ...objectTreeCases(),
]);

function objectTreeCases(): RegionRuleCase<MtrkContent>[] {
  const objectTree: ObjectTree = { layout: "perObject", inodeNumber: 7n, ...tree(100, 128), headerBlock: 0n, nodeBlockCount: 3 };
  const asObject = (change: (content: ObjectTree) => void) => (content: MtrkContent) => {
    for (const key of Object.keys(content)) delete (content as unknown as Record<string, unknown>)[key];
    Object.assign(content, structuredClone(objectTree));
    change(content as unknown as ObjectTree);
  };
  const unchanged = asObject(() => {});
  return [
    { rule: "mtrk.child-pointer-differs", content: unchanged, blocks: ([, second]) => second?.set([5], 32) },
    { rule: "mtrk.root-differs", content: asObject((content) => content.rootHash.fill(1)) },
    { rule: "mtrk.node-mismatch", content: unchanged, blocks: ([, second]) => second?.set([1], 2 * 48) },
    { rule: "mtrk.reserved-not-zero", content: unchanged, blocks: ([first]) => first?.set([1], 48) },
    { rule: "mtrk.blocks-exceed-region", content: unchanged, blockCount: 3 },
  ];
}
