import { defineRule } from "../../findings/registry.ts";
import { extentFlag, type InodeExtent, isEmptyExtent } from "../../format/core/index.ts";
import { inlineExtents, isHole, readIndirectExtents } from "../../volume/extents.ts";
import { decodePlacedInode } from "../../volume/inode-table.ts";
import type { VolumeRegion } from "../../volume/volume.ts";
import type { CheckContext, RuleSet } from "./context.ts";

const inRegion = defineRule<{ inode: bigint; block: bigint; blocks: bigint; region: string }>({
  id: "inod.extent-in-region",
  severity: "error",
  confidence: "certain",
  reference: "core reference 6, operations reference 7",
  states: "Inode extents lie in no metadata region.",
  title: ({ inode, region, blocks }) => `${blocks} blocks of inode ${inode} lie in ${region}`,
  explanation: ({ inode, block, region }) =>
    `An extent of inode ${inode} covers block ${block}, which belongs to ${region}. Its data is not there: the SDK's copy to a larger layout leaves such inodes behind.`,
});
const overlap = defineRule<{ first: bigint; second: bigint; block: bigint; blocks: bigint }>({
  id: "inod.extent-overlap",
  severity: "error",
  confidence: "certain",
  reference: "core reference 6",
  states: "Extents share blocks only where they are marked SharedCow.",
  title: ({ first, second, block }) =>
    first === second ? `Inode ${first} owns block ${block} twice` : `Inodes ${first} and ${second} both own block ${block}`,
  explanation: ({ blocks }) => `${blocks} blocks lie in two extents that are not both marked SharedCow: what one writes, the other reads.`,
});
const logical = defineRule<{ inode: bigint; offset: bigint; text: string }>({
  id: "inod.extent-order",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 6",
  states: "Extents begin at whole blocks of the file and do not overlap in it.",
  title: ({ inode, text }) => `Inode ${inode}: an extent ${text}`,
  explanation: ({ offset, text }) => `The extent at byte ${offset} of the file ${text}. Which bytes a reader gets depends on the reader.`,
});
const unused = defineRule<{ inode: bigint; slot: number; extentCount: number }>({
  id: "inod.unused-extent",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 6",
  states: "Extent slots that ExtentCount does not cover are empty.",
  title: ({ inode, slot }) => `Inode ${inode}: extent slot ${slot} is in use and not counted`,
  explanation: ({ extentCount, slot }) => `ExtentCount is ${extentCount}, slot ${slot} holds an extent: readers pass over it.`,
});

interface Owned {
  inode: bigint;
  start: bigint;
  end: bigint;
  isShared: boolean;
}
/** Extents of all inodes that are held against each other; more are left out. */
const mostOwned = 2_000_000;

/** Where the extents of inodes lie: against the regions, against each other, and in their files. */
export const inodeExtentRules: RuleSet = async (context) => {
  const { volume, inodes, report, signal } = context;
  if (!inodes) return;
  const regions = volume.regions.filter((region) => region.name !== "DataRegion" && region.startBlock >= 0n && region.blockCount > 0n);
  const owned: Owned[] = [];
  for (const placed of inodes.records) {
    const inode = decodePlacedInode(inodes, placed);
    const number = inode.inodeNumber;
    const place = {
      region: "INOD",
      slot: inodes.region.slot,
      block: placed.block,
      byteOffset: placed.block * BigInt(volume.blockBytes) + BigInt(placed.offset),
      byteLength: placed.record.length,
    };
    const counted = Math.max(0, inode.extentCount);
    const spare = inode.extents.findIndex((extent, slot) => slot >= counted && !isEmptyExtent(extent));
    if (spare >= 0) report(unused({ inode: number, slot: spare, extentCount: inode.extentCount }, place));
    const indirect = await readIndirectExtents(volume, inode, signal);
    const extents = [...inlineExtents(inode), ...indirect.extents];
    judgeOrder(extents, volume.blockBytes, (offset, text) => report(logical({ inode: number, offset, text }, place)));
    for (const extent of extents) {
      if (isHole(extent) || extent.startBlock < 0n || extent.blockCount <= 0) continue;
      const end = extent.startBlock + BigInt(extent.blockCount);
      judgeRegions(context, regions, number, extent.startBlock, end);
      if (owned.length < mostOwned)
        owned.push({ inode: number, start: extent.startBlock, end, isShared: (extent.flags & extentFlag.sharedCow) !== 0 });
    }
  }
  judgeOwners(owned, report);
};

function judgeRegions({ report }: CheckContext, regions: readonly VolumeRegion[], inode: bigint, start: bigint, end: bigint): void {
  for (const region of regions) {
    const regionEnd = region.startBlock + region.blockCount;
    const from = start > region.startBlock ? start : region.startBlock;
    const to = end < regionEnd ? end : regionEnd;
    if (from < to)
      report(
        inRegion(
          { inode, block: from, blocks: to - from, region: region.name },
          { region: region.tag, slot: region.slot, block: from, blockCount: to - from },
        ),
      );
  }
}

function judgeOrder(extents: readonly InodeExtent[], blockBytes: number, bad: (offset: bigint, text: string) => void): void {
  const size = BigInt(blockBytes);
  const ordered = [...extents].sort((a, b) => (a.logicalOffset < b.logicalOffset ? -1 : a.logicalOffset > b.logicalOffset ? 1 : 0));
  let end = 0n;
  for (const { logicalOffset, blockCount, flags } of ordered) {
    if (logicalOffset < 0n || blockCount < 0) continue;
    const isPacked = (flags & (extentFlag.compressed | extentFlag.precompressed)) !== 0;
    if (logicalOffset % size !== 0n) bad(logicalOffset, "begins inside a block of the file");
    // Blocks of a compressed extent stand for more bytes of the file than they have.
    else if (logicalOffset < end) bad(logicalOffset, "overlaps the one before it in the file");
    const after = logicalOffset + (isPacked ? 1n : BigInt(blockCount) * size);
    if (after > end) end = after;
  }
}

function judgeOwners(owned: Owned[], report: CheckContext["report"]): void {
  owned.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  let last: Owned | undefined;
  for (const extent of owned) {
    if (last && extent.start < last.end && !(extent.isShared && last.isShared)) {
      const end = extent.end < last.end ? extent.end : last.end;
      report(
        overlap(
          { first: last.inode, second: extent.inode, block: extent.start, blocks: end - extent.start },
          { region: "DATA", block: extent.start, blockCount: end - extent.start },
        ),
      );
    }
    if (!last || extent.end > last.end) last = extent;
  }
}
