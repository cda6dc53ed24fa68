import { compareBytes, equalBytes, isAllZero, toHex } from "../../base/bytes.ts";
import { trailerBytes } from "../core/index.ts";
import {
  type BlockRule,
  blockOrZeros,
  judgeBlocks,
  type RegionBlocks,
  type RegionFacts,
  type RegionPlace,
  type RegionProblem,
} from "./region.ts";
import { judgeSlack, judgeTail, reservedInUse, type TailRule } from "./table-region.ts";
import {
  bloomFilter,
  filterBytes,
  filterStart,
  nodeRoom,
  type ParsedNode,
  passesFilter,
  type TagEntry,
  tagIndexHeader,
} from "./tagi-nodes.ts";
import type { ReachedTree } from "./tagi-tree.ts";

export type TagTreeRule =
  | Exclude<BlockRule<"tagi">, "tagi.blocks-exceed-region">
  | TailRule<"tagi">
  | `tagi.${
      | "entry-count-differs"
      | "depth-differs"
      | "filter-refused"
      | "filter-overlaps-trailer"
      | "filter-misses-key"
      | "filter-differs"
      | "reserved-not-zero"
      | "slack-not-zero"
      | "node-broken"
      | "node-type"
      | "leaf-overflow"
      | "internal-overflow"
      | "child-range"
      | "node-shared"
      | "node-cycle"
      | "leaf-depth"
      | "numbering"
      | "chain-cycle"
      | "chain-differs"
      | "keys-order"
      | "separator"
      | "block-address"
      | "inode-missing"
      | "sdk-lookup-misses"}`;

type Add = (rule: TagTreeRule, subject: string, found: string, expected: string, place: RegionPlace) => void;

/** The most problems of one rule: pointers without sense can be many. */
const mostPerRule = 1000;

const nodePlace = (block: number): RegionPlace => ({ block, start: 0, byteLength: 3 });
const shown = (key: Uint8Array): string => `key ${toHex(key.subarray(0, 32))}${key.length > 32 ? "…" : ""}`;
const names = { rules: "tagi", tag: "TAGI", sdkRegion: "Tag Index" } as const;

/** What is wrong with a tree of tags. Other regions reference 2.5. */
export function judgeTree(blocks: RegionBlocks, tree: ReachedTree, facts: RegionFacts): RegionProblem<TagTreeRule>[] {
  const problems: RegionProblem<TagTreeRule>[] = [];
  const counts = new Map<TagTreeRule, number>();
  const add: Add = (rule, subject, found, expected, place) => {
    const count = (counts.get(rule) ?? 0) + 1;
    counts.set(rule, count);
    if (count <= mostPerRule) problems.push({ rule, subject, found, expected, ...place });
  };
  const last = Math.max(1, ...tree.nodes.map(({ node }) => node.block), ...tree.broken.map(({ block }) => block));
  const used = Math.min(last + 1, blocks.blockCount);
  problems.push(...(judgeBlocks(blocks, "tagi", used) as RegionProblem<TagTreeRule>[]), ...judgeTail(blocks, names, used));
  for (const { block, why } of tree.broken)
    add("tagi.node-broken", `node ${block}`, why.found, "keys that end inside the block", nodePlace(block));
  for (const parsed of tree.nodes) judgeNode(blocks, parsed, add, problems);
  const shape = walkTree(blocks, tree, add);
  judgeChain(blocks, tree, shape.leaves, add);
  judgeHeader(blocks, tree, shape, add, problems);
  judgeEntries(tree, facts, add);
  return problems;
}

function judgeNode(blocks: RegionBlocks, parsed: ParsedNode, add: Add, problems: RegionProblem<TagTreeRule>[]): void {
  const { node, usedBytes, typeByte } = parsed;
  const room = nodeRoom(node.isLeaf, blocks.blockBytes);
  if (usedBytes > room)
    add(
      node.isLeaf ? "tagi.leaf-overflow" : "tagi.internal-overflow",
      `node ${node.block}`,
      `${usedBytes} bytes`,
      `at most ${room}, before ${node.isLeaf ? "NextLeaf" : "the trailer"}`,
      { block: node.block, start: room, byteLength: Math.min(usedBytes, blocks.blockBytes) - room },
    );
  else if (node.isLeaf && !isAllZero(blockOrZeros(blocks, node.block).slice(usedBytes, room)))
    problems.push({
      rule: "tagi.slack-not-zero",
      subject: `node ${node.block}`,
      found: "bytes behind the entries that are not zero",
      expected: "zeros",
      block: node.block,
      start: usedBytes,
      byteLength: room - usedBytes,
    });
  else if (!node.isLeaf) problems.push(...judgeSlack(blocks, "tagi.slack-not-zero" as const, node.block, usedBytes));
  if (typeByte > 1)
    add("tagi.node-type", `node ${node.block}`, `type ${typeByte}`, "0 or 1", { block: node.block, start: 0, byteLength: 1 });
}

