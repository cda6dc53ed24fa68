import { isAllZero } from "../../base/bytes.ts";
import { defineRule } from "../../findings/registry.ts";
import { bitmapBlockCount, judgeTrailer } from "../../format/core/index.ts";
import { AllocationBitmap, type BlockRun } from "../../volume/bitmap.ts";
import { inlineExtents, isHole, readIndirectExtents } from "../../volume/extents.ts";
import { decodePlacedInode } from "../../volume/inode-table.ts";
import type { CheckContext, RuleSet } from "./context.ts";

const freeBlocks = defineRule<{ stored: bigint; counted: bigint }>({
  id: "bmap.free-blocks",
  severity: "error",
  confidence: "certain",
  reference: "core reference 3",
  states: "FreeBlocks is the number of clear bits below TotalBlocks.",
  title: ({ stored, counted }) => `FreeBlocks is ${stored}, the bitmap says ${counted}`,
  explanation: ({ stored, counted }) =>
    `The superblock says ${stored} free blocks; the bitmap has ${counted} clear bits below TotalBlocks.`,
  repair: { id: "supb.counters", risk: "safe" },
});
const pastEnd = defineRule<{ bits: bigint; totalBlocks: bigint }>({
  id: "bmap.past-end",
  severity: "error",
  confidence: "certain",
  reference: "core reference 3, convention W5",
  states: "Bits at and past TotalBlocks are clear.",
  title: ({ bits }) => `${bits} bits are set at or past TotalBlocks`,
  explanation: ({ bits, totalBlocks }) => `The volume has ${totalBlocks} blocks; ${bits} bits behind the last one are set.`,
  repair: { id: "bmap.rebuild", risk: "advisory" },
});
const markedFree = defineRule<{ region: string; free: bigint; blockCount: bigint }>({
  id: "bmap.metadata-free",
  severity: "error",
  confidence: "certain",
  reference: "core reference 3",
  states: "Every block of every region but the data region is allocated.",
  title: ({ region, free }) => `${region}: ${free} of its blocks are free in the bitmap`,
  explanation: ({ region, free, blockCount }) =>
    `${free} of ${blockCount} blocks of ${region} are marked free. An allocator that trusts the bitmap will overwrite them.`,
  repair: { id: "bmap.rebuild", risk: "advisory" },
});
const size = defineRule<{ blockCount: bigint; needed: bigint }>({
  id: "bmap.size",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 3",
  states: "The bitmap region has a bit for each block.",
  title: ({ blockCount, needed }) => `The bitmap has ${blockCount} blocks, ${needed} are needed`,
  explanation: ({ blockCount, needed }) => `One bit for each block takes ${needed} blocks; the region has ${blockCount}.`,
});
const leak = defineRule<{ block: bigint; blockCount: bigint; runs: number; total: bigint }>({
  id: "bmap.unowned",
  severity: "warning",
  confidence: "possible",
  reference: "core reference 3",
  states: "Every allocated block belongs to a region, an inode or a structure in the data region.",
  title: ({ total }) => `${total} allocated blocks belong to nothing that was found`,
  explanation: ({ block, blockCount, runs }) =>
    `The first run is block ${block} and ${blockCount - 1n} behind it; there are ${runs} runs. No region, no inode's extents and no sealed structure in them were found.`,
  repair: {
    id: "bmap.rebuild",
    risk: "dangerous",
    loses: "what these blocks hold, once something else is written there: that nothing refers to them is only what was found",
  },
});
const dataFree = defineRule<{ inode: bigint; block: bigint; free: bigint }>({
  id: "bmap.extent-free",
  severity: "error",
  confidence: "certain",
  reference: "core reference 6, 3",
  states: "Blocks of inode extents are allocated.",
  title: ({ inode, block, free }) =>
    free === 1n ? `Inode ${inode} owns block ${block}, which is marked free` : `Inode ${inode} owns ${free} blocks that are marked free`,
  explanation: ({ inode, block, free }) =>
    `${free} blocks of the extent of inode ${inode} at block ${block} have a clear bit, so an allocator will overwrite them.`,
  repair: { id: "bmap.rebuild", risk: "advisory" },
});
const dataPastRegion = defineRule<{ blocks: bigint }>({
  id: "data.past-region",
  severity: "error",
  confidence: "certain",
  reference: "core reference 8.3",
  states: "Nothing is stored behind the data region.",
  title: () => "Data lies past the end of the data region",
  explanation: ({ blocks }) =>
    `The file goes on for ${blocks} blocks behind the last block of the volume. The SDK's importer copies sources that are longer than the data region so.`,
});

