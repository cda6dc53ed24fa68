import { useCallback, useEffect, useRef, useState } from "react";
import type { Progress, TaskApi, VolumeApi } from "../../engine/contract/index.ts";
import type { OpenVolume } from "./session.ts";
import { runHostTask } from "./tasks.ts";
import { selectVolumeData, useVolumeData } from "./volume-data.ts";

/** A task of the host that a panel runs and shows. Its result is dropped when the volume changes, and it is stopped with the panel. */
export interface HostTask<Result> {
  state: "idle" | "running" | "done" | "ended";
  result: Result | undefined;
  progress: Progress | undefined;
  run: () => void;
  stop: () => void;
}

interface Held<Result> {
  key: string;
  state: HostTask<Result>["state"];
  result: Result | undefined;
  progress: Progress | undefined;
}

/** `name` is how the task is listed; `about` says what the result is of: another one begins anew. */
export function useHostTask<Result>(
  volume: OpenVolume,
  name: string,
  about: string,
  start: (api: VolumeApi) => Promise<TaskApi<Result>>,
): HostTask<Result> {
  const version = useVolumeData((state) => selectVolumeData(volume.id)(state)?.version);
  const key = `${volume.id} ${version} ${about}`;
  const [held, setHeld] = useState<Held<Result>>();
  const cancel = useRef<(() => void) | undefined>(undefined);
  const begin = useRef(start);
  begin.current = start;
  const stop = useCallback(() => cancel.current?.(), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what ran for another key, or for a panel that is gone, is of no use
  useEffect(() => stop, [key, stop]);

  const run = useCallback(() => {
    const set = (change: Partial<Held<Result>>) => setHeld((before) => (before?.key === key ? { ...before, ...change } : before));
    let ended = false;
    setHeld({ key, state: "running", result: undefined, progress: undefined });
    const watch = {
      onStart: (cancelTask: () => void) => {
        cancel.current = cancelTask;
      },
      onProgress: (progress: Progress) => !ended && set({ progress }),
    };
    void runHostTask(name, () => begin.current(volume.api), watch).then((result) => {
      ended = true;
      set({ result, state: result === undefined ? "ended" : "done" });
    });
  }, [volume, name, key]);

  const mine = held?.key === key ? held : undefined;
  return { state: mine?.state ?? "idle", result: mine?.result, progress: mine?.progress, run, stop };
}
