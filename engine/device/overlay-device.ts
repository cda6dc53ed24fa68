import type { BlockDevice, DeviceExtent, DeviceIdentity } from "./block-device.ts";
import { DeviceBase } from "./device-base.ts";
import { eachPage } from "./pages.ts";

const pageBytes = 4096;
const pageBigint = BigInt(pageBytes);

/** A writable layer in memory over another device, which is never written: what is read is what was written here, else what lies below. */
export class OverlayDevice extends DeviceBase {
  readonly kind = "overlay";
  readonly writable = true;
  readonly #below: BlockDevice;
  readonly #pages = new Map<bigint, Uint8Array>();
  #byteLength: bigint;

  constructor(below: BlockDevice) {
    super(below.name);
    this.#below = below;
    this.#byteLength = below.byteLength;
  }

  get byteLength(): bigint {
    return this.#byteLength;
  }

  /** Bytes of the 4096-byte pages that the layer holds, in no order. */
  get heldBytes(): number {
    return this.#pages.size * pageBytes;
  }

  protected async readRun(start: bigint, into: Uint8Array, signal?: AbortSignal): Promise<number> {
    const below = await this.#below.read(start, into, signal);
    into.fill(0, below);
    eachPage(pageBytes, start, into.length, (page, inPage, at, length) => {
      const held = this.#pages.get(page);
      if (held) into.set(held.subarray(inPage, inPage + length), at);
    });
    return into.length;
  }

  protected async writeRun(start: bigint, bytes: Uint8Array): Promise<void> {
    for (const page of [start / pageBigint, (start + BigInt(bytes.length) - 1n) / pageBigint]) await this.#hold(page);
    eachPage(pageBytes, start, bytes.length, (page, inPage, at, length) => {
      let held = this.#pages.get(page);
      if (!held) {
        held = new Uint8Array(pageBytes);
        this.#pages.set(page, held);
      }
      held.set(bytes.subarray(at, at + length), inPage);
    });
  }

  /** A page that is written in part keeps what lies below in the rest. */
  async #hold(page: bigint): Promise<void> {
    if (this.#pages.has(page)) return;
    const held = new Uint8Array(pageBytes);
    await this.#below.read(page * pageBigint, held);
    this.#pages.set(page, held);
  }

  override async resize(byteLength: bigint): Promise<void> {
    this.assertOpen();
    if (byteLength < this.#byteLength) {
      const last = byteLength / pageBigint;
      for (const page of this.#pages.keys()) if (page > last) this.#pages.delete(page);
      if (byteLength % pageBigint !== 0n) await this.#hold(last);
      this.#pages.get(last)?.fill(0, Number(byteLength % pageBigint));
    }
    this.#byteLength = byteLength;
  }

  override async *extents(start: bigint, end: bigint): AsyncIterable<DeviceExtent> {
    this.assertOpen();
    const last = end < this.#byteLength ? end : this.#byteLength;
    const held = [...this.#pages.keys()].map((page) => page * pageBigint).sort((a, b) => (a < b ? -1 : 1));
    let next = 0;
    for await (const extent of this.#wholeRange(start, last)) {
      if (!extent.hole) {
        yield extent;
        continue;
      }
      let at = extent.start;
      while (next < held.length && (held[next] ?? 0n) + pageBigint <= at) next++;
      for (let index = next; index < held.length && (held[index] ?? 0n) < extent.end; index++) {
        const from = (held[index] ?? 0n) > at ? (held[index] ?? 0n) : at;
        const to = (held[index] ?? 0n) + pageBigint < extent.end ? (held[index] ?? 0n) + pageBigint : extent.end;
        if (from > at) yield { start: at, end: from, hole: true };
        yield { start: from, end: to, hole: false };
        at = to;
      }
      if (at < extent.end) yield { start: at, end: extent.end, hole: true };
    }
  }

  /** The extents below, with a hole where the layer is longer. */
  async *#wholeRange(start: bigint, end: bigint): AsyncIterable<DeviceExtent> {
    const below = this.#below.byteLength < end ? this.#below.byteLength : end;
    if (start < below) yield* this.#below.extents(start, below);
    const from = start > below ? start : below;
    if (from < end) yield { start: from, end, hole: true };
  }

  override async identify(): Promise<DeviceIdentity> {
    this.assertOpen();
    return { ...(await this.#below.identify()), byteLength: this.#byteLength };
  }
}
