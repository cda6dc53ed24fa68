import { isAllZero } from "../../base/bytes.ts";
import { type Json, toJson } from "../../base/json.ts";
import { EngineError } from "../../errors/engine-error.ts";
import type { Finding } from "../../findings/finding.ts";
import { isFreeSlot, type RegionPointer, type Superblock, tagText } from "../../format/core/index.ts";
import { decodePlacedInode, readInodeTable } from "../../volume/inode-table.ts";
import { readRecovery } from "../../volume/recovery.ts";
import type { Volume, VolumeRegion } from "../../volume/volume.ts";
import { inspectFixedStructures } from "./fixed-structures.ts";
import { readObjectTrees } from "./object-trees.ts";
import { inspectRegion, regionLimitBytes } from "./regions.ts";

export interface InspectOptions {
  /** Tag, kind or slot number of the one region to look at, without a limit. REGION_NOT_FOUND. */
  region?: string | undefined;
  /** One block to give whole. BLOCK_OUT_OF_RANGE. */
  block?: bigint | undefined;
  /** One inode to give. INODE_NOT_FOUND. */
  inode?: bigint | undefined;
  /** The findings to put into the document; those of opening unless given. */
  findings?: readonly Finding[] | undefined;
  signal?: AbortSignal | undefined;
}
export type Document = { [key: string]: Json };

/** The `blockscope.inspect/1` document of a volume. Reads at most 64 MiB of a region unless it is asked for by name; the bitmap is counted whole. */
export async function inspectVolume(volume: Volume, options: InspectOptions = {}): Promise<Document> {
  const { signal } = options;
  const findings = [...(options.findings ?? volume.findings)];
  const document: Document = {
    schema: "blockscope.inspect/1",
    image: { path: volume.name, bytes: toJson(volume.sourceDevice.byteLength) },
  };
  if (volume.kind === "unknown") return { ...document, findings: findings.map(toJson) };
  if (volume.preamble) document.preamble = describePreamble(volume);
  if (volume.volumeOffset > 0n) document.volumeOffset = toJson(volume.volumeOffset);
  document.blockSize = volume.blockBytes;
  const { superblock, extendedMetadata, integrityAnchor } = volume.group;
  if (superblock.value) document.superblock = describeSuperblock(superblock.value);
  if (volume.group.pointerTable.value) document.regionPointerTable = describeSlots(volume.group.pointerTable.value.slots);
  const directory = volume.tables.tables.find((table) => table.source === "directory")?.table;
  if (directory) document.regionDirectory = { generation: directory.trailer.generationNumber, slots: describeSlots(directory.slots) };
  if (extendedMetadata.value && !payloadIsZero(volume, extendedMetadata.block))
    document.extendedMetadata = withoutFrame(extendedMetadata.value);
  if (integrityAnchor.value && !payloadIsZero(volume, integrityAnchor.block))
    document.integrityAnchor = withoutFrame(integrityAnchor.value);
  document.trailers = volume.head.flatMap((found) => (found ? [describeTrailer(BigInt(found.block), found.trailer)] : []));
  Object.assign(document, await inspectFixedStructures(volume, signal));
  const recovery = await readRecovery(volume, signal);
  if (recovery) document.recovery = toJson(recovery);
  const trees = await readObjectTrees(volume, signal);
  if (trees.length > 0) document.perObjectTrees = trees;

  const regions = chosenRegions(volume, options.region);
  document.regions = [];
  const extentNodes: Document[] = [];
  for (const region of regions) {
    const limit = options.region === undefined ? regionLimitBytes : Number.MAX_SAFE_INTEGER;
    const { description, extentTrees, findings: ofContent } = await inspectRegion(volume, region, limit, signal);
    document.regions.push(description);
    extentNodes.push(...extentTrees);
    findings.push(...ofContent);
  }
  if (extentNodes.length > 0) document.extentTrees = extentNodes;
  const inodes = document.regions.flatMap((region) => inodesOf(region));
  if (inodes.length > 0) document.inodes = inodes;
  if (options.block !== undefined) document.block = await describeBlock(volume, options.block, signal);
  if (options.inode !== undefined) document.inode = await describeInode(volume, options.inode, signal);
  document.findings = findings.map(toJson);
  return document;
}

const inodesOf = (region: Json): Json[] => {
  const content = region && typeof region === "object" && !Array.isArray(region) ? region.content : undefined;
  const inodes = content && typeof content === "object" && !Array.isArray(content) ? content.inodes : undefined;
  return Array.isArray(inodes) ? inodes : [];
};

