import { countBits } from "../format/core/index.ts";

/** Buffers of a pyramid: shared memory, so that a worker may fill what the host reads. */
export interface PyramidMemory {
  totalBlocks: bigint;
  levels: SharedArrayBuffer[];
  progress: SharedArrayBuffer;
}

/** Lowest level that is kept; those below are counted from the bitmap itself. */
export const lowestKeptLevel = 4;
/** The most blocks a pyramid is made for: 110 MiB of counts. */
export const mostPyramidBlocks = 2n ** 33n;
const cellsPerTile = 65_536;
const shiftOf = (level: number): bigint => BigInt(2 * level);

/** Allocated blocks counted over 4^level consecutive blocks, for every level from 4 up. Level 4 counts in 16 bits, the others in 64-bit floats, exact to 2^53. */
export class BitmapPyramid {
  readonly memory: PyramidMemory;
  readonly levels: number;
  readonly totalBlocks: bigint;
  readonly #counts: (Uint16Array | Float64Array)[];
  readonly #progress: BigInt64Array;

  constructor(source: bigint | PyramidMemory) {
    this.memory = typeof source === "bigint" ? allocate(source) : source;
    this.totalBlocks = this.memory.totalBlocks;
    this.#counts = this.memory.levels.map((buffer, index) => (index === 0 ? new Uint16Array(buffer) : new Float64Array(buffer)));
    this.#progress = new BigInt64Array(this.memory.progress);
    this.levels = levelCount(this.totalBlocks);
  }

  /** Blocks whose bits were counted so far, from block 0. */
  get counted(): bigint {
    return Atomics.load(this.#progress, 0);
  }
  get allocated(): bigint {
    return Atomics.load(this.#progress, 1);
  }

  /** Counts the bits of a bitmap block's payload whose first bit stands for `firstBlock`. Payloads come in ascending order, each once. */
  add(firstBlock: bigint, payload: Uint8Array): void {
    const bits = payload.length * 8;
    const left = this.totalBlocks - firstBlock;
    const end = left < BigInt(bits) ? Number(left) : bits;
    let sum = 0;
    for (let at = 0; at < end; ) {
      const cell = Number((firstBlock + BigInt(at)) >> shiftOf(lowestKeptLevel));
      const next = Math.min(end, Number(BigInt(cell + 1) * 256n - firstBlock));
      const count = countBits(payload, at, next);
      if (count > 0) this.#count(cell, count);
      sum += count;
      at = next;
    }
    Atomics.add(this.#progress, 1, BigInt(sum));
    this.markCounted(firstBlock + BigInt(Math.max(0, end)));
  }

  /** Everything before `block` is counted: what lies in holes is free. */
  markCounted(block: bigint): void {
    const reached = block < this.totalBlocks ? block : this.totalBlocks;
    if (reached > this.counted) Atomics.store(this.#progress, 0, reached);
  }

  #count(cell: number, count: number): void {
    let index = cell;
    for (const counts of this.#counts) {
      counts[index] = (counts[index] ?? 0) + count;
      index = Math.floor(index / 4);
    }
  }

  /** Shades of tile `index` of a kept level, 65 536 cells: 0 all free, 255 all allocated, never rounded to an end. */
  tile(level: number, index: bigint): Uint8Array {
    const counts = this.#counts[level - lowestKeptLevel];
    const cells = new Uint8Array(cellsPerTile);
    const first = index * BigInt(cellsPerTile);
    if (!counts || first >= BigInt(counts.length)) return cells;
    const start = Number(first);
    const whole = 4 ** level;
    for (let cell = 0; cell < cellsPerTile && start + cell < counts.length; cell++) {
      const left = this.totalBlocks - BigInt(start + cell) * BigInt(whole);
      cells[cell] = shade(counts[start + cell] ?? 0, left < BigInt(whole) ? Number(left) : whole);
    }
    return cells;
  }
}

/** 0 for none, 255 for all, 1 to 254 in between. */
export function shade(count: number, of: number): number {
  if (count <= 0) return 0;
  if (count >= of) return 255;
  return 1 + Math.floor(((count - 1) * 254) / Math.max(1, of - 1));
}

/** Levels from single blocks up to one cell for all of them. */
export function levelCount(totalBlocks: bigint): number {
  let levels = 1;
  while (1n << shiftOf(levels - 1) < totalBlocks) levels++;
  return levels;
}

function allocate(totalBlocks: bigint): PyramidMemory {
  const levels: SharedArrayBuffer[] = [];
  const top = Math.max(levelCount(totalBlocks), lowestKeptLevel + 1);
  for (let level = lowestKeptLevel; level < top; level++) {
    const cells = Number((totalBlocks + (1n << shiftOf(level)) - 1n) >> shiftOf(level));
    levels.push(new SharedArrayBuffer(cells * (level === lowestKeptLevel ? 2 : 8)));
  }
  return { totalBlocks, levels, progress: new SharedArrayBuffer(16) };
}
