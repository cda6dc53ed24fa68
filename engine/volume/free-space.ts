import { divideUp, maxBigint, minBigint } from "../base/units.ts";
import { EngineError } from "../errors/engine-error.ts";
import { bitsPerBitmapBlock, countBits, findBit, judgeTrailer, setBits, trailerBytes } from "../format/core/index.ts";
import type { BlockRun } from "./bitmap.ts";
import type { BlockReader } from "./block-reader.ts";
import { fixedTags, type Volume } from "./volume.ts";

export interface FreeSpaceParts {
  reader: BlockReader;
  /** The bitmap region. */
  bitmap: BlockRun;
  /** Blocks at and past it are never free. */
  end: bigint;
  /** Runs that are never free, whatever their bits say. */
  reserved?: readonly BlockRun[];
}
/** Where free blocks are looked for: `end` excluded. */
export interface SearchRange {
  start?: bigint;
  end?: bigint;
  signal?: AbortSignal | undefined;
}

const pageRunBytes = 1_048_576;

/**
 * The blocks of a volume that may be given away, by the effective bitmap: free is what has a clear bit that could be read, lies inside the
 * volume and its file, and in no region but data. Read in pages of 1 MiB; the whole bitmap is never held. Operations reference 1, SAFE.
 */
export class FreeSpace {
  readonly #reader: BlockReader;
  readonly #bitmap: BlockRun;
  readonly #end: bigint;
  readonly #reserved: BlockRun[];
  readonly #perBlock: bigint;

  constructor({ reader, bitmap, end, reserved = [] }: FreeSpaceParts) {
    this.#reader = reader;
    this.#bitmap = bitmap;
    this.#perBlock = BigInt(bitsPerBitmapBlock(reader.blockBytes));
    this.#end = minBigint(end, bitmap.blockCount * this.#perBlock);
    this.#reserved = [...reserved];
  }

  /** The free space of a volume, the blocks of the superblock group, the directory, all regions and a recovery footer taken out. VOLUME_NEEDS_REPAIR without a bitmap. */
  static async of(volume: Volume): Promise<FreeSpace> {
    const bitmap = volume.findRegion("BMAP");
    if (!bitmap || bitmap.startBlock < 0n || bitmap.blockCount <= 0n)
      throw new EngineError("VOLUME_NEEDS_REPAIR", { reason: "no table names an allocation bitmap" });
    const reserved: BlockRun[] = [{ startBlock: 0n, blockCount: BigInt(fixedTags.length) }];
    for (const { tag, name, startBlock, blockCount } of volume.regions)
      if (tag !== "DATA" || (name !== "DataRegion" && name !== "unnamed DATA region")) reserved.push({ startBlock, blockCount });
    const footer = await recoveryFooter(volume);
    if (footer !== undefined) reserved.push({ startBlock: footer, blockCount: 1n });
    return new FreeSpace({ reader: volume.reader, bitmap, end: minBigint(volume.totalBlocks, volume.fileBlocks), reserved });
  }

  /** The first block past the last that can be free. */
  get end(): bigint {
    return this.#end;
  }

  /** Takes a run out, so that it is not found again. */
  take(startBlock: bigint, blockCount: bigint): void {
    this.#reserved.push({ startBlock, blockCount });
  }