/** The bitmap against the counters, the regions and the inodes' extents. */
export const bitmapRules: RuleSet = async (context) => {
  const { volume, bitmap, report, signal } = context;
  const map = AllocationBitmap.of(volume);
  const held = volume.superblock;
  if (!map || !bitmap) return;
  const place = { region: "BMAP", slot: map.region.slot, block: map.region.startBlock };
  const total = volume.totalBlocks;
  if (held && held.totalBlocks > 0n) {
    const counted = held.totalBlocks - bitmap.allocatedBlocks;
    if (counted !== held.freeBlocks)
      report(freeBlocks({ stored: held.freeBlocks, counted }, { ...place, byteOffset: 0x40n, byteLength: 8 }));
    if (bitmap.bitsPastEnd > 0n)
      report(pastEnd({ bits: bitmap.bitsPastEnd, totalBlocks: held.totalBlocks }, { ...place, block: map.blockFor(held.totalBlocks) }));
    const needed = bitmapBlockCount(held.totalBlocks, volume.blockBytes);
    if (needed > map.region.blockCount) report(size({ blockCount: map.region.blockCount, needed }, place));
  }
  for (const region of [...volume.regions, ...volume.disbelievedRegions]) {
    const end = region.startBlock + region.blockCount < total ? region.startBlock + region.blockCount : total;
    if (region.name === "DataRegion" || region.startBlock < 0n || end <= region.startBlock) continue;
    const free = end - region.startBlock - (await map.countAllocated(region.startBlock, end, signal));
    if (free > 0n)
      report(
        markedFree(
          { region: region.name, free, blockCount: region.blockCount },
          { region: region.tag, slot: region.slot, block: region.startBlock, blockCount: region.blockCount },
        ),
      );
  }
  await judgeOwners(context, map);
  const behind = volume.fileBlocks - total;
  if (held && behind > 0n && volume.dataRegion) {
    let found = false;
    await volume.reader.walk(
      total,
      volume.fileBlocks,
      (_, bytes) => {
        found = bytes !== undefined && !isAllZero(bytes);
        return !found;
      },
      signal,
    );
    if (found) report(dataPastRegion({ blocks: behind }, { block: total, blockCount: behind }));
  }
};

