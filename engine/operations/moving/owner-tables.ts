import { codeCodec, dictCodec, headState, type RegionCodec, snapCodec, snapshotFlags } from "../../format/regions/index.ts";
import type { BlockRun } from "../../volume/bitmap.ts";
import { loadRegionBlocks, regionFacts } from "../../volume/region-readers/coded-region.ts";
import type { Volume, VolumeRegion } from "../../volume/volume.ts";

/** Where a run that is owned as a whole goes; undefined where it stays. */
export type NewPlace = (run: BlockRun) => bigint | undefined;

/** A region whose entries own runs of blocks, each in one piece. */
export interface OwnerTable {
  region: VolumeRegion;
  /** What one of its runs is. */
  noun: string;
  runs: BlockRun[];
  /** The region's blocks with every run's new place. */
  moved: (newPlace: NewPlace) => Uint8Array[];
}

const mostRegionBytes = 256 * 1_048_576;
const runOf = (startBlock: bigint, blockCount: bigint | number): BlockRun => ({ startBlock, blockCount: BigInt(blockCount) });

/** The tables of snapshots, code modules and dictionaries; a reason in words where one cannot be read whole. Core regions reference 3, 4; other regions reference 4. */
export async function readOwnerTables(volume: Volume, signal?: AbortSignal): Promise<OwnerTable[] | string> {
  const tables: OwnerTable[] = [];
  for (const region of volume.regions) {
    const make = makers[region.kind];
    const table = make && (await make(volume, region, signal));
    if (typeof table === "string") return table;
    if (table) tables.push({ ...table, runs: table.runs.filter(({ blockCount }) => blockCount > 0n) });
  }
  return tables;
}

type Maker = (volume: Volume, region: VolumeRegion, signal: AbortSignal | undefined) => Promise<OwnerTable | string | undefined>;
const makers: Readonly<Record<string, Maker>> = { SNAP: snapshots, CODE: modules, DICT: dictionaries };

async function contentOf<Content>(
  codec: RegionCodec<Content>,
  volume: Volume,
  region: VolumeRegion,
  signal: AbortSignal | undefined,
): Promise<Content | string | undefined> {
  const blocks = await loadRegionBlocks(volume, region, mostRegionBytes, signal);
  const { content } = codec.read(blocks, regionFacts(volume, region));
  if (content !== undefined) return content;
  const state = headState(blocks, codec.tag);
  return state === "absent" || state === "formatted" ? undefined : unreadable(region);
}

const unreadable = ({ name }: VolumeRegion): string => `${name} cannot be read whole, and its entries own blocks`;

async function snapshots(volume: Volume, region: VolumeRegion, signal: AbortSignal | undefined) {
  const content = await contentOf(snapCodec, volume, region, signal);
  if (content === undefined || typeof content === "string") return content;
  if (content.snapshots.length !== content.snapshotCount) return unreadable(region);
  const isLiving = ({ flags }: { flags: number }) => (flags & snapshotFlags.deleted) === 0;
  return {
    region,
    noun: "a snapshot's inode table",
    runs: content.snapshots.filter(isLiving).map((each) => runOf(each.inodeTableBlockOffset, each.inodeTableBlockCount)),
    moved: (newPlace: NewPlace) => {
      const moved = content.snapshots.map((each) => {
        const to = isLiving(each) ? newPlace(runOf(each.inodeTableBlockOffset, each.inodeTableBlockCount)) : undefined;
        return to === undefined ? each : { ...each, inodeTableBlockOffset: to };
      });
      return snapCodec.write({ ...content, generation: next(content.generation), snapshots: moved }, volume.blockBytes);
    },
  };
}

async function modules(volume: Volume, region: VolumeRegion, signal: AbortSignal | undefined) {
  const content = await contentOf(codeCodec, volume, region, signal);
  if (content === undefined || typeof content === "string") return content;
  if (content.modules.length !== content.moduleCount) return unreadable(region);
  return {
    region,
    noun: "a code module",
    runs: content.modules.map(({ blockOffset, blockCount }) => runOf(blockOffset, blockCount)),
    moved: (newPlace: NewPlace) => {
      const moved = content.modules.map((each) => ({
        ...each,
        blockOffset: newPlace(runOf(each.blockOffset, each.blockCount)) ?? each.blockOffset,
      }));
      return codeCodec.write({ ...content, generation: next(content.generation), modules: moved }, volume.blockBytes);
    },
  };
}

async function dictionaries(volume: Volume, region: VolumeRegion, signal: AbortSignal | undefined) {
  const content = await contentOf(dictCodec, volume, region, signal);
  if (content === undefined || typeof content === "string") return content;
  if ("state" in content) return undefined;
  if (content.dictionaries.length !== content.dictionaryCount) return unreadable(region);
  return {
    region,
    noun: "a compression dictionary",
    runs: content.dictionaries.map(({ blockOffset, blockCount }) => runOf(blockOffset, blockCount)),
    moved: (newPlace: NewPlace) => {
      const moved = content.dictionaries.map((each) => ({
        ...each,
        blockOffset: newPlace(runOf(each.blockOffset, each.blockCount)) ?? each.blockOffset,
      }));
      return dictCodec.write({ ...content, generation: next(content.generation), dictionaries: moved }, volume.blockBytes);
    },
  };
}

const next = (generation: number): number => (generation + 1) >>> 0;
