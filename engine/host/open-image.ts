import { EngineError, openFileDevice, openVolume, type Volume, type VolumeKeys } from "./engine.ts";

export interface OpenImageOptions {
  /** Byte of the image where the volume begins. */
  offset?: bigint;
  /** Also gives what holds no volume. */
  anything?: boolean;
  keys?: VolumeKeys;
  signal?: AbortSignal;
}

/** Opens an image or device read-only. NOT_A_VOLUME for what holds no DWVD version 2 volume, and what openFileDevice throws. */
export async function openImage(
  path: string,
  { offset = 0n, anything = false, keys = {}, signal }: OpenImageOptions = {},
): Promise<Volume> {
  const device = await openFileDevice(path);
  try {
    const volume = await openVolume(device, { name: path, offset, keys, signal });
    if (volume.kind === "unknown" && !anything)
      throw new EngineError("NOT_A_VOLUME", { path, found: `the first bytes are ${volume.found}` });
    return volume;
  } catch (error) {
    await device.close();
    throw error;
  }
}
