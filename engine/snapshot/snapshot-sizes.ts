import { type InodeCore, inodeCore } from "../format/core/index.ts";
import type { Snapshot } from "../format/regions/index.ts";
import { inlineExtents, isHole, readIndirectExtents } from "../volume/extents.ts";
import { readInodeTable } from "../volume/inode-table.ts";
import type { Volume } from "../volume/volume.ts";
import { ExtentOwners } from "./extent-owners.ts";
import { type RecordLayout, readFrozenInodes, recordLayout } from "./frozen-inodes.ts";
import { isTombstone } from "./snapshot-tree.ts";

/** What one owner holds; `unknown` says in words why that cannot be told. */
export interface OwnedSize {
  /** Blocks that nothing else refers to: what deleting it would free. */
  exclusiveBlocks?: bigint;
  sharedBlocks?: bigint;
  unknown?: string;
}
export interface SnapshotSize extends OwnedSize {
  /** Blocks of the frozen inode table, and how many of them verify; missing where none was looked at. */
  table?: { blocks: number; verified: number };
}

export interface SnapshotSizes {
  /** By index in the table. */
  snapshots: SnapshotSize[];
  live: OwnedSize;
  /** Owners that are not known: what they share with others counts as exclusive, so that exclusive sizes are upper bounds. */
  unknownOwners: number;
  /** Extents that overlap others only in part; they count as shared. Operations reference 11.9. */
  overlapping: number;
}

export interface MeasureOptions {
  signal?: AbortSignal | undefined;
  onProgress?: (progress: { phase: string; done: number; total: number; unit: "entries" }) => void;
}

const liveLimitBytes = 256 * 1_048_576;
/** Bounds what is read and held for tables that a damaged entry makes huge. Convention R7. */
const mostTableBlocks = 65_536;
const mostBlocksInAll = 1_048_576;
const mostExtents = 1_000_000;

/** A frozen table, and the snapshots that were frozen into it. */
interface Frozen {
  start: bigint;
  count: bigint;
  owners: number[];
}

/**
 * Exclusive and shared sizes of all snapshots that are not tombstones: extents of their frozen inodes, indirect ones included, the
 * blocks that hold indirect extents, and the frozen table's own blocks, held against each other and the live inodes.
 * Source: conventions W15, W16; operations reference 11.9.
 */
export async function measureSnapshots(
  volume: Volume,
  snapshots: readonly Snapshot[],
  { signal, onProgress }: MeasureOptions = {},
): Promise<SnapshotSizes> {
  const sizes: SnapshotSize[] = snapshots.map((snapshot) => (isTombstone(snapshot) ? { unknown: "a tombstone owns nothing" } : {}));
  const tables = frozenTables(snapshots);
  const owners = new ExtentOwners(mostExtents);
  const totals = new Array<bigint>(tables.length + 1).fill(0n);
  const tell = (done: number, phase = "Reading frozen inode tables") =>
    onProgress?.({ phase, done, total: tables.length + 1, unit: "entries" });
  tell(0, "Reading the live inodes");
  const { layout, problem: liveProblem } = await addLive(volume, owners, totals, signal);
  let unknownOwners = liveProblem === undefined ? 0 : 1;
  let blocksLeft = mostBlocksInAll;
  for (const [index, table] of tables.entries()) {
    signal?.throwIfAborted();
    tell(index + 1);
    const blocks = tableBlocks(volume, table, blocksLeft);
    let problem = typeof layout === "string" ? layout : typeof blocks === "string" ? blocks : undefined;
    if (typeof layout !== "string" && typeof blocks === "number") {
      blocksLeft -= blocks;
      const frozen = await readFrozenInodes(volume, table.start, blocks, layout, signal);
      for (const owner of table.owners) sizes[owner] = { table: { blocks, verified: frozen.verifiedBlocks } };
      const add = adder(volume, owners, totals, index + 1, table.owners.length);
      problem = frozen.problem ?? add(table.start, blocks) ?? (await addInodes(volume, frozen.inodes, add, signal));
    }
    if (problem === undefined) continue;
    unknownOwners += table.owners.length;
    for (const owner of table.owners) sizes[owner] = { ...sizes[owner], unknown: problem };
  }
  tell(tables.length + 1);
  const { blocks: exclusive, overlapping } = owners.exclusive(tables.length + 1);
  const owned = (index: number): OwnedSize => {
    const alone = exclusive[index] ?? 0n;
    return { exclusiveBlocks: alone, sharedBlocks: (totals[index] ?? 0n) - alone };
  };
  for (const [index, table] of tables.entries())
    for (const owner of table.owners) if (sizes[owner]?.unknown === undefined) sizes[owner] = { ...sizes[owner], ...owned(index + 1) };
  return { snapshots: sizes, live: liveProblem === undefined ? owned(0) : { unknown: liveProblem }, unknownOwners, overlapping };
}

