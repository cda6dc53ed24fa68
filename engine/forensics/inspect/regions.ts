import { isAllZero } from "../../base/bytes.ts";
import { type Json, toJson } from "../../base/json.ts";
import type { Finding } from "../../findings/finding.ts";
import { type ExtentTreeNode, extentTreeNode, isExtentTreeNode, judgeTrailer } from "../../format/core/index.ts";
import { regionReaders } from "../../volume/region-readers/index.ts";
import type { Volume, VolumeRegion } from "../../volume/volume.ts";
import type { Document } from "./inspect.ts";

export const regionLimitBytes = 64 * 1_048_576;

/** A region as `inspect` prints it, the extent trees found in it, and what its reader found wrong. */
export async function inspectRegion(
  volume: Volume,
  region: VolumeRegion,
  limitBytes: number,
  signal?: AbortSignal,
): Promise<{ description: Document; extentTrees: Document[]; findings: readonly Finding[] }> {
  const description: Document = {
    slot: region.slot,
    tag: region.tag,
    ...(region.kind !== region.tag && { kind: region.kind }),
    name: region.name,
    startBlock: toJson(region.startBlock),
    blockCount: toJson(region.blockCount),
    usedBlocks: toJson(region.usedBlocks),
    flags: region.flags,
  };
  const blocks: Json[] = [];
  const nodes = new Map<bigint, ExtentTreeNode>();
  const looked = region.kind === "BMAP" ? region.blockCount : limited(region.blockCount, limitBytes, volume.blockBytes);
  if (region.startBlock >= 0n) {
    await volume.reader.walk(
      region.startBlock,
      region.startBlock + looked,
      (block, bytes) => {
        if (!bytes || isAllZero(bytes)) return;
        const trailer = judgeTrailer(bytes);
        blocks.push({ block: toJson(block), tag: trailer.tag, generationNumber: trailer.generationNumber, verified: trailer.verified });
        if (trailer.verified && trailer.tag === "EXTN" && isExtentTreeNode(bytes)) nodes.set(block, extentTreeNode.parse(bytes));
      },
      signal,
    );
  }
  description.blocks = blocks;
  if (region.blockCount > looked)
    description.unread = { startBlock: toJson(region.startBlock + looked), blockCount: toJson(region.blockCount - looked) };
  const begins = region.startBlock >= 0n && region.startBlock < volume.fileBlocks;
  const held = begins ? await regionReaders.get(region.kind)?.read(volume, region, { limitBytes, signal }) : undefined;
  if (held?.content) description.content = held.content;
  if (held?.sdkReads !== undefined) description.sdkReads = held.sdkReads;
  return { description, extentTrees: extentTrees(nodes), findings: held?.findings ?? [] };
}

function limited(blockCount: bigint, limitBytes: number, blockBytes: number): bigint {
  const most = BigInt(Math.max(1, Math.floor(limitBytes / blockBytes)));
  return blockCount < most ? blockCount : most;
}

/** The trees that a set of nodes forms: a root is a node that no other names. Core reference 6.7. */
function extentTrees(nodes: ReadonlyMap<bigint, ExtentTreeNode>): Document[] {
  const named = new Set([...nodes.values()].flatMap((node) => node.internalEntries.map((child) => child.childBlockNumber)));
  return [...nodes.keys()]
    .filter((block) => !named.has(block))
    .map((root) => {
      const reached = new Set<bigint>();
      const queue = [root];
      for (let block = queue.pop(); block !== undefined; block = queue.pop()) {
        if (reached.has(block) || !nodes.has(block)) continue;
        reached.add(block);
        queue.push(...(nodes.get(block)?.internalEntries ?? []).map((child) => child.childBlockNumber));
      }
      const blocks = [...reached].sort((a, b) => (a < b ? -1 : 1));
      return { rootBlock: toJson(root), nodes: blocks.flatMap((block) => describeNode(block, nodes.get(block))) };
    });
}

function describeNode(block: bigint, node: ExtentTreeNode | undefined): Json[] {
  if (!node) return [];
  const { magic, entries, internalEntries, unused, trailer, ...header } = node;
  const content = node.level === 0 ? { firstEntry: entries.at(0), lastEntry: entries.at(-1) } : { internalEntries };
  return [toJson({ block, ...header, ...content })];
}