const payloadIsZero = (volume: Volume, block: number): boolean =>
  isAllZero(volume.head[block]?.bytes.subarray(0, -16) ?? new Uint8Array(0));

/** A structure without what frames it: trailer, unused space, padding. */
function withoutFrame(value: object): Json {
  const { trailer, unused, padding, ...content } = value as Record<string, unknown>;
  return toJson(content);
}

/** The superblock in the documents' notation: its label has U+FFFD where it is no UTF-8. */
export function describeSuperblock(value: Superblock): Json {
  return { ...(withoutFrame(value) as Document), volumeLabel: value.volumeLabel.text };
}

export function describeTrailer(
  block: bigint,
  trailer: { blockTypeTag: number; tag: string; generationNumber: number; xxHash64Checksum: bigint; verified: boolean },
): Document {
  return {
    block: toJson(block),
    blockTypeTag: trailer.blockTypeTag,
    tag: trailer.tag,
    generationNumber: trailer.generationNumber,
    xxHash64Checksum: toJson(trailer.xxHash64Checksum),
    verified: trailer.verified,
  };
}

const describeSlots = (slots: readonly RegionPointer[]): Json[] =>
  slots.flatMap((pointer, slot) =>
    isFreeSlot(pointer) ? [] : [{ slot, tag: tagText(pointer.regionTypeId), ...(toJson(pointer) as Document) }],
  );

function describePreamble(volume: Volume): Json {
  const { preamble } = volume;
  if (!preamble) return null;
  const checksum = new DataView(preamble.headerChecksum.buffer, preamble.headerChecksum.byteOffset).getBigUint64(0, true);
  return { ...(toJson(preamble) as Document), headerChecksum: toJson(checksum) };
}

/** The slots of the directory where it verifies, else those of the pointer table; without superblock and table slots. */
function chosenRegions(volume: Volume, wanted: string | undefined): VolumeRegion[] {
  const own = storedRegions(volume);
  if (wanted === undefined) return own;
  const found = own.filter(
    (region) =>
      region.tag === wanted.toUpperCase() ||
      region.kind === wanted.toUpperCase() ||
      region.name.toLowerCase() === wanted.toLowerCase() ||
      `${region.slot}` === wanted,
  );
  if (found.length === 0)
    throw new EngineError("REGION_NOT_FOUND", {
      region: wanted,
      available: own.map((region) => `${region.slot} ${region.kind}`).join(", ") || "none",
    });
  return found;
}

function storedRegions(volume: Volume): VolumeRegion[] {
  const directory = volume.tables.tables.find((table) => table.source === "directory");
  const slots = directory?.holds ? directory.table?.slots : volume.group.pointerTable.value?.slots;
  if (!slots) return volume.ownRegions;
  return slots.flatMap((pointer, slot) => {
    const tag = tagText(pointer.regionTypeId);
    if (isFreeSlot(pointer) || tag === "SUPB" || tag === "RMAP") return [];
    const known = volume.regions.find((region) => region.slot === slot && region.tag === tag);
    const { startBlock, blockCount, usedBlocks, flags } = pointer;
    return [{ slot, tag, kind: known?.kind ?? tag, name: known?.name ?? tag, startBlock, blockCount, usedBlocks, flags }];
  });
}

/** One block: where it lies, how it is judged, its bytes. BLOCK_OUT_OF_RANGE. */
export async function describeBlock(volume: Volume, block: bigint, signal?: AbortSignal): Promise<Json> {
  const bytes = await volume.requireBlock(block, signal);
  const verdict = volume.judge(block, bytes);
  return {
    block: toJson(block),
    byteOffset: toJson(block * BigInt(volume.blockBytes) + volume.volumeOffset),
    ...(verdict.region && { region: verdict.region.tag, slot: verdict.region.slot }),
    state: verdict.state,
    ...(verdict.trailer && { trailer: describeTrailer(block, verdict.trailer) }),
    bytes: toJson(bytes),
  };
}

async function describeInode(volume: Volume, inode: bigint, signal?: AbortSignal): Promise<Json> {
  const region = volume.findRegion("INOD");
  const table = region && (await readInodeTable(volume, region, Number.MAX_SAFE_INTEGER, signal));
  for (const placed of table?.records ?? []) {
    const decoded = decodePlacedInode(table ?? { placement: undefined, descriptor: undefined }, placed);
    if (decoded.inodeNumber === inode) return toJson(decoded);
  }
  throw new EngineError("INODE_NOT_FOUND", { inode });
}
