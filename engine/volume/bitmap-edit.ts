import { isAllZero } from "../base/bytes.ts";
import { maxBigint, minBigint } from "../base/units.ts";
import { EngineError } from "../errors/engine-error.ts";
import {
  bitsPerBitmapBlock,
  clearBits,
  countBits,
  findBit,
  isBitSet,
  judgeTrailer,
  sealBlock,
  setBits,
  trailerBytes,
} from "../format/core/index.ts";
import type { BlockRun } from "./bitmap.ts";
import type { Volume, VolumeRegion } from "./volume.ts";

/** A bitmap block that a change rewrites, under which reason. */
export interface RewrittenBitmapBlock {
  block: bigint;
  payload: Uint8Array;
  reason: string;
}

/** The bitmap as it is written anew elsewhere. */
export interface MovedBitmap extends BlockRun {
  image: (index: bigint) => Uint8Array;
}

interface HeldBlock {
  before: Uint8Array;
  payload: Uint8Array;
}

/** The allocation bitmap as one change leaves it: only blocks that are looked at are read, only those that differ are rewritten. Core reference 3, convention W5. */
export class BitmapEdit {
  readonly #volume: Volume;
  /** Whether a block may be rewritten that does not verify. */
  readonly #repairing: boolean;
  readonly #perBlock: bigint;
  /** By the bitmap's own index. */
  readonly #held = new Map<bigint, HeldBlock>();
  readonly #resealed = new Set<bigint>();
  #newPlace: BlockRun | undefined;

  constructor(volume: Volume, repairing: boolean) {
    this.#volume = volume;
    this.#repairing = repairing;
    this.#perBlock = BigInt(bitsPerBitmapBlock(volume.blockBytes));
  }

  /** Bitmap blocks that were looked at. */
  get held(): number {
    return this.#held.size;
  }

  /** Whether a block will be marked allocated. VOLUME_NEEDS_REPAIR, BLOCK_OUT_OF_RANGE. */
  async isAllocated(block: bigint): Promise<boolean> {
    const { payload, bit } = await this.#bitOf(block);
    return isBitSet(payload, bit);
  }

