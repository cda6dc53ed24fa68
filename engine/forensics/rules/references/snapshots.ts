import { isAllZero } from "../../../base/bytes.ts";
import { defineRule } from "../../../findings/registry.ts";
import { judgeTrailer } from "../../../format/core/index.ts";
import { type SnapContent, snapCodec, snapshotFlags } from "../../../format/regions/snap.ts";
import { type RecordLayout, readFrozenInodes, recordLayout } from "../../../snapshot/frozen-inodes.ts";
import { inlineExtents, isHole, readIndirectExtents } from "../../../volume/extents.ts";
import type { CheckContext, JudgedRegion, RuleSet } from "../context.ts";
import { decodedRegions, elementPlace, freeBlocksIn, regionOver } from "./decoded.ts";

type Frozen = { snapshot: string; startBlock: bigint; blockCount: bigint };

const tableFree = defineRule<Frozen & { free: bigint }>({
  id: "snap.table-free",
  severity: "warning",
  confidence: "certain",
  reference: "core regions reference 3.7; convention W15",
  states: "The frozen inode table of a snapshot is allocated.",
  title: ({ snapshot }) => `Snapshot ${snapshot}: its inode table is marked free`,
  explanation: ({ startBlock, blockCount, free }) =>
    `${free} of the ${blockCount} blocks from block ${startBlock} are free in the bitmap. An allocator that trusts it will overwrite the snapshot.`,
  repair: { id: "bmap.rebuild", risk: "advisory" },
});
const tableInRegion = defineRule<Frozen & { region: string }>({
  id: "snap.table-in-region",
  severity: "warning",
  confidence: "likely",
  reference: "core regions reference 3.1; convention W15",
  states: "The frozen inode table of a snapshot lies in the data region.",
  title: ({ snapshot, region }) => `Snapshot ${snapshot}: its inode table lies in ${region}`,
  explanation: ({ startBlock, blockCount, region }) =>
    `${blockCount} blocks from block ${startBlock} reach into ${region}: what is there is not frozen. Nothing says whether the first block counts from the volume's start; counted so, it is this one.`,
});
const tableDamaged = defineRule<Frozen & { block: bigint; state: string }>({
  id: "snap.table-damaged",
  severity: "error",
  confidence: "likely",
  reference: "conventions W10, W15",
  states: "Each block of a frozen inode table carries the tag INOD and the hash of its payload.",
  title: ({ snapshot, block }) => `Snapshot ${snapshot}: block ${block} of its inode table cannot be believed`,
  explanation: ({ block, state }) => `Block ${block} ${state}. Files of the snapshot that it names cannot be found.`,
});

const extentFree = defineRule<Frozen & { inode: bigint; block: bigint; extents: number }>({
  id: "snap.extent-free",
  severity: "error",
  confidence: "certain",
  reference: "convention W15; core reference 3",
  states: "Blocks of a snapshot's files are allocated.",
  title: ({ snapshot, block }) => `Snapshot ${snapshot} owns block ${block}, which is marked free`,
  explanation: ({ inode, block, extents }) =>
    `${extents} extents of its files reach blocks that are free in the bitmap, first block ${block} of inode ${inode}. An allocator that trusts the bitmap will overwrite them.`,
  repair: { id: "bmap.rebuild", risk: "advisory" },
});
const dataBlocksDiffer = defineRule<Frozen & { stored: bigint; counted: bigint }>({
  id: "snap.data-blocks-differ",
  severity: "info",
  confidence: "likely",
  reference: "core regions reference 3.1; convention W15",
  states: "DataBlockCount is the number of blocks of all distinct extents of a snapshot.",
  title: ({ snapshot, stored, counted }) => `Snapshot ${snapshot}: ${stored} data blocks are stated, ${counted} are there`,
  explanation: ({ stored, counted }) =>
    `DataBlockCount is ${stored}; the distinct extents of its files have ${counted} blocks. The count is for information.`,
});

/** Blocks of frozen tables that a check without `deep` reads. */
const readBlocks = 16_384;

