import { parentPort, workerData } from "node:worker_threads";
import { openFileDevice, WindowDevice } from "../../device/index.ts";
import { AllocationBitmap } from "../../volume/bitmap.ts";
import { BitmapPyramid, type PyramidMemory } from "../../volume/bitmap-pyramid.ts";
import { BlockReader } from "../../volume/block-reader.ts";
import type { VolumeRegion } from "../../volume/volume.ts";

/** What the worker is started with: the bitmap of a volume that a path leads to, and the memory to count into. */
export interface PyramidJob {
  path: string;
  volumeOffset: bigint;
  blockBytes: number;
  region: VolumeRegion;
  memory: PyramidMemory;
}

const { path, volumeOffset, blockBytes, region, memory } = workerData as PyramidJob;
const pyramid = new BitmapPyramid(memory);
const device = new WindowDevice(await openFileDevice(path), volumeOffset);
try {
  const unread: bigint[] = [];
  const bitmap = new AllocationBitmap(region, new BlockReader(device, blockBytes));
  await bitmap.pages((firstBlock, payload) => {
    if (payload) pyramid.add(firstBlock, payload);
    else unread.push(bitmap.blockFor(firstBlock));
    return firstBlock < pyramid.totalBlocks;
  });
  pyramid.markCounted(pyramid.totalBlocks);
  parentPort?.postMessage({ unread });
} finally {
  await device.close();
}
