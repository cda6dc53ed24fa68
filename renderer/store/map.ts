import { create } from "zustand";
import type {
  BlockHead,
  Finding,
  Layout,
  MapApi,
  MapColouring,
  MapSummary,
  RegionFamily,
  VolumeApi,
  VolumeId,
} from "../../engine/contract/index.ts";
import { runHostTask } from "./tasks.ts";

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
/** Blocks of one colour: a family, or a kind that the map is coloured by. */
export interface MapBand {
  id: string;
  /** The design token that has its colour. */
  token: string;
  start: number;
  end: number;
}
export type ColourBy = "kind" | MapColouring["by"];
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

const tokens: Readonly<Record<MapColouring["kinds"][number], string>> = {
  live: "--bs-block-live",
  shared: "--bs-block-shared",
  snapshots: "--bs-block-snap-only",
  dirty: "--bs-block-dirty",
  clean: "--bs-block-live",
  written: "--bs-block-overlay",
};

/** What the map is coloured by, asked of the host; undefined where it was cancelled or failed, which was shown. */
export const readColouring = (map: OpenMap, by: MapColouring["by"]): Promise<MapColouring | undefined> =>
  runHostTask(colouringTasks[by], () => map.api.colouring(by));
const colouringTasks = { owner: "Find owners", dirty: "Find dirty blocks", overlay: "Find written blocks" } as const;

/** Where owners or dirt are told, families are not: their colours would say both. */
const metadata = ["metadata", "--bs-family-service"] as const;
const neither = ["neither", "--bs-block-unverified"] as const;

/** Bands in block order that do not overlap: regions by their family, and the data region by what it is coloured by, where that is known; an overlay writes to all regions. */
export function mapBands(regions: readonly MapRegion[], colouring: MapColouring | undefined): MapBand[] {
  const runs = colouring ? bandsOf(colouring) : [];
  const bands: MapBand[] = [];
  let next = 0;
  const plain = (id: string, token: string, start: number, end: number) => {
    if (start < end) bands.push({ id, token, start, end });
  };
  for (const { family, start, end } of regions) {
    const isColoured = family === "data" || colouring?.by === "overlay";
    const [id, token] = colouring ? (family === "data" ? neither : metadata) : [family, `--bs-family-${family}`];
    let at = Number(start);
    while (next < runs.length && (runs[next]?.end ?? 0) <= at) next++;
    for (let index = next; isColoured && index < runs.length && (runs[index]?.start ?? 0) < end; index++) {
      const run = runs[index];
      if (!run) break;
      plain(id, token, at, run.start);
      const [from, to] = [Math.max(at, run.start), Math.min(Number(end), run.end)];
      plain(run.id, run.token, from, to);
      at = Math.max(at, to);
    }
    plain(id, token, at, Number(end));
  }
  return bands;
}

function bandsOf({ starts, counts, kindOf, kinds }: MapColouring): MapBand[] {
  const [startView, countView] = [starts, counts].map((bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return Array.from(kindOf, (kind, index) => {
    const id = kinds[kind] ?? "clean";
    const start = Number(startView?.getBigUint64(index * 8, true) ?? 0n);
    return { id, token: tokens[id], start, end: start + Number(countView?.getBigUint64(index * 8, true) ?? 0n) };
  });
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
