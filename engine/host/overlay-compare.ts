import { assertSameImage, type OverlayFileDevice, openThroughOverlay, openVolume, type Volume } from "./engine.ts";
import { type BaseState, judgeBase } from "./overlays.ts";
import { type ComparedSource, compareSources, type SourceDifference } from "./source-difference.ts";

/** An overlay beside its image or beside another overlay of it, open for looking into single blocks. */
export interface OverlayComparison {
  before: ComparedSource;
  after: ComparedSource;
  difference: SourceDifference;
  /** How the image stands to the overlay that is `after`. */
  base: BaseState;
  /** The overlay that is `after`. */
  device: OverlayFileDevice;
  close: () => Promise<void>;
}

/**
 * Compares an overlay with its image, or with another overlay of the image. An image that changed since is compared as it is.
 * OVERLAY_DAMAGED, OVERLAY_OTHER_IMAGE, and what openFileDevice throws.
 */
export async function compareOverlay(
  image: string,
  overlay: string,
  { against, signal }: { against?: string | undefined; signal?: AbortSignal | undefined } = {},
): Promise<OverlayComparison> {
  const opened: OverlayFileDevice[] = [];
  const open = async (path: string): Promise<OverlayFileDevice> => {
    const device = await openThroughOverlay(image, path);
    opened.push(device);
    return device;
  };
  const close = async () => {
    await Promise.all(opened.map((device) => device.close()));
  };
  try {
    const device = await open(overlay);
    const other = against === undefined ? undefined : await open(against);
    const baseVolume: Volume = await openVolume(device.base);
    if (other) assertSameImage(other.file, baseVolume);
    const base = await judgeBase(device, baseVolume, signal);
    const after = { device, volume: await openVolume(device) };
    const before = other ? { device: other, volume: await openVolume(other) } : { device: device.base, volume: baseVolume };
    const covered = [device, ...(other ? [other] : [])].flatMap(({ file }) => [...file.covered(file.marks.length)]);
    return { before, after, difference: await compareSources(before, after, covered, signal), base, device, close };
  } catch (error) {
    await close();
    throw error;
  }
}
