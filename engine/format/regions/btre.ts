import { fromHex, isAllZero } from "../../base/bytes.ts";
import { StoredText } from "../../base/stored-text.ts";
import { judgeTrailer, tagNumber, trailerBytes } from "../core/index.ts";
import { type BeTreeNode, type BeTreeReading, beTreeNodeBlock, readBeNode, writeBeNode } from "./be-tree-node.ts";
import { type BTreeRule, judgeTree } from "./btree.ts";
import { type BTreeNode, bTreeNodeBlock, readNode, sdkNodeFailure, writeNode } from "./btree-node.ts";
import { anyStruct, type RegionBlocks, type RegionCodec, type RegionProblem, type RegionReading } from "./region.ts";
import { type TagiContent, tagiCodec } from "./tagi.ts";
import { isUnused, type UnusedRegion, unusedState, writeUnused } from "./unused-region.ts";

/** Nodes of a B-tree as the version 1 container keeps them. Other regions reference 17.1. */
export interface BTreeNodes {
  layout: "nodes";
  /** Every block that is a node, in block order. */
  nodes: BTreeNode[];
}

/** Nodes of a Bε-tree. Other regions reference 17.2. */
export interface BeTreeNodes {
  layout: "beNodes";
  /** `block` is absolute. */
  nodes: ({ block: bigint } & BeTreeNode)[];
}

export type BtreContent = BTreeNodes | BeTreeNodes | TagiContent;

export type BtreRule = BTreeRule | `btre.${"not-recognised" | "node-damaged" | "node-cut" | "slack-not-zero"}`;

interface StoredBlock {
  index: number;
  block: bigint;
  bytes: Uint8Array;
}

/** The forest of indexes. No code of the SDK says what it holds: nodes of a B-tree, a tag index, or nodes of a Bε-tree. Other regions reference 17. */
export const btreCodec: RegionCodec<BtreContent | UnusedRegion> = {
  tag: "BTRE",
  read(blocks, facts): RegionReading<BtreContent | UnusedRegion> {
    const unused = unusedState(blocks, ["BTRE"]);
    if (unused) return { content: unused, problems: [] };
    const first = blocks.block(0);
    if (first && holdsTagIndex(first)) return tagiCodec.read(blocks, facts);
    const stored = storedBlocks(blocks);
    if (stored.length === 0) return { problems: [] };
    if (stored.every(({ bytes }) => isWholeNode(bytes))) return readNodes(stored);
    const asBeNodes = readBeNodes(stored);
    if (asBeNodes) return asBeNodes;
    const readable = stored.some(({ bytes, block }) => sdkNodeFailure(bytes, block) === undefined);
    return readable ? readNodes(stored) : { problems: [unrecognised(stored)] };
  },
  structureOf(index, block) {
    if (holdsTagIndex(block)) return tagiCodec.structureOf(index, block);
    return !isWholeNode(block) && wholeBeNode(block) ? anyStruct(beTreeNodeBlock) : anyStruct(bTreeNodeBlock);
  },
  write(content, blockBytes) {
    if (isUnused(content)) return writeUnused(content, "BTRE", blockBytes);
    if (content.layout === "nodes") return placed(content.nodes, blockBytes, (node) => writeNode(node, blockBytes));
    if (content.layout === "beNodes") return placed(content.nodes, blockBytes, (node) => writeBeNode(node, blockBytes));
    return tagiCodec.write(content, blockBytes);
  },
};

const holdsTagIndex = (block: Uint8Array): boolean =>
  block.length >= trailerBytes && judgeTrailer(block).blockTypeTag === tagNumber("TAGI");

/** Whether a block is a node of a B-tree with zeros behind it. */
const isWholeNode = (block: Uint8Array): boolean => sdkNodeFailure(block, 0n) === undefined && readNode(block, 0n).slackAt === undefined;

function storedBlocks(blocks: RegionBlocks): StoredBlock[] {
  const stored: StoredBlock[] = [];
  for (let index = 0; index < blocks.blockCount; index++) {
    const bytes = blocks.block(index);
    if (bytes && !isAllZero(bytes)) stored.push({ index, block: blocks.startBlock + BigInt(index), bytes });
  }
  return stored;
}

