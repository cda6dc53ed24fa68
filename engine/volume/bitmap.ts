import { minBigint } from "../base/units.ts";
import { bitsPerBitmapBlock, countBits, findBit, trailerBytes } from "../format/core/index.ts";
import type { BlockReader } from "./block-reader.ts";
import type { Volume, VolumeRegion } from "./volume.ts";

export interface BlockRun {
  startBlock: bigint;
  blockCount: bigint;
}

export interface BitmapSummary {
  /** Set bits below the volume's number of blocks. */
  allocatedBlocks: bigint;
  /** Set bits from there to the end of the payloads. */
  bitsPastEnd: bigint;
  /** Runs of set bits below the volume's number of blocks, ascending. */
  allocatedRanges: BlockRun[];
  /** Bitmap blocks that could not be read; their bits count as clear. */
  unread: bigint[];
}

/** The allocation bitmap of a volume, read in pages. Core reference 3. */
export class AllocationBitmap {
  readonly region: VolumeRegion;
  readonly bitsPerBlock: number;
  readonly #reader: BlockReader;

  constructor(region: VolumeRegion, reader: BlockReader) {
    this.region = region;
    this.bitsPerBlock = bitsPerBitmapBlock(reader.blockBytes);
    this.#reader = reader;
  }

  /** The bitmap of a volume; undefined where no table names one inside the device. */
  static of(volume: Volume): AllocationBitmap | undefined {
    const region = volume.findRegion("BMAP");
    return region && region.startBlock >= 0n && region.blockCount > 0n ? new AllocationBitmap(region, volume.reader) : undefined;
  }

  /** The bitmap block that holds the bit of `block`. */
  blockFor(block: bigint): bigint {
    return this.region.startBlock + block / BigInt(this.bitsPerBlock);
  }

  /** Whether a block is allocated; undefined where its bit cannot be read. */
  async isAllocated(block: bigint): Promise<boolean | undefined> {
    if (block < 0n || this.blockFor(block) >= this.region.startBlock + this.region.blockCount) return undefined;
    const bytes = await this.#reader.read(this.blockFor(block));
    return (
      bytes &&
      findBit(bytes, Number(block % BigInt(this.bitsPerBlock)), Number(block % BigInt(this.bitsPerBlock)) + 1, true) ===
        Number(block % BigInt(this.bitsPerBlock))
    );
  }

  /** Visits each stored bitmap block's payload with the number of its first block; unreadable ones give undefined. */
  async pages(
    visit: (firstBlock: bigint, payload: Uint8Array | undefined) => unknown,
    { start = 0n, signal }: { start?: bigint; signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    const first = this.region.startBlock;
    await this.#reader.walk(
      this.blockFor(start),
      first + this.region.blockCount,
      (block, bytes) => visit((block - first) * BigInt(this.bitsPerBlock), bytes?.subarray(0, bytes.length - trailerBytes)),
      signal,
    );
  }

  /** Counts all bits; with `mostRanges` the list of runs stops there, the counts do not. */
  async summarise(
    totalBlocks: bigint | undefined,
    { mostRanges = 1_000_000, signal }: { mostRanges?: number; signal?: AbortSignal | undefined } = {},
  ): Promise<BitmapSummary> {
    const summary: BitmapSummary = { allocatedBlocks: 0n, bitsPastEnd: 0n, allocatedRanges: [], unread: [] };
    await this.pages(
      (firstBlock, payload) => {
        if (!payload) {
          summary.unread.push(this.blockFor(firstBlock));
          return;
        }
        const end =
          totalBlocks === undefined
            ? this.bitsPerBlock
            : Number(minBigint(BigInt(this.bitsPerBlock), totalBlocks > firstBlock ? totalBlocks - firstBlock : 0n));
        summary.allocatedBlocks += BigInt(countBits(payload, 0, end));
        summary.bitsPastEnd += BigInt(countBits(payload, end, this.bitsPerBlock));
        for (let at = findBit(payload, 0, end, true); at < end; ) {
          const stop = findBit(payload, at, end, false);
          addRun(summary.allocatedRanges, firstBlock + BigInt(at), BigInt(stop - at), mostRanges);
          at = findBit(payload, stop, end, true);
        }
      },
      { signal },
    );
    return summary;
  }

  /** Allocated blocks in `[start, end)`. */
  async countAllocated(start: bigint, end: bigint, signal?: AbortSignal): Promise<bigint> {
    let count = 0n;
    await this.pages(
      (firstBlock, payload) => {
        if (firstBlock >= end) return false;
        const from = start > firstBlock ? Number(start - firstBlock) : 0;
        const to = Number(minBigint(BigInt(this.bitsPerBlock), end - firstBlock));
        if (payload && from < to) count += BigInt(countBits(payload, from, to));
        return true;
      },
      { start, signal },
    );
    return count;
  }
}

function addRun(runs: BlockRun[], startBlock: bigint, blockCount: bigint, most: number): void {
  const last = runs.at(-1);
  if (last && last.startBlock + last.blockCount === startBlock) last.blockCount += blockCount;
  else if (runs.length < most) runs.push({ startBlock, blockCount });
}
