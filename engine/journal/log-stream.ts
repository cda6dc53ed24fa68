import { minBigint } from "../base/units.ts";
import type { BlockDevice } from "../device/block-device.ts";
import { isEngineError } from "../errors/engine-error.ts";

/** Most logs are at rest, which the first bytes behind the tail tell; of one that is read on, more is read at a time. */
const leastWindowBytes = 16_384;
const mostWindowBytes = 262_144;

/** The record stream of a metadata log inside a device, read through a window so that no log is ever held whole. Operations reference 2.1. */
export class LogStream {
  /** Byte of the volume where records begin: the block behind the header. */
  readonly start: bigint;
  /** Byte behind the last that can hold a record and is in the file. */
  readonly end: bigint;
  readonly blockBytes: number;
  /** Targets of entries lie below it. */
  readonly totalBlocks: bigint;
  readonly #device: BlockDevice;
  #window: { start: bigint; bytes: Uint8Array } = { start: 0n, bytes: new Uint8Array(0) };
  #windowBytes = leastWindowBytes;
  #unreadable: { at: bigint; reason: string } | undefined;

  constructor(
    device: BlockDevice,
    {
      startBlock,
      blockCount,
      blockBytes,
      totalBlocks,
    }: { startBlock: bigint; blockCount: bigint; blockBytes: number; totalBlocks: bigint },
  ) {
    const size = BigInt(blockBytes);
    const wholeBlocks = device.byteLength / size;
    const behind = startBlock + blockCount < wholeBlocks ? startBlock + blockCount : wholeBlocks;
    this.#device = device;
    this.start = (startBlock + 1n) * size;
    this.end = behind * size > this.start ? behind * size : this.start;
    this.blockBytes = blockBytes;
    this.totalBlocks = totalBlocks;
  }

  /** The first place that could not be read, if there was one. */
  get unreadable(): { at: bigint; reason: string } | undefined {
    return this.#unreadable;
  }

  /** `byteLength` bytes from byte `at` of the volume; undefined where the stream ends before, or cannot be read. */
  async read(at: bigint, byteLength: number, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    if (at < this.start || at + BigInt(byteLength) > this.end) return undefined;
    const { start, bytes } = this.#window;
    if (at < start || at + BigInt(byteLength) > start + BigInt(bytes.length)) {
      const left = this.end - at;
      const wanted = new Uint8Array(Number(minBigint(left, BigInt(Math.max(this.#windowBytes, byteLength)))));
      this.#windowBytes = Math.min(4 * this.#windowBytes, mostWindowBytes);
      try {
        const count = await this.#device.read(at, wanted, signal);
        this.#window = { start: at, bytes: wanted.subarray(0, count) };
      } catch (error) {
        if (!isEngineError(error, "DEVICE_READ_FAILED")) throw error;
        this.#unreadable ??= { at, reason: error.data.reason };
        return undefined;
      }
    }
    const from = Number(at - this.#window.start);
    const run = this.#window.bytes.subarray(from, from + byteLength);
    return run.length === byteLength ? run : undefined;
  }
}
