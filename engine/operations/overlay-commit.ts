import type { BlockDevice } from "../device/block-device.ts";
import type { OverlayFile } from "../device/overlay-file.ts";
import { EngineError } from "../errors/engine-error.ts";
import type { Volume } from "../volume/volume.ts";
import { type ChangeSet, type FreshRun, VolumeEdit } from "../volume/volume-edit.ts";
import { defineOperation, type PlanStep } from "./operation.ts";
import { assertSameImage, changesInImage, changesOf, imageAfter, type OverlayChange } from "./overlay-changes.ts";

export interface CommitInputs {
  /** Open for as long as the plan is used: content of free blocks is read from it when it is asked for. */
  file: OverlayFile;
  /** How planning again finds it. */
  overlay: string;
}

/**
 * Carries the changes of an overlay over to the image, each as the transaction that it is in the overlay. What the image holds already is
 * left out: a commit that was cut off goes on where it stopped. OVERLAY_OTHER_IMAGE, OVERLAY_BASE_CHANGED, VOLUME_NEEDS_RECOVERY.
 * Convention "Files of our own".
 */
export const commitOverlay = defineOperation("overlay-commit", async (volume: Volume, { file, overlay }: CommitInputs, { signal }) => {
  assertSameImage(file, volume);
  await VolumeEdit.begin(volume, { repairing: true });
  const base = volume.sourceDevice;
  const changes = changesOf(file);
  const held = await changesInImage(base, file, { log: volume.log?.region, ...(signal && { signal }) });
  const left = changes.slice(held);
  const recovery = left.find(({ images }) => images === undefined);
  if (recovery) throw new EngineError("VOLUME_NEEDS_RECOVERY", { state: "recovered in the overlay alone", action: "recover" });
  const steps: PlanStep[] = [];
  for (const [index, change] of left.entries()) {
    signal?.throwIfAborted();
    steps.push(await stepOf(volume, file, change, held + index));
  }
  const byteLength = file.shapeAt(changes.length).byteLength;
  return {
    describedInputs: { overlay },
    sentences: sentencesOf(left, held, overlay),
    steps,
    warnings: [],
    worstCase: "If this goes wrong in every way we know, you lose nothing: undo brings the image back, and the overlay stays.",
    ...(left.length > 0 && byteLength !== base.byteLength && { byteLength }),
  };
});

function sentencesOf(left: readonly OverlayChange[], held: number, overlay: string): string[] {
  const kept = `Keep the overlay ${overlay} until it is dropped.`;
  if (left.length === 0)
    return [held > 0 ? `The image holds all ${held} changes of the overlay already.` : `Nothing was changed in the overlay ${overlay}.`];
  const before = held > 0 ? [`Leave out the first ${held} changes: the image holds them already.`] : [];
  // The transactions of one operation say the same.
  const said = left.flatMap(({ sentences }, index) =>
    JSON.stringify(sentences) === JSON.stringify(left[index - 1]?.sentences) ? [] : sentences,
  );
  return [...before, ...said, kept];
}

async function stepOf(volume: Volume, file: OverlayFile, change: OverlayChange, done: number): Promise<PlanStep> {
  const base = volume.sourceDevice;
  const [before, after] = [imageAfter(base, file, done), imageAfter(base, file, done + 1)];
  const size = file.blockBytes;
  const read = async (device: BlockDevice, block: bigint): Promise<Uint8Array> => {
    const bytes = new Uint8Array(size);
    await device.read(block * BigInt(size), bytes);
    return bytes;
  };
  const runOf = ({ block, blockCount, reason }: { block: bigint; blockCount: bigint; reason: string }): FreshRun => ({
    block,
    blockCount,
    reason,
    image: (index) => read(after, block + index),
    fill: async (index, into) => {
      await after.read((block + index) * BigInt(size), into);
    },
  });
  const images: ChangeSet["images"] = [];
  for (const { block, reason } of change.images ?? [])
    images.push({ block, reason, before: await read(before, block), after: await read(after, block) });
  const first = images.find(({ block }) => block === 0n);
  const log = volume.log?.region.startBlock;
  const { byteLength } = file.shapeAt(done + 1);
  return {
    title: change.title,
    now: change.now,
    changes: {
      images,
      fresh: change.fresh.map(runOf),
      released: change.released.map(runOf),
      freeBlocks: change.freeBlocks,
      ...(log !== undefined && { logHeader: { block: log, image: await read(after, log) } }),
      witness: change.witness ? first?.before : undefined,
    },
    ...(byteLength !== file.shapeAt(done).byteLength && { byteLength }),
  };
}
