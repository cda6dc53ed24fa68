import { parentPort, workerData } from "node:worker_threads";
import type { RegionCase } from "./region-case.ts";
import { type FuzzOptions, fuzzRegions } from "./region-fuzz.ts";

/** What a thread is started with. */
export interface FuzzJob {
  seeds: RegionCase[];
  options: FuzzOptions;
}

const { seeds, options } = workerData as FuzzJob;
parentPort?.postMessage(fuzzRegions(seeds, options));
