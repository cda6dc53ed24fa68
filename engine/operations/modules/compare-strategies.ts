import { zeroGuid } from "../../base/guid.ts";
import { explain, isEngineError } from "../../errors/engine-error.ts";
import { type InodeLayoutDescriptor, logEntryOverhead, type ModuleDefinition, modules, planInodeLayout } from "../../format/core/index.ts";
import { transactionBytes } from "../../journal/transaction.ts";
import type { Volume, VolumeRegion } from "../../volume/volume.ts";
import { addModule } from "../add-module.ts";
import { type CopyPlan, planCopyWithModule } from "../copy-with-module.ts";
import { type OperationPlan, type PlanOptions, previewVolume } from "../operation.ts";
import { encodeUndoBundle } from "../undo-bundle.ts";
import { type ModuleFacts, readModuleFacts } from "./facts.ts";
import { claimedLayout, manifestWith, reasonsAgainst, recommendedStrategy, type Strategy, strategies } from "./preflight.ts";

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
  /** What it does, in a few words. */
  does: string;
  worstCase: string;
  /** Blocks that are written where they belong: fresh ones and those that go through the log. */
  blocksWritten?: bigint;
  /** Of those, blocks that were free, and blocks that change where they are. */
  freshBlocks?: bigint;
  changedBlocks?: bigint;
  /** Inode records that are written anew; those that are there, where the table can be read. */
  inodesWritten?: number;
  inodesThere?: number;
  freeBlocksAfter?: bigint;
  /** Length of the undo bundle that applying it saves; 0 where none is needed. */
  undoBytes?: number;
  /** Length of the file that is made, for a copy. */
  byteLength?: bigint;
  /** Regions as they would be. */
  regions?: readonly VolumeRegion[];
  /** An inode record as it would be. */
  inodeRecord?: InodeRecordPart[];
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

/** A part of an inode record: the core, a module's field, the padding. */
export interface InodeRecordPart {
  label: string;
  /** The module whose field it is. */
  moduleId?: number | undefined;
  start: number;
  end: number;
}

