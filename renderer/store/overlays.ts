import { useEffect, useState } from "react";
import { create } from "zustand";
import type { DifferenceApi, DifferenceView, OverlayRow, OverlaysApi } from "../../engine/contract/index.ts";
import { applyPlan, hold, propose, usePlan } from "./plan.ts";
import { addTab, type OpenVolume } from "./session.ts";
import { runTask } from "./tasks.ts";
import { selectVolumeData, useVolumeData } from "./volume-data.ts";

/** The overlay that the user was asked about whether it may be dropped. */
export const useAskedOverlay = create<{ asked: OverlayRow | undefined }>()(() => ({ asked: undefined }));
export const askToDrop = (asked: OverlayRow | undefined) => useAskedOverlay.setState({ asked });

/** What a call gives lives on; the handle it was asked for by is given back. */
async function withOverlays<Result>(volume: OpenVolume, call: (overlays: OverlaysApi) => Promise<Result>): Promise<Result> {
  const overlays = await volume.api.overlays();
  try {
    return await call(overlays);
  } finally {
    (overlays as Partial<Disposable>)[Symbol.dispose]?.();
  }
}

const listOverlays = (volume: OpenVolume) => runTask("Read overlays", () => withOverlays(volume, (overlays) => overlays.rows()));

/** The overlays of a volume's image, asked anew when the volume changes or `again` rises. */
export function useOverlayRows(volume: OpenVolume | undefined, again = 0): readonly OverlayRow[] | undefined {
  const version = useVolumeData((state) => selectVolumeData(volume?.id)(state)?.version);
  const [rows, setRows] = useState<readonly OverlayRow[]>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked anew with each change of the volume
  useEffect(() => {
    let stale = false;
    if (volume) void listOverlays(volume).then((found) => !stale && setRows(found ?? []));
    return () => {
      stale = true;
    };
  }, [volume, version, again]);
  return rows;
}

/** The overlay that a volume is seen through. */
export async function currentOverlay(volume: OpenVolume): Promise<OverlayRow | undefined> {
  return (await listOverlays(volume))?.find(({ current }) => current);
}

/** Opens the image of a volume through an overlay, a new one unless told, in a tab of its own. */
export async function openOverlay(volume: OpenVolume, id?: string): Promise<OpenVolume | undefined> {
  const api = await runTask("Open overlay", () => withOverlays(volume, (overlays) => overlays.open(id)));
  return api && addTab(api, true);
}

/** Plans the commit of an overlay on its image, which is shown in its own tab. False where that was refused, which was shown. */
export async function proposeCommit(volume: OpenVolume, id: string): Promise<boolean> {
  const api = await runTask("Open image", () => withOverlays(volume, (overlays) => overlays.image()));
  const image = api && (await addTab(api, true));
  return image ? hold(image, { kind: "commit", id }, () => withOverlays(image, (overlays) => overlays.planCommit(id))) : false;
}

/** Throws an overlay away. False where it could not be, which was shown. */
export async function dropOverlay(volume: OpenVolume, id: string): Promise<boolean> {
  const dropped = await runTask("Drop overlay", async () => {
    await withOverlays(volume, (overlays) => overlays.drop(id));
    return true;
  });
  return dropped === true;
}

/** Makes the change that is planned in a new overlay instead of in the volume. False where that failed, which was shown. */
export async function tryOnOverlay(volume: OpenVolume): Promise<boolean> {
  const { origin } = usePlan.getState();
  if (origin?.kind !== "asked") return false;
  const through = await openOverlay(volume);
  return through !== undefined && (await propose(through, origin.operation, origin.inputs)) && (await applyPlan());
}

export interface Difference {
  api: DifferenceApi;
  view: DifferenceView;
}

/** Two states of a volume's image, compared by the host for as long as they are shown. */
export function useDifference(volume: OpenVolume, before: string, after: string | undefined, again: number): Difference | undefined {
  const version = useVolumeData((state) => selectVolumeData(volume.id)(state)?.version);
  const [difference, setDifference] = useState<Difference>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: compared anew with each change of the volume
  useEffect(() => {
    let stale = false;
    let held: DifferenceApi | undefined;
    const letGo = () => (held as Partial<Disposable> | undefined)?.[Symbol.dispose]?.();
    setDifference(undefined);
    if (after !== undefined)
      void runTask("Compare", async () => {
        held = await withOverlays(volume, (overlays) => overlays.compare(before, after));
        return { api: held, view: await held.view() };
      }).then((found) => (stale ? letGo() : setDifference(found)));
    return () => {
      stale = true;
      letGo();
    };
  }, [volume, version, before, after, again]);
  return difference;
}
