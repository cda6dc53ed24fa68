import { checksum } from "../base/checksum.ts";
import type { BlockDevice, DeviceIdentity } from "./block-device.ts";
import { LayerDevice, type LayerPage } from "./layer-device.ts";
import type { OverlayFile } from "./overlay-file.ts";

/**
 * An image seen through an overlay whose blocks are kept in a file. The image is only read. Writable where the overlay's file is; what is
 * written becomes part of the overlay with `mark`. Closing it closes both.
 */
export class OverlayFileDevice extends LayerDevice {
  readonly writable: boolean;
  readonly file: OverlayFile;
  /** The image below. */
  readonly base: BlockDevice;
  readonly #changes: number | undefined;

  /** With `changes` it shows the image as it was after so many, for ever; else as it is after all of them. */
  constructor(base: BlockDevice, file: OverlayFile, { changes }: { changes?: number } = {}) {
    super(base, file.blockBytes, file.shapeAt(changes ?? file.marks.length));
    this.base = base;
    this.file = file;
    this.#changes = changes;
    this.writable = changes === undefined && file.writable;
  }

  /** Changes that show; those of a writer with the one that is under way. */
  get #shown(): number {
    return this.#changes ?? this.file.marks.length + (this.writable ? 1 : 0);
  }

  protected holds(page: bigint): boolean {
    return this.file.placeAt(page, this.#shown) !== undefined;
  }
  protected load(page: bigint): Promise<Uint8Array> {
    return this.file.read(this.file.placeAt(page, this.#shown) ?? 0n);
  }
  protected keep(pages: readonly LayerPage[]): Promise<void> {
    return this.file.append(pages, (page) => this.hashBelow(page));
  }
  protected *held(): Iterable<bigint> {
    for (const page of this.file.covered(this.#shown)) if (this.holds(page)) yield page;
  }
  protected get heldCount(): number {
    return this.file.coveredCount;
  }
  protected cut(_firstPage: bigint, byteLength: bigint): Promise<void> {
    return this.file.appendLength(byteLength);
  }
  protected override syncRun(): Promise<void> {
    return this.file.sync();
  }
  protected override async closeRun(): Promise<void> {
    await this.file.close();
    await this.base.close();
  }

  /** SHA-256 of a block of the image as it is now, with zeros behind its end. */
  async hashBelow(page: bigint): Promise<Uint8Array> {
    const bytes = new Uint8Array(this.pageBytes);
    await this.base.read(page * BigInt(this.pageBytes), bytes);
    return checksum.sha256(bytes);
  }

  /** Makes what was written since the last mark one whole change of the overlay. DEVICE_WRITE_FAILED, DEVICE_SYNC_FAILED. */
  async mark(document: string): Promise<void> {
    this.assertOpen();
    this.assertWritable();
    await this.inTurn(() => this.file.mark(document));
  }

  /** Looks at both again: changes that another process added show from now on. */
  override async identify(): Promise<DeviceIdentity> {
    if (this.#changes === undefined && !this.writable) {
      await this.file.refresh();
      this.reshape(this.file.shapeAt(this.file.marks.length));
    }
    const { modifiedNs, source } = await this.base.identify();
    return { byteLength: this.byteLength, modifiedNs, source: `${source}, ${this.file.marks.length} changes in ${this.file.name}` };
  }
}
