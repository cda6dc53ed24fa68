import { useCallback, useEffect, useRef, useState } from "react";
import { describeFailure, type Failure } from "./tasks.ts";

export interface Page<Row> {
  rows: readonly Row[];
  /** Rows in all, where the host tells it with each page. */
  total?: number | undefined;
}
export interface Paged<Row> {
  total: number | undefined;
  rowAt: (index: number) => Row | undefined;
  onVisible: (start: number, end: number) => void;
  failure: Failure | undefined;
}

const pageRows = 200;
const mostPages = 24;

/** Rows of the host, fetched page by page as they come into sight; far pages are let go. Another `key` begins anew with the first page. */
export function usePages<Row>(key: string, fetch: ((start: number, count: number) => Promise<Page<Row>>) | undefined): Paged<Row> {
  const [, setShown] = useState(0);
  const [failure, setFailure] = useState<Failure>();
  const held = useRef({ key: "", pages: new Map<number, Page<Row> | "asked">(), total: undefined as number | undefined });
  if (held.current.key !== key) held.current = { key, pages: new Map(), total: undefined };
  const ask = useRef(fetch);
  ask.current = fetch;

  // biome-ignore lint/correctness/useExhaustiveDependencies: with another key a table tells anew what is in sight
  const onVisible = useCallback(
    (start: number, end: number) => {
      const { current } = held;
      if (!ask.current) return;
      for (let page = Math.floor(start / pageRows); page * pageRows < Math.max(1, end); page++) {
        if (current.pages.has(page)) continue;
        current.pages.set(page, "asked");
        ask.current(page * pageRows, pageRows).then(
          (answer) => {
            if (held.current !== current) return;
            current.pages.set(page, answer);
            current.total = answer.total;
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
    [key],
  );
  useEffect(() => onVisible(0, 1), [onVisible]);
  const rowAt = (index: number) => {
    const page = held.current.pages.get(Math.floor(index / pageRows));
    return page === undefined || page === "asked" ? undefined : page.rows[index % pageRows];
  };
  return { total: held.current.total, rowAt, onVisible, failure };
}
