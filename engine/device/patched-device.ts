import type { BlockDevice, DeviceExtent, DeviceIdentity } from "./block-device.ts";
import { DeviceBase } from "./device-base.ts";

/** Another device seen with some runs of bytes replaced, in memory and read-only. Closing it leaves the device below open. */
export class PatchedDevice extends DeviceBase {
  readonly kind = "overlay";
  readonly writable = false;
  readonly #below: BlockDevice;
  readonly #patches: readonly { start: bigint; end: bigint; bytes: Uint8Array }[];

  /** `patches` are bytes by where they go; they do not overlap. What lies past the end of the device below is not seen. */
  constructor(below: BlockDevice, patches: ReadonlyMap<bigint, Uint8Array>) {
    super(below.name);
    this.#below = below;
    this.#patches = [...patches]
      .map(([start, bytes]) => ({ start, end: start + BigInt(bytes.length), bytes }))
      .sort((a, b) => (a.start < b.start ? -1 : 1));
  }

  get byteLength(): bigint {
    return this.#below.byteLength;
  }

  protected async readRun(start: bigint, into: Uint8Array, signal?: AbortSignal): Promise<number> {
    const count = await this.#below.read(start, into, signal);
    const end = start + BigInt(count);
    for (const patch of this.#patches) {
      if (patch.end <= start || patch.start >= end) continue;
      const from = patch.start > start ? patch.start : start;
      const to = patch.end < end ? patch.end : end;
      into.set(patch.bytes.subarray(Number(from - patch.start), Number(to - patch.start)), Number(from - start));
    }
    return count;
  }

  protected async writeRun(): Promise<void> {
    this.assertWritable();
  }

  override async *extents(start: bigint, end: bigint): AsyncIterable<DeviceExtent> {
    this.assertOpen();
    for await (const extent of this.#below.extents(start, end)) {
      if (!extent.hole) {
        yield extent;
        continue;
      }
      let at = extent.start;
      for (const patch of this.#patches) {
        const from = patch.start > at ? patch.start : at;
        const to = patch.end < extent.end ? patch.end : extent.end;
        if (from >= to) continue;
        if (from > at) yield { start: at, end: from, hole: true };
        yield { start: from, end: to, hole: false };
        at = to;
      }
      if (at < extent.end) yield { start: at, end: extent.end, hole: true };
    }
  }

  override async identify(): Promise<DeviceIdentity> {
    this.assertOpen();
    return this.#below.identify();
  }
}
