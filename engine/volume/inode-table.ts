import { isAllZero, viewOf } from "../base/bytes.ts";
import {
  type ExtendedInode,
  extendedInode,
  extendedInodeBytes,
  type InodeLayoutDescriptor,
  type InodeV2,
  inodeCore,
  inodeCoreBytes,
  inodeLayoutDescriptor,
  inodeV2,
  judgeTrailer,
  readModuleFields,
  trailerBytes,
} from "../format/core/index.ts";
import { SparseBytes } from "./sparse-bytes.ts";
import type { Volume, VolumeRegion } from "./volume.ts";

/** Where the records of an inode table begin. Core reference 6.8, convention W10. */
export type RecordPlacement = "packed" | "flat" | "slots-of-512";

export interface PlacedInode {
  /** Block of the volume, and the byte in it, where the record begins. */
  block: bigint;
  offset: number;
  record: Uint8Array;
}

export interface InodeTable {
  region: VolumeRegion;
  /** What stands at the start of the first block, whatever it is; undefined where that block is all zero or cannot be read. */
  descriptor: InodeLayoutDescriptor | undefined;
  placement: RecordPlacement | undefined;
  /** Records whose inode number is not 0, in table order. */
  records: PlacedInode[];
  /** Blocks behind the first that have content and in which no placement finds an inode. */
  senselessBlocks: bigint[];
  /** Blocks behind the limit that were not looked at. */
  leftOutBlocks: bigint;
}

/** The portable exporter's InodeSize; its tables have no descriptor. Core reference 8.1. */
const exporterInodeBytes = inodeCoreBytes;

/** Reads an inode table, at most `limitBytes` of it, and finds out where its records lie. */
export async function readInodeTable(volume: Volume, region: VolumeRegion, limitBytes: number, signal?: AbortSignal): Promise<InodeTable> {
  const bytes = await SparseBytes.read(volume.reader, region.startBlock, region.blockCount, limitBytes, signal);
  const first = bytes.block(0);
  const hasDescriptor = first !== undefined && volume.superblock?.inodeSize !== exporterInodeBytes;
  const descriptor = hasDescriptor ? inodeLayoutDescriptor.parse(first) : undefined;
  const descriptorEnd = descriptor ? 8 + 7 * descriptor.moduleFieldCount : 0;
  let best: { placement: RecordPlacement; recordBytes: number; score: number; places: number[] } | undefined;
  const described = descriptor?.inodeSize ?? 0;
  // The SDK's migration copies the old descriptor along with the records: how long they are then the superblock alone says.
  const stated = descriptor ? (volume.superblock?.inodeSize ?? 0) : 0;
  const candidates: readonly [RecordPlacement, number][] = [
    ["packed", described],
    ["flat", described],
    ["slots-of-512", extendedInodeBytes],
    ...(stated !== described ? [["flat", stated] satisfies [RecordPlacement, number]] : []),
  ];
  for (const [placement, recordBytes] of candidates) {
    if (recordBytes < inodeCoreBytes || recordBytes > volume.blockBytes) continue;
    const places = [...recordPlaces(placement, recordBytes, bytes)].filter((at) => at >= descriptorEnd);
    let score = 0;
    const used: number[] = [];
    for (const at of places) {
      const record = bytes.slice(at, recordBytes);
      if (!record || isAllZero(record)) continue;
      if (isPlausibleInode(record)) score += 1;
      else score -= 2;
      if (!isUnusedInode(record)) used.push(at);
    }
    if (score > (best?.score ?? 0)) best = { placement, recordBytes, score, places: used };
  }
  const recordBytes = best?.recordBytes ?? described;
  const records = (best?.places ?? []).map((at): PlacedInode => {
    const index = Math.floor(at / volume.blockBytes);
    return {
      block: region.startBlock + BigInt(index),
      offset: at - index * volume.blockBytes,
      record: (bytes.slice(at, recordBytes) ?? new Uint8Array(recordBytes)).slice(),
    };
  });
  const senselessBlocks = bytes.indexes
    .filter((index) => index > 0 && !holdsInode(index, bytes, [described, stated, extendedInodeBytes]))
    .map((index) => region.startBlock + BigInt(index));
  return { region, descriptor, placement: best?.placement, records, senselessBlocks, leftOutBlocks: bytes.leftOutBlocks };
}