  /** Free blocks of a range. */
  async count({ start = 0n, end = this.#end, signal }: SearchRange = {}): Promise<bigint> {
    let allocated = 0n;
    for await (const { first, payload } of this.#pages(start, end, false, signal))
      allocated += BigInt(
        countBits(payload, Number(maxBigint(start, first) - first), Number(minBigint(minBigint(end, this.#end) - first, this.#perBlock))),
      );
    const length = minBigint(end, this.#end) - maxBigint(start, 0n);
    return length > 0n ? length - allocated : 0n;
  }

  /** Maximal free runs of at least `least` blocks, ascending. Throws a RangeError for less than 1. */
  async *runs(least = 1n, { start = 0n, end = this.#end, signal }: SearchRange = {}): AsyncGenerator<BlockRun> {
    if (least < 1n) throw new RangeError(`a run has at least one block, not ${least}`);
    let open: BlockRun | undefined;
    for await (const { first, payload } of this.#pages(start, end, false, signal)) {
      const stop = Number(minBigint(minBigint(end, this.#end) - first, this.#perBlock));
      for (let at = findBit(payload, Number(maxBigint(start, first) - first), stop, false); at < stop; ) {
        const until = findBit(payload, at, stop, true);
        const startBlock = first + BigInt(at);
        if (open && open.startBlock + open.blockCount === startBlock) open.blockCount += BigInt(until - at);
        else {
          if (open && open.blockCount >= least) yield open;
          open = { startBlock, blockCount: BigInt(until - at) };
        }
        at = findBit(payload, until, stop, false);
      }
    }
    if (open && open.blockCount >= least) yield open;
  }

  /** The first `blockCount` free blocks in a row. Throws a RangeError for less than 1. */
  async findFirst(blockCount: bigint, range: SearchRange = {}): Promise<BlockRun | undefined> {
    for await (const run of this.runs(blockCount, range)) return { startBlock: run.startBlock, blockCount };
    return undefined;
  }

  /** The last `blockCount` free blocks in a row. Throws a RangeError for less than 1. */
  async findLast(blockCount: bigint, { start = 0n, end = this.#end, signal }: SearchRange = {}): Promise<BlockRun | undefined> {
    if (blockCount < 1n) throw new RangeError(`a run has at least one block, not ${blockCount}`);
    // Blocks are passed from the end downwards; `above` is where the run that is being counted ends.
    let above = minBigint(end, this.#end);
    for await (const { first, payload } of this.#pages(start, end, true, signal)) {
      const least = Number(maxBigint(start, first) - first);
      let stop = Number(minBigint(minBigint(end, this.#end) - first, this.#perBlock));
      while (stop > least) {
        const set = findLastSet(payload, least, stop);
        const from = first + BigInt(set + 1);
        if (above - from >= blockCount) return { startBlock: above - blockCount, blockCount };
        if (set < least) break;
        above = first + BigInt(set);
        stop = set;
      }
    }
    return undefined;
  }

  /** The last block of a range that is not free; undefined where all are. */
  async lastUsed({ start = 0n, end = this.#end, signal }: SearchRange = {}): Promise<bigint | undefined> {
    for await (const { first, payload } of this.#pages(start, end, true, signal)) {
      const least = Number(maxBigint(start, first) - first);
      const set = findLastSet(payload, least, Number(minBigint(minBigint(end, this.#end) - first, this.#perBlock)));
      if (set >= least) return first + BigInt(set);
    }
    return undefined;
  }

  /** Free runs that together have `blockCount` blocks, the longest pieces that come first; undefined where fewer are free. */
  async findPieces(blockCount: bigint, range: SearchRange = {}): Promise<BlockRun[] | undefined> {
    const whole = await this.findFirst(blockCount, range);
    if (whole) return [whole];
    const pieces: BlockRun[] = [];
    let left = blockCount;
    for await (const run of this.runs(1n, range)) {
      const taken = minBigint(run.blockCount, left);
      pieces.push({ startBlock: run.startBlock, blockCount: taken });
      left -= taken;
      if (left === 0n) return pieces;
    }
    return undefined;
  }

  /** Payloads of the effective bitmap over a range, each with its first block's number, in either direction. */
  async *#pages(
    start: bigint,
    end: bigint,
    backwards: boolean,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<{ first: bigint; payload: Uint8Array }> {
    const stop = divideUp(minBigint(end, this.#end), this.#perBlock);
    const begin = maxBigint(start, 0n) / this.#perBlock;
    const step = BigInt(Math.max(1, Math.floor(pageRunBytes / this.#reader.blockBytes)));
    const last = stop - begin;
    for (let done = 0n; done < last; done += step) {
      const count = minBigint(step, last - done);
      const from = backwards ? stop - done - count : begin + done;
      const blocks = await this.#reader.readRun(this.#bitmap.startBlock + from, Number(count), signal);
      const order = [...blocks.entries()];
      for (const [index, block] of backwards ? order.reverse() : order) {
        const first = (from + BigInt(index)) * this.#perBlock;
        yield { first, payload: this.#effective(first, block) };
      }
    }
  }

  /** One page's payload with everything set that is not to be given away; a page that cannot be read has nothing free. */
  #effective(first: bigint, block: Uint8Array | undefined): Uint8Array {
    const bits = Number(this.#perBlock);
    if (!block) {
      const full = new Uint8Array(bits / 8);
      setBits(full, 0, bits);
      return full;
    }
    const payload = block.slice(0, block.length - trailerBytes);
    for (const { startBlock, blockCount } of this.#reserved) {
      const from = maxBigint(startBlock - first, 0n);
      const to = minBigint(startBlock + blockCount - first, this.#perBlock);
      if (from < to) setBits(payload, Number(from), Number(to));
    }
    return payload;
  }
}

/** The last index in `[from, end)` whose bit is set; `from - 1` where there is none. */
function findLastSet(payload: Uint8Array, from: number, end: number): number {
  let at = end - 1;
  while (at >= from) {
    const byte = payload[at >> 3] ?? 0;
    if (byte === 0 && (at & 7) === 7) at -= 8;
    else if ((byte >> (at & 7)) & 1) return at;
    else at--;
  }
  return from - 1;
}

/** The last block of a volume where it holds a superblock that verifies. Operations reference 1, 14.3. */
export async function recoveryFooter(volume: Volume): Promise<bigint | undefined> {
  const last = volume.totalBlocks - 1n;
  if (last < BigInt(fixedTags.length) || last >= volume.fileBlocks) return undefined;
  const bytes = await volume.reader.read(last);
  const trailer = bytes && judgeTrailer(bytes);
  return trailer?.verified && trailer.tag === "SUPB" ? last : undefined;
}
