import { divideUp, maxBigint, minBigint } from "../base/units.ts";
import {
  bitmapBlockCount,
  hasModule,
  type ModuleDefinition,
  modulesOf,
  planInodeLayout,
  regionKind,
  regionTag,
} from "../format/core/index.ts";

export interface PlannedRegion {
  name: string;
  /** Tag in the region tables; DATA for names that the creator does not know. */
  tag: string;
  /** The registry's tag. */
  kind: string;
  startBlock: bigint;
  blockCount: bigint;
}

export interface LayoutPlan {
  regions: PlannedRegion[];
  /** Blocks before the data region; past `totalBlocks` where the regions do not fit. */
  metadataBlocks: bigint;
  dataBlocks: bigint;
  inodeBytes: number;
  inodePaddingBytes: number;
}

export interface LayoutInputs {
  manifest: number;
  blockBytes: number;
  totalBlocks: bigint;
}

const securityModule = 0;
const streamingModule = 6;
/** Regions that do not follow the rule of 64 blocks in module order. */
const placedElsewhere = new Set(["PolicyVault", "EncryptionHeader", "DataWAL", "StreamingAppend"]);
const moduleRegionBlocks = 64n;

/** The creator's placement for a manifest, block size and number of blocks. Core reference 1.2. */
export function planLayout({ manifest, blockBytes, totalBlocks }: LayoutInputs): LayoutPlan {
  const regions: PlannedRegion[] = [];
  let next = 0n;
  const place = (name: string, blockCount: bigint) => {
    regions.push({ name, tag: regionTag(name), kind: regionKind(name), startBlock: next, blockCount });
    next += blockCount;
  };
  const streaming = hasModule(manifest, streamingModule);
  place("PrimarySuperblock", 4n);
  place("MirrorSuperblock", 4n);
  place("RegionDirectory", 2n);
  if (hasModule(manifest, securityModule)) {
    place("PolicyVault", 2n);
    place("EncryptionHeader", 2n);
  }
  place("AllocationBitmap", bitmapBlockCount(totalBlocks, blockBytes));
  place("InodeTable", maxBigint(1024n, totalBlocks / 256n));
  place("MetadataWAL", maxBigint(64n, divideUp(totalBlocks, 200n)));
  if (streaming) place("DataWAL", maxBigint(128n, divideUp(totalBlocks, 100n)));
  for (const module of modulesOf(manifest)) {
    for (const name of module.regionNames) if (!placedElsewhere.has(name)) place(name, moduleRegionBlocks);
  }
  if (streaming) place("StreamingAppend", maxBigint(128n, totalBlocks / 100n));
  const metadataBlocks = next;
  const dataBlocks = maxBigint(0n, totalBlocks - metadataBlocks);
  if (dataBlocks > 0n) place("DataRegion", dataBlocks);
  const { inodeSize, paddingBytes } = planInodeLayout(manifest);
  return { regions, metadataBlocks, dataBlocks, inodeBytes: inodeSize, inodePaddingBytes: paddingBytes };
}

/** The smallest number of blocks at which a data region of at least one block remains. */
export function smallestTotalBlocks(manifest: number, blockBytes: number): bigint {
  const fits = (totalBlocks: bigint) => planLayout({ manifest, blockBytes, totalBlocks }).dataBlocks > 0n;
  let low = 64n;
  if (fits(low)) return low;
  let high = low * 2n;
  while (!fits(high)) high *= 2n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (fits(middle)) high = middle;
    else low = middle;
  }
  return high;
}

const fewestAddedBlocks = 64n;
const fewestLargeBlocks = 256n;

/** Blocks of each region that an addition to a volume makes; only Streaming's are large. Core reference 8.2, operations reference 3.1. */
export function addedRegionBlocks(totalBlocks: bigint, module?: Pick<ModuleDefinition, "id" | "regionNames">): bigint {
  const isLarge = module !== undefined && (module.regionNames.length >= 3 || module.id === streamingModule);
  const wanted = isLarge ? maxBigint(fewestLargeBlocks, totalBlocks / 256n) : maxBigint(fewestAddedBlocks, totalBlocks / 1024n);
  return minBigint(wanted, maxBigint(fewestAddedBlocks, totalBlocks / 16n));
}
