import type { BlockDevice } from "./block-device.ts";
import { LayerDevice, type LayerPage } from "./layer-device.ts";

const pageBytes = 4096;
const noBytes = new Uint8Array(pageBytes);

/** A writable layer in memory over another device. */
export class OverlayDevice extends LayerDevice {
  readonly writable = true;
  readonly #pages = new Map<bigint, Uint8Array>();

  constructor(below: BlockDevice) {
    super(below, pageBytes);
  }

  /** Bytes of the 4096-byte pages that the layer holds, in no order. */
  get heldBytes(): number {
    return this.#pages.size * pageBytes;
  }

  /** Where the bytes that the layer holds lie, in pieces, in no order. */
  get heldRanges(): { start: bigint; byteLength: number }[] {
    return [...this.#pages.keys()].map((page) => ({ start: page * BigInt(pageBytes), byteLength: pageBytes }));
  }

  protected holds(page: bigint): boolean {
    return this.#pages.has(page);
  }
  protected load(page: bigint): Uint8Array {
    return this.#pages.get(page) ?? noBytes;
  }
  protected keep(pages: readonly LayerPage[]): void {
    for (const { page, bytes } of pages) this.#pages.set(page, bytes);
  }
  protected held(): Iterable<bigint> {
    return this.#pages.keys();
  }
  protected get heldCount(): number {
    return this.#pages.size;
  }
  protected cut(firstPage: bigint): void {
    for (const page of this.#pages.keys()) if (page >= firstPage) this.#pages.delete(page);
  }
}
