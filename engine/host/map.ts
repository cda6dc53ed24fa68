import { RpcTarget } from "capnweb";
import {
  colouringRequest,
  countsRequest,
  type MapApi,
  type MapColouring,
  type MapSummary,
  type MapTile,
  rangesRequest,
  tileRequest,
} from "../contract/index.ts";
import { levelCount, lowestKeptLevel, mostPyramidBlocks, shade } from "../volume/bitmap-pyramid.ts";
import { AllocationBitmap, BitmapPyramid, countBits, type ImagePlace, type Volume } from "./engine.ts";
import { colourMap } from "./map-colouring.ts";
import type { OpenVolume } from "./open-volume.ts";
import { parse } from "./requests.ts";
import { TaskHost } from "./task.ts";
import { WorkerTask } from "./worker-task.ts";
import type { PyramidJob } from "./workers/pyramid-worker.ts";

const cellsPerTile = 65_536n;

/** The allocation map of one open volume: counted once, in a worker where a path leads to the volume. */
export class VolumeMap {
  readonly volume: Volume;
  readonly bitmap: AllocationBitmap | undefined;
  readonly pyramid: BitmapPyramid | undefined;
  problem: string | undefined;
  readonly #stop = new AbortController();
  #worker: WorkerTask<PyramidJob, { unread: bigint[] }> | undefined;

  constructor(volume: Volume, place: ImagePlace | undefined, onChange: () => void) {
    this.volume = volume;
    this.bitmap = AllocationBitmap.of(volume);
    if (!this.bitmap) this.problem = "No table names an allocation bitmap.";
    else if (volume.totalBlocks > mostPyramidBlocks) this.problem = `${volume.totalBlocks} blocks are more than a map is made for.`;
    else {
      this.pyramid = new BitmapPyramid(volume.totalBlocks);
      if (place === undefined) this.#countHere(this.bitmap, this.pyramid).then(onChange, (error: unknown) => this.#fail(error, onChange));
      else this.#countInWorker(place, this.bitmap, this.pyramid, onChange);
    }
  }

  get isComplete(): boolean {
    return this.pyramid !== undefined && this.pyramid.counted >= this.pyramid.totalBlocks;
  }

  async #countHere(bitmap: AllocationBitmap, pyramid: BitmapPyramid): Promise<void> {
    const unread: bigint[] = [];
    await bitmap.pages(
      (firstBlock, payload) => {
        if (payload) pyramid.add(firstBlock, payload);
        else unread.push(bitmap.blockFor(firstBlock));
        return firstBlock < pyramid.totalBlocks;
      },
      { signal: this.#stop.signal },
    );
    pyramid.markCounted(pyramid.totalBlocks);
    this.#note(unread);
  }

  #countInWorker(place: ImagePlace, bitmap: AllocationBitmap, pyramid: BitmapPyramid, onChange: () => void): void {
    const { volumeOffset, blockBytes } = this.volume;
    this.#worker = new WorkerTask(
      "pyramid-worker",
      { place, volumeOffset, blockBytes, region: bitmap.region, memory: pyramid.memory },
      {
        message: ({ unread }) => {
          this.#note(unread);
          onChange();
        },
        error: (error) => this.#fail(error, onChange),
      },
    );
  }

  #note(unread: bigint[]): void {
    if (unread.length > 0) this.problem = `Bitmap blocks ${unread.slice(0, 8).join(", ")} could not be read; their bits count as free.`;
  }

  #fail(error: unknown, onChange: () => void): void {
    if (this.#stop.signal.aborted) return;
    this.problem = `The bitmap could not be counted: ${error instanceof Error ? error.message : String(error)}`;
    onChange();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#worker?.stop();
  }
}

/** A client's handle on a volume's map. */
export class MapHost extends RpcTarget implements MapApi {
  readonly #opened: OpenVolume;
  readonly #map: VolumeMap;
  constructor(opened: OpenVolume) {
    super();
    this.#opened = opened;
    this.#map = opened.map;
  }

  async summary(): Promise<MapSummary> {
    const { pyramid, volume, problem, isComplete } = this.#map;
    const counted = pyramid?.counted ?? 0n;
    const allocated = pyramid?.allocated ?? 0n;
    return {
      totalBlocks: volume.totalBlocks,
      levels: levelCount(volume.totalBlocks),
      allocated,
      free: counted - allocated,
      counted,
      complete: isComplete,
      problem,
    };
  }

