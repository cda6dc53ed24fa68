import { concatBytes, equalBytes, toHex } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { type Json, toJson } from "../base/json.ts";
import type { BlockDevice } from "../device/block-device.ts";
import { OverlayDevice } from "../device/overlay-device.ts";
import { EngineError } from "../errors/engine-error.ts";
import { superblock } from "../format/core/index.ts";
import { commitTransaction, type TransactionPhase } from "../journal/transaction.ts";
import { AllocationBitmap } from "../volume/bitmap.ts";
import { headerSealHolds } from "../volume/header-seal.ts";
import { openVolume } from "../volume/open.ts";
import type { Volume } from "../volume/volume.ts";
import { assertNoPreamble, type ChangeSet, VolumeEdit } from "../volume/volume-edit.ts";
import { EarlyContent, hashOfRun, piecesOf } from "./fresh-content.ts";
import { PlannedDevice } from "./planned-device.ts";

/** One transaction of an operation, and what it does in a sentence. */
export interface PlanStep {
  title: string;
  changes: ChangeSet;
  /** Time of the change where it is not the plan's, in ticks. */
  now?: bigint | undefined;
  /** Length of the file once the step is done, where it changes in the midst of the plan. */
  byteLength?: bigint | undefined;
}

/** What an operation works out before anything is written. */
export interface PlanDraft {
  /** What planning again needs, where that is not the inputs as they are. */
  describedInputs?: Json | undefined;
  /** What will happen, in sentences that begin with a verb. */
  sentences: string[];
  steps: PlanStep[];
  warnings: string[];
  /** The most that can be lost, in one sentence with a bound. */
  worstCase: string;
  /** What undoing it would not bring back; undefined where it brings back everything. */
  notUndone?: string | undefined;
  /**
   * Blocks that are written before anything else, each synced before the next: a superblock or tables of which no copy holds, without which
   * there is no log to write the rest through. A crash between leaves some lost and some there, and the same repair finds the rest.
   */
  foundation?: { block: bigint; image: Uint8Array }[] | undefined;
  /** Length of the file afterwards, where it changes. */
  byteLength?: bigint | undefined;
}

