import { isMainThread, Worker, workerData } from "node:worker_threads";
import type { KilledJob, KilledJobName } from "./killed-jobs.ts";

/** What a host process is asked for: one job, and where it is killed, if it is. */
export interface HostOrder {
  job: KilledJobName;
  image: string;
  undoFolder: string;
  kill?: { border: string; afterMs: number } | undefined;
}
/** What it tells: each border of the change that it comes to, and when, in ms. */
export interface HostReport {
  border: string;
  at: number;
}

interface KillerData {
  cells: Int32Array<SharedArrayBuffer>;
  afterMs: number;
}

/** A thread of its own kills the process, so that it happens at any moment and not only where the change waits for something. */
function startKiller(afterMs: number): () => void {
  const cells = new Int32Array(new SharedArrayBuffer(8));
  const data: KillerData = { cells, afterMs };
  new Worker(new URL(import.meta.url), { workerData: data }).unref();
  return () => {
    Atomics.store(cells, 0, 1);
    Atomics.notify(cells, 0);
  };
}

if (isMainThread) {
  const [{ killedJobs }, { applyToPath }, { openFileDevice }, { openVolume }] = await Promise.all([
    import("./killed-jobs.ts"),
    import("../host/changes.ts"),
    import("../host/engine.ts"),
    import("../volume/open.ts"),
  ]);
  const { job, image, undoFolder, kill } = JSON.parse(process.argv[2] ?? "") as HostOrder;
  const { plan }: KilledJob = killedJobs[job];
  const killNow = kill && startKiller(kill.afterMs);
  const device = await openFileDevice(image);
  const planned = await plan(await openVolume(device));
  await device.close();
  const reach = (border: string): void => {
    const report: HostReport = { border, at: performance.now() };
    process.send?.(report);
    if (border === kill?.border) killNow?.();
  };
  reach("undo bundle");
  await applyToPath(image, planned, { undoFolder, onPhase: (phase, step) => reach(`${step} ${phase}`) });
  reach("done");
} else {
  const { cells, afterMs } = workerData as KillerData;
  Atomics.wait(cells, 0, 0);
  Atomics.wait(cells, 1, 0, afterMs);
  process.kill(process.pid, "SIGKILL");
}
