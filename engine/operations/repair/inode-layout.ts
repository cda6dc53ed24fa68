import { isAllZero } from "../../base/bytes.ts";
import {
  type InodeLayoutDescriptor,
  inodeLayoutDescriptor,
  judgeTrailer,
  planInodeLayout,
  sameInodeLayout,
  trailerBytes,
} from "../../format/core/index.ts";
import type { SnapContent } from "../../format/regions/snap.ts";
import type { InodeTable, PlacedInode } from "../../volume/inode-table.ts";
import { moveRecord } from "../modules/inode-migration.ts";
import type { Mending, Repair } from "./mending.ts";

/** The first block of an inode table with another descriptor; what else it holds is kept. */
const withDescriptor = (block: Uint8Array, layoutDescriptor: InodeLayoutDescriptor): Uint8Array => {
  const image = block.slice();
  image.fill(0, 0, 8 + 7 * inodeLayoutDescriptor.parse(block).moduleFieldCount);
  image.set(inodeLayoutDescriptor.encode(layoutDescriptor), 0);
  return image;
};

/**
 * Makes descriptor, superblock and records agree with the layout that the manifest gives. Where records would have to move they are
 * rewritten in the same transaction, fields by module id. Convention W11, operations reference 5.6, 6.7, 15.3.
 */
export const inodeLayoutRepair: Repair = {
  ids: ["inod.rewrite-layout", "supb.inode-size"],
  mend: async (mending) => {
    const { volume, edit, context, say, warn } = mending;
    const table = context.inodes;
    const planned = planInodeLayout(edit.superblock.moduleManifest);
    if (!table?.descriptor) return false;
    const first = await edit.block(table.region.startBlock);
    const stored = inodeLayoutDescriptor.parse(first);
    // Records were read by what stands there; what does not verify may be anything, and is brought back first.
    if (!judgeTrailer(await volume.requireBlock(table.region.startBlock)).verified) return false;
    if (sameInodeLayout(stored, planned)) return setInodeSize(mending, planned.inodeSize);
    if (hasFrozenInodes(mending)) {
      warn("The inode layout stays: frozen inode tables of snapshots would have to be rewritten too.");
      return false;
    }
    if (table.senselessBlocks.length > 0 || table.leftOutBlocks > 0n) {
      warn("The inode layout stays: not everything in the inode table reads as inodes.");
      return false;
    }
    if (
      table.records.length > 0 &&
      !fitsPadding(stored, planned, table.records) &&
      !(await rewriteRecords(mending, table, stored, planned))
    )
      return false;
    await edit.seal(table.region.startBlock, withDescriptor(first, planned), "INOD", "Write the inode layout descriptor");
    say(
      `Write the inode layout that the manifest gives: ${planned.inodeSize} bytes for an inode, fields of ${planned.moduleFieldCount} ${planned.moduleFieldCount === 1 ? "module" : "modules"}.`,
    );
    setInodeSize(mending, planned.inodeSize);
    return true;
  },
};

function setInodeSize({ edit, say }: Mending, inodeSize: number): boolean {
  if (edit.superblock.inodeSize === inodeSize) return false;
  say(`Set InodeSize from ${edit.superblock.inodeSize} to ${inodeSize}.`);
  edit.superblock.inodeSize = inodeSize;
  return true;
}

const hasFrozenInodes = ({ context }: Mending): boolean =>
  context.judged.some(({ region, reading }) => {
    if (region.kind !== "SNAP") return false;
    const content = reading.content as SnapContent | undefined;
    return content?.snapshots.some(({ inodeTableBlockCount }) => inodeTableBlockCount > 0n) ?? false;
  });

/** Whether the records stay as they are: every stored field keeps its place, and what is new is zero in every record. Operations reference 5.6. */
function fitsPadding(stored: InodeLayoutDescriptor, planned: InodeLayoutDescriptor, records: readonly PlacedInode[]): boolean {
  if (stored.inodeSize !== planned.inodeSize) return false;
  const same = (a: InodeLayoutDescriptor["moduleFields"][number]) =>
    planned.moduleFields.some((b) => b.moduleId === a.moduleId && b.fieldOffset === a.fieldOffset && b.fieldSize === a.fieldSize);
  if (!stored.moduleFields.every(same)) return false;
  const fresh = planned.moduleFields.filter(({ moduleId }) => stored.moduleFields.every((field) => field.moduleId !== moduleId));
  return records.every(({ record }) =>
    fresh.every(({ fieldOffset, fieldSize }) => isAllZero(record.subarray(fieldOffset, fieldOffset + fieldSize))),
  );
}

/** Rewrites the blocks of the table that hold records, in the log; gives whether they fit it. */
async function rewriteRecords(
  { volume, edit, say, warn }: Mending,
  table: InodeTable,
  stored: InodeLayoutDescriptor,
  planned: InodeLayoutDescriptor,
): Promise<boolean> {
  if (table.placement !== "packed") {
    warn("The inode layout stays: records do not lie as convention W10 says, so moving them would be a guess.");
    return false;
  }
  const [oldPerBlock, perBlock] = [stored, planned].map(({ inodeSize }) => Math.floor((volume.blockBytes - trailerBytes) / inodeSize)) as [
    number,
    number,
  ];
  const start = table.region.startBlock;
  const images = new Map<bigint, Uint8Array>();
  const imageOf = (block: bigint): Uint8Array => {
    const image = images.get(block) ?? new Uint8Array(volume.blockBytes);
    images.set(block, image);
    return image;
  };
  for (const { block, offset, record } of table.records) {
    imageOf(block);
    const index = Number(block - start - 1n) * oldPerBlock + offset / stored.inodeSize;
    const target = start + 1n + BigInt(Math.floor(index / perBlock));
    if (target >= start + table.region.blockCount) {
      warn("The inode layout stays: the inode table has no room for larger records.");
      return false;
    }
    imageOf(target).set(moveRecord(record, stored, planned), (index % perBlock) * planned.inodeSize);
  }
  if (images.size + 1 > edit.room) {
    warn(`The inode layout stays: ${images.size} blocks of inodes are more than one transaction of this log holds.`);
    return false;
  }
  for (const [block, image] of images) await edit.seal(block, image, "INOD", "Move inode records to the layout of the manifest");
  say(`Move ${table.records.length} inode records to the layout of the manifest, fields by module.`);
  return true;
}
