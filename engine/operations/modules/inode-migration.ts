import { isAllZero, viewOf } from "../../base/bytes.ts";
import { divideUp, maxBigint, minBigint } from "../../base/units.ts";
import { EngineError } from "../../errors/engine-error.ts";
import {
  type InodeLayoutDescriptor,
  inodeCoreBytes,
  inodeLayoutDescriptor,
  judgeTrailer,
  planInodeLayout,
  sealBlock,
  trailerBytes,
} from "../../format/core/index.ts";
import { snapCodec, snapshotFlags } from "../../format/regions/index.ts";
import { FreeSpace } from "../../volume/free-space.ts";
import type { InodeTable } from "../../volume/inode-table.ts";
import { loadRegionBlocks } from "../../volume/region-readers/coded-region.ts";
import type { VolumeEdit } from "../../volume/volume-edit.ts";
import type { FrozenTable, InodeFacts, ModuleFacts } from "./facts.ts";

/** Records by their place in a table, counted over its record blocks: record i of a packed table is inode i + 1. Convention W10. */
type Records = Map<number, Uint8Array>;

const mostTableBytes = 1_073_741_824;

/** One record in another layout: the core and every module's field move by module id, the rest is zero. Operations reference 6.7. */
export function moveRecord(record: Uint8Array, from: InodeLayoutDescriptor, to: InodeLayoutDescriptor): Uint8Array {
  const moved = new Uint8Array(to.inodeSize);
  moved.set(record.subarray(0, inodeCoreBytes));
  for (const { moduleId, fieldOffset, fieldSize } of from.moduleFields) {
    const place = to.moduleFields.find((field) => field.moduleId === moduleId);
    if (place) moved.set(record.subarray(fieldOffset, fieldOffset + Math.min(fieldSize, place.fieldSize)), place.fieldOffset);
  }
  return moved;
}

const perBlockOf = (layout: InodeLayoutDescriptor, blockBytes: number): number =>
  Math.floor((blockBytes - trailerBytes) / layout.inodeSize);

/** How an inode table would be rewritten: where nothing is recorded in it, only the descriptor is. */
export interface MigrationSize {
  /** Blocks of the new table; 0 where the table stays where it is. */
  tableBlocks: bigint;
  /** The fewest that hold the inodes there are. */
  fewestBlocks: bigint;
}

/** Blocks that a rewritten inode table takes: as many inodes as before, unless that leaves less than half of the free blocks at the end. */
export function migrationSize(
  { inodes, end, volume }: Pick<ModuleFacts, "inodes" | "end" | "volume">,
  manifest: number,
  otherBlocks: bigint,
): MigrationSize {
  if (typeof inodes === "string" || inodes.table.records.length === 0) return { tableBlocks: 0n, fewestBlocks: 0n };
  const to = BigInt(perBlockOf(planInodeLayout(manifest), volume.blockBytes));
  const from = perBlockOf(inodes.descriptor, volume.blockBytes);
  const last = Math.max(-1, ...recordsOf(inodes, volume.blockBytes).keys());
  const fewestBlocks = 1n + divideUp(BigInt(last) + 1n, to);
  const asMany = 1n + divideUp((inodes.region.blockCount - 1n) * BigInt(from), to);
  const room = (end?.free ?? 0n) - otherBlocks;
  return { fewestBlocks, tableBlocks: maxBigint(fewestBlocks, minBigint(asMany, room / 2n)) };
}

function recordsOf({ region, table, descriptor }: InodeFacts, blockBytes: number): Records {
  if (table.placement === "flat") return numberedRecords(table).records;
  const perBlock = perBlockOf(descriptor, blockBytes);
  return new Map(
    table.records.map(({ block, offset, record }) => [
      Number(block - region.startBlock - 1n) * perBlock + Math.floor(offset / descriptor.inodeSize),
      record,
    ]),
  );
}

/** The highest number that counts records; what is above is no inode. */
const largestNumber = 2n ** 40n;

/**
 * Records that lie one behind the other, by their numbers: the header's block and a checkpoint that the SDK's engines read as inodes have
 * numbers that count nothing and are left out. `problem` says why the places cannot be told. Operations reference 6.6.
 */
