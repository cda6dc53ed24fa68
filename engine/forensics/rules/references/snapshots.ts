import { isAllZero } from "../../../base/bytes.ts";
import { defineRule } from "../../../findings/registry.ts";
import { judgeTrailer } from "../../../format/core/index.ts";
import { type SnapContent, snapCodec, snapshotFlags } from "../../../format/regions/snap.ts";
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

/** Blocks of frozen tables that a check without `deep` reads. */
const readBlocks = 16_384;

/** Snapshots that are not tombstones, against bitmap, regions and the blocks of their inode tables. */
export const snapshotReferences: RuleSet = async (context) => {
  let left = context.deep ? Number.MAX_SAFE_INTEGER : readBlocks;
  const seen = new Set<string>();
  for (const table of decodedRegions(context, snapCodec)) {
    for (const [index, snapshot] of table.content.snapshots.entries()) {
      const { inodeTableBlockOffset: startBlock, inodeTableBlockCount: blockCount, flags } = snapshot;
      if (flags & snapshotFlags.deleted || blockCount <= 0n || startBlock < 0n) continue;
      if (startBlock + blockCount > context.volume.totalBlocks) continue;
      const frozen = { snapshot: snapshot.snapshotId, startBlock, blockCount };
      const place = elementPlace(table, "snapshots", index);
      const over = regionOver(context, startBlock, blockCount);
      const free = freeBlocksIn(context, startBlock, blockCount);
      if (over) context.report(tableInRegion({ ...frozen, region: over.name }, place));
      else if (free !== undefined && free > 0n) context.report(tableFree({ ...frozen, free }, place));
      else if (blockCount <= BigInt(left) && !seen.has(`${startBlock}+${blockCount}`)) {
        seen.add(`${startBlock}+${blockCount}`);
        left -= Number(blockCount);
        await judgeTable(context, table, frozen);
      }
    }
  }
};

async function judgeTable({ volume, report, signal }: CheckContext, { region }: JudgedRegion & { content: SnapContent }, frozen: Frozen) {
  await volume.reader.walk(
    frozen.startBlock,
    frozen.startBlock + frozen.blockCount,
    (block, bytes) => {
      const state = stateOf(bytes);
      if (state) report(tableDamaged({ ...frozen, block, state }, { region: region.tag, slot: region.slot, block }));
    },
    signal,
  );
}

function stateOf(bytes: Uint8Array | undefined): string | undefined {
  if (!bytes) return "cannot be read";
  if (isAllZero(bytes)) return "was never written";
  const trailer = judgeTrailer(bytes);
  if (!trailer.verified) return "does not verify";
  return trailer.tag === "INOD" ? undefined : `carries the tag ${JSON.stringify(trailer.tag)}, not INOD`;
}
