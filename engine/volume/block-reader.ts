import type { BlockDevice } from "../device/block-device.ts";
import { isEngineError } from "../errors/engine-error.ts";

export interface UnreadBlock {
  block: bigint;
  reason: string;
}

/** Reads whole blocks of a device and remembers which could not be read. */
export class BlockReader {
  readonly device: BlockDevice;
  readonly blockBytes: number;
  readonly #unread = new Map<bigint, string>();

  constructor(device: BlockDevice, blockBytes: number) {
    this.device = device;
    this.blockBytes = blockBytes;
  }

  /** Whole blocks of the device as it is now. */
  get blockCount(): bigint {
    return this.device.byteLength / BigInt(this.blockBytes);
  }

  /** Blocks that failed to be read so far. */
  get unread(): UnreadBlock[] {
    return [...this.#unread].map(([block, reason]) => ({ block, reason }));
  }

  /** A whole block; undefined where it lies outside the device or cannot be read, which `unread` then tells. */
  async read(block: bigint, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    return (await this.readRun(block, 1, signal))[0];
  }

  /** `count` blocks from `start`, in one read where it succeeds and one by one where it fails. */
  async readRun(start: bigint, count: number, signal?: AbortSignal): Promise<(Uint8Array | undefined)[]> {
    const blocks: (Uint8Array | undefined)[] = new Array(count).fill(undefined);
    const inside = start < 0n ? 0n : this.blockCount - start;
    const whole = inside <= 0n ? 0 : inside < BigInt(count) ? Number(inside) : count;
    if (whole === 0) return blocks;
    const bytes = new Uint8Array(whole * this.blockBytes);
    try {
      const read = await this.device.read(start * BigInt(this.blockBytes), bytes, signal);
      const complete = Math.floor(read / this.blockBytes);
      for (let index = 0; index < complete; index++) {
        blocks[index] = bytes.subarray(index * this.blockBytes, (index + 1) * this.blockBytes);
        this.#unread.delete(start + BigInt(index));
      }
    } catch (error) {
      if (!isEngineError(error, "DEVICE_READ_FAILED")) throw error;
      if (whole === 1) this.#unread.set(start, error.data.reason);
      else for (let index = 0; index < whole; index++) blocks[index] = await this.read(start + BigInt(index), signal);
    }
    return blocks;
  }

  /**
   * Visits the blocks of `[start, end)` that are stored and inside the device, in order and in runs of at most 1 MiB; holes are passed over.
   * `visit` gets undefined for a block that cannot be read, and ends the walk by giving false.
   */
  async walk(
    start: bigint,
    end: bigint,
    visit: (block: bigint, bytes: Uint8Array | undefined) => unknown,
    signal?: AbortSignal,
  ): Promise<void> {
    const size = BigInt(this.blockBytes);
    const last = end < this.blockCount ? end : this.blockCount;
    const blocksPerRun = Math.max(1, Math.floor(1_048_576 / this.blockBytes));
    let next = start < 0n ? 0n : start;
    if (next >= last) return;
    for await (const extent of this.device.extents(next * size, last * size)) {
      if (extent.hole) continue;
      const stop = (extent.end + size - 1n) / size < last ? (extent.end + size - 1n) / size : last;
      for (let at = extent.start / size > next ? extent.start / size : next; at < stop; ) {
        const count = stop - at < BigInt(blocksPerRun) ? Number(stop - at) : blocksPerRun;
        for (const [index, bytes] of (await this.readRun(at, count, signal)).entries()) {
          if (visit(at + BigInt(index), bytes) === false) return;
        }
        at += BigInt(count);
        next = at;
      }
    }
  }
}
