import { Worker } from "node:worker_threads";
import { prepareSourceThread } from "../../base/source-thread.ts";
import type { RegionCase } from "./region-case.ts";
import type { FuzzOptions, FuzzResult } from "./region-fuzz.ts";
import type { FuzzJob } from "./region-worker.ts";

/** Fuzzes regions in so many threads, each with a seed of its own, and adds up what they did. A thread that dies is an error. */
export async function fuzzInThreads(seeds: RegionCase[], threads: number, { seed, blocks, ms }: FuzzOptions): Promise<FuzzResult> {
  const share = blocks === undefined ? {} : { blocks: Math.ceil(blocks / threads) };
  const results = await Promise.all(
    Array.from({ length: threads }, (_, thread) =>
      runThread({ seeds, options: { seed: seed + thread, ...share, ...(ms !== undefined && { ms }) } }),
    ),
  );
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  return {
    blocks: sum(results.map((result) => result.blocks)),
    cases: sum(results.map((result) => result.cases)),
    blocksOfKind: Object.fromEntries(
      [...new Set(seeds.map(({ kind }) => kind))].map((kind) => [kind, sum(results.map(({ blocksOfKind }) => blocksOfKind[kind] ?? 0))]),
    ),
    found: results.flatMap(({ found }) => found),
  };
}

const runThread = (job: FuzzJob): Promise<FuzzResult> =>
  new Promise((resolve, reject) => {
    prepareSourceThread();
    const worker = new Worker(new URL("./region-worker.ts", import.meta.url), { workerData: job });
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`a fuzzing thread ended with code ${code}`)));
  });
