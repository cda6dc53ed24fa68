import type { BlockRun } from "../volume/bitmap.ts";
import type { InodeTable } from "../volume/inode-table.ts";
import type { Volume } from "../volume/volume.ts";
import { frozenTables, ownedRuns, owningInodes } from "./inode-owners.ts";

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
  for await (const owner of owningInodes(volume, table, problem, signal)) {
    if (!owner.frozenIn && except.has(owner.inode.inodeNumber)) continue;
    for (const run of ownedRuns(owner)) yield { of: owner.frozenIn ? "snapshot" : "live", ...run };
  }
  const tables = await frozenTables(volume, signal);
  if (typeof tables !== "string") for (const run of tables) yield { of: "snapshot", ...run };
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