export interface PlanOptions {
  /** Time of the change in ticks: part of the inputs, so that the same inputs give the same plan. */
  now: bigint;
  sealKey?: Uint8Array | undefined;
  clearSeal?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** An operation as it was planned on one volume: what a preview shows, and all that applying it may write. */
export interface OperationPlan extends PlanDraft {
  operation: string;
  /** Everything that planning again needs, time and ids included. */
  inputs: Json;
  volumeId: string;
  /** CheckpointSequence that the plan was made on. */
  sequence: bigint;
  blockBytes: number;
  freeBlocks: { before: bigint; after: bigint };
  /** Blocks in use that it frees and writes over. An undo bundle does not hold them: with any, it cannot be undone. */
  freedBlocks: bigint;
  planId: string;
}

export interface Operation<Inputs> {
  readonly name: string;
  /** Only reads. Throws an EngineError where a precondition does not hold. */
  plan(volume: Volume, inputs: Inputs, options: PlanOptions): Promise<OperationPlan>;
}

/** Declares an operation. It only plans; applying, undoing, logging and showing are the same for all. */
export function defineOperation<Inputs extends object>(
  name: string,
  draft: (volume: Volume, inputs: Inputs, options: PlanOptions) => Promise<PlanDraft>,
): Operation<Inputs> {
  return {
    name,
    async plan(volume, inputs, options) {
      const { describedInputs, ...drafted } = await draft(volume, inputs, options);
      const last = drafted.steps.at(-1)?.changes.freeBlocks.after;
      const before = volume.superblock?.freeBlocks ?? 0n;
      // A seal that no key at hand gives may be stale, as the SDK leaves it, or another key's: only the user knows.
      const isOtherKey = drafted.steps.length > 0 && options.sealKey !== undefined && headerSealHolds(volume, options.sealKey) === false;
      const freedBlocks = await countFreed(volume, drafted.steps, options.signal);
      const plan = {
        ...drafted,
        warnings: [...(isOtherKey ? [otherKey] : []), ...drafted.warnings, ...(freedBlocks > 0n ? [isFinal] : [])],
        ...(freedBlocks > 0n && { notUndone: `the content of ${freedBlocks} ${freedBlocks === 1n ? "block" : "blocks"} that it frees` }),
        operation: name,
        inputs: { ...((describedInputs ?? toJson(inputs)) as { [key: string]: Json }), now: toJson(options.now) },
        volumeId: volume.superblock?.volumeUuid ?? "",
        sequence: volume.superblock?.checkpointSequence ?? 0n,
        blockBytes: volume.blockBytes,
        freeBlocks: { before, after: last ?? before },
        freedBlocks,
      };
      return { ...plan, planId: await planIdOf(plan) };
    },
  };
}

const otherKey =
  "The key does not give the header seal that is stored: either that seal was stale already, or it is another key. The header is sealed with the key that was given.";

const isFinal = "This cannot be undone itself: the content that it frees is not kept.";

async function countFreed(volume: Volume, steps: readonly PlanStep[], signal?: AbortSignal): Promise<bigint> {
  const bitmap = AllocationBitmap.of(volume);
  let freed = 0n;
  for (const { block, blockCount } of steps.flatMap(({ changes }) => changes.released ?? []))
    freed += bitmap ? await bitmap.countAllocated(block, block + blockCount, signal) : blockCount;
  return freed;
}

/** A change of one transaction: `change` says what becomes of the volume. */
export async function singleStep(
  volume: Volume,
  title: string,
  { now, sealKey, clearSeal }: PlanOptions,
  change: (edit: VolumeEdit) => Promise<void> | void,
): Promise<PlanStep> {
  const edit = await VolumeEdit.begin(volume);
  await change(edit);
  return { title, changes: await edit.finish({ now, sealKey, clearSeal }) };
}

/** SHA-256 as the plan document has it. */
export const sha256Text = (bytes: Uint8Array): string => toHex(checksum.sha256(bytes));

async function planIdOf(plan: Omit<OperationPlan, "planId">): Promise<string> {
  const parts = plan.steps.flatMap(({ changes }) =>
    changes.images.flatMap(({ before, after }) => [checksum.sha256(before), checksum.sha256(after)]),
  );
  const words = new TextEncoder().encode(JSON.stringify([plan.operation, plan.inputs, plan.volumeId, `${plan.sequence}`]));
  return sha256Text(concatBytes([words, ...parts])).slice(0, 32);
}

/** The volume as a plan would leave it, on a layer in memory; the volume's own device is only read, and content of free blocks is read from its source as it is asked for. */
export async function previewVolume(volume: Volume, plan: Pick<OperationPlan, "steps" | "byteLength">): Promise<Volume> {
  const blockBytes = volume.blockBytes;
  const overlay = new OverlayDevice(volume.device);
  if (plan.byteLength !== undefined) await overlay.resize(plan.byteLength);
  const planned = new PlannedDevice(overlay, blockBytes);
  for (const { changes } of plan.steps) planned.layOver(changes);
  return openVolume(planned, { name: volume.name });
}

/** The next step of an operation is planned on the volume as the steps before it leave it. */
export const afterSteps = (volume: Volume, steps: readonly PlanStep[], byteLength?: bigint): Promise<Volume> =>
  previewVolume(volume, { steps: [...steps], byteLength });

export interface ApplyOptions {
  /** Takes the undo bundle before anything is committed; gives where it is. Convention W9. */
  saveUndo?: ((volume: Volume, plan: OperationPlan, options: BundleOptions) => Promise<string>) | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: { phase: string; done: number; total: number; unit: "blocks" }) => void) | undefined;
  /** Told once a step is whole on the device, before the next begins. */
  onStep?: ((step: PlanStep) => Promise<void>) | undefined;
  /** Told at each border of the write protocol. */
  onPhase?: ((phase: TransactionPhase, step: number) => void) | undefined;
}

/** What making an undo bundle is handed. */
export interface BundleOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ApplyOptions["onProgress"];
  /** Takes content of free blocks that hold zeros, to be written with the bundle: see `EarlyContent`. */
  content?: Pick<EarlyContent, "write"> | undefined;
}

export interface Applied {
  operation: string;
  blocksWritten: bigint;
  undoBundle: string | undefined;
  verified: true;
  summary: string;
}

/**
 * Carries out a plan on the device of the volume it was made on. PLAN_STALE where a block is not what the plan saw, before anything is
 * written; VOLUME_READ_ONLY; then what `commitTransaction` throws. Cancelling before the first commit leaves the volume as it was, later whole steps.
 */
