import type { BlockDevice, DeviceExtent, DeviceIdentity } from "./block-device.ts";
import { DeviceBase } from "./device-base.ts";

/** A byte range of another device: a volume behind a preamble, or inside a larger image. Closing it closes the device below. */
export class WindowDevice extends DeviceBase {
  readonly kind = "window";
  readonly writable: boolean;
  readonly #below: BlockDevice;
  readonly #start: bigint;
  readonly #end: bigint | undefined;

  /** From `start` to `end`, or to wherever the device below ends. */
  constructor(below: BlockDevice, start: bigint, end?: bigint) {
    super(below.name);
    this.#below = below;
    this.#start = start;
    this.#end = end;
    this.writable = below.writable;
  }

  get byteLength(): bigint {
    const end = this.#end !== undefined && this.#end < this.#below.byteLength ? this.#end : this.#below.byteLength;
    return end > this.#start ? end - this.#start : 0n;
  }

  protected readRun(start: bigint, into: Uint8Array, signal?: AbortSignal): Promise<number> {
    return this.#below.read(this.#start + start, into, signal);
  }

  protected writeRun(start: bigint, bytes: Uint8Array): Promise<void> {
    return this.#below.write(this.#start + start, bytes);
  }

  protected override syncRun(): Promise<void> {
    return this.#below.sync();
  }

  protected override closeRun(): Promise<void> {
    return this.#below.close();
  }

  override async *extents(start: bigint, end: bigint): AsyncIterable<DeviceExtent> {
    this.assertOpen();
    const last = end < this.byteLength ? end : this.byteLength;
    for await (const extent of this.#below.extents(start + this.#start, last + this.#start)) {
      yield { start: extent.start - this.#start, end: extent.end - this.#start, hole: extent.hole };
    }
  }

  override async identify(): Promise<DeviceIdentity> {
    this.assertOpen();
    return { ...(await this.#below.identify()), byteLength: this.byteLength };
  }
}
