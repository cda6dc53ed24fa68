import { EngineError, type Image, openImageDevice, type Volume, type VolumeKeys } from "./engine.ts";
import { type ImageSource, openSource, placeOf } from "./overlays.ts";

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

/** NOT_A_VOLUME for a file that no DWVD version 2 volume was found in. */
export const notAVolume = (path: string, { found }: Pick<Volume, "found">): EngineError =>
  new EngineError("NOT_A_VOLUME", { path, found: `the first bytes are ${found}` });

/** Opens an image or device read-only, through its overlay where one is named. NOT_A_VOLUME for what holds neither a DWVD version 2 volume nor dm-remap metadata, and what openSource throws. */
export async function openImage(
  source: ImageSource,
  { offset = 0n, now, anything = false, keys = {}, signal }: OpenPathOptions = {},
): Promise<Image> {
  const { path } = placeOf(source);
  const device = await openSource(source);
  try {
    if (offset > 0n && offset >= device.byteLength)
      throw new EngineError("NOT_A_VOLUME", { path, found: `it has ${device.byteLength} bytes, and none at byte ${offset}` });
    const image = await openImageDevice(device, { name: path, offset, now, keys, signal });
    if (image.volume.kind === "unknown" && !image.remap && !anything) throw notAVolume(path, image.volume);
    return image;
  } catch (error) {
    await device.close();
    throw error;
  }
}
