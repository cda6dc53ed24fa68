import { useEffect, useState } from "react";
import type {
  CreatedFile,
  NewFileApi,
  NewFileView,
  NewPlace,
  NewVolumeLayout,
  NewVolumeRequest,
  VolumeChoices,
} from "../../engine/contract/index.ts";
import { openVolume, requireSession } from "./session.ts";
import { runHostTask, runTask, type TaskWatch } from "./tasks.ts";

/** What a new volume can be made of; undefined until the host has said it. */
export function useVolumeChoices(): VolumeChoices | undefined {
  const [choices, setChoices] = useState<VolumeChoices>();
  useEffect(() => void runTask("Read profiles", () => requireSession().volumeChoices()).then(setChoices), []);
  return choices;
}

const typingMs = 120;
const wordsOf = (request: NewVolumeRequest | undefined) =>
  request && JSON.stringify(request, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value));

/** The layout that a request would give, asked for anew once typing pauses. `isCurrent` is false until the answer is about this request. */
export function useNewLayout(request: NewVolumeRequest | undefined): { layout: NewVolumeLayout | undefined; isCurrent: boolean } {
  const key = wordsOf(request);
  const [held, setHeld] = useState<{ key: string | undefined; layout: NewVolumeLayout }>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a request is its words
  useEffect(() => {
    if (!request) return undefined;
    let stale = false;
    const timer = setTimeout(() => {
      void runTask("Lay out", () => requireSession().layoutOfNew(request)).then((layout) => !stale && layout && setHeld({ key, layout }));
    }, typingMs);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [key]);
  return { layout: held?.layout, isCurrent: held !== undefined && held.key === key };
}

/** The host's own dialog for a new file. Undefined when cancelled. */
export const chooseNewFile = (name: string) => runTask("Choose", () => requireSession().chooseNewFile(name));

/** A new file that is planned, and what became of it. */
export interface NewFile {
  api: NewFileApi;
  view: NewFileView;
}

/** What `start` plans, with what is to be shown of it. Undefined where it was refused, which was shown. */
export async function planNewFile(start: () => Promise<NewFileApi>): Promise<NewFile | undefined> {
  const api = await runTask("Plan", start);
  const view = api && (await runTask("Plan", () => api.view()));
  return api && view && { api, view };
}
export const planNewVolume = (request: NewVolumeRequest, place: NewPlace) => planNewFile(() => requireSession().newVolume(request, place));

/** Makes a planned file and opens it in a tab. Undefined where it failed or was cancelled. */
export const createFile = ({ api, view }: NewFile, watch: TaskWatch): Promise<CreatedFile | undefined> =>
  runHostTask(`Create ${view.name}`, () => api.create(), watch);

export const showCreated = (created: CreatedFile) => openVolume({ kind: "open", id: created.id });
export const forgetNewFile = (file: NewFile | undefined): void => (file?.api as Partial<Disposable> | undefined)?.[Symbol.dispose]?.();