/** Nodes at their blocks, counted from the first of them, which begins the region. Throws a RangeError where two are one block's or they lie too far apart. */
function placed<Node extends { block: bigint }>(
  nodes: readonly Node[],
  blockBytes: number,
  write: (node: Node) => Uint8Array,
): Uint8Array[] {
  const start = nodes.reduce((least, { block }) => (block < least ? block : least), nodes[0]?.block ?? 0n);
  const written: Uint8Array[] = [];
  for (const node of nodes) {
    const index = Number(node.block - start);
    if (index > 2 ** 20 || written[index]) throw new RangeError(`node ${node.block} has no place`);
    written[index] = write(node);
  }
  return Array.from({ length: written.length }, (_, index) => written[index] ?? new Uint8Array(blockBytes));
}

function readNodes(stored: readonly StoredBlock[]): RegionReading<BTreeNodes> {
  const nodes = new Map<bigint, BTreeNode>();
  const indexes: number[] = [];
  const problems: RegionProblem<BtreRule>[] = [];
  const failures: { block: bigint; exception: string }[] = [];
  for (const { index, block, bytes } of stored) {
    const exception = sdkNodeFailure(bytes, block);
    const subject = `node ${block}`;
    if (exception !== undefined) {
      failures.push({ block, exception });
      problems.push({ rule: "btre.node-damaged", subject, found: exception, expected: "a node that the SDK's reader takes", block: index });
      continue;
    }
    const { node, slackAt } = readNode(bytes, block);
    nodes.set(block, node);
    indexes.push(index);
    if (slackAt !== undefined)
      problems.push({
        rule: "btre.slack-not-zero",
        subject,
        found: `byte ${slackAt} is not zero`,
        expected: "zeros behind the node",
        block: index,
        start: slackAt,
        byteLength: 1,
      });
  }
  const start = (stored[0]?.block ?? 0n) - BigInt(stored[0]?.index ?? 0);
  const { flaws, lookupMisses } = judgeTree(nodes);
  problems.push(...flaws.map((flaw) => ({ ...flaw, block: Number(flaw.block - start) })));
  const sdkReads = { ...(lookupMisses.length > 0 && shownKeys(lookupMisses)), ...(failures.length > 0 && { failures }) };
  return {
    content: { layout: "nodes", nodes: [...nodes.values()] },
    sdkReads: Object.keys(sdkReads).length > 0 ? sdkReads : undefined,
    problems,
    places: { nodes: (index) => wholeBlock(indexes[index], stored) },
  };
}

const wholeBlock = (index: number | undefined, stored: readonly StoredBlock[]) =>
  index === undefined ? undefined : { block: index, start: 0, byteLength: stored[0]?.bytes.length ?? 0 };

/** Keys that a search misses, as text where all of them are. */
function shownKeys(keys: readonly string[]): { lookupMisses: StoredText[] } | { lookupMissesHex: readonly string[] } {
  const texts = keys.map((key) => new StoredText(fromHex(key), false));
  return texts.every(({ isUtf8 }) => isUtf8) ? { lookupMisses: texts } : { lookupMissesHex: keys };
}

/** The node of a Bε-tree in a block that holds nothing but it; undefined where it is none. */
function wholeBeNode(bytes: Uint8Array): BeTreeReading | undefined {
  if ((bytes[0] ?? 2) > 1) return undefined;
  const read = readBeNode(bytes);
  return typeof read !== "string" && isAllZero(bytes.subarray(read.end)) ? read : undefined;
}

function readBeNodes(stored: readonly StoredBlock[]): RegionReading<BeTreeNodes> | undefined {
  const nodes: BeTreeNodes["nodes"] = [];
  const problems: RegionProblem<BtreRule>[] = [];
  for (const { index, block, bytes } of stored) {
    const read = wholeBeNode(bytes);
    if (!read) return undefined;
    nodes.push({ block, ...read.node });
    if (read.missing !== undefined)
      problems.push({
        rule: "btre.node-cut",
        subject: `node ${block}`,
        found: read.missing,
        expected: "all that is counted",
        block: index,
      });
  }
  return { content: { layout: "beNodes", nodes }, problems, places: { nodes: (index) => wholeBlock(stored[index]?.index, stored) } };
}

const unrecognised = (stored: readonly StoredBlock[]): RegionProblem<BtreRule> => ({
  rule: "btre.not-recognised",
  subject: "the region",
  found: `${stored.length} blocks that are no nodes and no tag index`,
  expected: "nodes of one tree, or a tag index",
  block: stored[0]?.index ?? 0,
});