export function numberedRecords({ region, records }: InodeTable): { records: Records; leftOut: number; problem?: string } {
  const found: Records = new Map();
  let leftOut = 0;
  for (const { block, record } of records) {
    const number = viewOf(record).getBigInt64(0, true);
    if (number > largestNumber || number < 0n) leftOut++;
    else if (number === 0n || found.has(Number(number - 1n)))
      return { records: found, leftOut, problem: `inode ${number} in block ${block} of ${region.name} is there twice, or has no number` };
    else found.set(Number(number - 1n), record);
  }
  return { records: found, leftOut };
}

/**
 * Gives every inode, live and frozen, the layout of another manifest. The tables are built in free blocks and switched to in the same
 * transaction; what they took before becomes free. `startBlock` is where the live table goes. Conventions W11, W24; operations reference 6.7.
 */
export async function migrateInodes(
  edit: VolumeEdit,
  inodes: InodeFacts,
  to: InodeLayoutDescriptor,
  place: { startBlock: bigint; tableBlocks: bigint },
): Promise<string[]> {
  const { volume } = edit;
  const { region, descriptor } = inodes;
  edit.superblock.inodeSize = to.inodeSize;
  const head = withDescriptor(await edit.block(region.startBlock), descriptor, to, inodes.table.placement === "flat");
  const sentences: string[] = [];
  if (place.tableBlocks === 0n) {
    await edit.seal(region.startBlock, head, "INOD", "Write the inode layout descriptor");
    sentences.push(`${lengthens(descriptor, to)}; there are none to rewrite.`);
  } else {
    const { generationNumber } = judgeTrailer(await volume.requireBlock(region.startBlock));
    const first = sealBlock(head, "INOD", (generationNumber + 1) >>> 0);
    const imageOf = tableImages(recordsOf(inodes, volume.blockBytes), descriptor, to, volume.blockBytes);
    const slot = edit.slots[region.slot];
    if (!slot) throw new TypeError("the inode table has a slot");
    Object.assign(slot, {
      startBlock: place.startBlock,
      blockCount: place.tableBlocks,
      usedBlocks: minBigint(slot.usedBlocks, place.tableBlocks),
    });
    await edit.fill({
      block: place.startBlock,
      blockCount: place.tableBlocks,
      reason: "Write the inode table in its new layout",
      image: (index) => (index === 0n ? first : imageOf(Number(index) - 1)),
    });
    await edit.mark(place.startBlock, place.tableBlocks, true);
    await edit.mark(region.startBlock, region.blockCount, false);
    sentences.push(
      `${lengthens(descriptor, to)}: rewrite ${inodes.table.records.length} into a table of ${place.tableBlocks} blocks from block ${place.startBlock} on, and free the ${region.blockCount} blocks of the old one.`,
    );
  }
  if (inodes.frozen.length > 0) sentences.push(...(await migrateFrozen(edit, inodes, to, place)));
  return sentences;
}

/** The first block of a table with another descriptor; what else it holds is kept, unless that is a record. */
function withDescriptor(block: Uint8Array, from: InodeLayoutDescriptor, to: InodeLayoutDescriptor, holdsRecord: boolean): Uint8Array {
  const image = holdsRecord ? new Uint8Array(block.length) : block.slice();
  image.fill(0, 0, inodeLayoutDescriptor.encode(from).length);
  image.set(inodeLayoutDescriptor.encode(to), 0);
  return image;
}

const lengthens = (from: InodeLayoutDescriptor, to: InodeLayoutDescriptor): string =>
  from.inodeSize === to.inodeSize
    ? `Place the fields of inodes anew in their ${to.inodeSize} bytes`
    : `Make inodes ${to.inodeSize} bytes long instead of ${from.inodeSize}`;

/** Images of a table's record blocks, each built when it is asked for. */
function tableImages(
  records: Records,
  from: InodeLayoutDescriptor,
  to: InodeLayoutDescriptor,
  blockBytes: number,
): (index: number) => Uint8Array {
  const perBlock = perBlockOf(to, blockBytes);
  return (index) => {
    const block = new Uint8Array(blockBytes);
    for (let slot = 0; slot < perBlock; slot++) {
      const record = records.get(index * perBlock + slot);
      if (record) block.set(moveRecord(record, from, to), slot * to.inodeSize);
    }
    return sealBlock(block, "INOD", 1);
  };
}

