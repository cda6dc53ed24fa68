import { randomUUID } from "node:crypto";
import { access, unlink } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import {
  assertSameImage,
  type BlockDevice,
  changesInImage,
  changesOf,
  commitOverlay,
  encodeOverlay,
  type ImagePlace,
  identifyBase,
  isEngineError,
  type OperationPlan,
  type OverlayChange,
  OverlayFile,
  OverlayFileDevice,
  type OverlayIdentity,
  openFileDevice,
  openThroughOverlay,
  openVolume,
  type PlanOptions,
  type Volume,
} from "./engine.ts";
import { makeFolder, placeFile } from "./whole-file.ts";

/** An image by its path, or with the overlay it is seen through. */
export type ImageSource = string | (ImagePlace & { /** The overlay is made when something is first written. */ mayBegin?: boolean });
export const placeOf = (source: ImageSource): ImagePlace & { mayBegin?: boolean } =>
  typeof source === "string" ? { path: source } : source;

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Opens an image for reading, through its overlay where one is named; one that may begin and is not there yet shows the image as it is.
 * What openFileDevice throws; OVERLAY_DAMAGED, OVERLAY_OTHER_IMAGE, OVERLAY_BASE_CHANGED.
 */
export async function openSource(source: ImageSource): Promise<BlockDevice> {
  const { path, overlay, mayBegin } = placeOf(source);
  if (overlay === undefined || (mayBegin && !(await exists(overlay)))) return openFileDevice(path);
  return openChecked(path, overlay);
}

/** Opens the overlay for writing over an image that is only read; it is made where it is missing. As `openSource`, and DEVICE_LOCKED. */
export async function openOverlayForWriting({ path, overlay }: { path: string; overlay: string }): Promise<OverlayFileDevice> {
  if (!(await exists(overlay))) await createOverlay(path, overlay);
  return openChecked(path, overlay, { writable: true });
}

async function openChecked(path: string, overlay: string, options: { writable?: boolean } = {}): Promise<OverlayFileDevice> {
  const device = await openThroughOverlay(path, overlay, options);
  try {
    assertSameImage(device.file, await openVolume(device.base));
    await assertBase(device);
    return device;
  } catch (error) {
    await device.close();
    throw error;
  }
}

/** OVERLAY_BASE_CHANGED where the image below an overlay, if there is one, was changed otherwise than by its commit. */
export async function assertBase(device: BlockDevice): Promise<void> {
  if (device instanceof OverlayFileDevice) await changesInImage(device.base, device.file, { head: true });
}

/** Makes an overlay over an image in which nothing is yet. FILE_EXISTS, DEVICE_ACCESS_DENIED, and what openFileDevice throws. */
export async function createOverlay(path: string, overlay: string): Promise<void> {
  const base = await openFileDevice(path);
  try {
    const identity = await identifyBase(await openVolume(base), resolve(path));
    await makeFolder(dirname(resolve(overlay)));
    await placeFile(overlay, [encodeOverlay({ ...identity, id: randomUUID() })]);
  } finally {
    await base.close();
  }
}

/** What an overlay's file says by itself. */
export interface OverlayFacts {
  path: string;
  byteLength: bigint;
  identity: OverlayIdentity;
  changes: OverlayChange[];
  /** Bytes behind the last whole change: one that was cut off while it was written, or damage. */
  unreadBytes: bigint;
}

/** Reads an overlay without its image. DEVICE_NOT_FOUND, OVERLAY_DAMAGED. */
export async function readOverlay(path: string): Promise<OverlayFacts> {
  const device = await openFileDevice(path);
  try {
    const file = await OverlayFile.open(device);
    return {
      path,
      byteLength: file.byteLength,
      identity: file.identity,
      changes: changesOf(file),
      unreadBytes: device.byteLength - file.byteLength,
    };
  } finally {
    await device.close();
  }
}

/** Throws an overlay away; the image stays as it is. DEVICE_LOCKED where something is being written to it. */
export async function dropOverlay(path: string): Promise<void> {
  const device = await openFileDevice(path, { writable: true });
  try {
    await OverlayFile.identify(device);
    await unlink(path);
  } finally {
    await device.close();
  }
}

/** How the image below an overlay stands to it: how many of its changes it holds, or the first block that is neither before nor after one. */
export type BaseState = { held: number } | { changed: bigint };

/** Compares the image with what the overlay was laid over. OVERLAY_OTHER_IMAGE. */
export async function judgeBase(device: OverlayFileDevice, volume: Volume, signal?: AbortSignal): Promise<BaseState> {
  assertSameImage(device.file, volume);
  try {
    return { held: await changesInImage(device.base, device.file, { log: volume.log?.region, ...(signal && { signal }) }) };
  } catch (error) {
    if (isEngineError(error) && error.code === "OVERLAY_BASE_CHANGED") return { changed: (error.data as { block: bigint }).block };
    throw error;
  }
}

/** Plans the commit of an overlay; it stays open until `close`. As `commitOverlay`. */
export async function planCommit(
  volume: Volume,
  overlay: string,
  options: PlanOptions,
): Promise<{ plan: OperationPlan; close: () => Promise<void> }> {
  const device = await openFileDevice(overlay);
  try {
    const file = await OverlayFile.open(device);
    return { plan: await commitOverlay.plan(volume, { file, overlay: resolve(overlay) }, options), close: () => device.close() };
  } catch (error) {
    await device.close();
    throw error;
  }
}
