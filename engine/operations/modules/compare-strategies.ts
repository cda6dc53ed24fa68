import { zeroGuid } from "../../base/guid.ts";
import { explain, isEngineError } from "../../errors/engine-error.ts";
import { logEntryOverhead, type ModuleDefinition } from "../../format/core/index.ts";
import { transactionBytes } from "../../journal/transaction.ts";
import type { Volume } from "../../volume/volume.ts";
import { addModule } from "../add-module.ts";
import { type CopyPlan, planCopyWithModule } from "../copy-with-module.ts";
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
const movesFirst =
  "Blocks in use at the end of the data region are copied to free blocks before anything else; the old ones stay until all owners point to the copies.";
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
    const row: Pick<ComparedStrategy, "strategy" | "title" | "risk" | "riskWhy"> = {
      strategy,
      title: titles[strategy],
      ...risks[strategy],
    };
    const crashPoints = [...(strategy === "copy" ? copyCrashes : inPlaceCrashes)];
    const plan = reasons.length > 0 ? undefined : await planned(volume, module, strategy, options);
    const all = typeof plan === "string" ? [plan] : reasons;
    const { movedFirst = false, ...cost } = plan !== undefined && typeof plan !== "string" ? plan : {};
    if (movedFirst) Object.assign(row, { risk: "low", riskWhy: movesFirst });
    if (movedFirst) crashPoints.push({ at: "between the steps: blocks have moved, the module is not there yet", leaves: "old" });
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

type Cost = Pick<ComparedStrategy, "blocksWritten" | "bytesWritten" | "logBytes" | "freeBlocksTaken" | "syncs" | "milliseconds"> & {
  /** Whether blocks in use are moved out of the way first. */
  movedFirst?: boolean;
};

/** What it costs, or why it cannot be done after all: a log that is too small shows only in a plan. */
async function planned(volume: Volume, module: ModuleDefinition, strategy: Strategy, options: PlanOptions): Promise<Cost | string> {
  try {
    if (strategy === "copy") return costOfCopy(volume, await planCopyWithModule(volume, { module: module.name, uuid: zeroGuid }, options));
    return costOf(await addModule.plan(volume, { module: module.name, strategy }, options));
  } catch (error) {
    if (isEngineError(error)) return explain(error.code, error.data).what;
    throw error;
  }
}

function costOfCopy({ blockBytes }: Volume, { copiedBytes, changedBytes, freeBlocks }: CopyPlan): Cost {
  const bytesWritten = copiedBytes + changedBytes;
  return {
    blocksWritten: bytesWritten / BigInt(blockBytes),
    bytesWritten,
    freeBlocksTaken: freeBlocks.before - freeBlocks.after,
    // Everything is read twice more: to copy it, and to hold the copy against it.
    milliseconds: Number((3n * bytesWritten) / bytesPerMillisecond),
  };
}

function costOf({ steps, blockBytes, freeBlocks }: OperationPlan): Cost {
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
    movedFirst: steps.length > 1,
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
