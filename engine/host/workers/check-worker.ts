import { parentPort, workerData } from "node:worker_threads";
import { type ImagePlace, openImagePlace } from "../../device/index.ts";
import { isAbort } from "../../errors/engine-error.ts";
import type { Finding } from "../../findings/finding.ts";
import type { CheckOptions } from "../../forensics/check.ts";
import { checkImage, openImageDevice } from "../../forensics/image.ts";
import { imageAfterReplay } from "../replayed-image.ts";
import { sayStarted } from "../worker-started.ts";

/** What the worker is started with. Any message stops it. */
export interface CheckJob {
  place: ImagePlace;
  name: string;
  /** Whether its log is brought to rest first, in memory. */
  replayed: boolean;
}
/** What it says: how far it is, then what was found, or that it was stopped. */
export type CheckMessage =
  | { progress: Parameters<NonNullable<CheckOptions["onProgress"]>>[0] }
  | { findings: Finding[] }
  | { stopped: true };

// Nothing is awaited at the module's top level: see WorkerTask.
const stop = new AbortController();
parentPort?.once("message", () => stop.abort());
sayStarted();
void check(workerData as CheckJob).finally(() => parentPort?.close());

async function check({ place, name, replayed }: CheckJob): Promise<void> {
  const say = (message: CheckMessage) => parentPort?.postMessage(message);
  const { signal } = stop;
  const device = await openImagePlace(place);
  try {
    const stored = await openImageDevice(device, { name, signal });
    const image = replayed ? await imageAfterReplay(stored, signal) : stored;
    say({ findings: await checkImage(image, { signal, onProgress: (progress) => say({ progress }) }) });
  } catch (error) {
    if (!isAbort(error)) throw error;
    say({ stopped: true });
  } finally {
    await device.close();
  }
}