/** Parts of an inode record by its layout. Core reference 6.1. */
export function inodeRecordParts({ coreFieldsEnd, inodeSize, paddingBytes, moduleFields }: InodeLayoutDescriptor): InodeRecordPart[] {
  const parts: InodeRecordPart[] = [{ label: "core fields", start: 0, end: coreFieldsEnd }];
  for (const { moduleId, fieldOffset, fieldSize } of moduleFields)
    parts.push({ label: modules[moduleId]?.abbreviation ?? `${moduleId}`, moduleId, start: fieldOffset, end: fieldOffset + fieldSize });
  if (paddingBytes > 0) parts.push({ label: "padding", start: inodeSize - paddingBytes, end: inodeSize });
  return parts;
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
    const row: Pick<ComparedStrategy, "strategy" | "title" | "risk" | "riskWhy" | "does" | "worstCase"> = {
      strategy,
      title: titles[strategy],
      ...risks[strategy],
      does: doesText(facts, module, strategy),
      worstCase: "",
    };
    const crashPoints = [...(strategy === "copy" ? copyCrashes : inPlaceCrashes)];
    const plan = reasons.length > 0 ? undefined : await planned(facts, module, strategy, options);
    const all = typeof plan === "string" ? [plan] : reasons;
    const { movedFirst = false, ...cost } = plan !== undefined && typeof plan !== "string" ? plan : {};
    if (movedFirst) Object.assign(row, { risk: "low", riskWhy: movesFirst });
    if (movedFirst) crashPoints.unshift({ at: "between the steps: blocks have moved, the module is not there yet", leaves: "old" });
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

type Cost = Partial<Omit<ComparedStrategy, "strategy" | "title" | "available" | "recommended" | "reasons" | "crashPoints">> & {
  /** Whether blocks in use are moved out of the way first. */
  movedFirst?: boolean;
};

function doesText({ inodes }: ModuleFacts, module: ModuleDefinition, strategy: Strategy): string {
  const count = module.regionNames.length;
  const regions = count === 0 ? "" : count === 1 ? "new region" : `${count} new regions`;
  const padding = typeof inodes === "string" ? undefined : inodes.descriptor.paddingBytes;
  const claim = `claims ${module.inodeBytes}${padding === undefined ? "" : ` of ${padding}`} padding bytes in every inode`;
  const words = {
    region: `${regions || "no region"}, cut from the end of the data region`,
    padding: [regions, claim].filter(Boolean).join("; "),
    migrate: [regions, "inode table rewritten in free blocks"].filter(Boolean).join("; "),
    copy: "new file; everything copied, every block keeps its number",
  };
  return words[strategy].replace(/^./, (first) => first.toUpperCase());
}

/** What it costs and comes to, or why it cannot be done after all: a log that is too small shows only in a plan. */
async function planned(facts: ModuleFacts, module: ModuleDefinition, strategy: Strategy, options: PlanOptions): Promise<Cost | string> {
  const { volume } = facts;
  const inodesThere = typeof facts.inodes === "string" ? undefined : facts.inodes.table.records.length;
  const record = recordAfter(facts, module, strategy);
  const common: Cost = { ...(inodesThere !== undefined && { inodesThere }), ...(record && { inodeRecord: record }) };
  const inodesWritten = strategy === "migrate" || strategy === "copy" ? (inodesThere ?? 0) : 0;
  try {
    if (strategy === "copy") {
      const copy = await planCopyWithModule(volume, { module: module.name, uuid: zeroGuid }, options);
      return { ...common, inodesWritten, ...costOfCopy(volume, copy) };
    }
    const plan = await addModule.plan(volume, { module: module.name, strategy }, options);
    const { regions } = await previewVolume(volume, plan);
    let undoBytes = 0;
    for await (const part of encodeUndoBundle(volume, plan, "", { signal: options.signal })) undoBytes += part.length;
    return { ...common, inodesWritten, ...costOf(plan), regions, undoBytes, worstCase: plan.worstCase };
  } catch (error) {
    if (isEngineError(error)) return explain(error.code, error.data).what;
    throw error;
  }
}

function recordAfter({ inodes, manifest }: ModuleFacts, module: ModuleDefinition, strategy: Strategy): InodeRecordPart[] | undefined {
  if (typeof inodes === "string") return undefined;
  if (strategy === "padding" || module.inodeBytes === 0) return inodeRecordParts(claimedLayout(inodes.descriptor, module));
  return inodeRecordParts(planInodeLayout(manifestWith(manifest, module)));
}

function costOfCopy({ blockBytes }: Volume, { copiedBytes, changedBytes, freeBlocks, byteLength, regions }: CopyPlan): Cost {
  const bytesWritten = copiedBytes + changedBytes;
  return {
    blocksWritten: bytesWritten / BigInt(blockBytes),
    freshBlocks: bytesWritten / BigInt(blockBytes),
    changedBlocks: 0n,
    bytesWritten,
    freeBlocksTaken: freeBlocks.before - freeBlocks.after,
    freeBlocksAfter: freeBlocks.after,
    // Everything is read twice more: to copy it, and to hold the copy against it.
    milliseconds: Number((3n * bytesWritten) / bytesPerMillisecond),
    byteLength,
    regions,
    undoBytes: 0,
    worstCase: "If this goes wrong in every way we know, you lose nothing: the volume is only read. Delete the copy.",
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
    freshBlocks: fresh,
    changedBlocks: images,
    bytesWritten,
    logBytes,
    freeBlocksTaken: freeBlocks.before - freeBlocks.after,
    freeBlocksAfter: freeBlocks.after,
    syncs,
    milliseconds: Number(bytesWritten / bytesPerMillisecond) + syncs * millisecondsPerSync,
  };
}
/** Log, commit marker, home blocks, completion marker, header. Operations reference 2.9. */
const syncsOfTransaction = 5;
