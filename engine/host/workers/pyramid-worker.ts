import { parentPort, workerData } from "node:worker_threads";
import { type ImagePlace, openImagePlace, WindowDevice } from "../../device/index.ts";
import { AllocationBitmap } from "../../volume/bitmap.ts";
import { BitmapPyramid, type PyramidMemory } from "../../volume/bitmap-pyramid.ts";
import { BlockReader } from "../../volume/block-reader.ts";
import type { VolumeRegion } from "../../volume/volume.ts";
import { sayStarted } from "../worker-started.ts";

/** What the worker is started with: the bitmap of a volume that a path leads to, and the memory to count into. Any message stops it. */
export interface PyramidJob {
  place: ImagePlace;
  volumeOffset: bigint;
  blockBytes: number;
  region: VolumeRegion;
  memory: PyramidMemory;
}

// Nothing is awaited at the module's top level: V8 aborts the process when a thread ends while its module graph is still evaluated.
const stop = new AbortController();
parentPort?.once("message", () => stop.abort());
sayStarted();
void count(workerData as PyramidJob).finally(() => parentPort?.close());

async function count({ place, volumeOffset, blockBytes, region, memory }: PyramidJob): Promise<void> {
  const pyramid = new BitmapPyramid(memory);
  const device = new WindowDevice(await openImagePlace(place), volumeOffset);
  try {
    const unread: bigint[] = [];
    const bitmap = new AllocationBitmap(region, new BlockReader(device, blockBytes));
    await bitmap.pages(
      (firstBlock, payload) => {
        if (payload) pyramid.add(firstBlock, payload);
        else unread.push(bitmap.blockFor(firstBlock));
        return firstBlock < pyramid.totalBlocks;
      },
      { signal: stop.signal },
    );
    pyramid.markCounted(pyramid.totalBlocks);
    parentPort?.postMessage({ unread });
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    await device.close();
  }
}
