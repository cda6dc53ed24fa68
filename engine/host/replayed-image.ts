import { OverlayDevice } from "../device/index.ts";
import type { Image } from "../forensics/image.ts";
import { recoverVolume } from "../operations/recover.ts";
import { openVolume } from "../volume/open.ts";

/** The volume with its log brought to rest, on a layer in memory; what is stored is only read. VOLUME_NEEDS_RECOVERY where nothing can be done. */
export async function imageAfterReplay({ volume }: Image, signal?: AbortSignal): Promise<Image> {
  const layer = new OverlayDevice(volume.device);
  await recoverVolume(layer, { decide: "replay" });
  return { volume: await openVolume(layer, { name: volume.name, signal }), remap: undefined };
}
