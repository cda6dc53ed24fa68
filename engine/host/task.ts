import { RpcTarget } from "capnweb";
import type { Progress, TaskApi } from "../contract/index.ts";
import { Events } from "./events.ts";

export type Report = (progress: Pick<Progress, "phase" | "done" | "unit" | "total">) => void;
const leastIntervalMs = 100;

/** Work that runs in the host: begins at once, reports at most ten times a second, and ends once. */
export class TaskHost<Result> extends RpcTarget implements TaskApi<Result> {
  readonly #stop = new AbortController();
  readonly #events = new Events<Progress>();
  readonly #result: Promise<Result>;
  readonly #startedMs = performance.now();
  #latest: Progress | undefined;
  #sentMs = 0;

  constructor(work: (signal: AbortSignal, report: Report) => Promise<Result>) {
    super();
    this.#result = work(this.#stop.signal, (progress) => this.#report(progress)).finally(() => {
      if (this.#latest) this.#events.emit(this.#latest);
      this.#events.close();
    });
    this.#result.catch(() => {}); // Told by result(); a client that never asks is not a crash.
  }

  #report(progress: Parameters<Report>[0]): void {
    const now = performance.now();
    const elapsedMs = now - this.#startedMs;
    const averageRate = elapsedMs > 0 ? (progress.done * 1000) / elapsedMs : undefined;
    this.#latest = { ...progress, elapsedMs, averageRate };
    if (now - this.#sentMs < leastIntervalMs) return;
    this.#sentMs = now;
    this.#events.emit(this.#latest);
  }

  async progress(): Promise<ReadableStream<Progress>> {
    const stream = this.#events.stream();
    const latest = this.#latest;
    if (!latest) return stream;
    return stream.pipeThrough(new TransformStream<Progress, Progress>({ start: (controller) => controller.enqueue(latest) }));
  }

  result(): Promise<Result> {
    return this.#result;
  }

  async cancel(): Promise<void> {
    this.#stop.abort();
  }
}
