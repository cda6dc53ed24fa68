import { isAllZero } from "../../base/bytes.ts";
import {
  type InodeLayoutDescriptor,
  inodeLayoutDescriptor,
  judgeTrailer,
  planInodeLayout,
  sameInodeLayout,
} from "../../format/core/index.ts";
import type { InodeTable, PlacedInode } from "../../volume/inode-table.ts";
import { findDataEnd, resizeDataRegion } from "../modules/data-end.ts";
import { type InodeFacts, readFrozenTables } from "../modules/facts.ts";
import { migrateInodes, migrationSize, numberedRecords } from "../modules/inode-migration.ts";
import type { Mending, Repair } from "./mending.ts";

/**
 * Makes descriptor, superblock and records agree with the layout that the manifest gives. Where records would have to move, live or frozen,
 * the tables are rewritten in free blocks as when a module is added. Conventions W10, W11, W24; operations reference 5.6, 6.7, 15.3.
 */
export const inodeLayoutRepair: Repair = {
  ids: ["inod.rewrite-layout", "supb.inode-size"],
  mend: async (mending) => {
    const { volume, edit, context, findings, say, warn } = mending;
    const table = context.inodes;
    const planned = planInodeLayout(edit.superblock.moduleManifest);
    if (!table?.descriptor) return false;
    const stored = inodeLayoutDescriptor.parse(await edit.block(table.region.startBlock));
    const isFlat = table.placement === "flat";
    // Records were read by what stands there; what does not verify may be anything, and is brought back first. Flat ones run through trailers.
    if (!isFlat && !judgeTrailer(await volume.requireBlock(table.region.startBlock)).verified) return false;
    if (!isFlat && sameInodeLayout(stored, planned)) return setInodeSize(mending, planned.inodeSize);
    if (isFlat && !findings.some(({ repair }) => repair?.risk === "dangerous")) {
      warn("The inode layout stays: records do not lie as convention W10 says, and the SDK's engines look for them where they are.");
      return false;
    }
    if (fitsPadding(stored, planned, table)) {
      await migrateInodes(edit, { ...factsOf(table, stored), table: { ...table, records: [] } }, planned, {
        startBlock: 0n,
        tableBlocks: 0n,
      });
      say(
        `Write the inode layout that the manifest gives: ${planned.inodeSize} bytes for an inode, fields of ${planned.moduleFieldCount} ${planned.moduleFieldCount === 1 ? "module" : "modules"}.`,
      );
      return true;
    }
    const problem = await rewriteTables(mending, table, stored, planned);
    if (problem !== undefined) warn(`The inode layout stays: ${problem}.`);
    return problem === undefined;
  },
};

function setInodeSize({ edit, say }: Mending, inodeSize: number): boolean {
  if (edit.superblock.inodeSize === inodeSize) return false;
  say(`Set InodeSize from ${edit.superblock.inodeSize} to ${inodeSize}.`);
  edit.superblock.inodeSize = inodeSize;
  return true;
}

const factsOf = (table: InodeTable, descriptor: InodeLayoutDescriptor): InodeFacts => ({
  region: table.region,
  table,
  descriptor,
  frozen: [],
  dirtyPadding: undefined,
});

/** Whether the records stay as they are: there are none, or every stored field keeps its place and what is new is zero in each. Operations reference 5.6. */
function fitsPadding(stored: InodeLayoutDescriptor, planned: InodeLayoutDescriptor, { placement, records }: InodeTable): boolean {
  if (records.length === 0) return true;
  if (placement !== "packed" || stored.inodeSize !== planned.inodeSize) return false;
  const same = (a: InodeLayoutDescriptor["moduleFields"][number]) =>
    planned.moduleFields.some((b) => b.moduleId === a.moduleId && b.fieldOffset === a.fieldOffset && b.fieldSize === a.fieldSize);
  if (!stored.moduleFields.every(same)) return false;
  const fresh = planned.moduleFields.filter(({ moduleId }) => stored.moduleFields.every((field) => field.moduleId !== moduleId));
  const isUnused = ({ record }: PlacedInode) =>
    fresh.every(({ fieldOffset, fieldSize }) => isAllZero(record.subarray(fieldOffset, fieldOffset + fieldSize)));
  return records.every(isUnused);
}

/** Rewrites the tables at the far end of the data region; gives why they cannot be. */
async function rewriteTables(
  mending: Mending,
  table: InodeTable,
  stored: InodeLayoutDescriptor,
  planned: InodeLayoutDescriptor,
): Promise<string | undefined> {
  const { volume, edit, say, warn, mayLose } = mending;
  // The SDK's migration copies its own checkpoint, which stood in the last block, as inodes.
  const behind = table.region.startBlock + table.region.blockCount;
  const overwritten = table.placement === "flat" ? table.senselessBlocks.filter((block) => block >= behind - 2n) : [];
  const senseless = table.senselessBlocks.find((block) => !overwritten.includes(block));
  if (senseless !== undefined) return `block ${senseless} of the inode table reads as no inodes`;
  if (table.leftOutBlocks > 0n) return "the inode table is too long to be read at once";
  if (table.placement === "slots-of-512") return "its records are of another kind, which the manifest's layout does not describe";
  const frozen = await readFrozenTables(volume);
  if (typeof frozen === "string") return frozen;
  if (table.placement === "flat") {
    const { leftOut, problem } = numberedRecords(table);
    if (problem !== undefined) return problem;
    if (frozen.length > 0) return "snapshots have tables of their own, and how their records lie is not known";
    if (leftOut > 0)
      warn(
        `${leftOut === 1 ? "1 record whose number counts nothing is" : `${leftOut} records whose numbers count nothing are`} left out: header or checkpoint blocks that were copied as inodes.`,
      );
  }
  if (table.placement === "flat")
    mayLose("what the SDK's migration and copy engines can do with this volume: they look for records where they lie now");
  if (overwritten.length > 0)
    mayLose(
      `inodes that stood in the last block of the table, which a migration's checkpoint overwrote before it was copied to block ${overwritten[0]}`,
    );
  const end = await findDataEnd(volume);
  if (!end) return "there is no data region to take free blocks from";
  const inodes = { ...factsOf(table, stored), frozen };
  const { tableBlocks, fewestBlocks } = migrationSize({ inodes, end, volume }, edit.superblock.moduleManifest, 0n);
  if (end.free < fewestBlocks || tableBlocks > end.free)
    return `${fewestBlocks} free blocks at the end of the data region are needed, there are ${end.free}`;
  const startBlock = end.end - tableBlocks;
  if (tableBlocks > 0n) for (const sentence of await resizeDataRegion(edit, startBlock - end.data.startBlock)) warn(sentence);
  for (const sentence of await migrateInodes(edit, inodes, planned, { startBlock, tableBlocks })) say(sentence);
  return undefined;
}
