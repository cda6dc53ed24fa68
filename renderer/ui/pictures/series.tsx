import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

const heightPixels = 180;
const colours = ["--bs-cat-7", "--bs-cat-5", "--bs-cat-4", "--bs-cat-2", "--bs-cat-6", "--bs-cat-3", "--bs-cat-1", "--bs-cat-9"];
const dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3]];

/** Values over time, one line per series; told apart by colour and dash. */
export function Series({
  series,
  unit,
  summary,
}: {
  series: readonly { name: string; points: readonly (readonly [x: number, y: number])[] }[];
  unit: string;
  summary: string;
}) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const style = getComputedStyle(element);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const xs = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
    const rows = series.map(({ points }) => {
      const byX = new Map(points);
      return xs.map((x) => byX.get(x) ?? null);
    });
    const axis = { stroke: colour("--bs-text-2"), grid: { stroke: colour("--bs-line"), width: 1 }, ticks: { stroke: colour("--bs-line") } };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: heightPixels,
        scales: { x: { time: true } },
        axes: [axis, { ...axis, size: 72, label: unit }],
        series: [
          {},
          ...series.map(({ name }, index) => ({
            label: name,
            stroke: colour(colours[index % colours.length] ?? ""),
            dash: dashes[Math.floor(index / colours.length) % dashes.length] ?? [],
            width: 1.5,
            spanGaps: true,
            points: { show: xs.length < 120 },
          })),
        ],
      },
      [xs.map((x) => x / 1000), ...rows],
      element,
    );
    const resized = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: heightPixels }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      plot.destroy();
    };
  }, [series, unit]);
  return <div ref={host} className="picture-series" role="img" aria-label={summary} />;
}