  /** The first block of `[start, end)` that is in use before the change. VOLUME_NEEDS_REPAIR, BLOCK_OUT_OF_RANGE. */
  async firstAllocated(start: bigint, end: bigint): Promise<bigint | undefined> {
    for (let at = start; at < end; ) {
      const { before, bit } = await this.#bitOf(at);
      const stop = Number(minBigint(end - at + BigInt(bit), this.#perBlock));
      const found = findBit(before, bit, stop, true);
      if (found < stop) return at + BigInt(found - bit);
      at += BigInt(stop - bit);
    }
    return undefined;
  }

  /** Sets or clears the bits of blocks. VOLUME_NEEDS_REPAIR, BLOCK_OUT_OF_RANGE. */
  async mark(startBlock: bigint, blockCount: bigint, allocated: boolean): Promise<void> {
    const end = startBlock + blockCount;
    for (let at = startBlock; at < end; ) {
      const { payload, bit } = await this.#bitOf(at);
      const stop = minBigint((at / this.#perBlock + 1n) * this.#perBlock, end);
      (allocated ? setBits : clearBits)(payload, bit, bit + Number(stop - at));
      at = stop;
    }
  }

  /** Writes a block of the bitmap under a new trailer even where none of its bits changes. */
  async reseal(bitmapBlock: bigint): Promise<void> {
    const index = bitmapBlock - this.#requireRegion().startBlock;
    await this.#bitOf(index * this.#perBlock);
    this.#resealed.add(index);
  }

  /**
   * Lets the bitmap lie in blocks that are free now, with so many blocks of its own: from here on it has bits for all of them. Throws a
   * TypeError for a place in use.
   */
  async relocate(place: BlockRun): Promise<void> {
    const { startBlock, blockCount } = this.#requireRegion();
    this.#newPlace = place;
    const inUse = await this.firstAllocated(place.startBlock, place.startBlock + place.blockCount);
    if (inUse !== undefined) throw new TypeError(`block ${inUse} is in use and cannot hold the bitmap`);
    await this.mark(startBlock, blockCount, false);
    await this.mark(place.startBlock, place.blockCount, true);
  }

  /** What to write where the volume becomes `totalBlocks` long, and how many blocks more are allocated then than before. */
  async finish(totalBlocks: bigint): Promise<{ rewritten: RewrittenBitmapBlock[]; moved: MovedBitmap | undefined; more: bigint }> {
    const first = this.#volume.findRegion("BMAP")?.startBlock ?? 0n;
    const rewritten: RewrittenBitmapBlock[] = [];
    let more = 0n;
    for (const [index, { before, payload }] of this.#held) {
      const isResealed = this.#resealed.has(index);
      if (isSame(before.subarray(0, -trailerBytes), payload.subarray(0, -trailerBytes)) && !isResealed) continue;
      // A change of the volume's length changes how many of the bits count.
      const counted = (bits: Uint8Array, total: bigint): number =>
        countBits(bits, 0, Number(minBigint(maxBigint(total - index * this.#perBlock, 0n), this.#perBlock)));
      const delta = counted(payload, totalBlocks) - counted(before, this.#volume.totalBlocks);
      more += BigInt(delta);
      if (!this.#newPlace) rewritten.push({ block: first + index, payload, reason: reasonOf(delta, isResealed) });
    }
    return { rewritten, moved: this.#newPlace && (await this.#movedTo(this.#newPlace)), more };
  }

  /** All blocks of the bitmap at its new place. Blocks without a set bit, as those behind the old end are, are one image. */
  async #movedTo(place: BlockRun): Promise<MovedBitmap> {
    const { blockCount } = this.#requireRegion();
    const empty = sealBlock(new Uint8Array(this.#volume.blockBytes), "BMAP", 1);
    const images = new Map<bigint, Uint8Array>();
    for (let index = 0n; index < minBigint(blockCount, place.blockCount); index++) {
      const { before, payload } = await this.#bitOf(index * this.#perBlock);
      images.set(index, sealBlock(payload.slice(), "BMAP", (judgeTrailer(before).generationNumber + 1) >>> 0));
    }
    for (const [index, { payload }] of this.#held) if (!images.has(index)) images.set(index, sealBlock(payload.slice(), "BMAP", 1));
    return { ...place, image: (index) => images.get(index) ?? empty };
  }

  #requireRegion(): VolumeRegion {
    const region = this.#volume.findRegion("BMAP");
    if (!region) throw new EngineError("VOLUME_NEEDS_REPAIR", { reason: "no table names an allocation bitmap" });
    return region;
  }

  async #bitOf(block: bigint): Promise<HeldBlock & { bit: number }> {
    const { startBlock, blockCount } = this.#requireRegion();
    const index = block / this.#perBlock;
    if (block < 0n || index >= maxBigint(blockCount, this.#newPlace?.blockCount ?? 0n))
      throw new EngineError("BLOCK_OUT_OF_RANGE", { block, count: 1n, blocks: this.#volume.totalBlocks });
    let held = this.#held.get(index);
    if (!held) {
      const stored = index < blockCount ? await this.#volume.requireBlock(startBlock + index) : new Uint8Array(this.#volume.blockBytes);
      // Sealing it again would make damage look sound.
      if (!this.#repairing && !isAllZero(stored) && !judgeTrailer(stored).verified)
        throw new EngineError("VOLUME_NEEDS_REPAIR", { reason: `block ${startBlock + index} of the allocation bitmap does not verify` });
      held = { before: stored.slice(), payload: stored.slice() };
      this.#held.set(index, held);
    }
    return { ...held, bit: Number(block % this.#perBlock) };
  }
}

function reasonOf(delta: number, isResealed: boolean): string {
  if (delta > 0) return `Mark ${delta} blocks allocated`;
  if (delta < 0) return `Mark ${-delta} blocks free`;
  return isResealed ? "Seal the bitmap" : "Move allocated blocks";
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
