import { useCallback } from "react";
import type { SnapshotNodeRow, SnapshotTreeView, VolumeApi } from "../../engine/contract/index.ts";
import { type Paged, usePages } from "./pages.ts";
import { type Asked, useAsked } from "./region.ts";
import type { OpenVolume } from "./session.ts";
import { selectVolumeData, useVolumeData } from "./volume-data.ts";

/** The snapshot tree of a slot; asked again when its sizes became known. Nothing is asked without a slot. */
export function useSnapshotTree(volume: OpenVolume, slot: number | undefined, measured: boolean): Asked<SnapshotTreeView | undefined> {
  // biome-ignore lint/correctness/useExhaustiveDependencies: known sizes are a reason to ask again
  const question = useCallback((api: VolumeApi) => api.snapshotTree(slot ?? 0), [slot, measured]);
  return useAsked(volume, slot === undefined ? undefined : question);
}

/** Lines of the tree; those that come into sight are fetched. */
export function useSnapshotRows(volume: OpenVolume, slot: number, measured: boolean): Paged<SnapshotNodeRow> {
  const version = useVolumeData((state) => selectVolumeData(volume.id)(state)?.version);
  const findings = useVolumeData((state) => selectVolumeData(volume.id)(state)?.findings);
  return usePages(`${volume.id} ${slot} ${measured} ${version} ${findings?.length}`, async (start, count) => ({
    rows: await volume.api.snapshotRows({ slot, start, count }),
  }));
}
