import {
  activeFlag,
  type ModuleDefinition,
  modulesOf,
  type RegionPointer,
  regionKind,
  regionTag,
  type Superblock,
  tagNumber,
} from "../../format/core/index.ts";
import { type LayoutPlan, planLayout } from "../../volume/layout-plan.ts";

/** Blocks one behind the other that verify under one tag. */
export interface TagRun {
  tag: string;
  startBlock: bigint;
  blockCount: bigint;
}

/** Regions of which the creator writes nothing. Core reference 1.4. */
const leftUnwritten = new Set(["POLV", "ENCR", "STRE"]);
/** Modules of which it is tried whether they were added later; more would be guessing. */
const mostAdded = 12;

/**
 * The slots of a volume's tables from its manifest and the tags of its blocks: the creator's layout of all modules, or of all but those whose
 * regions stand behind it up to the end of the volume (convention W23). Undefined where the tags bear out neither. Core reference 1.2.
 */
export function layoutByTags({ moduleManifest, blockSize, totalBlocks }: Superblock, runs: readonly TagRun[]): RegionPointer[] | undefined {
  const planOf = (manifest: number): LayoutPlan => planLayout({ manifest, blockBytes: blockSize, totalBlocks });
  const tagAt = new Map(runs.map(({ tag, startBlock }) => [startBlock, tag]));
  const bearsOut = ({ regions }: LayoutPlan): boolean =>
    regions.every(({ name, tag, kind, startBlock }) => {
      if (startBlock < 10n || name === "DataRegion") return true;
      const found = tagAt.get(startBlock) ?? tagWithin(runs, startBlock);
      return found === tag || found === kind || (found === undefined && leftUnwritten.has(kind));
    });
  const whole = planOf(moduleManifest);
  if (bearsOut(whole)) return slotsOf(whole, [], totalBlocks);
  const later = modulesOf(moduleManifest).filter(
    ({ regionNames }) => regionNames.length > 0 && regionNames.every((name) => hasRun(runs, name)),
  );
  if (later.length > mostAdded) return undefined;
  for (let size = 1; size <= later.length; size++) {
    for (const added of subsets(later, size)) {
      const base = added.reduce((manifest, { id }) => (manifest & ~(1 << id)) >>> 0, moduleManifest);
      const plan = planOf(base);
      if (!bearsOut(plan)) continue;
      const regions = addedRegions(runs, added, plan.metadataBlocks, totalBlocks);
      if (regions) return slotsOf(plan, regions, totalBlocks);
    }
  }
  return undefined;
}

const tagWithin = (runs: readonly TagRun[], block: bigint): string | undefined =>
  runs.find(({ startBlock, blockCount }) => startBlock <= block && block < startBlock + blockCount)?.tag;

const hasRun = (runs: readonly TagRun[], name: string): boolean => runs.some(({ tag }) => tag === regionKind(name));

/** The runs of added modules' regions, which must fill the end of the volume without a gap; undefined where they do not. */
function addedRegions(
  runs: readonly TagRun[],
  added: readonly ModuleDefinition[],
  dataStart: bigint,
  totalBlocks: bigint,
): TagRun[] | undefined {
  const regions: TagRun[] = [];
  for (const name of added.flatMap(({ regionNames }) => regionNames)) {
    const found = runs.filter(({ tag, startBlock }) => tag === regionKind(name) && startBlock >= dataStart);
    const [only] = found;
    if (!only || found.length > 1) return undefined;
    regions.push(only);
  }
  regions.sort((a, b) => (a.startBlock < b.startBlock ? -1 : 1));
  let next = regions[0]?.startBlock ?? totalBlocks;
  for (const { startBlock, blockCount } of regions) {
    if (startBlock !== next) return undefined;
    next += blockCount;
  }
  return next === totalBlocks ? regions : undefined;
}

function slotsOf({ regions }: LayoutPlan, added: readonly TagRun[], totalBlocks: bigint): RegionPointer[] {
  const end = added[0]?.startBlock ?? totalBlocks;
  const pointer = (tag: string, startBlock: bigint, blockCount: bigint): RegionPointer => ({
    regionTypeId: tagNumber(tag),
    flags: activeFlag,
    startBlock,
    blockCount,
    usedBlocks: 0n,
  });
  return [
    ...regions.map(({ name, startBlock, blockCount }) =>
      pointer(regionTag(name), startBlock, name === "DataRegion" ? end - startBlock : blockCount),
    ),
    ...added.map(({ tag, startBlock, blockCount }) => pointer(tag, startBlock, blockCount)),
  ];
}

function* subsets<T>(all: readonly T[], size: number, from = 0): Generator<T[]> {
  if (size === 0) yield [];
  else
    for (let index = from; index < all.length; index++)
      for (const rest of subsets(all, size - 1, index + 1)) yield [all[index] as T, ...rest];
}
