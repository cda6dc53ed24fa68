import { isAllZero } from "../base/bytes.ts";
import { minBigint } from "../base/units.ts";
import { EngineError } from "../errors/engine-error.ts";
import { bitsPerBitmapBlock, clearBits, countBits, findBit, isBitSet, judgeTrailer, setBits, trailerBytes } from "../format/core/index.ts";
import type { Volume, VolumeRegion } from "./volume.ts";

/** A bitmap block that a change rewrites, under which reason. */
export interface RewrittenBitmapBlock {
  block: bigint;
  payload: Uint8Array;
  reason: string;
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
  readonly #held = new Map<bigint, HeldBlock>();
  readonly #resealed = new Set<bigint>();

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
    await this.#bitOf((bitmapBlock - this.#requireRegion().startBlock) * this.#perBlock);
    this.#resealed.add(bitmapBlock);
  }

  /** The blocks to rewrite where the volume becomes `totalBlocks` long, and how many blocks more are allocated then than before. */
  finish(totalBlocks: bigint): { rewritten: RewrittenBitmapBlock[]; more: bigint } {
    const first = this.#volume.findRegion("BMAP")?.startBlock ?? 0n;
    const rewritten: RewrittenBitmapBlock[] = [];
    let more = 0n;
    for (const [block, { before, payload }] of this.#held) {
      const isResealed = this.#resealed.has(block);
      if (isSame(before.subarray(0, -trailerBytes), payload.subarray(0, -trailerBytes)) && !isResealed) continue;
      // A change of the volume's length changes how many of the bits count.
      const counted = (bits: Uint8Array, total: bigint): number => {
        const left = total - (block - first) * this.#perBlock;
        return countBits(bits, 0, left < 0n ? 0 : Number(minBigint(left, this.#perBlock)));
      };
      const delta = counted(payload, totalBlocks) - counted(before, this.#volume.totalBlocks);
      more += BigInt(delta);
      rewritten.push({ block, payload, reason: reasonOf(delta, isResealed) });
    }
    return { rewritten, more };
  }

  #requireRegion(): VolumeRegion {
    const region = this.#volume.findRegion("BMAP");
    if (!region) throw new EngineError("VOLUME_NEEDS_REPAIR", { reason: "no table names an allocation bitmap" });
    return region;
  }

  async #bitOf(block: bigint): Promise<HeldBlock & { bit: number }> {
    const region = this.#requireRegion();
    const at = region.startBlock + block / this.#perBlock;
    if (block < 0n || at >= region.startBlock + region.blockCount)
      throw new EngineError("BLOCK_OUT_OF_RANGE", { block, count: 1n, blocks: this.#volume.totalBlocks });
    let held = this.#held.get(at);
    if (!held) {
      const stored = await this.#volume.requireBlock(at);
      // Sealing it again would make damage look sound.
      if (!this.#repairing && !isAllZero(stored) && !judgeTrailer(stored).verified)
        throw new EngineError("VOLUME_NEEDS_REPAIR", { reason: `block ${at} of the allocation bitmap does not verify` });
      held = { before: stored.slice(), payload: stored.slice() };
      this.#held.set(at, held);
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