/** Snapshots that are not tombstones, against bitmap, regions and the blocks of their inode tables. */
export const snapshotReferences: RuleSet = async (context) => {
  let left = context.deep ? Number.MAX_SAFE_INTEGER : readBlocks;
  const seen = new Set<string>();
  const layout = await liveLayout(context);
  for (const table of decodedRegions(context, snapCodec)) {
    for (const [index, snapshot] of table.content.snapshots.entries()) {
      const { inodeTableBlockOffset: startBlock, inodeTableBlockCount: blockCount, flags } = snapshot;
      if (flags & snapshotFlags.deleted || blockCount <= 0n || startBlock < 0n) continue;
      if (startBlock + blockCount > context.volume.totalBlocks) {
        context.ownersUnknown.add(snapCodec.tag);
        continue;
      }
      const frozen = { snapshot: snapshot.snapshotId, startBlock, blockCount };
      const place = elementPlace(table, "snapshots", index);
      const over = regionOver(context, startBlock, blockCount);
      const free = freeBlocksIn(context, startBlock, blockCount);
      if (over || free !== 0n) context.ownersUnknown.add(snapCodec.tag);
      if (over) context.report(tableInRegion({ ...frozen, region: over.name }, place));
      else if (free !== undefined && free > 0n) context.report(tableFree({ ...frozen, free }, place));
      else if (blockCount <= BigInt(left) && !seen.has(`${startBlock}+${blockCount}`)) {
        seen.add(`${startBlock}+${blockCount}`);
        left -= Number(blockCount);
        const isWhole = await judgeTable(context, table, frozen);
        context.owned.push({ startBlock, blockCount });
        if (isWhole && layout) await judgeFiles(context, frozen, snapshot.dataBlockCount, layout, place);
        else context.ownersUnknown.add(snapCodec.tag);
      } else if (!seen.has(`${startBlock}+${blockCount}`)) context.ownersUnknown.add(snapCodec.tag);
    }
  }
};

/** How frozen records lie: as the live ones do. Convention W24. */
async function liveLayout({ volume, inodes, signal }: CheckContext): Promise<RecordLayout | undefined> {
  if (!inodes) return undefined;
  const layout = recordLayout(inodes, await volume.reader.read(inodes.region.startBlock, signal));
  return typeof layout === "string" ? undefined : layout;
}

/** The files that a frozen table names: their blocks against the bitmap, and as many as the entry says. */
async function judgeFiles(
  context: CheckContext,
  frozen: Frozen,
  stored: bigint,
  layout: RecordLayout,
  place: ReturnType<typeof elementPlace>,
): Promise<void> {
  const { volume, report, signal, owned } = context;
  const { inodes } = await readFrozenInodes(volume, frozen.startBlock, Number(frozen.blockCount), layout, signal);
  const distinct = new Map<string, bigint>();
  let first: { inode: bigint; block: bigint } | undefined;
  let extents = 0;
  for (const inode of inodes) {
    const indirect = await readIndirectExtents(volume, inode, signal);
    owned.push(...indirect.blocks.map((startBlock) => ({ startBlock, blockCount: 1n })));
    for (const extent of [...inlineExtents(inode), ...indirect.extents]) {
      const blockCount = BigInt(extent.blockCount);
      const end = extent.startBlock + blockCount;
      if (isHole(extent) || extent.startBlock < 0n || blockCount <= 0n || end > volume.totalBlocks) continue;
      distinct.set(`${extent.startBlock}+${blockCount}`, blockCount);
      owned.push({ startBlock: extent.startBlock, blockCount });
      if ((freeBlocksIn(context, extent.startBlock, blockCount) ?? 0n) === 0n) continue;
      first ??= { inode: inode.inodeNumber, block: extent.startBlock };
      extents++;
    }
  }
  if (first)
    report(extentFree({ ...frozen, ...first, extents }, { ...place, block: first.block, byteOffset: undefined, byteLength: undefined }));
  const counted = [...distinct.values()].reduce((sum, blocks) => sum + blocks, 0n);
  if (counted !== stored) report(dataBlocksDiffer({ ...frozen, stored, counted }, place));
}

/** Whether every block of a frozen table can be believed. */
async function judgeTable(
  { volume, report, signal }: CheckContext,
  { region }: JudgedRegion & { content: SnapContent },
  frozen: Frozen,
): Promise<boolean> {
  let isWhole = true;
  await volume.reader.walk(
    frozen.startBlock,
    frozen.startBlock + frozen.blockCount,
    (block, bytes) => {
      const state = stateOf(bytes);
      if (!state) return;
      isWhole = false;
      report(tableDamaged({ ...frozen, block, state }, { region: region.tag, slot: region.slot, block }));
    },
    signal,
  );
  return isWhole;
}

function stateOf(bytes: Uint8Array | undefined): string | undefined {
  if (!bytes) return "cannot be read";
  if (isAllZero(bytes)) return "was never written";
  const trailer = judgeTrailer(bytes);
  if (!trailer.verified) return "does not verify";
  return trailer.tag === "INOD" ? undefined : `carries the tag ${JSON.stringify(trailer.tag)}, not INOD`;
}
