import { divideUp, minBigint } from "../base/units.ts";
import type { BlockDevice, DeviceExtent, DeviceIdentity } from "./block-device.ts";
import { DeviceBase } from "./device-base.ts";
import { eachPage } from "./pages.ts";

/** A page of a layer, whole. */
export interface LayerPage {
  page: bigint;
  bytes: Uint8Array;
}

/**
 * A layer of pages over another device, which is never written: what is read is what was written here, else what lies below. Where the
 * pages are kept is for its kinds to say.
 */
export abstract class LayerDevice extends DeviceBase {
  readonly kind = "overlay";
  protected readonly below: BlockDevice;
  protected readonly pageBytes: number;
  #byteLength: bigint;
  /** What lies below shows up to here: a layer that was shorter once is zero behind that, however long it becomes. */
  #belowEnd: bigint;
  #turn: Promise<void> = Promise.resolve();

  constructor(below: BlockDevice, pageBytes: number, shape = { byteLength: below.byteLength, belowEnd: below.byteLength }) {
    super(below.name);
    this.below = below;
    this.pageBytes = pageBytes;
    this.#byteLength = shape.byteLength;
    this.#belowEnd = shape.belowEnd;
  }

  get byteLength(): bigint {
    return this.#byteLength;
  }

  /** Whether it lies directly over a device, whole: nothing of that was ever cut off. */
  isOver(device: BlockDevice): boolean {
    return this.below === device && this.#belowEnd >= device.byteLength;
  }

  protected abstract holds(page: bigint): boolean;
  /** A page that is held; its bytes are not to be changed. */
  protected abstract load(page: bigint): Uint8Array | Promise<Uint8Array>;
  /** Keeps pages, which are the layer's own from then on. */
  protected abstract keep(pages: readonly LayerPage[]): void | Promise<void>;
  /** Numbers of the pages that are held, in no order. */
  protected abstract held(): Iterable<bigint>;
  /** How many may be held at the most. */
  protected abstract readonly heldCount: number;
  /** Gives up the pages from this one on, and notes the new length. */
  protected abstract cut(firstPage: bigint, byteLength: bigint): void | Promise<void>;

  /** Takes the length over from where the pages are kept. */
  protected reshape({ byteLength, belowEnd }: { byteLength: bigint; belowEnd: bigint }): void {
    this.#byteLength = byteLength;
    this.#belowEnd = belowEnd;
  }

  protected async readRun(start: bigint, into: Uint8Array, signal?: AbortSignal): Promise<number> {
    const parts: { page: bigint; inPage: number; at: number; length: number }[] = [];
    let isWhole = true;
    eachPage(this.pageBytes, start, into.length, (page, inPage, at, length) => {
      if (this.holds(page)) parts.push({ page, inPage, at, length });
      else isWhole = false;
    });
    if (!isWhole) await this.readBelow(start, into, signal);
    for (const { page, inPage, at, length } of parts) {
      const found = this.load(page);
      into.set((found instanceof Promise ? await found : found).subarray(inPage, inPage + length), at);
    }
    return into.length;
  }

  /** What lies below, and zeros where nothing does. */
  protected async readBelow(start: bigint, into: Uint8Array, signal?: AbortSignal): Promise<void> {
    const end = minBigint(this.#belowEnd, start + BigInt(into.length));
    const count = end > start ? await this.below.read(start, into.subarray(0, Number(end - start)), signal) : 0;
    into.fill(0, count);
  }

  /** Writes one after the other: two that meet in one page both stay. */
  protected writeRun(start: bigint, bytes: Uint8Array): Promise<void> {
    return this.inTurn(() => this.#writePages(start, bytes));
  }

  protected inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => {}); // Its own caller hears of it.
    return turn;
  }