interface Shape {
  /** Leaves in the order of the tree. */
  leaves: ParsedNode[];
  depth: number;
}

interface Visit {
  parsed: ParsedNode;
  depth: number;
  low: Uint8Array | undefined;
  high: Uint8Array | undefined;
  above: Visit | undefined;
}

/** Whether a node is itself, or below, the node in `block`. */
function isBelow(visit: Visit, block: number): boolean {
  for (let at: Visit | undefined = visit; at; at = at.above) if (at.parsed.node.block === block) return true;
  return false;
}

/** Walks the tree breadth first: ranges of children, depth, numbering, and keys between their separators. */
function walkTree(blocks: RegionBlocks, { byBlock }: ReachedTree, add: Add): Shape {
  const root = byBlock.get(1);
  const leaves: ParsedNode[] = [];
  const seen = new Set([1]);
  const queue: Visit[] = root ? [{ parsed: root, depth: 0, low: undefined, high: undefined, above: undefined }] : [];
  let leafDepth: number | undefined;
  let misnumbered = false;
  let repeated = 0;
  for (let index = 0; index < queue.length; index++) {
    const visit = queue[index] as Visit;
    const { parsed, depth, low, high } = visit;
    const { node } = parsed;
    const subject = `node ${node.block}`;
    if (node.block !== index + 1 && !misnumbered) {
      misnumbered = true;
      add("tagi.numbering", subject, `block ${node.block}`, `block ${index + 1}, counted breadth first`, nodePlace(node.block));
    }
    const keys = node.isLeaf ? parsed.entries.map(({ key }) => key) : node.keys;
    const beyond = keys.find((key) => (low && compareBytes(key, low) < 0) || (high && compareBytes(key, high) > 0));
    if (beyond) add("tagi.separator", subject, shown(beyond), "a key between the separators above it", nodePlace(node.block));
    if (node.isLeaf) {
      leaves.push(parsed);
      leafDepth ??= depth;
      if (depth !== leafDepth)
        add("tagi.leaf-depth", subject, `${depth} levels down`, `${leafDepth}, as the other leaves`, nodePlace(node.block));
      continue;
    }
    for (const [child, to] of node.children.entries()) {
      const place = { block: node.block, start: parsed.usedBytes - 4 * (node.children.length - child), byteLength: 4 };
      const named = `child ${child} of node ${node.block}`;
      if (to < 1 || to >= blocks.blockCount) add("tagi.child-range", named, `block ${to}`, `1 to ${blocks.blockCount - 1}`, place);
      else if (seen.has(to) && ++repeated > mostPerRule) continue;
      else if (seen.has(to) && isBelow(visit, to))
        add("tagi.node-cycle", named, `block ${to}, which it is below`, "a block of its own", place);
      else if (seen.has(to)) add("tagi.node-shared", named, `block ${to}, which another child is`, "a block of its own", place);
      else {
        seen.add(to);
        const below = byBlock.get(to);
        if (below)
          queue.push({
            parsed: below,
            depth: depth + 1,
            low: node.keys[child - 1] ?? low,
            high: node.keys[child] ?? high,
            above: visit,
          });
      }
    }
  }
  return { leaves, depth: leafDepth ?? 0 };
}

function judgeChain(blocks: RegionBlocks, { byBlock }: ReachedTree, leaves: readonly ParsedNode[], add: Add): void {
  const chainPlace = (block: number): RegionPlace => ({ block, start: nodeRoom(true, blocks.blockBytes), byteLength: 4 });
  const chain: ParsedNode[] = [];
  const seen = new Set<ParsedNode>();
  for (let leaf = leaves[0]; leaf?.node.isLeaf; leaf = byBlock.get(leaf.node.nextLeaf)) {
    seen.add(leaf);
    chain.push(leaf);
    const to = byBlock.get(leaf.node.nextLeaf);
    if (to && seen.has(to)) {
      add(
        "tagi.chain-cycle",
        `leaf ${leaf.node.block}`,
        `NextLeaf ${leaf.node.nextLeaf}, a leaf before it`,
        "the next leaf",
        chainPlace(leaf.node.block),
      );
      return;
    }
  }
  for (const [index, { node }] of leaves.entries()) {
    const next = leaves[index + 1]?.node.block ?? 0;
    if (node.isLeaf && node.nextLeaf !== next) {
      add(
        "tagi.chain-differs",
        `leaf ${node.block}`,
        `NextLeaf ${node.nextLeaf}`,
        `${next}, the next leaf of the tree`,
        chainPlace(node.block),
      );
      return;
    }
  }
}

