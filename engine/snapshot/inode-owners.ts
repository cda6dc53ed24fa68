import { type InodeCore, type InodeExtent, inodeCore, isEmptyExtent } from "../format/core/index.ts";
import { headState } from "../format/regions/region.ts";
import { snapCodec, snapshotFlags } from "../format/regions/snap.ts";
import type { BlockRun } from "../volume/bitmap.ts";
import { inlineExtents, isHole, readIndirectExtents } from "../volume/extents.ts";
import type { InodeTable } from "../volume/inode-table.ts";
import { loadRegionBlocks, regionFacts } from "../volume/region-readers/coded-region.ts";
import type { Volume } from "../volume/volume.ts";
import { readFrozenInodes, recordLayout } from "./frozen-inodes.ts";

const tableLimitBytes = 256 * 1_048_576;
const mostTableBlocks = 1_000_000;

/** An inode, live or frozen, where its record lies, and what it owns. */
export interface OwningInode {
  /** The snapshot's inode table that it stands in; undefined for a live one. */
  frozenIn: BlockRun | undefined;
  block: bigint;
  offset: number;
  inode: InodeCore;
  inline: InodeExtent[];
  indirect: InodeExtent[];
  /** Blocks that hold the indirect extents. */
  indirectBlocks: bigint[];
}

/** The runs of blocks that an inode owns: its extents that are no holes, and the blocks that hold indirect ones. */
export const ownedRuns = ({ inline, indirect, indirectBlocks }: OwningInode): BlockRun[] => [
  ...[...inline, ...indirect]
    .filter((extent) => !isHole(extent) && extent.blockCount > 0)
    .map(({ startBlock, blockCount }) => ({ startBlock, blockCount: BigInt(blockCount) })),
  ...indirectBlocks.map((startBlock) => ({ startBlock, blockCount: 1n })),
];

/** The inode tables of all snapshots that are no tombstones, each once; a reason in words where the snapshot table cannot be read whole. */
export async function frozenTables(volume: Volume, signal?: AbortSignal): Promise<BlockRun[] | string> {
  const region = volume.findRegion("SNAP");
  if (!region) return [];
  const blocks = await loadRegionBlocks(volume, region, tableLimitBytes, signal);
  const { content } = snapCodec.read(blocks, regionFacts(volume, region));
  const state = headState(blocks, snapCodec.tag);
  if (content ? content.snapshots.length !== content.snapshotCount : state !== "absent" && state !== "formatted")
    return "the snapshot table cannot be read whole";
  const tables = new Map<string, BlockRun>();
  for (const { flags, inodeTableBlockOffset: startBlock, inodeTableBlockCount: blockCount } of content?.snapshots ?? [])
    if ((flags & snapshotFlags.deleted) === 0 && blockCount > 0n) tables.set(`${startBlock} ${blockCount}`, { startBlock, blockCount });
  return [...tables.values()];
}

/**
 * Every inode of the live table and of every snapshot that is no tombstone. `problem` is told of each owner that cannot be read.
 * Convention W16.
 */
export async function* owningInodes(
  volume: Volume,
  table: InodeTable,
  problem: (reason: string) => void,
  signal?: AbortSignal,
): AsyncGenerator<OwningInode> {
  const ownerOf = async (place: Pick<OwningInode, "block" | "offset" | "frozenIn">, inode: InodeCore): Promise<OwningInode> => {
    const { extents, blocks } = await readIndirectExtents(volume, inode, signal);
    const indirect = extents.filter((extent) => !isEmptyExtent(extent));
    return { ...place, inode, inline: inlineExtents(inode), indirect, indirectBlocks: blocks };
  };
  for (const { block, offset, record } of table.records) yield ownerOf({ block, offset, frozenIn: undefined }, inodeCore.parse(record));
  const tables = await frozenTables(volume, signal);
  if (typeof tables === "string") return problem(tables);
  if (tables.length === 0) return;
  const layout = recordLayout(table, await volume.requireBlock(table.region.startBlock, signal));
  if (typeof layout === "string") return problem(layout);
  for (const frozenIn of tables) {
    const { startBlock, blockCount } = frozenIn;
    if (blockCount > BigInt(mostTableBlocks)) {
      problem(`a snapshot's inode table has more than ${mostTableBlocks} blocks`);
      continue;
    }
    const frozen = await readFrozenInodes(volume, startBlock, Number(blockCount), layout, signal);
    if (frozen.problem !== undefined) problem(`of a snapshot, ${frozen.problem}`);
    for (const [index, inode] of frozen.inodes.entries()) {
      const place = frozen.places[index];
      if (place) yield ownerOf({ ...place, frozenIn }, inode);
    }
  }
}

/** Visits every inode that owns blocks. Gives a reason in words where not all of them can be read. */
export async function walkInodes(
  volume: Volume,
  table: InodeTable,
  visit: (owner: OwningInode) => void,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const problems: string[] = [];
  for await (const owner of owningInodes(volume, table, (reason) => problems.push(reason), signal)) {
    if (problems.length > 0) break;
    visit(owner);
  }
  return problems[0];
}