/** Whether any placement finds an inode, or unused space alone, that touches the block. */
function holdsInode(index: number, bytes: SparseBytes, lengths: readonly number[]): boolean {
  const { blockBytes } = bytes;
  const content = bytes.block(index);
  if (!content || isAllZero(content.subarray(0, blockBytes - trailerBytes))) return true;
  // A migration's checkpoint is no inode, and is told as what it is.
  if (judgeTrailer(content).tag === "MCHK") return true;
  for (const recordBytes of lengths) {
    if (recordBytes < inodeCoreBytes || recordBytes > blockBytes) continue;
    const flatStart = Math.floor((index * blockBytes) / recordBytes) * recordBytes;
    for (let start = index * blockBytes; start + recordBytes <= (index + 1) * blockBytes; start += recordBytes)
      if (isInode(bytes.slice(start, recordBytes))) return true;
    for (let start = flatStart; start < (index + 1) * blockBytes; start += recordBytes)
      if (start + recordBytes <= bytes.byteLength && isInode(bytes.slice(start, recordBytes))) return true;
  }
  return false;
}

const isInode = (record: Uint8Array | undefined): boolean => record !== undefined && !isAllZero(record) && isPlausibleInode(record);

/** Bytes of the region at which records begin, only those that can touch a block that is not zero. */
function* recordPlaces(placement: RecordPlacement, recordBytes: number, bytes: SparseBytes): Generator<number> {
  const { blockBytes } = bytes;
  if (placement === "flat") {
    let done = -1;
    for (const index of bytes.indexes) {
      const first = Math.max(done + 1, Math.floor((index * blockBytes - recordBytes) / recordBytes) + 1);
      const last = Math.ceil(((index + 1) * blockBytes) / recordBytes) - 1;
      for (let record = first; record <= last; record++) if ((record + 1) * recordBytes <= bytes.byteLength) yield record * recordBytes;
      done = last;
    }
    return;
  }
  const packed = placement === "packed";
  const perBlock = Math.floor((packed ? blockBytes - trailerBytes : blockBytes) / recordBytes);
  for (const index of bytes.indexes) {
    if (packed && index === 0) continue;
    for (let record = 0; record < perBlock; record++) yield index * blockBytes + record * recordBytes;
  }
}

const sizeStart = 32;
/** Whether a record holds no inode. Core reference 6.8. */
export function isUnusedInode(record: Uint8Array): boolean {
  const view = viewOf(record);
  return view.getBigInt64(0, true) === 0n && record[8] === 0 && view.getBigInt64(sizeStart, true) === 0n;
}

/** Whether a record that is not zero looks like an inode. Core reference 6.8. */
export function isPlausibleInode(record: Uint8Array): boolean {
  // Most candidates are told by number, type and flags alone; to decode each as a whole would take the time in which a long table opens.
  if (viewOf(record).getBigInt64(0, true) <= 0n || (record[8] ?? 0) > 3 || (record[9] ?? 0) > 15) return false;
  const core = inodeCore.parse(record);
  return (
    core.extentCount >= 0 &&
    core.extentCount <= 8 &&
    core.size >= 0n &&
    core.allocatedSize >= 0n &&
    core.reserved === undefined &&
    core.extents.every((extent) => extent.startBlock >= 0n && extent.blockCount >= 0 && extent.logicalOffset >= 0n)
  );
}

/** An inode with the fields of its modules by the stored descriptor. */
export type DecodedInode = InodeV2 & { block: bigint; offset: number; moduleFields: Record<string, unknown> };
export type DecodedExtendedInode = ExtendedInode & { block: bigint; offset: number };

export function decodeInode(placed: PlacedInode, descriptor: InodeLayoutDescriptor): DecodedInode {
  const { block, offset, record } = placed;
  return {
    block,
    offset,
    ...inodeV2(descriptor.inodeSize, descriptor.paddingBytes).parse(record),
    moduleFields: readModuleFields(record, descriptor),
  };
}

export const decodeExtendedInode = ({ block, offset, record }: PlacedInode): DecodedExtendedInode => ({
  block,
  offset,
  ...extendedInode.parse(record),
});

/** An inode of a table, by the layout that the table has. */
export const decodePlacedInode = (
  table: Pick<InodeTable, "placement" | "descriptor">,
  placed: PlacedInode,
): DecodedInode | DecodedExtendedInode =>
  table.placement === "slots-of-512" || !table.descriptor ? decodeExtendedInode(placed) : decodeInode(placed, table.descriptor);
