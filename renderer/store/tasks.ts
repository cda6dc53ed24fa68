import { create } from "zustand";
import { explain, isErrorCode, type Progress, type TaskApi } from "../../engine/contract/index.ts";
import { follow } from "./streams.ts";

/** A failure in the words of the catalogue. */
export interface Failure {
  what: string;
  where?: string | undefined;
  next?: string | undefined;
  code: string;
}

export interface TaskRow {
  id: number;
  name: string;
  state: "running" | "done" | "failed" | "cancelled";
  progress?: Progress | undefined;
  failure?: Failure | undefined;
  cancel?: (() => void) | undefined;
}

interface TaskState {
  rows: readonly TaskRow[];
  /** The failure to show until it is dismissed. */
  shown: Failure | undefined;
}

export const useTasks = create<TaskState>()(() => ({ rows: [], shown: undefined }));

const mostRows = 100;
/** Quick calls are listed only when they fail. */
const listedMs = 400;
let lastId = 0;

export const dismissFailure = () => useTasks.setState({ shown: undefined });

/** The words for whatever crossed the wire. */
export function describeFailure(error: unknown): Failure {
  const { code, data, message } = (error ?? {}) as { code?: unknown; data?: unknown; message?: unknown };
  if (isErrorCode(code)) return { ...explain(code, data as never), code };
  return {
    what: typeof message === "string" && message ? message : "The host did not answer",
    code: "UNEXPECTED",
    next: "Try again; if it stays so, restart Blockscope.",
  };
}

const isCancelled = (error: unknown): boolean => (error as { name?: unknown } | undefined)?.name === "AbortError";

function update(id: number, change: Partial<TaskRow>): void {
  useTasks.setState(({ rows }) => ({ rows: rows.map((row) => (row.id === id ? { ...row, ...change } : row)) }));
}

function list(row: TaskRow): void {
  useTasks.setState(({ rows }) => ({ rows: [row, ...rows].slice(0, mostRows) }));
}

/** The one road for calls: lists what takes time, shows what fails. Undefined where it failed or was cancelled. */
export async function runTask<Result>(name: string, call: () => Promise<Result>): Promise<Result | undefined> {
  const id = ++lastId;
  let listed = false;
  const timer = setTimeout(() => {
    listed = true;
    list({ id, name, state: "running" });
  }, listedMs);
  try {
    const result = await call();
    if (listed) update(id, { state: "done" });
    return result;
  } catch (error) {
    const failure = describeFailure(error);
    const state = isCancelled(error) ? "cancelled" : "failed";
    if (listed) update(id, { state, failure });
    else if (state === "failed") list({ id, name, state, failure });
    if (state === "failed") useTasks.setState({ shown: failure });
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** Where else a task of the host is shown while it runs. */
export interface TaskWatch {
  onStart: (cancel: () => void) => void;
  onProgress: (progress: Progress) => void;
}

/** Follows a task of the host to its end, with its progress and Stop. Undefined where it failed or was cancelled. */
export async function runHostTask<Result>(
  name: string,
  start: () => Promise<TaskApi<Result>>,
  watch?: TaskWatch,
): Promise<Result | undefined> {
  const task = await runTask(name, start);
  if (!task) return undefined;
  const id = ++lastId;
  // The name of an AbortError does not survive every wire: who cancelled knows what the rejection means.
  let cancelled = false;
  const cancel = () => {
    cancelled = true;
    void task.cancel();
  };
  list({ id, name, state: "running", cancel });
  watch?.onStart(cancel);
  try {
    void follow(await task.progress(), (progress) => {
      update(id, { progress });
      watch?.onProgress(progress);
    });
    const result = await task.result();
    update(id, { state: "done", cancel: undefined });
    return result;
  } catch (error) {
    const state = cancelled || isCancelled(error) ? "cancelled" : "failed";
    const failure = describeFailure(error);
    update(id, { state, cancel: undefined, ...(state === "failed" && { failure }) });
    if (state === "failed") useTasks.setState({ shown: failure });
    return undefined;
  } finally {
    // The host's object is given back with the task.
    (task as Partial<Disposable>)[Symbol.dispose]?.();
  }
}
