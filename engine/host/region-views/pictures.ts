import type { BarsPicture, CellsPicture, RegionPicture } from "../../contract/index.ts";

/** Most parts of one picture; the table has the rest. */
export const mostParts = 2000;
export const mostBars = 24;

type Picture<Kind> = Extract<RegionPicture, { type: Kind }>;
type Bar = BarsPicture["bars"][number];

/** Bars in the order given; of more than fit the first are drawn. */
export function barsOf(title: string, summary: string, unit: string, bars: readonly Bar[]): Picture<"bars"> {
  const left = bars.length - mostBars;
  return {
    type: "bars",
    title,
    unit,
    bars: bars.slice(0, mostBars),
    summary: left > 0 ? `${summary} ${left} more are in the table.` : summary,
  };
}

/** How many elements have each value, under its name. */
export function countBars<Element>(
  title: string,
  noun: string,
  elements: readonly Element[],
  keyOf: (element: Element) => number,
  names: Readonly<Record<number, string>>,
): Picture<"bars"> {
  const counts = new Map<number, number>();
  for (const element of elements) counts.set(keyOf(element), (counts.get(keyOf(element)) ?? 0) + 1);
  const bars = [...counts]
    .sort(([a], [b]) => a - b)
    .map(
      ([value, count]): Bar => ({
        label: names[value] ?? `${value} (unknown)`,
        value: count,
        text: `${count}`,
        ...(names[value] === undefined && { health: "warning" }),
      }),
    );
  return barsOf(title, `${elements.length} ${noun} by kind.`, noun, bars);
}

/** Elements as cells in the order of the table. */
export function cellsOf<Element>(
  title: string,
  elements: readonly Element[],
  states: CellsPicture["states"],
  cell: (element: Element, index: number) => CellsPicture["cells"][number],
  columns = 64,
): Picture<"cells"> {
  const cells = elements.slice(0, mostParts).map(cell);
  const counts = states.map(({ state, title: words }) => `${words} ${cells.filter((each) => each.state === state).length}`);
  return {
    type: "cells",
    title,
    columns: Math.min(columns, Math.max(1, cells.length)),
    cells,
    states,
    more: elements.length - cells.length,
    summary: `${counts.join(", ")}.`,
  };
}

const unixEpochTicks = 621_355_968_000_000_000n;
/** ms since 1970 of ticks. */
export const msOfTicks = (ticks: bigint): number => Number(ticks - unixEpochTicks) / 10_000;

/** How many events there were in each of up to 120 equal spans of time. */
export function eventsOverTime(title: string, noun: string, ticks: readonly bigint[]): Picture<"series">[] {
  const known = ticks.filter((each) => each > 0n).map(msOfTicks);
  if (known.length < 2) return [];
  const first = known.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  const last = known.reduce((most, each) => Math.max(most, each), Number.NEGATIVE_INFINITY);
  if (last <= first) return [];
  const spans = 120;
  const counts = new Array<number>(spans).fill(0);
  for (const each of known) {
    const span = Math.min(spans - 1, Math.floor(((each - first) / (last - first)) * spans));
    counts[span] = (counts[span] ?? 0) + 1;
  }
  const points = counts.map((count, span): [number, number] => [first + ((span + 0.5) * (last - first)) / spans, count]);
  return [
    {
      type: "series",
      title,
      unit: noun,
      series: [{ name: noun, points }],
      more: 0,
      summary: `${known.length} ${noun} in ${spans} equal spans of time.`,
    },
  ];
}
