import { type InodeCore, inodeCore } from "../format/core/index.ts";
import { snapCodec, snapshotFlags } from "../format/regions/snap.ts";
import type { BlockRun } from "../volume/bitmap.ts";
import { inlineExtents, isHole, readIndirectExtents } from "../volume/extents.ts";
import type { InodeTable } from "../volume/inode-table.ts";
import { loadRegionBlocks, regionFacts } from "../volume/region-readers/coded-region.ts";
import type { Volume } from "../volume/volume.ts";
import { readFrozenInodes, recordLayout } from "./frozen-inodes.ts";

const tableLimitBytes = 256 * 1_048_576;
const mostTableBlocks = 1_000_000;

/**
 * The blocks that inodes other than `except` own: of the live table and of every snapshot that is no tombstone, indirect blocks included.
 * Undefined where an owner cannot be read, so that nothing may be given away. Convention W16.
 */
export async function ownedByOthers(
  volume: Volume,
  table: InodeTable,
  except: ReadonlySet<bigint>,
  signal?: AbortSignal,
): Promise<BlockRun[] | undefined> {
  const owned: BlockRun[] = [];
  const add = async (inode: InodeCore) => {
    const indirect = await readIndirectExtents(volume, inode, signal);
    for (const { startBlock, blockCount, flags } of [...inlineExtents(inode), ...indirect.extents])
      if (!isHole({ startBlock, blockCount, flags, logicalOffset: 0n })) owned.push({ startBlock, blockCount: BigInt(blockCount) });
    owned.push(...indirect.blocks.map((startBlock) => ({ startBlock, blockCount: 1n })));
  };
  for (const { record } of table.records) {
    const inode = inodeCore.parse(record);
    if (!except.has(inode.inodeNumber)) await add(inode);
  }
  const region = volume.findRegion("SNAP");
  if (!region) return owned;
  const { content } = snapCodec.read(await loadRegionBlocks(volume, region, tableLimitBytes, signal), regionFacts(volume, region));
  const snapshots = (content?.snapshots ?? []).filter(({ flags }) => (flags & snapshotFlags.deleted) === 0);
  if (snapshots.length === 0) return owned;
  const layout = recordLayout(table, await volume.requireBlock(table.region.startBlock, signal));
  if (typeof layout === "string") return undefined;
  const tables = new Map(snapshots.map((snapshot) => [`${snapshot.inodeTableBlockOffset}+${snapshot.inodeTableBlockCount}`, snapshot]));
  for (const { inodeTableBlockOffset, inodeTableBlockCount } of tables.values()) {
    if (inodeTableBlockCount > BigInt(mostTableBlocks)) return undefined;
    const frozen = await readFrozenInodes(volume, inodeTableBlockOffset, Number(inodeTableBlockCount), layout, signal);
    if (frozen.problem !== undefined) return undefined;
    for (const inode of frozen.inodes) await add(inode);
  }
  return owned;
}
