import { RpcTarget } from "capnweb";
import {
  type PlanRequest,
  planRequest,
  type QueueApi,
  type QueueApplied,
  type QueueMove,
  type QueueView,
  queueIdRequest,
  queueMoveRequest,
  queueShownRequest,
  type TaskApi,
} from "../contract/index.ts";
import { EngineError, unixMsToTicks } from "./engine.ts";
import type { OpenVolume } from "./open-volume.ts";
import { resolveInputs } from "./operations.ts";
import { PlanHost } from "./plan.ts";
import { parse } from "./requests.ts";
import { TaskHost } from "./task.ts";

/** A client's handle on the queue of a volume. */
export class QueueHost extends RpcTarget implements QueueApi {
  readonly #opened: OpenVolume;
  readonly #resolvePath: (path: string) => Promise<string>;

  /** `resolvePath` says which path of this system a client means; what the queue keeps are those. */
  constructor(opened: OpenVolume, resolvePath: (path: string) => Promise<string>) {
    super();
    this.#opened = opened;
    this.#resolvePath = resolvePath;
  }

  async view(): Promise<QueueView> {
    return this.#opened.queue.view();
  }
  async add(request: PlanRequest): Promise<void> {
    const { operation, inputs, clearSeal } = parse(planRequest, "add", request);
    const resolved = await resolveInputs(operation, readJson(inputs), this.#resolvePath);
    if (typeof resolved !== "object" || resolved === null || Array.isArray(resolved))
      throw new EngineError("REQUEST_INVALID", { call: "add", problem: "the inputs are no object" });
    await this.#opened.queue.add(operation, resolved, { now: unixMsToTicks(Date.now()), clearSeal });
  }
  async move(id: string, to: QueueMove): Promise<void> {
    await this.#opened.queue.move(parse(queueIdRequest, "move", id), parse(queueMoveRequest, "move", to));
  }
  async remove(id: string): Promise<void> {
    await this.#opened.queue.remove(parse(queueIdRequest, "remove", id));
  }
  async clear(): Promise<void> {
    await this.#opened.queue.clear();
  }
  async plan(id: string): Promise<PlanHost> {
    const { plan, ...about } = await this.#opened.queue.planOf(parse(queueIdRequest, "plan", id));
    return new PlanHost(this.#opened, plan, { ...about, isQueued: true });
  }
  async apply(shown: string[]): Promise<TaskApi<QueueApplied>> {
    const asked = parse(queueShownRequest, "apply", shown);
    this.#opened.requireWritable();
    return new TaskHost((signal, report) => this.#opened.queue.apply(asked, signal, report));
  }
}

/** The inputs of an operation as they crossed the wire. REQUEST_INVALID. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new EngineError("REQUEST_INVALID", { call: "plan", problem: "the inputs are no JSON" });
  }
}
