/** Header of a delta file and of each extent in it. Source: operations reference 13.1. */
export const deltaHeaderBytes = 26;
export const deltaExtentBytes = 36;

/** Runs of consecutive tracked blocks, ascending. */
export interface DirtyRuns {
  starts: Uint32Array;
  counts: Uint32Array;
}

/** The runs of a list of ascending block indexes. */
export function dirtyRuns(blocks: readonly number[]): DirtyRuns {
  let runs = 0;
  for (let at = 0; at < blocks.length; at++) if (at === 0 || blocks[at] !== (blocks[at - 1] ?? 0) + 1) runs++;
  const starts = new Uint32Array(runs);
  const counts = new Uint32Array(runs);
  let run = -1;
  for (let at = 0; at < blocks.length; at++) {
    const block = blocks[at] ?? 0;
    if (at === 0 || block !== (blocks[at - 1] ?? 0) + 1) starts[++run] = block;
    counts[run] = (counts[run] ?? 0) + 1;
  }
  return { starts, counts };
}

/** Bytes of a delta that ships the runs, each as one extent: 26 + 36 per run + the blocks. Source: operations reference 13.1. */
export const bytesToShip = (runs: number, blocks: number, blockBytes: number): bigint =>
  BigInt(deltaHeaderBytes) + BigInt(deltaExtentBytes) * BigInt(runs) + BigInt(blocks) * BigInt(blockBytes);

export interface RunLengths {
  /** Shortest run of the class; the next class begins at twice as many blocks. The last class has no upper end. */
  from: number;
  runs: number;
  blocks: number;
}

const longestClass = 512;

/** How many runs there are of 1, 2 to 3, 4 to 7 … and of 512 blocks and more. */
export function runLengths({ counts }: DirtyRuns): RunLengths[] {
  const classes: RunLengths[] = [];
  for (let from = 1; from <= longestClass; from *= 2) classes.push({ from, runs: 0, blocks: 0 });
  for (const count of counts) {
    const held = classes[Math.min(classes.length - 1, 31 - Math.clz32(count))];
    if (!held) continue;
    held.runs++;
    held.blocks += count;
  }
  return classes;
}

/** Dirty blocks in each of at most `most` cells of equal length that cover the tracked blocks in order. */
export function dirtyCells(blocks: readonly number[], trackedBlocks: number, most: number): { blocksPerCell: number; cells: number[] } {
  const blocksPerCell = Math.max(1, Math.ceil(trackedBlocks / most));
  const cells = new Array<number>(Math.ceil(trackedBlocks / blocksPerCell)).fill(0);
  for (const block of blocks) {
    const cell = Math.floor(block / blocksPerCell);
    if (cell < cells.length) cells[cell] = (cells[cell] ?? 0) + 1;
  }
  return { blocksPerCell, cells };
}
