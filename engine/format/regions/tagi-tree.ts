import { compareBytes } from "../../base/bytes.ts";
import { judgeTrailer } from "../core/index.ts";
import { blockOrZeros, type RegionBlocks } from "./region.ts";
import {
  type BrokenNode,
  filterBytes,
  filterStart,
  isBroken,
  type ParsedNode,
  parseNode,
  passesFilter,
  type TagEntry,
  tagIndexHeader,
} from "./tagi-nodes.ts";

/** The nodes that a tree reaches from block 1 through children and the chain of leaves, each once. Other regions reference 2.3. */
export interface ReachedTree {
  /** By block, ascending. */
  nodes: ParsedNode[];
  byBlock: ReadonlyMap<number, ParsedNode>;
  broken: { block: number; why: BrokenNode }[];
}

/** Collects the nodes of a tree; visits each block once, whatever its pointers say. */
export function reachNodes(blocks: RegionBlocks): ReachedTree {
  const byBlock = new Map<number, ParsedNode>();
  const broken: ReachedTree["broken"] = [];
  const seen = new Set<number>([1]);
  const queue = blocks.blockCount > 1 ? [1] : [];
  for (let block = queue.pop(); block !== undefined; block = queue.pop()) {
    const parsed = parseNode(blockOrZeros(blocks, block), block);
    if (isBroken(parsed)) {
      broken.push({ block, why: parsed });
      continue;
    }
    byBlock.set(block, parsed);
    for (const to of parsed.node.isLeaf ? [parsed.node.nextLeaf] : parsed.node.children) {
      if (to < 1 || to >= blocks.blockCount || seen.has(to)) continue;
      seen.add(to);
      queue.push(to);
    }
  }
  const nodes = [...byBlock.values()].sort((a, b) => a.node.block - b.node.block);
  return { nodes, byBlock, broken: broken.sort((a, b) => a.block - b.block) };
}

export const sdkIndexOutOfRange =
  "ArgumentOutOfRangeException: Index was out of range. Must be non-negative and less than the size of the collection. (Parameter 'index')";
const endlessRecursion = "StackOverflowException: children that lead back to themselves are loaded without end";

/** A node as the SDK holds it: pointers that lead nowhere are dropped, and the later ones move up. */
interface SdkNode {
  parsed: ParsedNode;
  children: number[];
  next: number | undefined;
}

/** What the SDK's tag index answers. Other regions reference 2.3, 2.4. */
export interface SdkTagIndex {
  entryCount: number;
  generation: number;
  /** Blocks that it would need to write what the root leads to. */
  requiredBlocks: number;
  /** How many entries it lists, "endless", or its exception. */
  iterate(): number | string;
  /** All entries with a key, or its exception. */
  lookupAll(key: Uint8Array): TagEntry[] | string;
}

/** Loads the tree as the SDK does: no trailer is verified, each block is a node. Gives its exception where it refuses. */
export function loadAsSdk(blocks: RegionBlocks): SdkTagIndex | string {
  const first = blockOrZeros(blocks, 0);
  const { entryCount, bloomBitCount: bits, bloomHashCount: hashes } = tagIndexHeader.parse(first);
  const generation = judgeTrailer(first).generationNumber;
  if (blocks.blockCount === 1) return { entryCount: 0, generation, requiredBlocks: 2, iterate: () => 0, lookupAll: () => [] };
  const refusal = filterRefusal(bits, hashes, blocks.blockBytes);
  if (refusal) return refusal;
  const filter = first.subarray(filterStart, filterStart + filterBytes(bits));
  const nodes = new Map<number, SdkNode>();
  const leadsOn = (to: number): boolean => to > 0 && to < blocks.blockCount;
  for (let index = 1; index < blocks.blockCount; index++) {
    const parsed = parseNode(blockOrZeros(blocks, index), index);
    if (isBroken(parsed)) return parsed.sdk;
    const { node } = parsed;
    nodes.set(index, {
      parsed,
      children: node.isLeaf ? [] : node.children.filter(leadsOn),
      next: node.isLeaf && leadsOn(node.nextLeaf) ? node.nextLeaf : undefined,
    });
  }
  const reached = countReached(nodes);
  if (reached === undefined) return endlessRecursion;
  /** The leaf behind a leaf; a pointer to an internal node ends the chain. */
  const nextOf = (leaf: SdkNode): SdkNode | undefined => {
    const next = leaf.next === undefined ? undefined : nodes.get(leaf.next);
    return next?.parsed.node.isLeaf ? next : undefined;
  };
  const descend = (childOf: (node: ParsedNode) => number): SdkNode | undefined => {
    let at = nodes.get(1);
    while (at && !at.parsed.node.isLeaf) at = nodes.get(at.children[childOf(at.parsed)] ?? -1);
    return at;
  };
  return {
    entryCount,
    generation,
    requiredBlocks: 1 + reached,
    iterate() {
      let count = 0;
      const seen = new Set<SdkNode>();
      let leaf = descend(() => 0);
      if (!leaf) return sdkIndexOutOfRange;
      for (; leaf; leaf = nextOf(leaf)) {
        if (seen.has(leaf)) return "endless";
        seen.add(leaf);
        count += leaf.parsed.entries.length;
      }
      return count;
    },
    lookupAll(key) {
      if (!passesFilter(filter, key, bits, hashes)) return [];
      let leaf = descend(({ node }) => (node.isLeaf ? 0 : node.keys.filter((each) => compareBytes(each, key) <= 0).length));
      if (!leaf) return sdkIndexOutOfRange;
      const found: TagEntry[] = [];
      const seen = new Set<SdkNode>();
      for (; leaf && !seen.has(leaf); leaf = nextOf(leaf)) {
        seen.add(leaf);
        for (const entry of leaf.parsed.entries) {
          const order = compareBytes(entry.key, key);
          if (order > 0) return found;
          if (order === 0) found.push(entry);
        }
      }
      return found;
    },
  };
}

/** What the SDK's reader says to a filter that it cannot hold. Other regions reference 2.1, 2.3. */
export function filterRefusal(bits: number, hashes: number, blockBytes: number): string | undefined {
  const notPositive = (name: string, value: number) =>
    `ArgumentOutOfRangeException: ${name} ('${value}') must be a non-negative and non-zero value. (Parameter '${name}')`;
  if (bits <= 0) return notPositive("bitCount", bits);
  if (hashes <= 0) return notPositive("hashFunctionCount", hashes);
  if (bits > 2_147_483_640) return "OverflowException: Arithmetic operation resulted in an overflow.";
  if (filterBytes(bits) > blockBytes - filterStart)
    return "ArgumentOutOfRangeException: Specified argument was out of the range of valid values.";
  return undefined;
}

/** Nodes that the root leads to, one with two parents twice; undefined where children lead back to themselves. */
function countReached(nodes: ReadonlyMap<number, SdkNode>): number | undefined {
  const counts = new Map<number, number>();
  const open = new Set([1]);
  const stack = [{ block: 1, child: 0, count: 1 }];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const to = nodes.get(top.block)?.children[top.child];
    if (to === undefined) {
      counts.set(top.block, top.count);
      open.delete(top.block);
      stack.pop();
    } else if (open.has(to)) return undefined;
    else {
      const counted = counts.get(to);
      if (counted === undefined) {
        open.add(to);
        stack.push({ block: to, child: 0, count: 1 });
      } else {
        top.count += counted;
        top.child++;
      }
    }
  }
  return counts.get(1);
}
