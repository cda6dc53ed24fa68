import { WatchedDevice } from "../device/watched-device.ts";
import { openVolume } from "../volume/open.ts";
import type { Volume } from "../volume/volume.ts";
import { assertNoPreamble } from "../volume/volume-edit.ts";
import type { PlanOptions } from "./operation.ts";

/**
 * Plans on a volume that is read whole: every reader plans around what it cannot read, and neither a repair nor a move may take that for lost.
 * DEVICE_READ_FAILED where any read fails, though another may have succeeded since, VOLUME_READ_ONLY behind a preamble.
 */
export async function whollyRead<Result>(
  volume: Volume,
  { signal }: Pick<PlanOptions, "signal">,
  plan: (watched: Volume) => Promise<Result>,
): Promise<Result> {
  // Behind the window that a preamble leaves, the volume would look like one without.
  assertNoPreamble(volume);
  const device = new WatchedDevice(volume.device);
  const watched = await openVolume(device, { name: volume.name, keys: volume.keys, signal });
  const result = await plan(watched).catch((error: unknown) => {
    throw device.failure ?? error;
  });
  if (device.failure !== undefined) throw device.failure;
  return result;
}
