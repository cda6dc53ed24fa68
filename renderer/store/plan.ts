import { create } from "zustand";
import type { AppliedView, PlanApi, PlanView, VolumeId } from "../../engine/contract/index.ts";
import type { OpenVolume } from "./session.ts";
import { runHostTask, runTask, type TaskWatch } from "./tasks.ts";

/** Where a plan came from: an operation that was asked for, a change of the queue, one that was made and may be undone, or an overlay. */
export type PlanOrigin =
  | { kind: "asked"; operation: string; inputs: object }
  | { kind: "queued"; id: string }
  | { kind: "undo"; id: string }
  | { kind: "commit"; id: string };

/** The plan that is being looked at, and what became of it. One at a time for the whole window. */
interface PlanState {
  volumeId: VolumeId | undefined;
  api: PlanApi | undefined;
  view: PlanView | undefined;
  state: "none" | "planning" | "planned" | "applying" | "applied";
  applied: AppliedView | undefined;
  origin: PlanOrigin | undefined;
}
const nothing: PlanState = {
  volumeId: undefined,
  api: undefined,
  view: undefined,
  state: "none",
  applied: undefined,
  origin: undefined,
};

export const usePlan = create<PlanState>()(() => nothing);

/** The plan as far as it is this volume's. */
export const selectPlan =
  (id: VolumeId | undefined) =>
  (state: PlanState): PlanState =>
    state.volumeId === id ? state : nothing;

/** Forgets the plan; the host forgets it too. */
export function dropPlan(): void {
  (usePlan.getState().api as Partial<Disposable> | undefined)?.[Symbol.dispose]?.();
  usePlan.setState(nothing);
}

/** Plans an operation on a volume; only reads. False where it was refused, which was shown. */
export const propose = (volume: OpenVolume, operation: string, inputs: object): Promise<boolean> =>
  hold(volume, { kind: "asked", operation, inputs }, () => volume.api.plan({ operation, inputs: JSON.stringify(inputs) }));

/** Shows the plan that `make` gives. False where it was refused, which was shown, or where another one was asked for meanwhile. */
export async function hold(volume: OpenVolume, origin: PlanOrigin, make: () => Promise<PlanApi>): Promise<boolean> {
  dropPlan();
  usePlan.setState({ ...nothing, volumeId: volume.id, state: "planning", origin });
  const isWanted = () => usePlan.getState().origin === origin;
  const api = await runTask("Plan", make);
  const view = api && isWanted() ? await runTask("Plan", () => api.view()) : undefined;
  if (api && view && isWanted()) {
    usePlan.setState({ api, view, state: "planned" });
    return true;
  }
  (api as Partial<Disposable> | undefined)?.[Symbol.dispose]?.();
  if (isWanted()) usePlan.setState(nothing);
  return false;
}

/** Carries out the plan that was shown. False where it failed or was cancelled, which was shown. */
export async function applyPlan(watch?: TaskWatch): Promise<boolean> {
  const { api, view } = usePlan.getState();
  if (!api || !view) return false;
  usePlan.setState({ state: "applying" });
  const applied = await runHostTask(view.sentences[0] ?? view.operation, () => api.apply(), watch);
  usePlan.setState(applied ? { state: "applied", applied } : { state: "planned" });
  return applied !== undefined;
}

/** Lets a volume be changed, or stops that. */
export const enableChanges = (volume: OpenVolume, enabled: boolean) => runTask("Enable changes", () => volume.api.enableChanges(enabled));

/** Brings the metadata log of a volume to rest. */
export const recover = (volume: OpenVolume, decide?: "replay" | "discard") => runHostTask("Recover", () => volume.api.recover(decide));
