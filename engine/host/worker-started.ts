import { parentPort } from "node:worker_threads";

// A file of its own: where threads import WorkerTask's, the build puts that among shared chunks, away from the folder of the threads.

/** The first message of each thread. */
export const started = "started";

/** Said by a thread once its modules are there. */
export const sayStarted = (): void => parentPort?.postMessage(started);
