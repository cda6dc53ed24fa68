/** The median of `runs` measurements, in ms. */
export async function median(runs: number, act: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    await act();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
}

export interface Figure {
  name: string;
  value: string;
}

export const ratio = (value: number, baseline: number): string => `${(value / baseline).toFixed(2)} ×`;
