import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { dataFolder } from "./data-folder.ts";
import {
  type Applied,
  type ApplyOptions,
  applyPlan,
  type BlockDevice,
  type BundleOptions,
  describeChange,
  describeRecovery,
  encodeUndoBundle,
  isAbort,
  type OperationPlan,
  openFileDevice,
  openVolume,
  type Recovered,
  type RecoverOptions,
  readBundleDocument,
  recoverVolume,
  type Volume,
} from "./engine.ts";
import { takeLock } from "./image-lock.ts";
import { notAVolume } from "./open-image.ts";
import { type ImageSource, openOverlayForWriting, openSource, placeOf } from "./overlays.ts";
import { makeFolder, placeFile, removeLeftovers } from "./whole-file.ts";

/** A change that was cancelled on its way: files and tables are as they were, or as the last whole step of the change left them. */
export class CancelledChange extends Error {
  override readonly name = "AbortError";
  readonly data: { stepsDone: number; steps: number; undoBundle: string | undefined };
  constructor(data: CancelledChange["data"]) {
    const { stepsDone, steps, undoBundle } = data;
    super(
      undoBundle === undefined
        ? "Cancelled. Nothing was changed."
        : stepsDone === 0
          ? `Cancelled before its first step was whole. What was in the blocks that it may have written to already is kept in ${undoBundle}`
          : `Cancelled behind step ${stepsDone} of ${steps}. The volume is whole; what was done can be undone: blockscope undo ${undoBundle}`,
    );
    this.data = data;
  }
}

/**
 * Applies a plan to the file or device it was made on, or to its overlay and then to nothing else: locked, with an undo bundle saved first,
 * and verified. PLAN_STALE, DEVICE_LOCKED and what writing throws.
 */
export async function applyToPath(
  source: ImageSource,
  plan: OperationPlan,
  { undoFolder, ...options }: Omit<ApplyOptions, "saveUndo"> & { undoFolder?: string | undefined },
): Promise<Applied & { bytesWritten: bigint }> {
  const { path } = placeOf(source);
  let stepsDone = 0;
  let undoBundle: string | undefined;
  return withWritable(source, async (device, mark) => {
    const applied = await applyPlan(device, plan, {
      ...options,
      onStep: async (step) => {
        stepsDone++;
        await mark(describeChange(plan, step));
      },
      saveUndo: async (volume, _plan, bundle) => {
        undoBundle = await saveBundle(volume, plan, undoFolder ?? join(dataFolder(), "undo"), path, bundle);
        return undoBundle;
      },
    });
    return { ...applied, bytesWritten: device.bytesWritten };
  }).catch(async (error: unknown) => {
    if (!isAbort(error)) throw error;
    // What free blocks held may be in the bundle alone once content was written to them.
    const isUntouched = stepsDone === 0 && plan.foundation === undefined && plan.steps.every(({ changes }) => changes.fresh.length === 0);
    if (isUntouched && undoBundle !== undefined) await rm(undoBundle, { force: true });
    throw new CancelledChange({ stepsDone, steps: plan.steps.length, undoBundle: isUntouched ? undefined : undoBundle });
  });
}

/** Brings the log of the volume at a path to rest. VOLUME_NEEDS_RECOVERY where the user must decide. */
export const recoverPath = (source: ImageSource, options: RecoverOptions): Promise<Recovered & { bytesWritten: bigint }> =>
  withWritable(source, async (device, mark) => {
    const recovered = await recoverVolume(device, options);
    if (recovered.done.length > 0) await mark(describeRecovery(`Bring the log to rest: ${recovered.done.join(", ")}.`));
    return { ...recovered, bytesWritten: device.bytesWritten };
  });

/** The device that is written to, locked; `mark` is told of each change that is whole. */
async function withWritable<Result>(
  source: ImageSource,
  act: (device: BlockDevice, mark: (document: string) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const { path, overlay } = placeOf(source);
  const release = await takeLock(overlay ?? path);
  try {
    const layer = overlay === undefined ? undefined : await openOverlayForWriting({ path, overlay: resolve(overlay) });
    const device = layer ?? (await openFileDevice(path, { writable: true }));
    try {
      return await act(device, async (document) => layer?.mark(document));
    } finally {
      await device.close();
    }
  } finally {
    await release();
  }
}

/** Saves a bundle whole or not at all: to a temporary file, synced, then renamed. Gives its path. */
async function saveBundle(volume: Volume, plan: OperationPlan, folder: string, image: string, options: BundleOptions): Promise<string> {
  await makeFolder(folder);
  await removeLeftovers(folder, ".bsundo");
  const time = new Date().toISOString().replaceAll(":", "-").slice(0, 19);
  const operation = plan.operation.replaceAll(/[^a-z0-9.-]/g, "_");
  // One plan may be applied to several overlays at a time.
  const name = `${basename(image).slice(0, 80)}-${time}-${operation}-${plan.planId.slice(0, 8)}-${randomUUID().slice(0, 4)}.bsundo`;
  const path = join(folder, name);
  await placeFile(path, encodeUndoBundle(volume, plan, resolve(image), options));
  return path;
}

/** The file that a bundle was made for. BUNDLE_DAMAGED. */
export async function imageOfBundle(path: string): Promise<string> {
  const device = await openFileDevice(path);
  try {
    return (await readBundleDocument(device)).image;
  } finally {
    await device.close();
  }
}

/** The volume at a path, or seen through its overlay, opened for reading while `act` looks at it. NOT_A_VOLUME. */
export async function withVolume<Result>(source: ImageSource, act: (volume: Volume) => Promise<Result>): Promise<Result> {
  const device = await openSource(source);
  try {
    const volume = await openVolume(device);
    if (volume.kind !== "dwvd") throw notAVolume(placeOf(source).path, volume);
    return await act(volume);
  } finally {
    await device.close();
  }
}
