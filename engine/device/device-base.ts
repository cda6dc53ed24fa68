import { EngineError } from "../errors/engine-error.ts";
import type { BlockDevice, DeviceExtent, DeviceIdentity } from "./block-device.ts";

/** What all adapters share: bounds, refusals, closing. An adapter reads and writes runs that lie inside the device. */
export abstract class DeviceBase implements BlockDevice {
  abstract readonly kind: BlockDevice["kind"];
  abstract readonly byteLength: bigint;
  abstract readonly writable: boolean;
  readonly name: string;
  #closed = false;
  #bytesWritten = 0n;

  constructor(name: string) {
    this.name = name;
  }

  get bytesWritten(): bigint {
    return this.#bytesWritten;
  }

  /** Fills `into`, which lies inside the device; gives the bytes read, fewer only where the source became shorter. */
  protected abstract readRun(start: bigint, into: Uint8Array, signal?: AbortSignal): Promise<number>;
  protected abstract writeRun(start: bigint, bytes: Uint8Array): Promise<void>;
  protected async syncRun(): Promise<void> {}
  protected async closeRun(): Promise<void> {}

  async read(start: bigint, into: Uint8Array, signal?: AbortSignal): Promise<number> {
    this.assertOpen();
    signal?.throwIfAborted();
    if (start < 0n) throw new RangeError("a read begins at 0 or behind it");
    const left = this.byteLength - start;
    if (left <= 0n || into.length === 0) return 0;
    const inside = left < BigInt(into.length) ? into.subarray(0, Number(left)) : into;
    return this.readRun(start, inside, signal);
  }

  async write(start: bigint, bytes: Uint8Array): Promise<void> {
    this.assertOpen();
    this.assertWritable();
    if (start < 0n || start + BigInt(bytes.length) > this.byteLength) {
      throw new EngineError("DEVICE_OUT_OF_RANGE", { path: this.name, at: start, byteLength: bytes.length, deviceBytes: this.byteLength });
    }
    if (bytes.length === 0) return;
    await this.writeRun(start, bytes);
    this.#bytesWritten += BigInt(bytes.length);
  }

  async sync(): Promise<void> {
    this.assertOpen();
    if (this.writable) await this.syncRun();
  }

  async resize(_byteLength: bigint): Promise<void> {
    this.assertOpen();
    this.assertWritable();
    throw new EngineError("DEVICE_NOT_SUPPORTED", { path: this.name, reason: "its size is fixed" });
  }

  async *extents(start: bigint, end: bigint): AsyncIterable<DeviceExtent> {
    this.assertOpen();
    const last = end < this.byteLength ? end : this.byteLength;
    if (start < last) yield { start, end: last, hole: false };
  }

  async identify(): Promise<DeviceIdentity> {
    this.assertOpen();
    return { byteLength: this.byteLength };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.closeRun();
  }

  protected assertOpen(): void {
    if (this.#closed) throw new EngineError("DEVICE_CLOSED", { path: this.name });
  }

  protected assertWritable(): void {
    if (!this.writable) throw new EngineError("DEVICE_READ_ONLY", { path: this.name });
  }
}
