import { concatBytes } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { checkTree } from "../../forensics/integrity-tree.ts";
import type { JudgedRegion } from "../../forensics/rules/context.ts";
import { judgeTrailer, sealBlock, trailerBytes } from "../../format/core/index.ts";
import { type EncrContent, encrCodec, recountSlots } from "../../format/regions/encr.ts";
import { isUntouched, type MerkleNodes, nodeAt, nodeHolds } from "../../format/regions/merkle.ts";
import { mlogCodec } from "../../format/regions/mlog.ts";
import { type MetricEntries, recountMetrics } from "../../format/regions/mlog-metrics.ts";
import { type MtrkContent, mtrkCodec, nodeLayout, nodesOf, storedNodeCount } from "../../format/regions/mtrk.ts";
import { type OpjrContent, opjrCodec, recountOperations } from "../../format/regions/opjr.ts";
import { type RaidContent, raidCodec } from "../../format/regions/raid.ts";
import { recountShards } from "../../format/regions/raid-judge.ts";
import { blockOrZeros } from "../../format/regions/region.ts";
import { type ReplContent, recountReplicas, replCodec } from "../../format/regions/repl.ts";
import type { Mending, Repair } from "./mending.ts";

/** The blocks of a region as stored content gives them, and with what follows from the rest made right. */
interface Rewriting {
  before: Uint8Array[];
  after: Uint8Array[];
}

/** Kinds whose blocks keep their generations whatever is rewritten. Other regions reference 12.2, 16. */
const keepsGenerations = ({ region, reading }: JudgedRegion): boolean =>
  region.kind === "OPJR" || (region.kind === "MLOG" && (reading.content as MetricEntries).codec === "B");

/** What the kinds of regions say twice: once in their records and once in a count of them. Core regions reference 1.5, 2.5, 6.5; other regions reference 12, 16. */
const recounts: Readonly<Record<string, (content: unknown, blockBytes: number) => Rewriting>> = {
  OPJR: (content, size) => both(content as OpjrContent, recountOperations, (each) => opjrCodec.write(each, size)),
  RAID: (content, size) => both(content as RaidContent, recountShards, (each) => raidCodec.write(each, size)),
  REPL: (content, size) => both({ ...(content as ReplContent), dirtyBlocks: [] }, recountReplicas, (each) => replCodec.write(each, size)),
  ENCR: (content, size) => both(content as EncrContent, recountSlots, (each) => encrCodec.write(each, size)),
  MLOG: (content, size) => both(content as MetricEntries, recountMetrics, (each) => mlogCodec.write(each, size)),
};

const both = <Content>(content: Content, right: (content: Content) => Content, write: (content: Content) => Uint8Array[]): Rewriting => ({
  before: write(content),
  after: write(right(content)),
});

/** Regions of the findings that hold what they held: every block verifies, and of what is wrong everything else is no error. */
function* soundRegions({ context, findings, warn }: Mending): Generator<JudgedRegion> {
  const slots = new Set(findings.map(({ slot }) => slot));
  const mended = new Set(findings.map(({ rule }) => rule));
  for (const judged of context.judged.filter(({ region }) => slots.has(region.slot))) {
    const other = judged.reading.problems.find(({ rule }) => !mended.has(rule) && doubtful.test(rule));
    if (other) warn(`${judged.region.name} is not counted anew: ${other.subject} makes uncertain what it holds (${other.rule}).`);
    else if (judged.reading.content !== undefined) yield judged;
  }
}
/** Rules whose findings mean that records may be lost, foreign or not what they were. */
const doubtful =
  /\.(block-damaged|block-foreign|generations-differ|blocks-exceed-region|block-unsealed|status-unknown|state-unknown|shard-status-unknown|id-order|id-duplicate|not-recognised|event-count-too-large|slot-index-differs)$/;

/** Counts of records that a region holds, and what else follows from them. */
export const recountRepair: Repair = {
  ids: ["region.recount"],
  mend: async (mending) => {
    let isChanged = false;
    for (const judged of soundRegions(mending)) {
      const { region, blocks, reading } = judged;
      const rewriting = recounts[region.kind]?.(reading.content, blocks.blockBytes);
      if (!rewriting || !(await rewrite(mending, judged, rewriting, "Count what the region holds"))) continue;
      mending.say(`Set the counts of ${region.name} to what its records give.`);
      isChanged = true;
    }
    return isChanged;
  },
};