  async tile(level: number, index: bigint): Promise<MapTile> {
    const asked = parse(tileRequest, "tile", { level, index });
    const { pyramid } = this.#map;
    if (!pyramid) return { ...asked, cells: new Uint8Array(Number(cellsPerTile)), counted: false };
    const cell = 4n ** BigInt(asked.level);
    const end = (asked.index + 1n) * cellsPerTile * cell;
    const counted = pyramid.counted >= (end < pyramid.totalBlocks ? end : pyramid.totalBlocks);
    if (asked.level >= lowestKeptLevel) return { ...asked, cells: pyramid.tile(asked.level, asked.index), counted };
    return { ...asked, cells: await this.#fineTile(asked.index * cellsPerTile * cell, Number(cell)), counted: true };
  }

  /** Cells of the levels that are not kept, from the bitmap itself. */
  async #fineTile(start: bigint, cellBlocks: number): Promise<Uint8Array> {
    const cells = new Uint8Array(Number(cellsPerTile));
    const { bitmap, volume } = this.#map;
    if (!bitmap || start >= volume.totalBlocks) return cells;
    const end =
      start + cellsPerTile * BigInt(cellBlocks) < volume.totalBlocks ? start + cellsPerTile * BigInt(cellBlocks) : volume.totalBlocks;
    const counts = new Uint8Array(cells.length);
    await bitmap.pages(
      (firstBlock, payload) => {
        if (firstBlock >= end) return false;
        if (!payload) return true;
        const last = Math.min(bitmap.bitsPerBlock, Number(end - firstBlock));
        for (let at = firstBlock < start ? Number(start - firstBlock) : 0; at < last; ) {
          const cell = Math.floor(Number(firstBlock + BigInt(at) - start) / cellBlocks);
          const next = Math.min(last, Number(start - firstBlock) + (cell + 1) * cellBlocks);
          counts[cell] = (counts[cell] ?? 0) + countBits(payload, at, next);
          at = next;
        }
        return true;
      },
      { start },
    );
    for (let cell = 0; cell < cells.length; cell++) {
      const left = Number(end - start) - cell * cellBlocks;
      if (left > 0) cells[cell] = shade(counts[cell] ?? 0, Math.min(cellBlocks, left));
    }
    return cells;
  }

  async counts(start: bigint, count: bigint) {
    const asked = parse(countsRequest, "counts", { start, count });
    const { bitmap, volume } = this.#map;
    const end = asked.start + asked.count < volume.totalBlocks ? asked.start + asked.count : volume.totalBlocks;
    if (!bitmap || end <= asked.start) return { allocated: 0n, free: 0n, counted: false };
    const allocated = await bitmap.countAllocated(asked.start, end);
    return { allocated, free: end - asked.start - allocated, counted: true };
  }

  async colouring(by: MapColouring["by"]): Promise<TaskHost<MapColouring>> {
    const asked = parse(colouringRequest, "colouring", by);
    return new TaskHost((signal, report) => colourMap(this.#opened, asked, signal, report));
  }

  async ranges(start: bigint, limit: number) {
    const asked = parse(rangesRequest, "ranges", { start, limit });
    const { bitmap, volume } = this.#map;
    const runs: { start: bigint; count: bigint; allocated: boolean }[] = [];
    let next = asked.start;
    const add = (until: bigint, allocated: boolean) => {
      if (until <= next) return;
      const last = runs.at(-1);
      if (last?.allocated === allocated) last.count += until - next;
      else if (runs.length <= asked.limit) runs.push({ start: next, count: until - next, allocated });
      next = until;
    };
    await bitmap?.pages(
      (firstBlock, payload) => {
        if (runs.length > asked.limit || firstBlock >= volume.totalBlocks) return false;
        add(firstBlock, false);
        if (!payload) return true;
        const left = volume.totalBlocks - firstBlock;
        const end = left < BigInt(bitmap.bitsPerBlock) ? Number(left) : bitmap.bitsPerBlock;
        let at = next > firstBlock ? Number(next - firstBlock) : 0;
        while (at < end && runs.length <= asked.limit) {
          const isSet = ((payload[at >> 3] ?? 0) >> (at & 7)) & 1;
          const byte = payload[at >> 3];
          at = (at & 7) === 0 && byte === (isSet ? 0xff : 0) ? Math.min(at + 8, end) : at + 1;
          add(firstBlock + BigInt(at), isSet === 1);
        }
        return true;
      },
      { start: asked.start },
    );
    if (bitmap && runs.length <= asked.limit) add(volume.totalBlocks, false);
    return runs.slice(0, asked.limit);
  }
}
