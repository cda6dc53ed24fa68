import type { BlockDevice } from "./block-device.ts";
import { openFileDevice } from "./file-device.ts";
import { OverlayFile } from "./overlay-file.ts";
import { OverlayFileDevice } from "./overlay-file-device.ts";

/** Where an image is: a file or device, and the overlay that it is seen through. */
export interface ImagePlace {
  path: string;
  overlay?: string | undefined;
}

/**
 * Opens an image for reading, through its overlay where one is named. Whether the overlay belongs to the image is not asked here.
 * What openFileDevice throws; OVERLAY_DAMAGED.
 */
export async function openImagePlace({ path, overlay }: ImagePlace): Promise<BlockDevice> {
  return overlay === undefined ? openFileDevice(path) : openThroughOverlay(path, overlay);
}

/** Opens an image through an overlay; `writable` is the overlay alone, and locked then. What openFileDevice throws; OVERLAY_DAMAGED. */
export async function openThroughOverlay(
  path: string,
  overlay: string,
  { writable = false }: { writable?: boolean } = {},
): Promise<OverlayFileDevice> {
  const base = await openFileDevice(path);
  try {
    const side = await openFileDevice(overlay, { writable });
    try {
      return new OverlayFileDevice(base, await OverlayFile.open(side));
    } catch (error) {
      await side.close();
      throw error;
    }
  } catch (error) {
    await base.close();
    throw error;
  }
}
