import { explain, isEngineError } from "../../errors/engine-error.ts";
import { logEntryOverhead, type ModuleDefinition } from "../../format/core/index.ts";
import { transactionBytes } from "../../journal/transaction.ts";
import type { Volume } from "../../volume/volume.ts";
import { addModule } from "../add-module.ts";
import type { OperationPlan, PlanOptions } from "../operation.ts";
import { readModuleFacts } from "./facts.ts";
import { reasonsAgainst, recommendedStrategy, type Strategy, strategies } from "./preflight.ts";

/** Where power can fail, and what is there afterwards. */
export interface CrashPoint {
  at: string;
  leaves: "old" | "new";
}

/** One way to add a module to one volume, with what it costs there. */
export interface ComparedStrategy {
  strategy: Strategy;
  title: string;
  available: boolean;
  recommended: boolean;
  /** Why it is not available. */
  reasons: string[];
  risk: "none" | "low" | "medium";
  riskWhy: string;
  /** Blocks that are written where they belong: fresh ones and those that go through the log. */
  blocksWritten?: bigint;
  /** All bytes that are written, the log's included. */
  bytesWritten?: bigint;
  /** Of those, bytes that pass through the log. */
  logBytes?: bigint;
  /** Blocks that are free no longer; below 0 where more become free. */
  freeBlocksTaken?: bigint;
  /** How often the medium is asked to make sure of what was written. */
  syncs?: number;
  /** A guess from bytes and syncs. */
  milliseconds?: number;
  crashPoints: CrashPoint[];
}

const titles: Readonly<Record<Strategy, string>> = {
  region: "Regions only",
  padding: "Padding claim",
  migrate: "Inode migration",
  copy: "Copy to a new volume",
};
const risks: Readonly<Record<Strategy, Pick<ComparedStrategy, "risk" | "riskWhy">>> = {
  region: { risk: "low", riskWhy: "The data region becomes shorter by free blocks; no file is touched." },
  padding: { risk: "none", riskWhy: "No inode is written; only the descriptor says what their padding means." },
  migrate: { risk: "low", riskWhy: "Every inode is written anew, into free blocks; the old table stays until the new one is complete." },
  copy: { risk: "medium", riskWhy: "The volume is only read; the copy needs as much room again and gets another id." },
};
const inPlaceCrashes: readonly CrashPoint[] = [
  { at: "while free blocks are prepared", leaves: "old" },
  { at: "while the log is written", leaves: "old" },
  { at: "while the commit marker is written", leaves: "old" },
  { at: "after the commit marker, while blocks are written home", leaves: "new" },
  { at: "while the log is closed", leaves: "new" },
];
const copyCrashes: readonly CrashPoint[] = [
  { at: "while the copy is written under a temporary name", leaves: "old" },
  { at: "after the copy was renamed", leaves: "new" },
];

/** Guesses for a slow medium: nothing depends on them. */
const bytesPerMillisecond = 50_000n;
const millisecondsPerSync = 20;

/**
 * The four ways to add a module, compared on this very volume: each that is open is planned, so that its figures are exact. Only reads.
 * Operations reference 4.1.
 */
export async function compareStrategies(volume: Volume, module: ModuleDefinition, options: PlanOptions): Promise<ComparedStrategy[]> {
  const facts = await readModuleFacts(volume, options.signal);
  const recommended = recommendedStrategy(facts, module);
  const compared: ComparedStrategy[] = [];
  for (const strategy of strategies) {
    const reasons = reasonsAgainst(facts, module, strategy);
    const row = { strategy, title: titles[strategy], ...risks[strategy] };
    const crashPoints = [...(strategy === "copy" ? copyCrashes : inPlaceCrashes)];
    if (strategy === "copy") {
      const cost = { blocksWritten: volume.fileBlocks, bytesWritten: volume.fileBlocks * BigInt(volume.blockBytes), freeBlocksTaken: 0n };
      compared.push({
        ...row,
        available: reasons.length === 0,
        recommended: false,
        reasons,
        crashPoints,
        ...(reasons.length === 0 && cost),
      });
      continue;
    }
    const plan = reasons.length > 0 ? undefined : await planned(volume, module, strategy, options);
    const all = typeof plan === "string" ? [plan] : reasons;
    const cost = plan !== undefined && typeof plan !== "string" ? costOf(plan) : {};
    compared.push({
      ...row,
      available: all.length === 0,
      recommended: all.length === 0 && strategy === recommended,
      reasons: all,
      crashPoints,
      ...cost,
    });
  }
  return compared;
}

/** The plan, or why there is none after all: a log that is too small shows only there. */
async function planned(
  volume: Volume,
  module: ModuleDefinition,
  strategy: Exclude<Strategy, "copy">,
  options: PlanOptions,
): Promise<OperationPlan | string> {
  try {
    return await addModule.plan(volume, { module: module.name, strategy }, options);
  } catch (error) {
    if (isEngineError(error)) return explain(error.code, error.data).what;
    throw error;
  }
}

function costOf({ steps, blockBytes, freeBlocks }: OperationPlan): Partial<ComparedStrategy> {
  let [fresh, images, logBytes, syncs] = [0n, 0n, 0n, 0];
  for (const { changes } of steps) {
    for (const run of changes.fresh) fresh += run.blockCount;
    images += BigInt(changes.images.length);
    // The header moves on, and the completion marker clears the head of an entry behind it.
    logBytes += transactionBytes(changes.images.length, blockBytes) + BigInt(blockBytes + logEntryOverhead);
    syncs += changes.fresh.length > 0 ? syncsOfTransaction + 1 : syncsOfTransaction;
  }
  const bytesWritten = (fresh + images) * BigInt(blockBytes) + logBytes;
  return {
    blocksWritten: fresh + images,
    bytesWritten,
    logBytes,
    freeBlocksTaken: freeBlocks.before - freeBlocks.after,
    syncs,
    milliseconds: Number(bytesWritten / bytesPerMillisecond) + syncs * millisecondsPerSync,
  };
}
/** Log, commit marker, home blocks, completion marker, header. Operations reference 2.9. */
const syncsOfTransaction = 5;