function judgeHeader(
  blocks: RegionBlocks,
  tree: ReachedTree,
  { leaves, depth }: Shape,
  add: Add,
  problems: RegionProblem<TagTreeRule>[],
): void {
  const first = blockOrZeros(blocks, 0);
  const { entryCount, treeDepth, bloomBitCount: bits, bloomHashCount: hashes, reserved } = tagIndexHeader.parse(first);
  const counted = leaves.reduce((sum, { entries }) => sum + entries.length, 0);
  if (entryCount !== counted)
    add("tagi.entry-count-differs", "EntryCount", `${entryCount}`, `${counted} entries in the leaves`, {
      block: 0,
      start: 0,
      byteLength: 4,
    });
  if (treeDepth !== depth)
    add("tagi.depth-differs", "TreeDepth", `${treeDepth}`, `${depth} levels above the leaves`, { block: 0, start: 4, byteLength: 2 });
  if (reserved) problems.push(reservedInUse("tagi.reserved-not-zero" as const, 11, 5));
  const payload = blocks.blockBytes - trailerBytes;
  const place = { block: 0, start: 6, byteLength: 5 };
  const end = filterStart + filterBytes(bits);
  if (bits <= 0 || hashes <= 0 || end > blocks.blockBytes) {
    add(
      "tagi.filter-refused",
      "bloom filter",
      `${bits} bits, ${hashes} hashes`,
      "more than none of both, and a filter that ends in block 0",
      place,
    );
    return;
  }
  if (end > payload)
    add("tagi.filter-overlaps-trailer", "bloom filter", `${bits} bits`, `at most ${(payload - filterStart) * 8}`, {
      block: 0,
      start: payload,
      byteLength: end - payload,
    });
  else problems.push(...judgeSlack(blocks, "tagi.slack-not-zero" as const, 0, end));
  const filter = first.subarray(filterStart, end);
  const keys = distinctKeys(tree);
  const missed = keys.filter((key) => !passesFilter(filter, key, bits, hashes));
  if (missed.length > 0)
    add(
      "tagi.filter-misses-key",
      "bloom filter",
      `${missed.length} keys do not pass, the first ${shown(missed[0] ?? new Uint8Array(0))}`,
      "each key passes",
      {
        block: 0,
        start: filterStart,
        byteLength: Math.min(end, payload) - filterStart,
      },
    );
  else if (end <= payload && !equalBytes(filter, bloomFilter(keys, bits, hashes)))
    add("tagi.filter-differs", "bloom filter", "bits of keys that are not there", "the filter of the keys", {
      block: 0,
      start: filterStart,
      byteLength: end - filterStart,
    });
}

/** Keys of all entries, each once. */
export function distinctKeys({ nodes }: ReachedTree): Uint8Array[] {
  const keys = new Map<string, Uint8Array>();
  for (const { entries } of nodes) for (const { key } of entries) keys.set(toHex(key), key);
  return [...keys.values()];
}

function judgeEntries({ nodes }: ReachedTree, { totalBlocks, hasInode }: RegionFacts, add: Add): void {
  let before: TagEntry | undefined;
  for (const { node, entries, places } of nodes) {
    for (const [index, entry] of entries.entries()) {
      const place = places[index] ?? nodePlace(node.block);
      const subject = `entry ${index} of leaf ${node.block}`;
      if (before && compareBytes(before.key, entry.key) > 0)
        add("tagi.keys-order", subject, shown(entry.key), `not before ${shown(before.key)}`, place);
      if (entry.blockAddress < 0n || (totalBlocks !== undefined && entry.blockAddress >= totalBlocks))
        add(
          "tagi.block-address",
          subject,
          `block ${entry.blockAddress}`,
          totalBlocks === undefined ? "not negative" : `below ${totalBlocks}`,
          place,
        );
      if (hasInode?.(entry.inodeNumber) === false)
        add("tagi.inode-missing", subject, `inode ${entry.inodeNumber}`, "an inode of the volume", place);
      before = entry;
    }
  }
}
