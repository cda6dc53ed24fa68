import { assertSameImage, type BlockDevice, openFileDevice, openThroughOverlay, openVolume } from "./engine.ts";
import { type BaseState, judgeBase } from "./overlays.ts";
import { type ComparedSource, compareSources, type SourceDifference } from "./source-difference.ts";

/** Two states of an image, open for looking into single blocks. */
export interface StateComparison {
  before: ComparedSource;
  after: ComparedSource;
  difference: SourceDifference;
  /** How the image stands to each of the two that is an overlay. */
  base: { before: BaseState | undefined; after: BaseState | undefined };
  close: () => Promise<void>;
}

/**
 * Compares two overlays of an image, or the image and one of them; what is not named is the image. One that changed since is compared as it
 * is. OVERLAY_DAMAGED, OVERLAY_OTHER_IMAGE, and what openFileDevice throws.
 */
export async function compareStates(
  image: string,
  names: { before?: string | undefined; after?: string | undefined },
  signal?: AbortSignal,
): Promise<StateComparison> {
  const opened: BlockDevice[] = [];
  const close = async () => {
    await Promise.all(opened.map((device) => device.close()));
  };
  const covered: bigint[] = [];
  const open = async (overlay: string | undefined): Promise<{ source: ComparedSource; base: BaseState | undefined }> => {
    if (overlay === undefined) {
      const device = await openFileDevice(image);
      opened.push(device);
      return { source: { device, volume: await openVolume(device) }, base: undefined };
    }
    const device = await openThroughOverlay(image, overlay);
    opened.push(device);
    covered.push(...device.file.covered(device.file.marks.length));
    const below = await openVolume(device.base);
    assertSameImage(device.file, below);
    return { source: { device, volume: await openVolume(device) }, base: await judgeBase(device, below, signal) };
  };
  try {
    const [before, after] = [await open(names.before), await open(names.after)];
    const difference = await compareSources(before.source, after.source, covered, signal);
    return { before: before.source, after: after.source, difference, base: { before: before.base, after: after.base }, close };
  } catch (error) {
    await close();
    throw error;
  }
}
