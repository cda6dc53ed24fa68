import { isAllZero, viewOf } from "../../base/bytes.ts";
import { explain, isEngineError } from "../../errors/engine-error.ts";
import {
  type InodeLayoutDescriptor,
  inodeCoreBytes,
  isFreeSlot,
  planInodeLayout,
  sameInodeLayout,
  trailerBytes,
} from "../../format/core/index.ts";
import { snapCodec, snapshotFlags } from "../../format/regions/index.ts";
import { type InodeTable, readInodeTable } from "../../volume/inode-table.ts";
import { loadRegionBlocks } from "../../volume/region-readers/coded-region.ts";
import type { Volume, VolumeRegion } from "../../volume/volume.ts";
import { VolumeEdit } from "../../volume/volume-edit.ts";
import { findMovableEnd } from "../moving/movable-end.ts";
import { type DataEnd, findDataEnd } from "./data-end.ts";

/** A snapshot's inode table. Convention W15. */
export interface FrozenTable {
  startBlock: bigint;
  blockCount: bigint;
}

export interface InodeFacts {
  region: VolumeRegion;
  table: InodeTable;
  descriptor: InodeLayoutDescriptor;
  /** Frozen tables, each once. */
  frozen: FrozenTable[];
  /** A block of a table, live or frozen, in which a record's padding is not zero. Convention W24. */
  dirtyPadding: bigint | undefined;
}

/** What of a volume decides which modules can be added to it, and how. */
export interface ModuleFacts {
  volume: Volume;
  manifest: number;
  /** Why nothing can be changed at all. */
  refusal: string | undefined;
  freeSlots: number;
  end: DataEnd | undefined;
  /** The inode tables, or why their layout cannot be changed. */
  inodes: InodeFacts | string;
}

const mostTableBytes = 1_073_741_824;

/** Reads once what the pre-flight of all modules needs. Only reads. */
export async function readModuleFacts(volume: Volume, signal?: AbortSignal): Promise<ModuleFacts> {
  const inodes = await readInodeFacts(volume, signal);
  return {
    volume,
    manifest: volume.superblock?.moduleManifest ?? 0,
    refusal: await refusalOf(volume),
    freeSlots: volume.tables.slots.filter(isFreeSlot).length,
    end: volume.kind === "dwvd" ? await readEnd(volume, inodes, signal) : undefined,
    inodes,
  };
}

async function readEnd(volume: Volume, inodes: InodeFacts | string, signal: AbortSignal | undefined): Promise<DataEnd | undefined> {
  const found = await findDataEnd(volume, signal);
  if (!found || found.free >= found.freeAnywhere) return found;
  const place = { dataStart: found.data.startBlock, end: found.end };
  return { ...found, movable: await findMovableEnd(volume, typeof inodes === "string" ? inodes : inodes.table, place, signal) };
}

async function refusalOf(volume: Volume): Promise<string | undefined> {
  try {
    await VolumeEdit.begin(volume);
    return volume.findRegion("BMAP") ? undefined : "no table names an allocation bitmap";
  } catch (error) {
    if (isEngineError(error)) return explain(error.code, error.data).what;
    throw error;
  }
}

async function readInodeFacts(volume: Volume, signal: AbortSignal | undefined): Promise<InodeFacts | string> {
  const region = volume.findRegion("INOD");
  if (!region || region.startBlock < 0n) return "no table names an inode table";
  const table = await readInodeTable(volume, region, mostTableBytes, signal);
  const { descriptor, placement } = table;
  if (!descriptor || descriptor.coreFieldsEnd !== inodeCoreBytes || descriptor.inodeSize > volume.blockBytes - trailerBytes)
    return "the inode table has no layout descriptor that can be believed";
  if (
    !sameInodeLayout(descriptor, planInodeLayout(volume.superblock?.moduleManifest ?? 0)) ||
    descriptor.inodeSize !== volume.superblock?.inodeSize
  )
    return "the inode layout is not the one that the manifest asks for; repair it first";
  if (placement !== undefined && placement !== "packed")
    return "the inode records do not lie packed in blocks behind the descriptor, as this tool writes them";
  if (table.leftOutBlocks > 0n) return `the inode table has more than ${mostTableBytes} bytes`;
  const [senseless] = table.senselessBlocks;
  if (senseless !== undefined) return `block ${senseless} of the inode table holds no inodes that can be read`;
  const frozen = await readFrozenTables(volume);
  if (typeof frozen === "string") return frozen;
  return { region, table, descriptor, frozen, dirtyPadding: await findDirtyPadding(volume, table, descriptor, frozen, signal) };
}

/** The inode tables of snapshots that are no tombstones, each once; or why they are not all known. */
export async function readFrozenTables(volume: Volume): Promise<FrozenTable[] | string> {
  const region = volume.findRegion("SNAP");
  if (!region) return [];
  const { content } = snapCodec.read(await loadRegionBlocks(volume, region, mostTableBytes));
  if (!content) return [];
  if (content.snapshots.length !== content.snapshotCount) return "the snapshot table cannot be read whole";
  const found = new Map<string, FrozenTable>();
  for (const { flags, inodeTableBlockOffset: startBlock, inodeTableBlockCount: blockCount } of content.snapshots)
    if ((flags & snapshotFlags.deleted) === 0 && blockCount > 0n) found.set(`${startBlock} ${blockCount}`, { startBlock, blockCount });
  return [...found.values()];
}

async function findDirtyPadding(
  volume: Volume,
  { records }: InodeTable,
  { inodeSize, paddingBytes }: InodeLayoutDescriptor,
  frozen: readonly FrozenTable[],
  signal: AbortSignal | undefined,
): Promise<bigint | undefined> {
  const from = inodeSize - paddingBytes;
  const live = records.find(({ record }) => !isAllZero(record.subarray(from)));
  if (live) return live.block;
  const perBlock = Math.floor((volume.blockBytes - trailerBytes) / inodeSize);
  let found: bigint | undefined;
  for (const { startBlock, blockCount } of frozen) {
    await volume.reader.walk(
      startBlock,
      startBlock + blockCount,
      (block, bytes) => {
        // A frozen copy of the descriptor's block holds no records.
        const holdsRecords = bytes && viewOf(bytes).getUint16(0, true) !== inodeSize;
        for (let slot = 0; slot < (holdsRecords ? perBlock : 0); slot++)
          if (!isAllZero(bytes?.subarray(slot * inodeSize + from, (slot + 1) * inodeSize) ?? new Uint8Array(0))) found ??= block;
        return found === undefined;
      },
      signal,
    );
  }
  return found;
}
