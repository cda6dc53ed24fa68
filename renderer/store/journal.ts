import { useCallback } from "react";
import type { EntryChange, JournalsView, LogRecordRow, VolumeApi } from "../../engine/contract/index.ts";
import { type Paged, usePages } from "./pages.ts";
import { type Asked, useAsked } from "./region.ts";
import type { OpenVolume } from "./session.ts";
import { selectVolumeData, useVolumeData } from "./volume-data.ts";

const askJournals = (api: VolumeApi) => api.journals();

/** The logs of a volume, with their transactions. */
export const useJournals = (volume: OpenVolume): Asked<JournalsView> => useAsked(volume, askJournals);

/** What the entry at a byte of a log would change; nothing is asked without one. */
export function useEntryChange(volume: OpenVolume, slot: number, offset: bigint | undefined): Asked<EntryChange> {
  const question = useCallback((api: VolumeApi) => api.journalChange({ slot, offset: offset ?? 0n }), [slot, offset]);
  return useAsked(volume, offset === undefined ? undefined : question);
}

/** Records of a log; pages that come into sight are fetched. */
export function useLogRecords(volume: OpenVolume, slot: number): Paged<LogRecordRow> {
  const version = useVolumeData((state) => selectVolumeData(volume.id)(state)?.version);
  return usePages(`${volume.id} ${slot} ${version}`, (start, count) => volume.api.journalRecords({ slot, start, count }));
}
