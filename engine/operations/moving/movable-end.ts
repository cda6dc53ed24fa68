import { maxBigint, minBigint } from "../../base/units.ts";
import { subtractRuns } from "../../forensics/rules/bitmap.ts";
import { ownedRuns, walkInodes } from "../../snapshot/inode-owners.ts";
import { AllocationBitmap, type BlockRun } from "../../volume/bitmap.ts";
import type { InodeTable } from "../../volume/inode-table.ts";
import type { Volume } from "../../volume/volume.ts";
import { readOwnerTables } from "./owner-tables.ts";
import { type BlockReference, readReferences } from "./references.ts";

const mostRanges = 1_000_000;
const mostNamed = 3;

/** What of the data region's end could be made free by moving what is in use there. */
export interface MovableEnd {
  /** Free blocks of the data region. */
  freeBlocks: bigint;
  /** Why the last so many blocks cannot be made free; undefined where they can, as far as numbers tell. */
  reasonAgainst: (blockCount: bigint) => string | undefined;
}

/** Looks at who owns the blocks in use of a data region, up to `end`. A block whose owner is not known is never moved. Conventions W16, W23. */
export async function findMovableEnd(
  volume: Volume,
  table: InodeTable | string,
  { dataStart, end }: { dataStart: bigint; end: bigint },
  signal?: AbortSignal,
): Promise<MovableEnd> {
  const summary = await AllocationBitmap.of(volume)?.summarise(volume.totalBlocks, { mostRanges, signal });
  const used = within(summary?.allocatedRanges ?? [], dataStart, end);
  const countFrom = (start: bigint) => within(used, start, end).reduce((sum, { blockCount }) => sum + blockCount, 0n);
  const freeBlocks = end - dataStart - countFrom(dataStart);
  const never = (reason: string): MovableEnd => ({ freeBlocks, reasonAgainst: () => reason });
  if (!summary || summary.unread.length > 0 || summary.allocatedRanges.length >= mostRanges)
    return never("the allocation bitmap does not say what is in use there");
  if (typeof table === "string") return never(table);
  const owned: BlockRun[] = [];
  const problem = await walkInodes(volume, table, (owner) => owned.push(...ownedRuns(owner)), signal);
  if (problem !== undefined) return never(problem);
  const tables = await readOwnerTables(volume, signal);
  if (typeof tables === "string") return never(tables);
  owned.push(...tables.flatMap(({ runs }) => runs));
  const unknown = subtractRuns(used, owned);
  const references = await readReferences(volume, { start: dataStart, end }, signal);
  return {
    freeBlocks,
    reasonAgainst: (blockCount) => {
      const from = maxBigint(end - blockCount, dataStart);
      const stuck = within(unknown, from, end);
      if (stuck.length > 0) return `${blocksText(stuck)} cannot be moved: ${ownerText(volume, stuck)}`;
      const named = references.find(({ block }) => block >= from);
      if (named) return referenceText(named);
      const moving = countFrom(from);
      const room = freeBlocks - (end - from - moving);
      return moving > room ? `${moving} blocks in use would have to move, and ${room} are free before them` : undefined;
    },
  };
}

/** Why a block that something names must stay. */
export const referenceText = ({ block, by }: BlockReference): string =>
  `block ${block} cannot be moved: ${by} names it, and what that means is not known`;

function within(runs: readonly BlockRun[], start: bigint, end: bigint): BlockRun[] {
  return runs.flatMap((run) => {
    const from = maxBigint(run.startBlock, start);
    const to = minBigint(run.startBlock + run.blockCount, end);
    return from < to ? [{ startBlock: from, blockCount: to - from }] : [];
  });
}

function blocksText(runs: readonly BlockRun[]): string {
  const named = runs.slice(0, mostNamed).map(({ startBlock, blockCount }) => {
    return blockCount === 1n ? `${startBlock}` : `${startBlock} to ${startBlock + blockCount - 1n}`;
  });
  const more = runs.length - named.length;
  return `block${runs.length > 1 || (runs[0]?.blockCount ?? 0n) > 1n ? "s" : ""} ${named.join(", ")}${more > 0 ? ` and ${more} runs more` : ""}`;
}

/** Whose the blocks are, where a region lies there; else that no owner is known. */
function ownerText(volume: Volume, runs: readonly BlockRun[]): string {
  const region = volume.regionOf(runs[0]?.startBlock ?? 0n);
  return region && region.name !== "DataRegion" ? `${region.name} lies there` : "nothing that is known owns them";
}