/**
 * Rewrites the bytes in which two writings of one region differ, all its blocks under their next generation; every other byte stays as it is.
 * Gives whether the transaction has room for it.
 */
async function rewrite({ edit, warn }: Mending, judged: JudgedRegion, { before, after }: Rewriting, reason: string): Promise<boolean> {
  const { region, blocks } = judged;
  if (after.length > edit.room) {
    warn(`${region.name} stays as it is: its ${after.length} blocks are more than one transaction of this log holds.`);
    return false;
  }
  for (const [index, wanted] of after.entries()) {
    const stored = blockOrZeros(blocks, index);
    const image = stored.slice();
    const was = before[index];
    for (let at = 0; at < image.length - trailerBytes; at++) if (was?.[at] !== wanted[at]) image[at] = wanted[at] ?? 0;
    const { tag, generationNumber } = judgeTrailer(stored);
    const generation = keepsGenerations(judged) ? generationNumber : (generationNumber + 1) >>> 0;
    await edit.put(region.startBlock + BigInt(index), sealBlock(image, tag, generation), reason);
  }
  return true;
}

/**
 * Computes inner nodes of an integrity tree anew from its leaves where every leaf is the hash of its block. A leaf that is not is made so
 * where the node above it proves that the block is right. Core regions reference 7.3, 7.7.
 */
export const treeRepair: Repair = {
  ids: ["mtrk.recompute"],
  mend: async (mending) => {
    const { volume, say, warn } = mending;
    let isChanged = false;
    for (const judged of soundRegions(mending)) {
      const { region, blocks } = judged;
      const content = judged.reading.content as MtrkContent;
      const nodes = nodesOf(blocks, content);
      const before = mtrkCodec.write(content, blocks.blockBytes, { nodes: nodes.map((node) => node.slice()) });
      // A tree whose nodes all hold needs no proof from the blocks: only the header's copy of its root, or places of children, are wrong.
      const isBroken = judged.reading.problems.some(({ rule }) => rule === "mtrk.node-mismatch");
      const failingLeaves = isBroken ? (await checkTree(volume, region, { blocks, content })).failingLeaves : [];
      for (const { leaf, computed } of failingLeaves) if (computed) nodes[content.treeCapacity + leaf] = computed;
      const unproved = failingLeaves.find(({ leaf, computed }) => !computed || !isProved(nodes, content.treeCapacity + leaf));
      if (unproved) {
        warn(
          `${region.name} is not computed anew: leaf ${unproved.leaf} is not the hash of block ${unproved.block}, and either may be wrong.`,
        );
        continue;
      }
      recompute(nodes, content, storedNodeCount(blocks, content));
      const after = mtrkCodec.write({ ...content, rootHash: nodeAt(nodes, 1) }, blocks.blockBytes, { nodes });
      // In the tree of an object every node carries the places of its children, which its writer knows.
      if (content.layout === "perObject") markNodesChanged(before, after, content);
      if (!(await rewrite(mending, judged, { before, after }, "Compute the integrity tree anew"))) continue;
      const leaves = failingLeaves.length > 0 ? ` and ${failingLeaves.length} leaves that their nodes prove` : "";
      say(`Compute the inner nodes of ${region.name}${leaves} anew.`);
      isChanged = true;
    }
    return isChanged;
  },
};

/** Whether the stored node above is the hash of a node and its neighbour. */
const isProved = (nodes: MerkleNodes, node: number): boolean => node > 1 && nodeHolds(nodes, node >> 1);

function recompute(nodes: MerkleNodes, { treeCapacity }: MtrkContent, stored: number): void {
  for (let node = treeCapacity - 1; node > 0; node--) {
    if (2 * node + 1 > stored || isUntouched(nodes, node) || nodeHolds(nodes, node)) continue;
    nodes[node] = checksum.sha256(concatBytes([nodeAt(nodes, 2 * node), nodeAt(nodes, 2 * node + 1)]));
  }
}

/** Makes every byte of the nodes count as changed. */
function markNodesChanged(before: readonly Uint8Array[], after: readonly Uint8Array[], content: MtrkContent): void {
  for (const [index, image] of before.entries()) {
    if (index === 0) continue;
    const { perBlock, step } = nodeLayout(content, image.length);
    const count = Math.min(perBlock, 2 * content.treeCapacity - 1 - (index - 1) * perBlock);
    for (let at = 0; at < count * step; at++) image[at] = (after[index]?.[at] ?? 0) ^ 0xff;
  }
}