  async #writePages(start: bigint, bytes: Uint8Array): Promise<void> {
    const size = BigInt(this.pageBytes);
    const pages: LayerPage[] = [];
    const first = start / size;
    const last = (start + BigInt(bytes.length) - 1n) / size;
    for (let page = first; page <= last; page++) {
      const [from, to] = [page * size - start, (page + 1n) * size - start];
      const isWhole = from >= 0n && to <= BigInt(bytes.length);
      pages.push({ page, bytes: isWhole ? bytes.slice(Number(from), Number(to)) : await this.#copyOf(page) });
    }
    eachPage(this.pageBytes, start, bytes.length, (page, inPage, at, length) => {
      if (length < this.pageBytes) pages[Number(page - first)]?.bytes.set(bytes.subarray(at, at + length), inPage);
    });
    await this.keep(pages);
  }

  /** A page as it reads, for changing: one that is written in part keeps the rest. */
  async #copyOf(page: bigint): Promise<Uint8Array> {
    if (this.holds(page)) return (await this.load(page)).slice();
    const bytes = new Uint8Array(this.pageBytes);
    await this.readBelow(page * BigInt(this.pageBytes), bytes);
    return bytes;
  }

  override async resize(byteLength: bigint): Promise<void> {
    this.assertOpen();
    this.assertWritable();
    await this.inTurn(() => this.#resizePages(byteLength));
  }

  async #resizePages(byteLength: bigint): Promise<void> {
    const size = BigInt(this.pageBytes);
    const inLast = Number(byteLength % size);
    const last = byteLength / size;
    if (byteLength < this.#byteLength && inLast > 0) {
      const bytes = await this.#copyOf(last);
      bytes.fill(0, inLast);
      await this.keep([{ page: last, bytes }]);
    }
    await this.cut(inLast > 0 ? last + 1n : last, byteLength);
    this.#belowEnd = minBigint(this.#belowEnd, byteLength);
    this.#byteLength = byteLength;
  }

  override async *extents(start: bigint, end: bigint): AsyncIterable<DeviceExtent> {
    this.assertOpen();
    const last = minBigint(end, this.#byteLength);
    const size = BigInt(this.pageBytes);
    const held = this.#heldWithin(start / size, divideUp(last, size)).map((page) => page * size);
    let next = 0;
    for await (const extent of this.#wholeRange(start, last)) {
      if (!extent.hole) {
        yield extent;
        continue;
      }
      let at = extent.start;
      while (next < held.length && (held[next] ?? 0n) + size <= at) next++;
      for (let index = next; index < held.length && (held[index] ?? 0n) < extent.end; index++) {
        const from = (held[index] ?? 0n) > at ? (held[index] ?? 0n) : at;
        const to = minBigint((held[index] ?? 0n) + size, extent.end);
        if (from > at) yield { start: at, end: from, hole: true };
        yield { start: from, end: to, hole: false };
        at = to;
      }
      if (at < extent.end) yield { start: at, end: extent.end, hole: true };
    }
  }

  /** Held pages from `first` up to `end`, ascending; a short range is asked page by page. */
  #heldWithin(first: bigint, end: bigint): bigint[] {
    if (end - first > BigInt(this.heldCount))
      return [...this.held()].filter((page) => page >= first && page < end).sort((a, b) => (a < b ? -1 : 1));
    const found: bigint[] = [];
    for (let page = first; page < end; page++) if (this.holds(page)) found.push(page);
    return found;
  }

  /** The extents below, with a hole where the layer is longer. */
  async *#wholeRange(start: bigint, end: bigint): AsyncIterable<DeviceExtent> {
    const below = minBigint(minBigint(this.below.byteLength, this.#belowEnd), end);
    if (start < below) yield* this.below.extents(start, below);
    const from = start > below ? start : below;
    if (from < end) yield { start: from, end, hole: true };
  }

  override async identify(): Promise<DeviceIdentity> {
    this.assertOpen();
    return { ...(await this.below.identify()), byteLength: this.#byteLength };
  }
}
