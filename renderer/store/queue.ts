import { create } from "zustand";
import type { QueueApi, QueueApplied, QueueMove, QueueView, UndoRow, VolumeId } from "../../engine/contract/index.ts";
import { dropPlan, hold, usePlan } from "./plan.ts";
import type { OpenVolume } from "./session.ts";
import { runHostTask, runTask } from "./tasks.ts";

/** The changes that wait for a volume, and those that were made and can be undone. */
export interface QueueData {
  view: QueueView | undefined;
  undo: readonly UndoRow[];
  /** What became of the queue when it was last applied. */
  applied: QueueApplied | undefined;
  /** Stops behind the change that is being made. */
  stop: (() => void) | undefined;
}
const nothing: QueueData = { view: undefined, undo: [], applied: undefined, stop: undefined };

export const useQueue = create<{ volumes: Readonly<Record<VolumeId, QueueData>> }>()(() => ({ volumes: {} }));

export const selectQueue =
  (id: VolumeId) =>
  (state: { volumes: Readonly<Record<VolumeId, QueueData>> }): QueueData =>
    state.volumes[id] ?? nothing;

const patch = (id: VolumeId, change: Partial<QueueData>): void =>
  useQueue.setState(({ volumes }) => ({ volumes: { ...volumes, [id]: { ...nothing, ...volumes[id], ...change } } }));

async function withQueue<Result>({ api }: OpenVolume, act: (queue: QueueApi) => Promise<Result>): Promise<Result> {
  const queue = await api.queue();
  try {
    return await act(queue);
  } finally {
    (queue as Partial<Disposable>)[Symbol.dispose]?.();
  }
}

/** Asks anew for the queue and for what can be undone. The plan that is shown follows what became of its change. */
export async function refreshQueue(volume: OpenVolume): Promise<void> {
  const read = await runTask("Read the queue", () => Promise.all([withQueue(volume, (queue) => queue.view()), volume.api.undoRows()]));
  if (!read) return;
  const [view, undo] = read;
  patch(volume.id, { view, undo });
  const shown = usePlan.getState();
  if (shown.volumeId !== volume.id || shown.origin?.kind !== "queued" || shown.state !== "planned") return;
  const { id } = shown.origin;
  const entry = view.entries.find((each) => each.id === id);
  if (entry?.state !== "planned") dropPlan();
  else if (entry.planId !== shown.view?.planId) await showQueued(volume, id);
}

/** Puts an operation behind the others and shows its plan there. False where it was refused, which was shown. */
export async function addToQueue(volume: OpenVolume, operation: string, inputs: object): Promise<boolean> {
  const view = await runTask("Add to queue", () =>
    withQueue(volume, async (queue) => {
      await queue.add({ operation, inputs: JSON.stringify(inputs) });
      return queue.view();
    }),
  );
  patch(volume.id, { applied: undefined, ...(view && { view }) });
  if (!view) return false;
  const added = view.entries.at(-1);
  if (added?.state === "planned") await showQueued(volume, added.id);
  else dropPlan();
  return true;
}

/** Lets a change trade places with its neighbour; why not, where it may not, is shown. */
export const moveQueued = (volume: OpenVolume, id: string, to: QueueMove) =>
  runTask("Move in the queue", () => withQueue(volume, (queue) => queue.move(id, to)));
export const removeQueued = (volume: OpenVolume, id: string) =>
  runTask("Remove from the queue", () => withQueue(volume, (queue) => queue.remove(id)));
export const clearQueue = (volume: OpenVolume) => runTask("Clear the queue", () => withQueue(volume, (queue) => queue.clear()));

/** Shows the plan of one change, on the volume as those before it leave it. */
export const showQueued = (volume: OpenVolume, id: string) =>
  hold(volume, { kind: "queued", id }, () => withQueue(volume, (queue) => queue.plan(id)));

/** Plans the undo of a change that was made. */
export function proposeUndo(volume: OpenVolume, id: string): Promise<boolean> {
  patch(volume.id, { applied: undefined });
  return hold(volume, { kind: "undo", id }, () => volume.api.planUndo(id));
}

/** Makes the changes whose plans are listed, one after the other. */
export async function applyQueue(volume: OpenVolume): Promise<void> {
  const shown = (useQueue.getState().volumes[volume.id]?.view?.entries ?? []).flatMap(({ planId }) => planId ?? []);
  dropPlan();
  const start = () => withQueue(volume, (queue) => queue.apply(shown));
  const applied = await runHostTask(`Apply ${shown.length} changes`, start, {
    onStart: (stop) => patch(volume.id, { stop, applied: undefined }),
    onProgress: () => {},
  });
  patch(volume.id, { stop: undefined, applied });
  await refreshQueue(volume);
}
