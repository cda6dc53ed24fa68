import { equalBytes } from "../base/bytes.ts";
import { minBigint } from "../base/units.ts";
import { readUpTo } from "../device/block-device.ts";
import { type EngineError, explain, isEngineError } from "../errors/engine-error.ts";
import { nameBlock } from "../volume/block-view.ts";
import type { Volume } from "../volume/volume.ts";
import { type OperationPlan, previewVolume } from "./operation.ts";

/** An operation that waits in a queue: how it is planned on whatever volume it meets, and the time that it is planned for. */
export interface QueuedOperation {
  now: bigint;
  plan(volume: Volume, now: bigint): Promise<OperationPlan>;
}

/** What became of one operation of a queue when the queue was planned. */
export type QueueOutcome =
  | { state: "planned"; plan: OperationPlan; before: Volume; after: Volume }
  /** It is refused on the volume as those before it leave it. */
  | { state: "failed"; error: EngineError }
  /** One before it failed. */
  | { state: "waiting" };

/** A queue planned on one volume: each operation on the volume as those before it leave it. */
export interface QueuePlan {
  before: Volume;
  /** The volume as all operations up to the first that failed leave it. */
  after: Volume;
  outcomes: QueueOutcome[];
}

/** Plans a queue; only reads. An operation that is refused is among the outcomes, and the ones behind it wait. */
export async function planQueue(volume: Volume, entries: readonly QueuedOperation[], signal?: AbortSignal): Promise<QueuePlan> {
  const outcomes: QueueOutcome[] = [];
  let before = volume;
  for (const entry of entries) {
    signal?.throwIfAborted();
    const failed = outcomes.some(({ state }) => state !== "planned");
    const outcome = failed ? { state: "waiting" as const } : await planOne(entry, before, entry.now);
    outcomes.push(outcome);
    if (outcome.state === "planned") before = outcome.after;
  }
  return { before: volume, after: before, outcomes };
}

async function planOne(entry: QueuedOperation, before: Volume, now: bigint): Promise<Exclude<QueueOutcome, { state: "waiting" }>> {
  try {
    const plan = await entry.plan(before, now);
    return { state: "planned", plan, before, after: await previewVolume(before, plan) };
  } catch (error) {
    if (!isEngineError(error)) throw error;
    return { state: "failed", error };
  }
}

/** The figures of a whole queue. */
export interface QueueTotals {
  /** Operations that were planned. */
  planned: number;
  transactions: number;
  /** Blocks that were in use and are rewritten, each counted once. */
  changedBlocks: number;
  /** Free blocks that are written. */
  writtenBlocks: bigint;
  worstCase: string;
  notUndone: string[];
}

/** What all planned operations of a queue write together, and the most that can be lost. */
export function totalsOf({ outcomes }: QueuePlan): QueueTotals {
  const plans = outcomes.flatMap((outcome) => (outcome.state === "planned" ? [outcome.plan] : []));
  const changes = plans.flatMap(({ steps }) => steps.map((step) => step.changes));
  const changedBlocks = new Set(changes.flatMap(({ images }) => images.map(({ block }) => block))).size;
  return {
    planned: plans.length,
    transactions: changes.length,
    changedBlocks,
    writtenBlocks: changes.flatMap(({ fresh }) => fresh).reduce((sum, { blockCount }) => sum + blockCount, 0n),
    worstCase: worstOf(plans, changedBlocks),
    notUndone: plans.flatMap(({ notUndone }) => (notUndone === undefined ? [] : [notUndone])),
  };
}

/** The sentence of each plan once; one for all where none of them can lose anything. */
function worstOf(plans: readonly OperationPlan[], changedBlocks: number): string {
  if (plans.length > 1 && plans.every(({ worstCase }) => worstCase.includes("you lose nothing")))
    return `If every change goes wrong in every way we know, you lose nothing: undo restores ${changedBlocks} blocks, one change after the other.`;
  return [...new Set(plans.map(({ worstCase }) => worstCase))].join(" ");
}

/**
 * Why two neighbours of a queue may not change places; undefined where they are independent. They are when both orders can be planned
 * and leave a volume of the same length with the same bytes in every block that any of the four plans writes, both planned for one and
 * the same time. The log is left out: it tells of the order by its nature. Every block that no plan writes is the same in both anyway, so
 * whatever stands behind the two in the queue finds the same volume.
 */
export async function whyOrderMatters(volume: Volume, first: QueuedOperation, second: QueuedOperation): Promise<string | undefined> {
  const now = first.now > second.now ? first.now : second.now;
  const inTurn = async (entries: readonly QueuedOperation[]) =>
    planQueue(
      volume,
      entries.map(({ plan }) => ({ now, plan })),
    );
  const stored = await inTurn([first, second]);
  // What cannot be planned in the present order has no result that another order could change.
  if (stored.outcomes.some(({ state }) => state !== "planned")) return undefined;
  const swapped = await inTurn([second, first]);
  for (const [index, outcome] of swapped.outcomes.entries()) {
    if (outcome.state !== "failed") continue;
    const { what } = explain(outcome.error.code, outcome.error.data as never);
    return index === 0 ? `the second one needs the first one to be done: ${what}` : `the first one cannot follow the second one: ${what}`;
  }
  return firstDifference(stored, swapped);
}

const comparedBytes = 1_048_576n;

async function firstDifference(a: QueuePlan, b: QueuePlan): Promise<string | undefined> {
  if (a.after.device.byteLength !== b.after.device.byteLength) return "the volume would have another length";
  const size = BigInt(a.before.blockBytes);
  for (const { start, end } of writtenRanges([a, b])) {
    for (let at = start * size; at < end * size; at += comparedBytes) {
      const byteLength = Number(minBigint(comparedBytes, end * size - at));
      const [ofA, ofB] = [await readUpTo(a.after.device, at, byteLength), await readUpTo(b.after.device, at, byteLength)];
      if (equalBytes(ofA, ofB)) continue;
      const index = ofA.findIndex((byte, offset) => byte !== ofB[offset]);
      const block = (at + BigInt(Math.max(index, 0))) / size;
      return `block ${block} (${nameBlock(a.after, a.after.judge(block, undefined))}) would hold something else`;
    }
  }
  return undefined;
}

/** Runs of blocks that the plans write, joined and ascending. */
function writtenRanges(queues: readonly QueuePlan[]): { start: bigint; end: bigint }[] {
  const runs = queues
    .flatMap(({ outcomes }) => outcomes.flatMap((outcome) => (outcome.state === "planned" ? outcome.plan.steps : [])))
    .flatMap(({ changes: { images, fresh, released = [] } }) => [
      ...images.map(({ block }) => ({ start: block, end: block + 1n })),
      ...[...fresh, ...released].map(({ block, blockCount }) => ({ start: block, end: block + blockCount })),
    ])
    .sort((x, y) => (x.start < y.start ? -1 : x.start > y.start ? 1 : 0));
  const joined: { start: bigint; end: bigint }[] = [];
  for (const run of runs) {
    const last = joined.at(-1);
    if (last && run.start <= last.end) last.end = run.end > last.end ? run.end : last.end;
    else joined.push({ ...run });
  }
  return joined;
}
