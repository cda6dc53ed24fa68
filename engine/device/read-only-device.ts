import type { BlockDevice, DeviceExtent, DeviceIdentity } from "./block-device.ts";
import { DeviceBase } from "./device-base.ts";

/** Another device that refuses every change, whatever the device below would do. */
export class ReadOnlyDevice extends DeviceBase {
  readonly writable = false;
  readonly #below: BlockDevice;

  constructor(below: BlockDevice) {
    super(below.name);
    this.#below = below;
  }

  get kind(): BlockDevice["kind"] {
    return this.#below.kind;
  }
  get byteLength(): bigint {
    return this.#below.byteLength;
  }
  protected readRun(start: bigint, into: Uint8Array, signal?: AbortSignal): Promise<number> {
    return this.#below.read(start, into, signal);
  }
  protected async writeRun(): Promise<void> {
    this.assertWritable();
  }
  protected override closeRun(): Promise<void> {
    return this.#below.close();
  }
  override async *extents(start: bigint, end: bigint): AsyncIterable<DeviceExtent> {
    this.assertOpen();
    yield* this.#below.extents(start, end);
  }
  override async identify(): Promise<DeviceIdentity> {
    this.assertOpen();
    return this.#below.identify();
  }
}
