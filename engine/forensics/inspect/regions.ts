import { isAllZero, toHex } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { type Json, toJson } from "../../base/json.ts";
import { type ExtentTreeNode, extentTreeNode, isExtentTreeNode, judgeTrailer, walHeader } from "../../format/core/index.ts";
import { recordsFromStart } from "../../journal/metadata-log.ts";
import { AllocationBitmap } from "../../volume/bitmap.ts";
import { decodeExtendedInode, decodeInode, readInodeTable } from "../../volume/inode-table.ts";
import { readLogArea } from "../../volume/open.ts";
import type { Volume, VolumeRegion } from "../../volume/volume.ts";
import type { Document } from "./inspect.ts";

export const regionLimitBytes = 64 * 1_048_576;

/** A region as `inspect` prints it, and the extent trees found in it. */
export async function inspectRegion(
  volume: Volume,
  region: VolumeRegion,
  limitBytes: number,
  signal?: AbortSignal,
): Promise<{ description: Document; extentTrees: Document[] }> {
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
  const content = await regionContent(volume, region, limitBytes, signal);
  if (content) description.content = content;
  return { description, extentTrees: extentTrees(nodes) };
}

function limited(blockCount: bigint, limitBytes: number, blockBytes: number): bigint {
  const most = BigInt(Math.max(1, Math.floor(limitBytes / blockBytes)));
  return blockCount < most ? blockCount : most;
}

async function regionContent(
  volume: Volume,
  region: VolumeRegion,
  limitBytes: number,
  signal?: AbortSignal,
): Promise<Document | undefined> {
  if (region.startBlock < 0n || region.startBlock >= volume.fileBlocks) return undefined;
  switch (region.kind) {
    case "BMAP": {
      const totalBlocks = volume.superblock && volume.superblock.totalBlocks >= 0n ? volume.superblock.totalBlocks : undefined;
      const { allocatedBlocks, bitsPastEnd, allocatedRanges } = await new AllocationBitmap(region, volume.reader).summarise(totalBlocks, {
        signal,
      });
      return {
        allocatedBlocks: toJson(allocatedBlocks),
        ...(totalBlocks !== undefined && { bitsAtOrPastTotalBlocks: toJson(bitsPastEnd) }),
        allocatedRanges: allocatedRanges.map(toJson),
      };
    }
    case "INOD":
      return inodeContent(volume, region, limitBytes, signal);
    case "MWAL":
    case "DWAL":
      return logContent(volume, region, limitBytes, signal);
    default:
      return undefined;
  }
}

async function inodeContent(volume: Volume, region: VolumeRegion, limitBytes: number, signal?: AbortSignal): Promise<Document> {
  const table = await readInodeTable(volume, region, limitBytes, signal);
  const content: Document = {};
  const { descriptor } = table;
  if (descriptor) content.layoutDescriptor = toJson(descriptor);
  if (table.placement === "slots-of-512" || !descriptor) {
    const records = table.records.map((placed) => toJson(decodeExtendedInode(placed)));
    if (records.length > 0) content.extendedInodes = records;
  } else if (table.records.length > 0) content.inodes = table.records.map((placed) => toJson(decodeInode(placed, descriptor)));
  if (table.placement) content.recordPlacement = table.placement;
  return content;
}

async function logContent(volume: Volume, region: VolumeRegion, limitBytes: number, signal?: AbortSignal): Promise<Document | undefined> {
  const first = await volume.reader.read(region.startBlock, signal);
  if (!first || isAllZero(first)) return {};
  const header = walHeader.parse(first);
  const content: Document = { header: toJson(header) };
  if (region.kind !== "MWAL" || region.blockCount < 2n) return content;
  const area = await readLogArea(region, volume.reader, volume.totalBlocks, limitBytes, header, signal);
  content.records = (area ? recordsFromStart(area) : []).map((record) =>
    record.kind === "entry"
      ? {
          kind: record.kind,
          offset: toJson(record.offset),
          targetBlock: toJson(record.targetBlock),
          dataLength: record.image.length,
          dataSha256: toHex(checksum.sha256(record.image)),
        }
      : { kind: record.kind, offset: toJson(record.offset), sequence: toJson(record.sequence), entryCount: record.entryCount },
  );
  return content;
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
