import { useCallback, useEffect, useState } from "react";
import type { RegionView, RowsRequest, TableRow, VolumeApi } from "../../engine/contract/index.ts";
import { type Paged, usePages } from "./pages.ts";
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

/** Rows of one table of a region; pages that come into sight are fetched. */
export function useRegionRows(volume: OpenVolume, request: Omit<RowsRequest, "start" | "count"> | undefined): Paged<TableRow> {
  const version = useVolumeData((state) => selectVolumeData(volume.id)(state)?.version);
  const findings = useVolumeData((state) => selectVolumeData(volume.id)(state)?.findings);
  const key = `${volume.id} ${request && JSON.stringify(request)} ${version} ${findings?.length}`;
  return usePages(key, request && ((start, count) => volume.api.regionRows({ ...request, start, count })));
}
