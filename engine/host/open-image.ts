import { EngineError, type Image, openFileDevice, openImageDevice, type VolumeKeys } from "./engine.ts";

export interface OpenPathOptions {
  /** Byte at which the image begins inside the file. */
  offset?: bigint | undefined;
  /** Unix seconds that dm-remap times are judged against; the clock's unless told. */
  now?: bigint | undefined;
  /** Also opens what is neither volume nor dm-remap device, as raw blocks. */
  anything?: boolean;
  keys?: VolumeKeys;
  signal?: AbortSignal | undefined;
}

/** Opens an image or device read-only. NOT_A_VOLUME for what holds neither a DWVD version 2 volume nor dm-remap metadata, and what openFileDevice throws. */
export async function openImage(
  path: string,
  { offset = 0n, now, anything = false, keys = {}, signal }: OpenPathOptions = {},
): Promise<Image> {
  const device = await openFileDevice(path);
  try {
    const image = await openImageDevice(device, { name: path, offset, now, keys, signal });
    if (image.volume.kind === "unknown" && !image.remap && !anything)
      throw new EngineError("NOT_A_VOLUME", { path, found: `the first bytes are ${image.volume.found}` });
    return image;
  } catch (error) {
    await device.close();
    throw error;
  }
}
