import type { BlockDevice } from "../device/block-device.ts";
import { MemoryDevice } from "../device/memory-device.ts";
import { encodeOverlay, OverlayFile } from "../device/overlay-file.ts";
import { OverlayFileDevice } from "../device/overlay-file-device.ts";
import { applyPlan, type Operation } from "../operations/operation.ts";
import { describeChange, identifyBase } from "../operations/overlay-changes.ts";
import { openVolume } from "../volume/open.ts";
import { now } from "./small-volume.ts";

/** The file of a fresh overlay over a volume, in memory. */
export const emptyOverlay = async (base: BlockDevice): Promise<MemoryDevice> =>
  new MemoryDevice(encodeOverlay(await identifyBase(await openVolume(base), "disk.dwvd")), { name: "disk.bsoverlay" });

/** A volume seen through an overlay that is kept on `side`. */
export const throughOverlay = async (base: BlockDevice, side: BlockDevice): Promise<OverlayFileDevice> =>
  new OverlayFileDevice(base, await OverlayFile.open(side));

/** Carries an operation out in an overlay, as the host does. */
export async function changeOverlay<Inputs>(
  base: BlockDevice,
  side: BlockDevice,
  operation: Operation<Inputs>,
  inputs: Inputs,
  later = 1n,
): Promise<void> {
  const device = await throughOverlay(base, side);
  const plan = await operation.plan(await openVolume(device), inputs, { now: now + later });
  await applyPlan(device, plan, { onStep: (step) => device.mark(describeChange(plan, step)) });
}