/** Rewrites the snapshots' tables into free blocks and lets the snapshots point there. */
async function migrateFrozen(
  edit: VolumeEdit,
  inodes: InodeFacts,
  to: InodeLayoutDescriptor,
  taken: { startBlock: bigint },
): Promise<string[]> {
  const { volume } = edit;
  const region = volume.findRegion("SNAP");
  const reading = region && snapCodec.read(await loadRegionBlocks(volume, region, mostTableBytes)).content;
  if (!region || !reading) throw new EngineError("VOLUME_NEEDS_REPAIR", { reason: "the snapshot table cannot be read" });
  const space = await FreeSpace.of(volume);
  space.take(taken.startBlock, volume.totalBlocks - taken.startBlock);
  const moved = new Map<string, FrozenTable>();
  for (const table of inodes.frozen) {
    const { blocks, hasDescriptor } = await readFrozen(edit, table, inodes.descriptor);
    const imageOf = tableImages(blocks, inodes.descriptor, to, volume.blockBytes);
    const last = Math.max(0, ...blocks.keys());
    const recordBlocks = divideUp(BigInt(last) + 1n, BigInt(perBlockOf(to, volume.blockBytes)));
    const blockCount = recordBlocks + (hasDescriptor ? 1n : 0n);
    const run = await space.findFirst(blockCount);
    if (!run)
      throw new EngineError("CHANGE_NOT_POSSIBLE", {
        change: "The inode layout",
        reasons: [`a snapshot's table takes ${blockCount} free blocks in a row`],
      });
    space.take(run.startBlock, blockCount);
    const head = new Uint8Array(volume.blockBytes);
    head.set(inodeLayoutDescriptor.encode(to));
    const first = sealBlock(head, "INOD", 1);
    await edit.fill({
      block: run.startBlock,
      blockCount,
      reason: "Write a snapshot's inode table in its new layout",
      image: (index) => (hasDescriptor && index === 0n ? first : imageOf(Number(index) - (hasDescriptor ? 1 : 0))),
    });
    await edit.mark(run.startBlock, blockCount, true);
    await edit.mark(table.startBlock, table.blockCount, false);
    moved.set(keyOf(table), { startBlock: run.startBlock, blockCount });
  }
  const snapshots = reading.snapshots.map((snapshot) => {
    const next = moved.get(keyOf({ startBlock: snapshot.inodeTableBlockOffset, blockCount: snapshot.inodeTableBlockCount }));
    if (!next || (snapshot.flags & snapshotFlags.deleted) !== 0) return snapshot;
    return { ...snapshot, inodeTableBlockOffset: next.startBlock, inodeTableBlockCount: next.blockCount };
  });
  const images = snapCodec.write({ ...reading, generation: (reading.generation + 1) >>> 0, snapshots }, volume.blockBytes);
  for (const [index, image] of images.entries())
    await edit.put(region.startBlock + BigInt(index), image, "Let the snapshots point to their rewritten inode tables");
  return [`Rewrite ${moved.size} inode tables of snapshots too.`];
}

const keyOf = ({ startBlock, blockCount }: FrozenTable): string => `${startBlock} ${blockCount}`;

async function readFrozen(
  { volume }: VolumeEdit,
  { startBlock, blockCount }: FrozenTable,
  layout: InodeLayoutDescriptor,
): Promise<{ blocks: Records; hasDescriptor: boolean }> {
  const descriptor = inodeLayoutDescriptor.encode(layout);
  const perBlock = perBlockOf(layout, volume.blockBytes);
  const blocks: Records = new Map();
  let hasDescriptor = false;
  for (let index = 0n; index < blockCount; index++) {
    const block = await volume.requireBlock(startBlock + index);
    if (index === 0n && Buffer.compare(block.subarray(0, descriptor.length), descriptor) === 0) {
      hasDescriptor = true;
      continue;
    }
    if (!judgeTrailer(block).verified)
      throw new EngineError("VOLUME_NEEDS_REPAIR", { reason: `block ${startBlock + index} of a snapshot's inode table does not verify` });
    const at = Number(index) - (hasDescriptor ? 1 : 0);
    for (let slot = 0; slot < perBlock; slot++) {
      const record = block.subarray(slot * layout.inodeSize, (slot + 1) * layout.inodeSize);
      if (!isAllZero(record)) blocks.set(at * perBlock + slot, record.slice());
    }
  }
  return { blocks, hasDescriptor };
}
