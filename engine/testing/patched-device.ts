import type { BlockDevice } from "../device/block-device.ts";
import { OverlayDevice } from "../device/overlay-device.ts";

/** A layer over a device in which runs of bytes, by where they go, are replaced. */
export async function patchedDevice(below: BlockDevice, patches: ReadonlyMap<bigint, Uint8Array>): Promise<OverlayDevice> {
  const device = new OverlayDevice(below);
  for (const [start, bytes] of patches) await device.write(start, bytes);
  return device;
}
