import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { prepareSourceThread } from "../base/source-thread.ts";
import { started } from "./worker-started.ts";

const stopMs = 2000;
const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";

/**
 * A thread that does one job and ends by itself. Any message that it is sent asks it to stop; one that does not, since a read never
 * returns, is ended. It is not ended before it said that it has started: V8 aborts the process when a thread ends while its modules are
 * evaluated.
 */
export class WorkerTask<Job, Message> {
  readonly #worker: Worker;
  readonly #started: Promise<void>;
  readonly #ended: Promise<void>;

  /** `name` is a file of `workers/`, without ending. */
  constructor(name: string, job: Job, on: { message: (message: Message) => void; error: (error: Error) => void }) {
    if (ending === "ts") prepareSourceThread();
    this.#worker = new Worker(new URL(`./workers/${name}.${ending}`, import.meta.url), { workerData: job });
    this.#worker.unref();
    this.#started = new Promise((resolve) => {
      this.#worker.on("message", (message) => (message === started ? resolve() : on.message(message)));
    });
    this.#worker.once("error", on.error);
    this.#ended = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
  }

  get ended(): Promise<void> {
    return this.#ended;
  }

  async stop(): Promise<void> {
    this.#worker.postMessage("stop");
    await Promise.race([this.#ended, this.#started]);
    await Promise.race([this.#ended, delay(stopMs, undefined, { ref: false })]);
    await this.#worker.terminate();
  }
}
