import { useCallback } from "react";
import type { CopyRow, CopySet, VolumeApi } from "../../engine/contract/index.ts";
import { type Asked, useAsked } from "./region.ts";
import type { OpenVolume } from "./session.ts";

const rowsPerCall = 500;
/** Rows that are shown at most: the largest structure has fewer. */
const mostRows = 20_000;

const copySets = (api: VolumeApi): Promise<CopySet[]> => api.copySets();

/** The structures of a volume that are stored more than once. */
export const useCopySets = (volume: OpenVolume): Asked<CopySet[]> => useAsked(volume, copySets);

/** The fields of one structure's copies side by side, differing ones first. */
export function useCopyRows(volume: OpenVolume, id: string | undefined, differing: boolean): Asked<CopyRow[]> {
  const question = useCallback(
    async (api: VolumeApi) => {
      const rows: CopyRow[] = [];
      let total = 1;
      while (id !== undefined && rows.length < Math.min(total, mostRows)) {
        const page = await api.copyRows({ id, start: rows.length, count: rowsPerCall, differing });
        total = page.total;
        if (page.rows.length === 0) break;
        rows.push(...page.rows);
      }
      return rows;
    },
    [id, differing],
  );
  return useAsked(volume, id === undefined ? undefined : question);
}
