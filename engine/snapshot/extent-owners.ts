import { toIndex } from "../base/units.ts";

interface HeldExtent {
  start: number;
  count: number;
  /** Owners in all; of several tables only the weight is kept. */
  weight: number;
  /** The only table, -1 where there are several. */
  table: number;
  /** The table it was met in last: a table owns an extent once, however many of its inodes refer to it. */
  last: number;
  next: HeldExtent | undefined;
}

/** Lengths of extents that begin at one block: more are no volume's, and would make adding slow. Convention R7. */
const mostLengths = 64;

/**
 * Who owns which extent. Sharing is by identical extent (convention W16); extents that overlap others only in part count as shared.
 * A table stands for as many owners as its weight says: snapshots that were frozen into the same blocks share all of them.
 */
export class ExtentOwners {
  readonly #byStart = new Map<number, HeldExtent>();
  readonly #most: number;
  #distinct = 0;

  /** `most` bounds the distinct extents that are held. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Adds an extent of a table, of one block at least; `held` where the table has it already. */
  add(table: number, weight: number, startBlock: bigint, blockCount: number): "new" | "held" | "left-out" {
    const start = toIndex(startBlock);
    const first = this.#byStart.get(start);
    let lengths = 0;
    for (let held = first; held; held = held.next) {
      if (++lengths > mostLengths) return "left-out";
      if (held.count !== blockCount) continue;
      if (held.last === table) return "held";
      held.last = table;
      held.table = -1;
      held.weight += weight;
      return "new";
    }
    if (this.#distinct >= this.#most) return "left-out";
    this.#distinct++;
    this.#byStart.set(start, { start, count: blockCount, weight, table, last: table, next: first });
    return "new";
  }

  /** Blocks that each table owns alone; and how many extents overlap others only in part. */
  exclusive(tables: number): { blocks: bigint[]; overlapping: number } {
    const torn = new Set<HeldExtent>();
    let reach: HeldExtent | undefined;
    for (const extent of this.#inOrder()) {
      if (reach && extent.start < reach.start + reach.count) torn.add(reach).add(extent);
      if (!reach || extent.start + extent.count > reach.start + reach.count) reach = extent;
    }
    const sums = new Float64Array(tables);
    for (const extent of this.#inOrder())
      if (extent.table >= 0 && extent.weight === 1 && !torn.has(extent)) sums[extent.table] = (sums[extent.table] ?? 0) + extent.count;
    return { blocks: Array.from(sums, BigInt), overlapping: torn.size };
  }

  *#inOrder(): Generator<HeldExtent> {
    const starts = Float64Array.from(this.#byStart.keys()).sort();
    for (const start of starts) {
      const here: HeldExtent[] = [];
      for (let held = this.#byStart.get(start); held; held = held.next) here.push(held);
      yield* here.length > 1 ? here.sort((a, b) => a.count - b.count) : here;
    }
  }
}
