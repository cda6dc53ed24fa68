import { maxBigint, minBigint } from "../../base/units.ts";
import { EngineError } from "../../errors/engine-error.ts";
import { extentFlag, type InodeExtent } from "../../format/core/index.ts";
import type { BlockRun } from "../../volume/bitmap.ts";
import { isHole } from "../../volume/extents.ts";
import type { DataBlocks } from "../data-blocks.ts";

/** Blocks in use that must move. */
export interface Move extends BlockRun {
  /** `part`: plain content, which may be cut; `whole`: what lies in one piece; `indirect`: a block that is written anew instead. */
  kind: "part" | "whole" | "indirect";
  noun: string;
  /** Where it goes, in order. */
  to: BlockRun[];
}

const endOf = ({ startBlock, blockCount }: BlockRun): bigint => startBlock + blockCount;
const refuse = (reason: string) => new EngineError("CHANGE_NOT_POSSIBLE", { change: "Where blocks in use lie", reasons: [reason] });

/** Flags that say nothing about the bytes of an extent: one with others is compressed, encrypted or striped as a whole. Core reference 6.6. */
const plainFlags = extentFlag.sharedCow;

/** What owners claim of the way, collected and then placed. Sharing is by identical run (convention W16); a block with two other owners is refused. */
export class Moves {
  readonly #way: { start: bigint; end: bigint };
  readonly #dataStart: bigint;
  readonly #claims = new Map<string, Move>();
  #moves: Move[] = [];

  constructor(dataStart: bigint, way: { start: bigint; end: bigint }) {
    this.#dataStart = dataStart;
    this.#way = way;
  }

  /** The moves that are placed, ascending. */
  get all(): readonly Move[] {
    return this.#moves;
  }

  /** Whether a run reaches into the way. */
  touches({ startBlock, blockCount }: BlockRun): boolean {
    return blockCount > 0n && startBlock < this.#way.end && startBlock + blockCount > this.#way.start;
  }

  /** Claims what of an extent is in the way; gives whether anything is. */
  claimExtent(extent: InodeExtent): boolean {
    const run = { startBlock: extent.startBlock, blockCount: BigInt(extent.blockCount) };
    if (isHole(extent) || !this.touches(run)) return false;
    const isPlain = (extent.flags & ~plainFlags) === 0;
    const startBlock = isPlain ? maxBigint(run.startBlock, this.#way.start) : run.startBlock;
    this.#claim({ startBlock, blockCount: endOf(run) - startBlock }, isPlain ? "part" : "whole", "an encoded extent");
    return true;
  }

  /** Claims a run that lies in one piece, or a block of indirect extents; gives whether it is in the way. */
  claimRun(run: BlockRun, kind: "whole" | "indirect", noun: string): boolean {
    if (!this.touches(run)) return false;
    this.#claim(run, kind, noun);
    return true;
  }

  #claim({ startBlock, blockCount }: BlockRun, kind: Move["kind"], noun: string): void {
    if (startBlock < this.#dataStart || startBlock + blockCount > this.#way.end)
      throw refuse(`${noun} from block ${startBlock} on reaches out of the data region`);
    const key = `${startBlock} ${blockCount}`;
    const held = this.#claims.get(key);
    if (held && held.kind !== kind) throw refuse(`block ${startBlock} has two owners that do not share it`);
    if (!held) this.#claims.set(key, { startBlock, blockCount, kind, noun, to: [] });
  }

  /** Gives every claim its place in free blocks; what lies in one piece first. SPACE_NEEDED, CHANGE_NOT_POSSIBLE. */
  place(blocks: DataBlocks): void {
    this.#moves = [];
    for (const claim of [...this.#claims.values()].sort((a, b) => (a.startBlock < b.startBlock ? -1 : 1))) {
      const last = this.#moves.at(-1);
      if (!last || claim.startBlock >= endOf(last)) {
        this.#moves.push(claim);
        continue;
      }
      if (last.kind !== "part" || claim.kind !== "part") throw refuse(`block ${claim.startBlock} has two owners that do not share it`);
      last.blockCount = maxBigint(endOf(last), endOf(claim)) - last.startBlock;
    }
    const bySize = this.#moves.toSorted((a, b) => (a.blockCount > b.blockCount ? -1 : a.blockCount < b.blockCount ? 1 : 0));
    for (const move of bySize) {
      if (move.kind !== "whole") continue;
      const run = blocks.takeRun(move.blockCount);
      if (!run)
        throw refuse(
          `${move.noun} from block ${move.startBlock} on must move in one piece, and nowhere before it are ${move.blockCount} free blocks in a row`,
        );
      move.to = [run];
    }
    for (const move of bySize) if (move.kind === "part") move.to = blocks.take(move.blockCount);
  }

  /** The moves that take blocks of a run along. */
  of(run: BlockRun): Move[] {
    let [low, high] = [0, this.#moves.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const move = this.#moves[middle];
      if (move && endOf(move) <= run.startBlock) low = middle + 1;
      else high = middle;
    }
    const found: Move[] = [];
    for (let index = low; index < this.#moves.length; index++) {
      const move = this.#moves[index];
      if (!move || move.startBlock >= endOf(run)) break;
      found.push(move);
    }
    return found;
  }

  /** Where a run lies once all is moved: its pieces in order. */
  placesOf(run: BlockRun): BlockRun[] {
    const places: BlockRun[] = [];
    const add = (startBlock: bigint, blockCount: bigint) => {
      const last = places.at(-1);
      if (last && endOf(last) === startBlock) last.blockCount += blockCount;
      else if (blockCount > 0n) places.push({ startBlock, blockCount });
    };
    let at = run.startBlock;
    for (const move of this.of(run)) {
      if (move.startBlock > at) add(at, move.startBlock - at);
      at = maxBigint(at, move.startBlock);
      const stop = minBigint(endOf(move), endOf(run));
      let piece = move.startBlock;
      for (const to of move.to) {
        const [from, until] = [maxBigint(piece, at), minBigint(piece + to.blockCount, stop)];
        if (from < until) add(to.startBlock + (from - piece), until - from);
        piece += to.blockCount;
      }
      at = stop;
    }
    if (at < endOf(run)) add(at, endOf(run) - at);
    return places;
  }

  /** The same content in extents that name its new places. */
  extents(extents: readonly InodeExtent[], blockBytes: bigint): InodeExtent[] {
    return extents.flatMap((extent) => {
      const run = { startBlock: extent.startBlock, blockCount: BigInt(extent.blockCount) };
      if (isHole(extent) || !this.touches(run)) return [extent];
      let logicalOffset = extent.logicalOffset;
      return this.placesOf(run).map(({ startBlock, blockCount }) => {
        const piece = { ...extent, startBlock, blockCount: Number(blockCount), logicalOffset };
        logicalOffset += blockCount * blockBytes;
        return piece;
      });
    });
  }
}
