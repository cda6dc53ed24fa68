import { useCallback, useEffect, useRef, useState } from "react";
import type { EntryChange, JournalsView, LogRecordPage, LogRecordRow, VolumeApi } from "../../engine/contract/index.ts";
import { type Asked, useAsked } from "./region.ts";
import type { OpenVolume } from "./session.ts";
import { describeFailure, type Failure } from "./tasks.ts";
import { selectVolumeData, useVolumeData } from "./volume-data.ts";

const askJournals = (api: VolumeApi) => api.journals();

/** The logs of a volume, with their transactions. */
export const useJournals = (volume: OpenVolume): Asked<JournalsView> => useAsked(volume, askJournals);

/** What the entry at a byte of a log would change; nothing is asked without one. */
export function useEntryChange(volume: OpenVolume, slot: number, offset: bigint | undefined): Asked<EntryChange> {
  const question = useCallback((api: VolumeApi) => api.journalChange({ slot, offset: offset ?? 0n }), [slot, offset]);
  return useAsked(volume, offset === undefined ? undefined : question);
}

const pageRows = 200;
const mostPages = 24;

/** Records of a log, fetched page by page as they come into sight; far pages are let go. */
export function useLogRecords(
  volume: OpenVolume,
  slot: number,
): { rowAt: (index: number) => LogRecordRow | undefined; onVisible: (start: number, end: number) => void; failure: Failure | undefined } {
  const version = useVolumeData((state) => selectVolumeData(volume.id)(state)?.version);
  const [, setShown] = useState(0);
  const [failure, setFailure] = useState<Failure>();
  const held = useRef({ key: "", pages: new Map<number, LogRecordPage | "asked">() });
  const key = `${volume.id} ${slot} ${version}`;
  if (held.current.key !== key) held.current = { key, pages: new Map() };
  const onVisible = useCallback(
    (start: number, end: number) => {
      const { current } = held;
      for (let page = Math.floor(start / pageRows); page * pageRows < end; page++) {
        if (current.pages.has(page)) continue;
        current.pages.set(page, "asked");
        volume.api.journalRecords({ slot, start: page * pageRows, count: pageRows }).then(
          (answer) => {
            if (held.current !== current) return;
            current.pages.set(page, answer);
            for (const far of current.pages.keys()) if (current.pages.size > mostPages && far !== page) current.pages.delete(far);
            setFailure(undefined);
            setShown((count) => count + 1);
          },
          (error: unknown) => {
            current.pages.delete(page);
            if (held.current === current) setFailure(describeFailure(error));
          },
        );
      }
    },
    [volume, slot],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a changed source begins anew with the first page
  useEffect(() => onVisible(0, 1), [onVisible, key]);
  const rowAt = (index: number) => {
    const page = held.current.pages.get(Math.floor(index / pageRows));
    return page === undefined || page === "asked" ? undefined : page.rows[index % pageRows];
  };
  return { rowAt, onVisible, failure };
}
