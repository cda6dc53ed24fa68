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

/** Blocks that inodes own: of the live table, or of one that a snapshot froze, and that table itself. */
export interface OwnedBlocks extends BlockRun {
  of: "live" | "snapshot";
}

/**
 * The blocks that inodes own: of the live table and of every snapshot that is no tombstone, indirect blocks included. `problem` is told
 * of each owner that cannot be read. Convention W16.
 */
export async function* ownedBlocks(
  volume: Volume,
  table: InodeTable,
  problem: (reason: string) => void,
  { except = new Set(), signal }: { except?: ReadonlySet<bigint>; signal?: AbortSignal | undefined } = {},
): AsyncGenerator<OwnedBlocks> {
  const of = async function* (owner: OwnedBlocks["of"], inode: InodeCore): AsyncGenerator<OwnedBlocks> {
    const indirect = await readIndirectExtents(volume, inode, signal);
    for (const { startBlock, blockCount, flags } of [...inlineExtents(inode), ...indirect.extents])
      if (!isHole({ startBlock, blockCount, flags, logicalOffset: 0n })) yield { of: owner, startBlock, blockCount: BigInt(blockCount) };
    for (const startBlock of indirect.blocks) yield { of: owner, startBlock, blockCount: 1n };
  };
  for (const { record } of table.records) {
    const inode = inodeCore.parse(record);
    if (!except.has(inode.inodeNumber)) yield* of("live", inode);
  }
  const region = volume.findRegion("SNAP");
  if (!region) return;
  const { content } = snapCodec.read(await loadRegionBlocks(volume, region, tableLimitBytes, signal), regionFacts(volume, region));
  const snapshots = (content?.snapshots ?? []).filter(({ flags }) => (flags & snapshotFlags.deleted) === 0);
  if (snapshots.length === 0) return;
  const layout = recordLayout(table, await volume.requireBlock(table.region.startBlock, signal));
  if (typeof layout === "string") return problem(layout);
  const tables = new Map(snapshots.map((snapshot) => [`${snapshot.inodeTableBlockOffset}+${snapshot.inodeTableBlockCount}`, snapshot]));
  for (const { inodeTableBlockOffset, inodeTableBlockCount } of tables.values()) {
    if (inodeTableBlockCount > BigInt(mostTableBlocks)) {
      problem(`a snapshot's inode table has more than ${mostTableBlocks} blocks`);
      continue;
    }
    yield { of: "snapshot", startBlock: inodeTableBlockOffset, blockCount: inodeTableBlockCount };
    const frozen = await readFrozenInodes(volume, inodeTableBlockOffset, Number(inodeTableBlockCount), layout, signal);
    if (frozen.problem !== undefined) problem(frozen.problem);
    for (const inode of frozen.inodes) yield* of("snapshot", inode);
  }
}

/** The blocks that inodes other than `except` own. Undefined where an owner cannot be read, so that nothing may be given away. */
export async function ownedByOthers(
  volume: Volume,
  table: InodeTable,
  except: ReadonlySet<bigint>,
  signal?: AbortSignal,
): Promise<BlockRun[] | undefined> {
  const problems: string[] = [];
  const owned: BlockRun[] = [];
  for await (const run of ownedBlocks(volume, table, (reason) => problems.push(reason), { except, signal })) {
    if (problems.length > 0) return undefined;
    owned.push(run);
  }
  return problems.length > 0 ? undefined : owned;
}