export async function applyPlan(device: BlockDevice, plan: OperationPlan, options: ApplyOptions = {}): Promise<Applied> {
  const { signal, onProgress, onPhase, onStep, saveUndo } = options;
  const before = await openVolume(device);
  assertNoPreamble(before);
  await assertFresh(before, plan);
  const content = new EarlyContent(device, before, plan.steps);
  const undoBundle = await saveUndo?.(before, plan, { signal, onProgress, content });
  await content.settle();
  const total = blocksOf(plan);
  let done = 0;
  const resize = async (byteLength: bigint) => {
    await device.resize(byteLength);
    await device.sync();
  };
  if (plan.byteLength !== undefined && plan.byteLength > device.byteLength) await resize(plan.byteLength);
  for (const { block, image } of plan.foundation ?? []) {
    await device.write(block * BigInt(plan.blockBytes), image);
    await device.sync();
  }
  for (const [step, current] of plan.steps.entries()) {
    const { title, changes, byteLength } = current;
    signal?.throwIfAborted();
    if (byteLength !== undefined && byteLength > device.byteLength) await resize(byteLength);
    const volume = step === 0 && !plan.foundation ? before : await openVolume(device);
    const { log } = await VolumeEdit.begin(volume, { repairing: true });
    const size = BigInt(plan.blockBytes);
    const report = (blocks = 1) => {
      done += blocks;
      onProgress?.({ phase: title, done, total, unit: "blocks" });
    };
    await commitTransaction(
      device,
      log,
      changes.images.map(({ block, after }) => ({ targetBlock: block, image: after })),
      {
        now: current.now ?? nowOf(plan),
        witness: witnessOf(changes),
        signal,
        onPhase: (phase) => onPhase?.(phase, step),
        ...(changes.fresh.length > 0 && {
          prepare: async () => {
            for (const run of changes.fresh) {
              let left = Number(run.blockCount);
              for await (const { block, bytes } of piecesOf(run, plan.blockBytes, (first) => content.isWritten(step, first))) {
                signal?.throwIfAborted();
                await device.write(block * size, bytes);
                left -= bytes.length / plan.blockBytes;
                report(bytes.length / plan.blockBytes);
              }
              if (left > 0) report(left);
            }
          },
        }),
      },
    );
    for (let index = 0; index < changes.images.length; index++) report();
    for (const run of changes.released ?? []) {
      for await (const { block, bytes } of piecesOf(run, plan.blockBytes)) await device.write(block * size, bytes);
      await device.sync();
    }
    const end = step === plan.steps.length - 1 ? (plan.byteLength ?? byteLength) : byteLength;
    if (end !== undefined && end < device.byteLength) await resize(end);
    await onStep?.(current);
  }
  return { operation: plan.operation, blocksWritten: BigInt(done), undoBundle, verified: true, summary: plan.sentences.join(" ") };
}

/** Blocks that a plan writes, what goes through the log and what goes to free blocks. */
export const blocksOf = ({ steps }: Pick<OperationPlan, "steps">): number =>
  steps.reduce((sum, { changes }) => sum + changes.images.length + changes.fresh.reduce((all, run) => all + Number(run.blockCount), 0), 0);

/** Block 0 as it is, where the change does not raise its sequence: an undo. */
function witnessOf({ images, witness }: ChangeSet): Uint8Array | undefined {
  if (witness) return witness;
  const first = images.find(({ block }) => block === 0n);
  if (!first) return undefined;
  return superblock.parse(first.after).checkpointSequence > superblock.parse(first.before).checkpointSequence ? undefined : first.before;
}

const nowOf = (plan: OperationPlan): bigint => BigInt((plan.inputs as { now?: string | number }).now ?? 0);

/** PLAN_STALE where a block that the first step rewrites, or the volume itself, is not what the plan was made on. */
async function assertFresh(volume: Volume, plan: OperationPlan): Promise<void> {
  const stale = (block: bigint) => new EngineError("PLAN_STALE", { block, blockBytes: plan.blockBytes });
  if ((volume.superblock?.volumeUuid ?? "") !== plan.volumeId || (volume.superblock?.checkpointSequence ?? 0n) !== plan.sequence)
    throw stale(0n);
  const seen = new Set<bigint>();
  for (const { changes } of plan.steps) {
    for (const { block, before } of changes.images) {
      if (seen.has(block)) continue;
      seen.add(block);
      if (!equalBytes(await volume.requireBlock(block), before)) throw stale(block);
    }
  }
}

/** The `blockscope.plan/1` document. */
export async function describePlan(plan: OperationPlan): Promise<Json> {
  const blocks: Json[] = [];
  for (const { changes } of plan.steps) {
    for (const run of changes.fresh)
      blocks.push({
        block: toJson(run.block),
        ...(run.blockCount > 1n && { blockCount: toJson(run.blockCount) }),
        reason: run.reason,
        before: null,
        after: await hashOfRun(run, plan.blockBytes),
      });
    for (const { block, reason, before, after } of changes.images)
      blocks.push({ block: toJson(block), reason, before: sha256Text(before), after: sha256Text(after) });
  }
  return {
    schema: "blockscope.plan/1",
    operation: plan.operation,
    inputs: plan.inputs,
    blocks,
    freeBlocks: toJson(plan.freeBlocks),
    warnings: plan.warnings,
    worstCase: plan.worstCase,
    undoable: plan.notUndone === undefined,
    planId: plan.planId,
    steps: plan.steps.map(({ title }) => title),
    sentences: plan.sentences,
  };
}
