import { DeviceBase } from "./device-base.ts";

/** A device whose content is one run of bytes in memory. */
export class MemoryDevice extends DeviceBase {
  readonly kind = "memory";
  readonly writable: boolean;
  #bytes: Uint8Array;

  constructor(bytes: Uint8Array, { name = "memory", writable = true }: { name?: string; writable?: boolean } = {}) {
    super(name);
    this.#bytes = bytes;
    this.writable = writable;
  }

  get byteLength(): bigint {
    return BigInt(this.#bytes.length);
  }

  /** The content itself, not a copy. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  protected async readRun(start: bigint, into: Uint8Array): Promise<number> {
    into.set(this.#bytes.subarray(Number(start), Number(start) + into.length));
    return into.length;
  }

  protected async writeRun(start: bigint, bytes: Uint8Array): Promise<void> {
    this.#bytes.set(bytes, Number(start));
  }

  override async resize(byteLength: bigint): Promise<void> {
    this.assertOpen();
    this.assertWritable();
    const resized = new Uint8Array(Number(byteLength));
    resized.set(this.#bytes.subarray(0, Math.min(this.#bytes.length, resized.length)));
    this.#bytes = resized;
  }
}
