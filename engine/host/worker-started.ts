import { parentPort } from "node:worker_threads";

/** The first message of each thread. */
export const started = "started";

/** Said by a thread once its modules are there. */
export const sayStarted = (): void => parentPort?.postMessage(started);
