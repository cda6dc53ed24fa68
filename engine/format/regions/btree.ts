import { type BTreeNode, isLeaf, isRoot, noBlock } from "./btree-node.ts";

/** What is wrong with a tree of nodes: `rule` names it within its region, `block` is the node's. */
export interface TreeFlaw {
  rule: BTreeRule;
  block: bigint;
  subject: string;
  found: string;
  expected: string;
}

/** The rules on a B-tree as a whole, and on one node among others. */
export type BTreeRule = `btre.${
  | "root-missing"
  | "root-several"
  | "child-missing"
  | "child-shared"
  | "node-unreached"
  | "leaf-depth-differs"
  | "keys-unordered"
  | "leaf-links"
  | "parent-differs"
  | "flags-unknown"
  | "separator-without-entry"
  | "key-unreachable"}`;

export interface TreeVerdict {
  flaws: TreeFlaw[];
  /** Keys that stand in the tree and that the SDK's search does not find, ascending, in hex. */
  lookupMisses: string[];
}

/** Keys from `from` on and below `below`, undefined where they have no end. */
interface KeyRange {
  from: string;
  below: string | undefined;
}

const isEmpty = ({ from, below }: KeyRange): boolean => below !== undefined && below <= from;
const includes = ({ from, below }: KeyRange, key: string): boolean => key >= from && (below === undefined || key < below);
const isAscending = (keys: readonly string[]): boolean => keys.every((key, index) => index === 0 || (keys[index - 1] ?? "") < key);
const shown = (keys: readonly string[]): string => `${keys.slice(0, 4).join(", ")}${keys.length > 4 ? `, … ${keys.length} in all` : ""}`;

/** Judges the nodes of a region as one tree. Source: other regions reference 17.1, "Traps" and "Invariants". */
export function judgeTree(nodes: ReadonlyMap<bigint, BTreeNode>): TreeVerdict {
  const flaws: TreeFlaw[] = [];
  for (const node of nodes.values()) judgeNode(node, flaws);
  const roots = [...nodes.values()].filter(isRoot);
  const [root] = roots;
  if (!root) {
    const block = [...nodes.keys()][0] ?? 0n;
    flaws.push({ rule: "btre.root-missing", block, subject: "the region", found: "no node with the root flag", expected: "exactly one" });
    return { flaws, lookupMisses: [] };
  }
  for (const again of roots.slice(1))
    flaws.push({
      rule: "btre.root-several",
      block: again.block,
      subject: `node ${again.block}`,
      found: "the root flag",
      expected: `it at node ${root.block} alone`,
    });
  const leaves = walk(nodes, root, flaws);
  judgeLeaves(leaves, flaws);
  const entries = new Set(leaves.flatMap(({ keys }) => keys));
  const found = keysFound(nodes, root);
  const separators = new Set([...nodes.values()].filter((node) => !isLeaf(node)).flatMap(({ keys }) => keys));
  const lost = [...separators].filter((key) => key !== "" && !entries.has(key)).sort();
  if (lost.length > 0)
    flaws.push({
      rule: "btre.separator-without-entry",
      block: root.block,
      subject: `${lost.length} separator keys`,
      found: shown(lost),
      expected: "an entry for each in a leaf",
    });
  const missed = [...entries].filter((key) => !found.has(key)).sort();
  if (missed.length > 0)
    flaws.push({
      rule: "btre.key-unreachable",
      block: root.block,
      subject: `${missed.length} keys in leaves`,
      found: shown(missed),
      expected: "a search from the root that reaches each",
    });
  return { flaws, lookupMisses: [...lost, ...missed].sort() };
}

function judgeNode(node: BTreeNode, flaws: TreeFlaw[]): void {
  const subject = `node ${node.block}`;
  if ((node.flags & ~3) !== 0)
    flaws.push({ rule: "btre.flags-unknown", block: node.block, subject, found: `flags ${node.flags}`, expected: "bits 0 and 1 alone" });
  if (!isAscending(node.keys))
    flaws.push({
      rule: "btre.keys-unordered",
      block: node.block,
      subject,
      found: "keys that do not ascend",
      expected: "each above the one before",
    });
}

