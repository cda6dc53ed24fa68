import { isAllZero } from "../base/bytes.ts";
import type { BlockReader } from "./block-reader.ts";

/** The bytes of a run of blocks, of which only those that are not zero are held. Reads across block borders. */
export class SparseBytes {
  readonly blockBytes: number;
  readonly byteLength: number;
  /** Blocks that were not looked at because of the limit, counted from the end. */
  readonly leftOutBlocks: bigint;
  readonly #blocks: ReadonlyMap<number, Uint8Array>;

  private constructor(blocks: ReadonlyMap<number, Uint8Array>, blockCount: number, blockBytes: number, leftOutBlocks: bigint) {
    this.#blocks = blocks;
    this.blockBytes = blockBytes;
    this.byteLength = blockCount * blockBytes;
    this.leftOutBlocks = leftOutBlocks;
  }

  /** Reads `[start, start + blockCount)`, at most `limitBytes` of it; blocks outside the device and unreadable ones count as zero. */
  static async read(
    reader: BlockReader,
    start: bigint,
    blockCount: bigint,
    limitBytes: number,
    signal?: AbortSignal,
  ): Promise<SparseBytes> {
    const most = BigInt(Math.max(1, Math.floor(limitBytes / reader.blockBytes)));
    const count = blockCount < 0n ? 0n : blockCount < most ? blockCount : most;
    const blocks = new Map<number, Uint8Array>();
    await reader.walk(
      start,
      start + count,
      (block, bytes) => {
        if (bytes && !isAllZero(bytes)) blocks.set(Number(block - start), bytes);
      },
      signal,
    );
    return new SparseBytes(blocks, Number(count), reader.blockBytes, blockCount > count ? blockCount - count : 0n);
  }

  /** Indexes of the blocks that are not zero, ascending. */
  get indexes(): number[] {
    return [...this.#blocks.keys()].sort((a, b) => a - b);
  }

  block(index: number): Uint8Array | undefined {
    return this.#blocks.get(index);
  }

  /** `length` bytes from `at`; undefined where all of them lie in zero blocks. */
  slice(at: number, length: number): Uint8Array | undefined {
    const first = Math.floor(at / this.blockBytes);
    const last = Math.floor((at + length - 1) / this.blockBytes);
    const inBlock = at - first * this.blockBytes;
    if (first === last) return this.#blocks.get(first)?.subarray(inBlock, inBlock + length);
    let found = false;
    const bytes = new Uint8Array(length);
    for (let index = first; index <= last; index++) {
      const block = this.#blocks.get(index);
      if (!block) continue;
      found = true;
      const from = Math.max(at, index * this.blockBytes);
      const to = Math.min(at + length, (index + 1) * this.blockBytes);
      bytes.set(block.subarray(from - index * this.blockBytes, to - index * this.blockBytes), from - at);
    }
    return found ? bytes : undefined;
  }
}
