import { toHex } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { minBigint } from "../base/units.ts";
import { EngineError, isEngineError } from "../errors/engine-error.ts";
import { superblock } from "../format/core/index.ts";
import { bundleRecordKinds } from "../format/undo-bundle.ts";
import type { BlockRun } from "../volume/bitmap.ts";
import type { Volume } from "../volume/volume.ts";
import { applyRank, type ChangeSet, type FreshRun, type PlannedImage } from "../volume/volume-edit.ts";
import { defineOperation, type PlanStep } from "./operation.ts";
import type { BundleEntry, UndoBundle } from "./undo-bundle.ts";

/**
 * Brings every block back that an operation changed, its transactions in reverse. UNDO_NOT_POSSIBLE where the volume is another one, a
 * block is no longer what the operation left, or the operation freed content that its bundle does not hold.
 */
export const undoOperation = defineOperation("undo", async (volume: Volume, { bundle }: { bundle: UndoBundle }) => {
  const { document } = bundle;
  if (document.volumeId !== (volume.superblock?.volumeUuid ?? ""))
    throw new EngineError("UNDO_NOT_POSSIBLE", { reason: `it belongs to volume ${document.volumeId}` });
  if (document.freedBlocks !== undefined)
    throw new EngineError("UNDO_NOT_POSSIBLE", { reason: "it freed content, which is not kept; carry out once more what brought that in" });
  const { entries, stepCount } = await carriedOut(volume, bundle);
  const lost = entries.filter(({ kind }) => kind === bundleRecordKinds.freshLost).length;
  const steps: PlanStep[] = [];
  // What a later transaction of the operation left is what the undo of the one before it finds.
  for (let step = stepCount - 1; step >= 0; step--)
    steps.push({
      title: `Undo: ${document.steps[step] ?? document.operation}`,
      changes: await changesOf(
        volume,
        entries.filter((entry) => entry.step === step),
        steps,
      ),
    });
  const byteLength = BigInt(document.byteLengthBefore);
  return {
    describedInputs: { operation: document.operation, inputs: document.inputs },
    sentences: [`Undo ${document.operation}: ${document.sentences.join(" ")}`],
    steps,
    warnings: lost > 0 ? [`The old content of ${lost} free blocks was not kept; they become free and stay as they are.`] : [],
    worstCase: "If this goes wrong in every way we know, you lose nothing but what the operation brought in.",
    ...(byteLength !== volume.device.byteLength && { byteLength }),
  };
});

/**
 * What was carried out of the operation: all of it, or the steps before it was broken off. Each transaction writes block 0 with a sequence
 * of its own, so that no two of them leave the same. UNDO_NOT_POSSIBLE.
 */
async function carriedOut(volume: Volume, { document, entries }: UndoBundle): Promise<{ entries: BundleEntry[]; stepCount: number }> {
  let failure: unknown;
  for (let stepCount = document.steps.length; ; stepCount--) {
    const done = entries.filter(({ step }) => step < stepCount);
    try {
      await assertAfterImages(volume, done);
      return { entries: done, stepCount };
    } catch (error) {
      if (!isEngineError(error, "UNDO_NOT_POSSIBLE")) throw error;
      failure ??= error;
      if (stepCount <= 1) throw failure;
    }
  }
}

const isFresh = ({ kind }: BundleEntry): boolean =>
  kind === bundleRecordKinds.fresh || kind === bundleRecordKinds.freshLost || kind === bundleRecordKinds.cut;

/** UNDO_NOT_POSSIBLE where a block does not hold what the last transaction that wrote it left. */
async function assertAfterImages(volume: Volume, entries: readonly BundleEntry[]): Promise<void> {
  const changed = (block: bigint) => new EngineError("UNDO_NOT_POSSIBLE", { reason: `block ${block} was changed since` });
  /** Blocks that a later transaction wrote, and the runs of those of one. */
  const single = new Set<bigint>();
  const runs: BlockRun[] = [];
  for (const { kind, block, blockCount, afterSha256 } of entries.toReversed()) {
    // What a shorter file lost is nowhere now.
    if (kind === bundleRecordKinds.cut) continue;
    const end = block + blockCount;
    const isLater = runs.some((run) => block < run.startBlock + run.blockCount && run.startBlock < end) || hasAny(single, block, end);
    if (blockCount === 1n) single.add(block);
    else if (!isLater) joinRun(runs, { startBlock: block, blockCount });
    if (isLater) continue;
    const hash = checksum.startSha256();
    const found = await volume.reader.readRun(block, Number(blockCount));
    for (const [index, bytes] of found.entries()) {
      if (!bytes) throw changed(block + BigInt(index));
      hash.update(bytes);
    }
    if (toHex(hash.digest()) !== afterSha256) throw changed(block);
  }
}

function hasAny(blocks: ReadonlySet<bigint>, start: bigint, end: bigint): boolean {
  for (let block = start; block < end; block++) if (blocks.has(block)) return true;
  return false;
}

/** Runs of one piece of content follow each other; kept joined, they stay few. */
function joinRun(runs: BlockRun[], run: BlockRun): void {
  const next = runs.find(({ startBlock }) => startBlock === run.startBlock + run.blockCount);
  if (!next) {
    runs.push(run);
    return;
  }
  next.startBlock = run.startBlock;
  next.blockCount += run.blockCount;
}

async function changesOf(volume: Volume, entries: readonly BundleEntry[], done: readonly PlanStep[]): Promise<ChangeSet> {
  const nowIn = async (block: bigint): Promise<Uint8Array> => {
    const earlier = done.findLast(({ changes }) => changes.images.some((image) => image.block === block));
    return earlier?.changes.images.find((image) => image.block === block)?.after ?? (await volume.requireBlock(block)).slice();
  };
  const images: PlannedImage[] = [];
  for (const entry of entries.filter((each) => !isFresh(each)))
    images.push({
      block: entry.block,
      reason: `Bring back block ${entry.block}`,
      before: await nowIn(entry.block),
      after: await entry.before(),
    });
  images.sort((a, b) => applyRank(a.block) - applyRank(b.block) || (a.block < b.block ? -1 : 1));
  const released = entries
    .filter(({ kind, block }) => kind === bundleRecordKinds.fresh && block < volume.fileBlocks)
    .map(
      (entry): FreshRun => ({
        block: entry.block,
        blockCount: minBigint(entry.blockCount, volume.fileBlocks - entry.block),
        reason: entry.blockCount > 1n ? "Bring back free blocks" : `Bring back what free block ${entry.block} held`,
        image: () => entry.before(),
        ...(entry.blockCount > 1n && { fill: async (_: bigint, into: Uint8Array) => void into.fill(0) }),
      }),
    );
  // The file's old end is nobody's now and may be in use once the tables are back: it is written before they are.
  const fresh = entries
    .filter(({ kind }) => kind === bundleRecordKinds.cut)
    .map(
      (entry): FreshRun => ({
        block: entry.block,
        blockCount: 1n,
        reason: `Bring back block ${entry.block} behind the present end`,
        image: () => entry.before(),
      }),
    );
  const before = volume.superblock?.freeBlocks ?? 0n;
  const restored = images.find(({ block }) => block === 0n);
  return { images, fresh, released, freeBlocks: { before, after: restored ? superblock.parse(restored.after).freeBlocks : before } };
}