/** Goes from the root to all leaves, in key order; each node once. */
function walk(nodes: ReadonlyMap<bigint, BTreeNode>, root: BTreeNode, flaws: TreeFlaw[]): BTreeNode[] {
  const leaves: BTreeNode[] = [];
  const reached = new Set<bigint>([root.block]);
  let leafDepth: number | undefined;
  const todo: { node: BTreeNode; depth: number }[] = [{ node: root, depth: 0 }];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const { node, depth } = next;
    const say = (rule: BTreeRule, found: string, expected: string, block = node.block) =>
      flaws.push({ rule, block, subject: `node ${block}`, found, expected });
    if (isLeaf(node)) {
      leaves.push(node);
      leafDepth ??= depth;
      if (depth !== leafDepth) say("btre.leaf-depth-differs", `a leaf ${depth} levels below the root`, `${leafDepth}, as the others`);
      continue;
    }
    for (const pointer of [...(node.childPointers ?? [])].reverse()) {
      const child = nodes.get(pointer);
      if (!child) say("btre.child-missing", `child block ${pointer}`, "a node of this region");
      else if (reached.has(pointer)) say("btre.child-shared", `child block ${pointer} once more`, "each node named once");
      else {
        reached.add(pointer);
        if (child.parentBlock !== node.block) say("btre.parent-differs", `parent ${child.parentBlock}`, `${node.block}`, child.block);
        todo.push({ node: child, depth: depth + 1 });
      }
    }
  }
  if (root.parentBlock !== noBlock)
    flaws.push({
      rule: "btre.parent-differs",
      block: root.block,
      subject: `node ${root.block}`,
      found: `parent ${root.parentBlock}`,
      expected: "none, as the root",
    });
  for (const node of nodes.values())
    if (!reached.has(node.block) && !isRoot(node))
      flaws.push({
        rule: "btre.node-unreached",
        block: node.block,
        subject: `node ${node.block}`,
        found: "no node that names it",
        expected: "one",
      });
  return leaves;
}

function judgeLeaves(leaves: readonly BTreeNode[], flaws: TreeFlaw[]): void {
  let last: string | undefined;
  for (const [index, leaf] of leaves.entries()) {
    const [before, behind] = [leaves[index - 1]?.block ?? noBlock, leaves[index + 1]?.block ?? noBlock];
    const subject = `leaf ${leaf.block}`;
    if (leaf.prevLeafBlock !== before || leaf.nextLeafBlock !== behind)
      flaws.push({
        rule: "btre.leaf-links",
        block: leaf.block,
        subject,
        found: `leaf ${leaf.prevLeafBlock} before it, ${leaf.nextLeafBlock} behind it`,
        expected: `${before} and ${behind}, as the tree has them`,
      });
    const [first] = leaf.keys;
    if (last !== undefined && first !== undefined && first <= last)
      flaws.push({ rule: "btre.keys-unordered", block: leaf.block, subject, found: `first key ${first}`, expected: `one above ${last}` });
    last = leaf.keys.at(-1) ?? last;
  }
}

/**
 * The keys that a search from the root finds in a leaf. Instead of searching each key, the range of keys that a search leads down each
 * pointer is computed, by the same halving of separators; a key equal to a separator goes right. Source: other regions reference 17.1.
 */
function keysFound(nodes: ReadonlyMap<bigint, BTreeNode>, root: BTreeNode): Set<string> {
  const found = new Set<string>();
  const todo: { node: BTreeNode; range: KeyRange; depth: number }[] = [{ node: root, range: { from: "", below: undefined }, depth: 0 }];
  let steps = 0;
  for (let next = todo.pop(); next && steps < 4 * nodes.size + 4; next = todo.pop(), steps++) {
    const { node, range, depth } = next;
    if (isLeaf(node)) {
      for (const key of searchable(node.keys)) if (includes(range, key)) found.add(key);
      continue;
    }
    if (depth >= nodes.size) continue;
    for (const { index, range: narrower } of childRanges(node.keys, range)) {
      const child = nodes.get(node.childPointers?.[index] ?? noBlock);
      if (child) todo.push({ node: child, range: narrower, depth: depth + 1 });
    }
  }
  return found;
}

/** The range of keys that halving the separators leads to each child; children that none leads to are left out. */
function childRanges(separators: readonly string[], whole: KeyRange): { index: number; range: KeyRange }[] {
  const ranges: { index: number; range: KeyRange }[] = [];
  const halve = (low: number, high: number, range: KeyRange): void => {
    if (isEmpty(range)) return;
    if (low === high) {
      ranges.push({ index: low, range });
      return;
    }
    const middle = (low + high) >>> 1;
    const separator = separators[middle] ?? "";
    halve(low, middle, { from: range.from, below: range.below === undefined || separator < range.below ? separator : range.below });
    halve(middle + 1, high, { from: separator > range.from ? separator : range.from, below: range.below });
  };
  halve(0, separators.length, whole);
  return ranges;
}

/** The keys of a leaf that halving finds. */
function searchable(keys: readonly string[]): readonly string[] {
  if (isAscending(keys)) return keys;
  return keys.filter((key) => {
    let [low, high] = [0, keys.length - 1];
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const at = keys[middle] ?? "";
      if (at === key) return true;
      if (at < key) low = middle + 1;
      else high = middle - 1;
    }
    return false;
  });
}
