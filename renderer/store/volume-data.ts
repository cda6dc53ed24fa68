import { create } from "zustand";
import type {
  CheckSummary,
  Finding,
  Layout,
  Lens,
  Overview,
  TreeNode,
  VolumeApi,
  VolumeEvent,
  VolumeId,
} from "../../engine/contract/index.ts";
import { selectSource } from "./selection.ts";
import type { OpenVolume } from "./session.ts";
import { follow } from "./streams.ts";
import { runHostTask, runTask } from "./tasks.ts";

/** What the engine last said of a volume. Panels read it; it is asked anew when the volume says that it changed. */
export interface VolumeData {
  overview: Overview;
  layout: Layout | undefined;
  tree: readonly TreeNode[];
  findings: readonly Finding[];
  checked: boolean;
  lastCheck: CheckSummary | undefined;
  /** Raised with each change of the source: views ask their bytes anew. */
  version: number;
  /** Raised with each change of the queue. */
  queueVersion: number;
  /** Raised when more of the allocation map is counted, too. */
  mapVersion: number;
  lost: string | undefined;
}

export const useVolumeData = create<{ volumes: Readonly<Record<VolumeId, VolumeData>> }>()(() => ({ volumes: {} }));

export const selectVolumeData = (id: VolumeId | undefined) => (state: { volumes: Readonly<Record<VolumeId, VolumeData>> }) =>
  id === undefined ? undefined : state.volumes[id];

/** Whether plans can be applied to a volume as it is now. */
export const isWritable = (overview: Overview | undefined): boolean =>
  overview?.lockedReason === undefined && (overview?.writeState === "changes" || overview?.writeState === "overlay");

/** What the button says that applies a plan to a volume. */
export const applyText = (volume: OpenVolume, overview: Overview | undefined): string =>
  overview?.writeState === "overlay" ? "Apply to overlay" : `Apply to ${volume.name}`;

function patch(id: VolumeId, change: Partial<VolumeData>): void {
  useVolumeData.setState(({ volumes }) => (volumes[id] ? { volumes: { ...volumes, [id]: { ...volumes[id], ...change } } } : { volumes }));
}

/** Begins to follow a volume that was just opened. */
export function watchVolume(id: VolumeId, api: VolumeApi, overview: Overview): void {
  useVolumeData.setState(({ volumes }) => ({
    volumes: {
      ...volumes,
      [id]: {
        overview,
        layout: undefined,
        tree: [],
        findings: [],
        checked: false,
        lastCheck: undefined,
        version: 0,
        queueVersion: 0,
        mapVersion: 0,
        lost: undefined,
      },
    },
  }));
  selectSource(id, overview.lens);
  void refresh(id, api);
  void api.changes().then((events) => follow(events, (event) => take(id, api, event)));
}

export function forgetVolume(id: VolumeId): void {
  useVolumeData.setState(({ volumes }) => {
    const { [id]: _, ...others } = volumes;
    return { volumes: others };
  });
}

async function refresh(id: VolumeId, api: VolumeApi): Promise<void> {
  const read = await runTask("Read", () => Promise.all([api.overview(), api.tree(), api.findings(), api.layout()]));
  if (!read) return;
  const [overview, tree, findings, layout] = read;
  selectSource(id, overview.lens);
  patch(id, { overview, tree, findings, layout, checked: overview.health.every((check) => check.state !== "running") });
}

async function take(id: VolumeId, api: VolumeApi, event: VolumeEvent): Promise<void> {
  if (event.type === "source.lost") {
    patch(id, { lost: event.reason });
    return;
  }
  const { version = 0, mapVersion = 0, queueVersion = 0 } = useVolumeData.getState().volumes[id] ?? {};
  if (event.type === "queue.changed") {
    patch(id, { queueVersion: queueVersion + 1, overview: await api.overview() });
    return;
  }
  // What was worked out from the source stays true until the source changes: a counted map or new findings do not undo it.
  if (event.type === "source.changed") patch(id, { version: version + 1, mapVersion: mapVersion + 1, lost: undefined });
  else if (event.type === "map.changed") patch(id, { mapVersion: mapVersion + 1, lost: undefined });
  if (event.type === "map.changed") patch(id, { overview: await api.overview() });
  else await refresh(id, api);
}

/** Shows the volume through another lens, in all panels. */
export const showThrough = (volume: OpenVolume, lens: Lens) => runTask("Show", () => volume.api.show(lens));

/** Runs all rules again. */
export async function checkVolume(id: VolumeId, api: VolumeApi): Promise<void> {
  const summary = await runHostTask("Check", () => api.check());
  if (!summary) return;
  patch(id, { lastCheck: summary });
  await refresh(id, api);
}
