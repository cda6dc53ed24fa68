import { minBigint } from "../base/units.ts";
import { EngineError } from "../errors/engine-error.ts";
import type { BlockRun } from "../volume/bitmap.ts";
import { FreeSpace } from "../volume/free-space.ts";
import type { Volume } from "../volume/volume.ts";

const mostRuns = 4_000_000;

/**
 * Hands out free blocks of the data region, each once: the first run that is long enough, else the pieces that come first. What the same
 * plan frees is not handed out again, so that undoing one step never writes over what the step before it left.
 */
export class DataBlocks {
  readonly #runs: BlockRun[];
  readonly #blockBytes: number;
  #first = 0;
  #left: bigint;

  private constructor(runs: BlockRun[], blockBytes: number) {
    this.#runs = runs;
    this.#blockBytes = blockBytes;
    this.#left = runs.reduce((sum, run) => sum + run.blockCount, 0n);
  }

  /** Those before `before`, where it is given. VOLUME_NEEDS_REPAIR without a bitmap or a data region. */
  static async of(volume: Volume, signal?: AbortSignal, before?: bigint): Promise<DataBlocks> {
    const region = volume.dataRegion;
    if (!region) throw new EngineError("VOLUME_NEEDS_REPAIR", { reason: "no table names a data region" });
    const space = await FreeSpace.of(volume);
    const runs: BlockRun[] = [];
    const end = minBigint(region.startBlock + region.blockCount, before ?? volume.totalBlocks);
    for await (const run of space.runs(1n, { start: region.startBlock, end, signal })) {
      runs.push({ ...run });
      if (runs.length >= mostRuns) break;
    }
    return new DataBlocks(runs, volume.blockBytes);
  }

  /** Blocks that are left. */
  get left(): bigint {
    return this.#left;
  }

  /** Takes `blockCount` blocks in a row; undefined where no run is as long. */
  takeRun(blockCount: bigint): BlockRun | undefined {
    const run = this.#runs.find((each) => each.blockCount >= blockCount);
    if (!run) return undefined;
    this.#left -= blockCount;
    return cut(run, blockCount);
  }

  /** Takes `blockCount` blocks, ascending within each run. SPACE_NEEDED. */
  take(blockCount: bigint): BlockRun[] {
    if (blockCount > this.#left)
      throw new EngineError("SPACE_NEEDED", { needed: blockCount, free: this.#left, blockBytes: this.#blockBytes });
    while (this.#runs[this.#first]?.blockCount === 0n) this.#first++;
    const taken: BlockRun[] = [];
    let wanted = blockCount;
    for (let index = this.#first; wanted > 0n && index < this.#runs.length; index++) {
      const run = this.#runs[index];
      if (run && run.blockCount >= wanted) {
        taken.push(cut(run, wanted));
        wanted = 0n;
      }
    }
    for (let index = this.#first; wanted > 0n && index < this.#runs.length; index++) {
      const run = this.#runs[index];
      if (!run || run.blockCount === 0n) continue;
      const piece = cut(run, run.blockCount < wanted ? run.blockCount : wanted);
      taken.push(piece);
      wanted -= piece.blockCount;
    }
    this.#left -= blockCount;
    return taken;
  }
}

function cut(run: BlockRun, blockCount: bigint): BlockRun {
  const piece = { startBlock: run.startBlock, blockCount };
  run.startBlock += blockCount;
  run.blockCount -= blockCount;
  return piece;
}
