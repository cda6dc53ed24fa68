import { useCallback, useEffect, useRef, useState } from "react";
import type { RegionView, RowsRequest, TablePage, TableRow, VolumeApi } from "../../engine/contract/index.ts";
import type { OpenVolume } from "./session.ts";
import { describeFailure, type Failure } from "./tasks.ts";
import { selectVolumeData, useVolumeData } from "./volume-data.ts";

/** What the engine last said to a question that is asked again whenever the volume changes. */
export interface Asked<Answer> {
  answer: Answer | undefined;
  failure: Failure | undefined;
}

/** Asks the volume, and again when its source or its findings change. Without a question nothing is asked. */
export function useAsked<Answer>(volume: OpenVolume, question: ((api: VolumeApi) => Promise<Answer>) | undefined): Asked<Answer> {
  const version = useVolumeData((state) => selectVolumeData(volume.id)(state)?.version);
  const findings = useVolumeData((state) => selectVolumeData(volume.id)(state)?.findings);
  const [asked, setAsked] = useState<Asked<Answer>>({ answer: undefined, failure: undefined });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a changed source or new findings ask the same question again
  useEffect(() => {
    let stale = false;
    if (!question) {
      setAsked({ answer: undefined, failure: undefined });
      return;
    }
    question(volume.api).then(
      (answer) => !stale && setAsked({ answer, failure: undefined }),
      (error: unknown) => !stale && setAsked({ answer: undefined, failure: describeFailure(error) }),
    );
    return () => {
      stale = true;
    };
  }, [volume, question, version, findings]);
  return asked;
}

/** What the region of a slot holds. */
export function useRegionView(volume: OpenVolume, slot: number | undefined): Asked<RegionView> {
  const question = useCallback((api: VolumeApi) => api.region(slot ?? 0), [slot]);
  return useAsked(volume, slot === undefined ? undefined : question);
}

const pageRows = 200;
const mostPages = 24;

/** Rows of one table of a region, fetched page by page as they come into sight; far pages are let go. */
export function useRegionRows(
  volume: OpenVolume,
  request: Omit<RowsRequest, "start" | "count"> | undefined,
): {
  total: number | undefined;
  rowAt: (index: number) => TableRow | undefined;
  onVisible: (start: number, end: number) => void;
  failure: Failure | undefined;
} {
  const version = useVolumeData((state) => selectVolumeData(volume.id)(state)?.version);
  const findings = useVolumeData((state) => selectVolumeData(volume.id)(state)?.findings);
  const [, setShown] = useState(0);
  const [failure, setFailure] = useState<Failure>();
  const key = request && JSON.stringify(request);
  const pages = useRef({ key: "", pages: new Map<number, TablePage | "asked">(), total: undefined as number | undefined });
  const identity = `${volume.id} ${key} ${version} ${findings?.length}`;
  if (pages.current.key !== identity) pages.current = { key: identity, pages: new Map(), total: undefined };

  const onVisible = useCallback(
    (start: number, end: number) => {
      if (key === undefined) return;
      const held = pages.current;
      for (let page = Math.floor(start / pageRows); page * pageRows < Math.max(1, end); page++) {
        if (held.pages.has(page)) continue;
        held.pages.set(page, "asked");
        volume.api.regionRows({ ...JSON.parse(key), start: page * pageRows, count: pageRows }).then(
          (answer) => {
            if (pages.current !== held) return;
            held.pages.set(page, answer);
            held.total = answer.total;
            for (const far of held.pages.keys()) if (held.pages.size > mostPages && far !== page) held.pages.delete(far);
            setFailure(undefined);
            setShown((count) => count + 1);
          },
          (error: unknown) => {
            held.pages.delete(page);
            if (pages.current === held) setFailure(describeFailure(error));
          },
        );
      }
    },
    [volume, key],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a changed identity begins anew with the first page
  useEffect(() => onVisible(0, 1), [onVisible, identity]);
  const rowAt = (index: number) => {
    const page = pages.current.pages.get(Math.floor(index / pageRows));
    return page === undefined || page === "asked" ? undefined : page.rows[index % pageRows];
  };
  return { total: pages.current.total, rowAt, onVisible, failure };
}
