import { isAllZero, toHex } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { judgeTrailer, sealBlock, tagNumber, trailerBytes } from "../core/index.ts";
import {
  blockOrZeros,
  judgeBlocks,
  type RegionBlocks,
  type RegionCodec,
  type RegionFacts,
  type RegionPlace,
  type RegionProblem,
  type RegionReading,
} from "./region.ts";
import { distinctKeys, judgeTree, type TagTreeRule } from "./tagi-judge.ts";
import {
  bloomFilter,
  encodeNode,
  filterBytes,
  filterStart,
  type TagEntry,
  type TagNode,
  tagIndexHeader,
  tagIndexStructure,
} from "./tagi-nodes.ts";
import {
  emptyRoaring,
  isRoaring,
  type RoaringContent,
  type RoaringRule,
  readRoaring,
  roaringStructure,
  writeRoaring,
} from "./tagi-roaring.ts";
import { filterRefusal, loadAsSdk, type ReachedTree, reachNodes } from "./tagi-tree.ts";
import { isUnused, type UnusedRegion, unusedState, writeUnused } from "./unused-region.ts";

/** Above so many entries the SDK's look-ups are not tried one by one. */
const mostTriedEntries = 262_144;

export interface TagTreeContent {
  layout: "bTree";
  generation: number;
  entryCount: number;
  treeDepth: number;
  bloomBitCount: number;
  bloomHashCount: number;
  /** SHA-256 of the filter's bytes as stored. */
  bloomSha256: Uint8Array;
  nodeCount: number;
  /** Those that block 1 leads to, in the order of their blocks. */
  nodes: TagNode[];
  /** In the order of the leaves' blocks. */
  entries: TagEntry[];
}
export type TagiContent = TagTreeContent | RoaringContent;
export type TagiRule = TagTreeRule | RoaringRule;

/** A tag index: a tree of tags, or a roaring index, which no trailer marks. Other regions reference 2. */
export const tagiCodec: RegionCodec<TagiContent | UnusedRegion> = {
  tag: "TAGI",
  read(blocks, facts = {}): RegionReading<TagiContent | UnusedRegion> {
    const unused = unusedState(blocks, ["TAGI"]);
    if (unused)
      return {
        content: unused,
        sdkReads: unused.state === "formatted" ? filterRefusal(0, 0, blocks.blockBytes) : { ...emptyRoaring },
        problems: [],
      };
    const first = blockOrZeros(blocks, 0);
    const trailer = judgeTrailer(first);
    if (trailer.blockTypeTag === tagNumber("TAGI")) return readTree(blocks, facts);
    if (!trailer.verified && isRoaring(blocks)) return readRoaring(blocks, facts.hasInode);
    if (trailer.zero && !isAllZero(first)) return readTree(blocks, facts);
    const problems = judgeBlocks(blocks, "tagi", 1);
    const sdk = loadAsSdk(blocks);
    return {
      sdkReads: typeof sdk === "string" ? sdk : (readTree(blocks, facts).content as { [key: string]: unknown } | undefined),
      problems,
    };
  },
  structureOf(index, block) {
    const trailer = block.length >= trailerBytes ? judgeTrailer(block) : undefined;
    const isTree = trailer?.blockTypeTag === tagNumber("TAGI") || trailer?.verified;
    return isTree || block.length < filterStart + trailerBytes ? tagIndexStructure(index, block) : roaringStructure(index, block);
  },
  write(content, blockBytes) {
    if (isUnused(content)) return writeUnused(content, "TAGI", blockBytes);
    return content.layout === "roaring" ? writeRoaring(content, blockBytes) : writeTree(content, blockBytes);
  },
};

