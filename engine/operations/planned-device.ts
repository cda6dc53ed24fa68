import type { BlockDevice, DeviceExtent, DeviceIdentity } from "../device/block-device.ts";
import { DeviceBase } from "../device/device-base.ts";
import type { ChangeSet, FreshRun } from "../volume/volume-edit.ts";

/** Another device, seen as changes would leave it: images from memory, content of free blocks from its source when it is asked for. Read-only. */
export class PlannedDevice extends DeviceBase {
  readonly kind = "overlay";
  readonly writable = false;
  readonly #below: BlockDevice;
  readonly #blockBytes: number;
  /** What each change leaves, the latest first. */
  readonly #layers: { images: ReadonlyMap<bigint, Uint8Array>; runs: readonly FreshRun[] }[] = [];

  constructor(below: BlockDevice, blockBytes: number) {
    super(below.name);
    this.#below = below;
    this.#blockBytes = blockBytes;
  }

  /** Lays a change over those before it. */
  layOver({ images, fresh, released = [], logHeader }: ChangeSet): void {
    const all = new Map(images.map(({ block, after }) => [block, after]));
    if (logHeader) all.set(logHeader.block, logHeader.image);
    this.#layers.unshift({
      images: all,
      runs: [...fresh, ...released].sort((a, b) => (a.block < b.block ? -1 : 1)),
    });
  }

  get byteLength(): bigint {
    return this.#below.byteLength;
  }

  protected async readRun(start: bigint, into: Uint8Array, signal?: AbortSignal): Promise<number> {
    const count = await this.#below.read(start, into, signal);
    const size = BigInt(this.#blockBytes);
    const end = start + BigInt(count);
    for (let block = start / size; block * size < end; block++) {
      const image = await this.#imageOf(block);
      if (!image) continue;
      const at = block * size;
      const from = at > start ? 0 : Number(start - at);
      const to = at + size < end ? this.#blockBytes : Number(end - at);
      into.set(image.subarray(from, to), Number(at - start) + from);
    }
    return count;
  }

  #imageOf(block: bigint): Uint8Array | Promise<Uint8Array> | undefined {
    for (const { images, runs } of this.#layers) {
      const image = images.get(block);
      if (image) return image;
      const run = runOf(runs, block);
      if (run) return run.image(block - run.block);
    }
    return undefined;
  }

  protected async writeRun(): Promise<void> {
    this.assertWritable();
  }

  override async *extents(start: bigint, end: bigint): AsyncIterable<DeviceExtent> {
    this.assertOpen();
    const planned = this.#plannedRanges();
    for await (const extent of this.#below.extents(start, end)) {
      if (!extent.hole) {
        yield extent;
        continue;
      }
      let at = extent.start;
      for (const range of planned) {
        const from = range.start > at ? range.start : at;
        const to = range.end < extent.end ? range.end : extent.end;
        if (from >= to) continue;
        if (from > at) yield { start: at, end: from, hole: true };
        yield { start: from, end: to, hole: false };
        at = to;
      }
      if (at < extent.end) yield { start: at, end: extent.end, hole: true };
    }
  }

  /** Bytes that a change writes, joined and ascending. */
  #plannedRanges(): { start: bigint; end: bigint }[] {
    const size = BigInt(this.#blockBytes);
    const all = this.#layers
      .flatMap(({ images, runs }) => [
        ...[...images.keys()].map((block) => ({ start: block * size, end: (block + 1n) * size })),
        ...runs.map(({ block, blockCount }) => ({ start: block * size, end: (block + blockCount) * size })),
      ])
      .sort((a, b) => (a.start < b.start ? -1 : 1));
    const joined: { start: bigint; end: bigint }[] = [];
    for (const range of all) {
      const last = joined.at(-1);
      if (last && range.start <= last.end) last.end = range.end > last.end ? range.end : last.end;
      else joined.push(range);
    }
    return joined;
  }

  override async identify(): Promise<DeviceIdentity> {
    this.assertOpen();
    return this.#below.identify();
  }
}

/** The run that holds a block, of runs in order that do not overlap. */
function runOf(runs: readonly FreshRun[], block: bigint): FreshRun | undefined {
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const run = runs[middle];
    if (!run) return undefined;
    if (block < run.block) high = middle;
    else if (block >= run.block + run.blockCount) low = middle + 1;
    else return run;
  }
  return undefined;
}