async function judgeOwners(context: CheckContext, map: AllocationBitmap): Promise<void> {
  const { volume, bitmap, inodes, report, signal } = context;
  const owned: BlockRun[] = volume.regions
    .filter((region) => region.name !== "DataRegion" && region.startBlock >= 0n && region.blockCount > 0n)
    .map(({ startBlock, blockCount }) => ({ startBlock, blockCount }));
  if (inodes) {
    for (const placed of inodes.records) {
      const inode = decodePlacedInode(inodes, placed);
      const indirect = await readIndirectExtents(volume, inode, signal);
      owned.push(...indirect.blocks.map((startBlock) => ({ startBlock, blockCount: 1n })));
      for (const extent of [...inlineExtents(inode), ...indirect.extents]) {
        const inside = extent.startBlock >= 0n && extent.blockCount > 0 && extent.startBlock < volume.totalBlocks;
        if (isHole(extent) || !inside) continue;
        owned.push({ startBlock: extent.startBlock, blockCount: BigInt(extent.blockCount) });
        const end =
          extent.startBlock + BigInt(extent.blockCount) < volume.totalBlocks
            ? extent.startBlock + BigInt(extent.blockCount)
            : volume.totalBlocks;
        const free = end - extent.startBlock - (await map.countAllocated(extent.startBlock, end, signal));
        if (free > 0n)
          report(
            dataFree(
              { inode: inode.inodeNumber, block: extent.startBlock, free },
              { region: "INOD", block: extent.startBlock, blockCount: BigInt(extent.blockCount) },
            ),
          );
      }
    }
  }
  if (await mayOwnBlocks(context)) return;
  owned.push(...context.owned);
  const leaks = subtractRuns(bitmap?.allocatedRanges ?? [], owned);
  const unexplained: BlockRun[] = [];
  for (const run of leaks) if (!(await holdsStructures(volume, run, signal))) unexplained.push(run);
  context.unowned.push(...unexplained);
  const [first] = unexplained;
  if (first)
    report(
      leak(
        {
          block: first.startBlock,
          blockCount: first.blockCount,
          runs: unexplained.length,
          total: unexplained.reduce((sum, run) => sum + run.blockCount, 0n),
        },
        { block: first.startBlock, blockCount: first.blockCount },
      ),
    );
}

/** Regions whose entries own blocks of the data region: frozen inodes and code, which are looked up; dictionaries and tables, which are not. */
const owningKinds = new Set(["SNAP", "CODE", "DICT", "COLR", "WORM"]);
const knownOwners = new Set(["SNAP", "CODE"]);

/** Whether a region whose entries' blocks are not all known was ever filled; then an allocated block without an inode may be its own. */
async function mayOwnBlocks({ volume, judged, ownersUnknown, signal }: CheckContext): Promise<boolean> {
  for (const region of volume.regions.filter((each) => owningKinds.has(each.kind))) {
    const reading = judged.find((each) => each.region.slot === region.slot)?.reading;
    if (knownOwners.has(region.kind) && reading?.content !== undefined && !ownersUnknown.has(region.kind)) continue;
    const first = await volume.reader.read(region.startBlock, signal);
    if (volume.judge(region.startBlock, first).state === "valid") return true;
  }
  return false;
}

/** Whether the first block of a run is a sealed block, such as an index node or a placed structure; inode tables have owners that are known. */
async function holdsStructures(volume: CheckContext["volume"], run: BlockRun, signal?: AbortSignal): Promise<boolean> {
  const bytes = await volume.reader.read(run.startBlock, signal);
  const trailer = bytes && judgeTrailer(bytes);
  return trailer?.verified === true && trailer.tag !== "INOD";
}

/** The parts of `runs`, which are ascending and apart, that no run of `taken` covers. */
export function subtractRuns(runs: readonly BlockRun[], taken: readonly BlockRun[]): BlockRun[] {
  const merged = mergeRuns(taken);
  const left: BlockRun[] = [];
  let next = 0;
  for (const run of runs) {
    const end = run.startBlock + run.blockCount;
    let at = run.startBlock;
    while (at < end) {
      const each = merged[next];
      if (!each || each.startBlock >= end) {
        left.push({ startBlock: at, blockCount: end - at });
        break;
      }
      const stop = each.startBlock + each.blockCount;
      if (each.startBlock > at) left.push({ startBlock: at, blockCount: each.startBlock - at });
      if (stop > at) at = stop;
      if (stop <= end) next++;
    }
  }
  return left;
}

/** The same blocks in ascending runs that do not touch. */
function mergeRuns(runs: readonly BlockRun[]): BlockRun[] {
  const merged: BlockRun[] = [];
  for (const run of [...runs].sort((a, b) => (a.startBlock < b.startBlock ? -1 : 1))) {
    const last = merged.at(-1);
    const end = run.startBlock + run.blockCount;
    if (!last || run.startBlock > last.startBlock + last.blockCount) merged.push({ ...run });
    else if (end > last.startBlock + last.blockCount) last.blockCount = end - last.startBlock;
  }
  return merged;
}
