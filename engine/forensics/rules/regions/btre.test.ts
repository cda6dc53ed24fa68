import { writeBeNode } from "../../../format/regions/be-tree-node.ts";
import { type BTreeNodes, type BtreContent, btreCodec } from "../../../format/regions/btre.ts";
import type { BTreeNode } from "../../../format/regions/btree-node.ts";
import { isUnused, type UnusedRegion } from "../../../format/regions/unused-region.ts";
import { writtenBlocks } from "../../../testing/golden-region.ts";
import { describeRules } from "../../../testing/rule-cases.ts";
import { regionFinding } from "./index.ts";

type Content = BtreContent | UnusedRegion;

const [none, start] = [-1n, 1099n];
const keyOf = (letter: string): string => Buffer.from(letter).toString("hex");
const leaf = (block: bigint, letters: string, prevLeafBlock: bigint, nextLeafBlock: bigint): BTreeNode => {
  const keys = [...letters].map(keyOf);
  return { block, keyCount: keys.length, flags: 1, parentBlock: start, nextLeafBlock, prevLeafBlock, keys, values: keys.map(() => 7n) };
};
/** A root with three leaves. */
const sound = (): BTreeNodes => ({
  layout: "nodes",
  nodes: [
    {
      ...{ block: start, keyCount: 2, flags: 2, parentBlock: none, nextLeafBlock: none, prevLeafBlock: none },
      ...{ keys: ["d", "g"].map(keyOf), childPointers: [1100n, 1101n, 1102n] },
    },
    leaf(1100n, "abc", none, 1101n),
    leaf(1101n, "def", 1100n, 1102n),
    leaf(1102n, "ghi", 1101n, none),
  ],
});
const found = (change: (nodes: BTreeNode[]) => void, blocks: (blocks: Uint8Array[]) => void = () => undefined): string[] => {
  const content: Content = sound();
  if (isUnused(content)) throw new TypeError("a tree was made");
  change(content.nodes);
  const written = btreCodec.write(content, 4096);
  blocks(written);
  return rulesOf(written);
};
const rulesOf = (written: Uint8Array[]): string[] => {
  const region = writtenBlocks(written, 64);
  return btreCodec.read(region).problems.map((problem) => regionFinding(problem, region, { region: "BTRE" }).rule);
};
const at = (index: number, change: Partial<BTreeNode>) => () => found((nodes) => void Object.assign(nodes[index] as BTreeNode, change));
const bytes = (change: (blocks: Uint8Array[]) => void) => () => found(() => undefined, change);

/** A Bε-tree node that counts more entries than its block can hold, as the SDK's writer leaves one that is too large. */
function cutNode(): string[] {
  const entries = Array.from({ length: 40 }, () => ({ key: "61".repeat(80), value: 1n }));
  const block = writeBeNode({ isLeaf: true, entries, messages: [], pivotKeys: [], childPointers: [] }, 4096);
  new DataView(block.buffer).setInt32(1, 100);
  return rulesOf([block]);
}

describeRules("the index forest", {
  subjects: ["btre"],
  sound: () => found(() => undefined),
  cases: [
    { rule: "btre.not-recognised", found: () => rulesOf([new Uint8Array(4096).fill(0xff)]) },
    {
      rule: "btre.node-damaged",
      also: {
        "btre.child-missing": "the damaged node is no child any more",
        "btre.leaf-links": "nor a leaf in the chain",
        "btre.separator-without-entry": "and the entry of its first key is gone",
      },
      found: bytes((blocks) => blocks[2]?.set([0xff, 0xff], 0)),
    },
    { rule: "btre.node-cut", found: cutNode },
    { rule: "btre.root-missing", found: at(0, { flags: 0 }) },
    {
      rule: "btre.root-several",
      found: at(1, { flags: 3 }),
    },
    {
      rule: "btre.child-missing",
      also: {
        "btre.leaf-links": "the chain goes on to a leaf that the tree does not reach",
        "btre.node-unreached": "the leaf that was the child is named by none",
        "btre.separator-without-entry": "the tree has no leaf for the separator",
      },
      found: at(0, { childPointers: [1100n, 1101n, 1150n] }),
    },
    {
      rule: "btre.child-shared",
      also: {
        "btre.leaf-links": "the chain goes on to a leaf that the tree does not reach",
        "btre.node-unreached": "the leaf that was the child is named by none",
        "btre.separator-without-entry": "the tree has no leaf for the separator",
      },
      found: at(0, { childPointers: [1100n, 1101n, 1101n] }),
    },
    { rule: "btre.node-unreached", found: () => found((nodes) => void nodes.push(leaf(1103n, "z", none, none))) },
    { rule: "btre.leaf-depth-differs", found: () => found(deeper) },
    {
      rule: "btre.keys-unordered",
      found: at(1, { keys: ["b", "a", "c"].map(keyOf) }),
      also: { "btre.key-unreachable": "a search by halves passes them by" },
    },
    { rule: "btre.leaf-links", found: at(2, { prevLeafBlock: none }) },
    { rule: "btre.parent-differs", found: at(2, { parentBlock: 1100n }) },
    { rule: "btre.flags-unknown", found: at(2, { flags: 5 }) },
    { rule: "btre.separator-without-entry", found: at(3, { keyCount: 2, keys: ["h", "i"].map(keyOf), values: [7n, 7n] }) },
    { rule: "btre.key-unreachable", found: at(0, { keys: ["d", "h"].map(keyOf) }) },
    { rule: "btre.slack-not-zero", found: bytes((blocks) => blocks[1]?.set([1], 4000)) },
  ],
});

/** Puts a node between the root and the last leaf. */
function deeper(nodes: BTreeNode[]): void {
  const [root, , , last] = nodes;
  if (!root || !last) throw new TypeError("the tree has four nodes");
  const between: BTreeNode = {
    ...{ block: 1103n, keyCount: 0, flags: 0, parentBlock: start, nextLeafBlock: none, prevLeafBlock: none },
    ...{ keys: [], childPointers: [last.block] },
  };
  last.parentBlock = between.block;
  root.childPointers = [1100n, 1101n, between.block];
  nodes.push(between);
}