function readTree(blocks: RegionBlocks, facts: RegionFacts): RegionReading<TagTreeContent> {
  const first = blockOrZeros(blocks, 0);
  const { reserved: _, ...fields } = tagIndexHeader.parse(first);
  const tree = reachNodes(blocks);
  const end = Math.min(filterStart + filterBytes(fields.bloomBitCount), blocks.blockBytes);
  const content: TagTreeContent = {
    layout: "bTree",
    generation: judgeTrailer(first).generationNumber,
    ...fields,
    bloomSha256: checksum.sha256(first.subarray(filterStart, end)),
    nodeCount: tree.nodes.length,
    nodes: tree.nodes.map(({ node }) => node),
    entries: tree.nodes.flatMap(({ entries }) => entries),
  };
  const places = tree.nodes.flatMap((node) => node.places);
  const problems: RegionProblem[] = judgeTree(blocks, tree, facts);
  const sdk = sdkReading(blocks, tree);
  if (sdk.missed > 0) {
    const found = `${sdk.missed} entries that a look-up does not find`;
    problems.push({ rule: "tagi.sdk-lookup-misses", subject: "the SDK's index", found, expected: "each entry found by its key", block: 1 });
  }
  const nodeAt = (index: number): RegionPlace | undefined => {
    const block = tree.nodes[index]?.node.block;
    return block === undefined ? undefined : { block, start: 0, byteLength: blocks.blockBytes - trailerBytes };
  };
  return {
    content: tree.nodes.length > 0 ? content : undefined,
    sdkReads: sdk.reads,
    places: { entries: (index) => places[index], nodes: nodeAt },
    problems,
  };
}

/** Entries that the SDK's index loses to look-ups or to its list, though they are stored. Other regions reference 2.3, 2.4. */
function sdkReading(blocks: RegionBlocks, tree: ReachedTree): { reads: RegionReading<TagTreeContent>["sdkReads"]; missed: number } {
  const sdk = loadAsSdk(blocks);
  if (typeof sdk === "string") return { reads: sdk, missed: 0 };
  const stored = tree.nodes.flatMap(({ entries }) => entries);
  if (stored.length > mostTriedEntries) return { reads: undefined, missed: 0 };
  const found = new Set<string>();
  const throwing = new Map<string, string>();
  const nameOf = ({ key, inodeNumber }: TagEntry): string => `${toHex(key)}:${inodeNumber}`;
  for (const key of distinctKeys(tree)) {
    const answer = sdk.lookupAll(key);
    if (typeof answer === "string") throwing.set(toHex(key), answer);
    else for (const entry of answer) found.add(nameOf(entry));
  }
  const thrown = stored.filter(({ key }) => throwing.has(toHex(key)));
  const misses = stored.filter((entry) => !throwing.has(toHex(entry.key)) && !found.has(nameOf(entry))).map(nameOf);
  const iterate = sdk.iterate();
  const reads = {
    ...(iterate !== stored.length && { iterate }),
    ...(misses.length > 0 && { lookupAllMisses: misses }),
    ...(thrown.length > 0 && {
      lookupAllThrows: { exception: [...throwing.values()][0], inodeNumbers: thrown.map(({ inodeNumber }) => inodeNumber) },
    }),
  };
  return { reads: Object.keys(reads).length > 0 ? reads : undefined, missed: misses.length + thrown.length };
}

/** The blocks of a tree, its filter made anew from the keys. Throws a RangeError for what no block holds. Other regions reference 2.1, 2.2. */
function writeTree(content: TagTreeContent, blockBytes: number): Uint8Array[] {
  const { generation, entryCount, treeDepth, bloomBitCount, bloomHashCount, nodes, entries } = content;
  if (bloomBitCount <= 0 || bloomHashCount <= 0 || filterStart + filterBytes(bloomBitCount) > blockBytes - trailerBytes)
    throw new RangeError(`a filter of ${bloomBitCount} bits does not fit a block of ${blockBytes}`);
  const last = nodes.reduce((most, { block }) => Math.max(most, block), 1);
  const written: Uint8Array[] = Array.from({ length: last + 1 }, () => new Uint8Array(blockBytes));
  const first = new Uint8Array(blockBytes);
  first.set(tagIndexHeader.encode({ entryCount, treeDepth, bloomBitCount, bloomHashCount }));
  first.set(
    bloomFilter(
      entries.map(({ key }) => key),
      bloomBitCount,
      bloomHashCount,
    ),
    filterStart,
  );
  written[0] = first;
  let taken = 0;
  for (const node of nodes) {
    const own = node.isLeaf ? entries.slice(taken, taken + node.keyCount) : [];
    taken += own.length;
    written[node.block] = encodeNode(node, own, blockBytes);
  }
  return written.map((block) => sealBlock(block, "TAGI", generation));
}
