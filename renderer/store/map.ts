import { create } from "zustand";
import type { BlockHead, Finding, Layout, MapApi, MapSummary, RegionFamily, VolumeApi, VolumeId } from "../../engine/contract/index.ts";

export interface MapRange {
  start: bigint;
  count: bigint;
  allocated: boolean;
}
export interface OpenMap {
  api: MapApi;
  summary: MapSummary;
  regions: readonly MapRegion[];
  findings: readonly Finding[];
  ranges: readonly MapRange[];
}
export interface MapRegion {
  name: string;
  family: RegionFamily;
  start: bigint;
  end: bigint;
}
interface MapState {
  maps: { readonly [volume: VolumeId]: OpenMap };
  problems: { readonly [volume: VolumeId]: string };
}
export const useMap = create<MapState>()(() => ({ maps: {}, problems: {} }));
export const selectMap = (id: VolumeId) => (state: MapState) => state.maps[id];
export const selectMapProblem = (id: VolumeId) => (state: MapState) => state.problems[id];

/** Rows of the table of ranges that are asked for at first. */
const firstRanges = 500;

/** Regions in block order, the stored table where there is one; a later one gives way where two overlap. */
export function mapRegions(layout: Pick<Layout, "stored" | "planned">): MapRegion[] {
  const rows = layout.stored.length > 0 ? layout.stored : layout.planned;
  const ordered = [...rows].sort((a, b) => (a.startBlock < b.startBlock ? -1 : a.startBlock > b.startBlock ? 1 : 0));
  const regions: MapRegion[] = [];
  for (const { name, family, startBlock, blockCount } of ordered) {
    const before = regions.at(-1)?.end ?? 0n;
    const [start, end] = [startBlock < before ? before : startBlock, startBlock + blockCount];
    if (start < end) regions.push({ name, family, start, end });
  }
  return regions;
}

type MapReader = { id: VolumeId; api: Pick<VolumeApi, "allocationMap" | "layout" | "findings"> };

/** Reads the map's summary, regions, findings and first ranges; what fails is said in the panel. */
export async function readMap(volume: MapReader): Promise<void> {
  try {
    const [api, layout, findings] = await Promise.all([volume.api.allocationMap(), volume.api.layout(), volume.api.findings()]);
    const [summary, ranges] = await Promise.all([api.summary(), api.ranges(0n, firstRanges)]);
    const map = { api, summary, regions: mapRegions(layout), findings, ranges };
    useMap.setState((state) => ({ maps: { ...state.maps, [volume.id]: map } }));
  } catch (error) {
    reportMap(volume.id, error);
  }
}

/** Says in the panel what could not be read. */
export function reportMap(id: VolumeId, error: unknown): void {
  const problem = error instanceof Error ? error.message : String(error);
  useMap.setState((state) => ({ problems: { ...state.problems, [id]: problem } }));
}

/** Cells that a look into one cell shows, in a square of this side. */
export const lensSide = 32;
const cellsPerTile = 65_536;

/** The level at which the blocks of a cell fill a square of `lensSide` at most. */
export function lensLevel(blocks: number): number {
  let level = 0;
  while (blocks / 4 ** level > lensSide * lensSide) level++;
  return level;
}

/** What lies under one cell of the map: its counts, its finer cells, and of a single block what it is. */
export async function readLens(
  volume: { api: Pick<VolumeApi, "blocks"> },
  { api, summary }: OpenMap,
  { start, count }: { start: number; count: number },
): Promise<{ allocated: bigint; free: bigint; cells: Uint8Array; head: BlockHead | undefined }> {
  const within = Math.min(count, Number(summary.totalBlocks) - start);
  const level = lensLevel(count);
  const first = Math.floor(start / 4 ** level);
  const cells = Math.ceil(within / 4 ** level);
  const [counts, tile, heads] = await Promise.all([
    api.counts(BigInt(start), BigInt(within)),
    api.tile(level, BigInt(Math.floor(first / cellsPerTile))),
    count === 1 ? volume.api.blocks(BigInt(start), 1) : [],
  ]);
  const at = first % cellsPerTile;
  return { allocated: counts.allocated, free: counts.free, cells: tile.cells.subarray(at, at + cells), head: heads[0] };
}
