import { isAllZero } from "../base/bytes.ts";
import type { DeviceExtent } from "./block-device.ts";
import { DeviceBase } from "./device-base.ts";
import { eachPage } from "./pages.ts";

const pageBytes = 65_536;
const pageBigint = BigInt(pageBytes);

/** A device of any size that holds in memory only the pages that are not zero. */
export class SparseDevice extends DeviceBase {
  readonly kind = "sparse";
  readonly writable: boolean;
  readonly #pages = new Map<bigint, Uint8Array>();
  #byteLength: bigint;

  constructor(byteLength: bigint, { name = "sparse", writable = true }: { name?: string; writable?: boolean } = {}) {
    super(name);
    this.#byteLength = byteLength;
    this.writable = writable;
  }

  /** A device with the content of `chunks`, one behind the other; pages of zeros take no memory. */
  static async from(
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options: { name?: string; writable?: boolean } = {},
  ): Promise<SparseDevice> {
    const device = new SparseDevice(0n, options);
    for await (const chunk of chunks) {
      const start = device.#byteLength;
      device.#byteLength += BigInt(chunk.length);
      device.#store(start, chunk);
    }
    return device;
  }

  get byteLength(): bigint {
    return this.#byteLength;
  }

  protected async readRun(start: bigint, into: Uint8Array): Promise<number> {
    eachPage(pageBytes, start, into.length, (page, inPage, at, length) => {
      const stored = this.#pages.get(page);
      if (stored) into.set(stored.subarray(inPage, inPage + length), at);
      else into.fill(0, at, at + length);
    });
    return into.length;
  }

  protected async writeRun(start: bigint, bytes: Uint8Array): Promise<void> {
    this.#store(start, bytes);
  }

  #store(start: bigint, bytes: Uint8Array): void {
    eachPage(pageBytes, start, bytes.length, (page, inPage, at, length) => {
      const piece = bytes.subarray(at, at + length);
      let stored = this.#pages.get(page);
      if (!stored) {
        if (isAllZero(piece)) return;
        stored = new Uint8Array(pageBytes);
        this.#pages.set(page, stored);
      }
      stored.set(piece, inPage);
    });
  }

  override async resize(byteLength: bigint): Promise<void> {
    this.assertOpen();
    this.assertWritable();
    for (const [page, stored] of this.#pages) {
      if (page * pageBigint >= byteLength) this.#pages.delete(page);
      else if ((page + 1n) * pageBigint > byteLength) stored.fill(0, Number(byteLength - page * pageBigint));
    }
    this.#byteLength = byteLength;
  }

  override async *extents(start: bigint, end: bigint): AsyncIterable<DeviceExtent> {
    this.assertOpen();
    const last = end < this.#byteLength ? end : this.#byteLength;
    const pages = [...this.#pages.keys()].sort((a, b) => (a < b ? -1 : 1));
    let at = start;
    for (let index = 0; index < pages.length && at < last; index++) {
      const from = (pages[index] ?? 0n) * pageBigint;
      let to = from + pageBigint;
      while (index + 1 < pages.length && (pages[index + 1] ?? 0n) * pageBigint === to) {
        to += pageBigint;
        index++;
      }
      if (to <= at) continue;
      if (from > at) {
        const holeEnd = from < last ? from : last;
        yield { start: at, end: holeEnd, hole: true };
        at = holeEnd;
      }
      if (at >= last) return;
      const stop = to < last ? to : last;
      yield { start: at, end: stop, hole: false };
      at = stop;
    }
    if (at < last) yield { start: at, end: last, hole: true };
  }
}
