import { toHex } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { EngineError } from "../errors/engine-error.ts";
import { superblock } from "../format/core/index.ts";
import { bundleRecordKinds } from "../format/undo-bundle.ts";
import type { Volume } from "../volume/volume.ts";
import { applyRank, type ChangeSet, type FreshRun, type PlannedImage } from "../volume/volume-edit.ts";
import { defineOperation, type PlanStep } from "./operation.ts";
import type { BundleEntry, UndoBundle } from "./undo-bundle.ts";

/**
 * Brings every block back that an operation changed, its transactions in reverse. UNDO_NOT_POSSIBLE where the volume is another one or a
 * block is no longer what the operation left.
 */
export const undoOperation = defineOperation("undo", async (volume: Volume, { bundle }: { bundle: UndoBundle }) => {
  const { document, entries } = bundle;
  if (document.volumeId !== (volume.superblock?.volumeUuid ?? ""))
    throw new EngineError("UNDO_NOT_POSSIBLE", { reason: `it belongs to volume ${document.volumeId}` });
  await assertAfterImages(volume, entries);
  const lost = entries.filter(({ kind }) => kind === bundleRecordKinds.freshLost).length;
  const steps: PlanStep[] = [];
  // What a later transaction of the operation left is what the undo of the one before it finds.
  for (let step = document.steps.length - 1; step >= 0; step--)
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
    worstCase: "If this goes wrong in every way we know, you lose nothing: its own undo restores the state of now.",
    ...(byteLength !== volume.device.byteLength && { byteLength }),
  };
});

const isFresh = ({ kind }: BundleEntry): boolean => kind === bundleRecordKinds.fresh || kind === bundleRecordKinds.freshLost;

/** UNDO_NOT_POSSIBLE where a block does not hold what the last transaction that wrote it left. */
async function assertAfterImages(volume: Volume, entries: readonly BundleEntry[]): Promise<void> {
  const last = new Map(entries.map((entry) => [entry.block, entry]));
  for (const [block, { afterSha256 }] of last)
    if (toHex(checksum.sha256(await volume.requireBlock(block))) !== afterSha256)
      throw new EngineError("UNDO_NOT_POSSIBLE", { reason: `block ${block} was changed since` });
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
        blockCount: 1n,
        reason: `Bring back what free block ${entry.block} held`,
        image: () => entry.before(),
      }),
    );
  const before = volume.superblock?.freeBlocks ?? 0n;
  const restored = images.find(({ block }) => block === 0n);
  return { images, fresh: [], released, freeBlocks: { before, after: restored ? superblock.parse(restored.after).freeBlocks : before } };
}