function frozenTables(snapshots: readonly Snapshot[]): Frozen[] {
  const tables = new Map<string, Frozen>();
  for (const [index, snapshot] of snapshots.entries()) {
    if (isTombstone(snapshot)) continue;
    const { inodeTableBlockOffset: start, inodeTableBlockCount: count } = snapshot;
    const held = tables.get(`${start} ${count}`);
    if (held) held.owners.push(index);
    else tables.set(`${start} ${count}`, { start, count, owners: [index] });
  }
  return [...tables.values()];
}

/** Blocks to read of a table; a reason in words where it cannot be read whole. */
function tableBlocks({ totalBlocks, fileBlocks }: Volume, { start, count }: Frozen, blocksLeft: number): number | string {
  if (count === 0n) return "its inode table has no blocks";
  if (start <= 0n || count < 0n || start + count > totalBlocks) return "its inode table lies outside the volume";
  if (start + count > fileBlocks) return "its inode table lies behind the end of the file";
  if (count > BigInt(mostTableBlocks)) return `its inode table has more than ${mostTableBlocks} blocks`;
  return Number(count) > blocksLeft ? `the inode tables before it took ${mostBlocksInAll} blocks, the most that is read` : Number(count);
}

/** Adds an extent of one owner; gives a reason in words where it cannot be counted. */
type Add = (startBlock: bigint, blockCount: number) => string | undefined;

const adder =
  ({ totalBlocks }: Volume, owners: ExtentOwners, totals: bigint[], table: number, weight: number): Add =>
  (start, count) => {
    if (count <= 0) return undefined;
    if (start < 0n || start + BigInt(count) > totalBlocks)
      return `one of its extents, ${count} blocks from block ${start}, leaves the volume`;
    const added = owners.add(table, weight, start, count);
    if (added === "left-out") return "the extents are too many to be held against each other";
    if (added === "new") totals[table] = (totals[table] ?? 0n) + BigInt(count);
    return undefined;
  };

async function addInodes(
  volume: Volume,
  inodes: readonly InodeCore[],
  add: Add,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  for (const inode of inodes) {
    const indirect =
      inode.indirectExtentBlock > 0n || inode.doubleIndirectBlock > 0n ? await readIndirectExtents(volume, inode, signal) : undefined;
    for (const extent of [...inlineExtents(inode), ...(indirect?.extents ?? [])]) {
      const problem = isHole(extent) ? undefined : add(extent.startBlock, extent.blockCount);
      if (problem) return problem;
    }
    for (const block of indirect?.blocks ?? []) {
      const problem = add(block, 1);
      if (problem) return problem;
    }
  }
  return undefined;
}

async function addLive(
  volume: Volume,
  owners: ExtentOwners,
  totals: bigint[],
  signal: AbortSignal | undefined,
): Promise<{ layout: RecordLayout | string; problem: string | undefined }> {
  const region = volume.findRegion("INOD");
  if (!region || region.startBlock < 0n || region.startBlock >= volume.fileBlocks) {
    const problem = "no table names an inode table that can be read";
    return { layout: problem, problem };
  }
  const table = await readInodeTable(volume, region, liveLimitBytes, signal);
  const layout = recordLayout(table, await volume.reader.read(region.startBlock, signal));
  if (table.leftOutBlocks > 0n) return { layout, problem: `the last ${table.leftOutBlocks} blocks of the inode table were not looked at` };
  if (typeof layout === "string" && table.records.length === 0) return { layout, problem: layout };
  const inodes = table.records.map(({ record }) => inodeCore.parse(record));
  return { layout, problem: await addInodes(volume, inodes, adder(volume, owners, totals, 0, 1), signal) };
}
