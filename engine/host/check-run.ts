import type { Lens } from "../contract/index.ts";
import { checkImage, type Finding, type Image, type ImagePlace } from "./engine.ts";
import type { Report } from "./task.ts";
import { WorkerTask } from "./worker-task.ts";
import type { CheckJob, CheckMessage } from "./workers/check-worker.ts";

/** Holds an open image against all rules: in a thread of its own where a path leads to it, so that large tables keep nobody waiting. */
export async function runCheck(
  image: Image,
  source: { place: ImagePlace | undefined; name: string; lens: Lens },
  { signal, onProgress }: { signal: AbortSignal; onProgress: Report },
): Promise<readonly Finding[]> {
  const { place, name, lens } = source;
  if (place === undefined || lens === "queue") return checkImage(image, { signal, onProgress });
  signal.throwIfAborted();
  const aborted = () => new DOMException("The check was stopped", "AbortError");
  return new Promise<readonly Finding[]>((resolve, reject) => {
    const task = new WorkerTask<CheckJob, CheckMessage>(
      "check-worker",
      { place, name, replayed: lens === "replay" },
      {
        message: (message) => {
          if ("progress" in message) onProgress(message.progress);
          else if ("findings" in message) resolve(message.findings);
          else reject(aborted());
        },
        error: reject,
      },
    );
    const stop = () => void task.stop().then(() => reject(aborted()));
    signal.addEventListener("abort", stop, { once: true });
    void task.ended.then(() => {
      signal.removeEventListener("abort", stop);
      // A thread that ended without a word left no findings.
      reject(new Error("The check ended without a result"));
    });
  });
}
