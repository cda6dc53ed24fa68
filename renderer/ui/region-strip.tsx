import { formatBlocks } from "./format.ts";
import "./region-strip.css";

export interface StripRegion {
  name: string;
  kind: string;
  family: string;
  startBlock: bigint;
  blockCount: bigint;
  /** Not there yet. */
  isNew?: boolean | undefined;
}

const leastLabelPercent = 4.8;

/** Widths of regions in percent: to scale, or by the logarithm of their blocks so that small ones can be seen. */
export function regionWidths(regions: readonly { blockCount: bigint }[], scale: "log" | "linear"): number[] {
  const weights = regions.map((region) =>
    scale === "linear" ? Math.max(0, Number(region.blockCount)) : Math.log2(Math.max(2, Number(region.blockCount) + 1)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0) || 1;
  return weights.map((weight) => (weight / sum) * 100);
}

/** Regions in order on one bar, by the logarithm of their blocks; those that are not there yet hatched. */
export function RegionStrip({ regions, label }: { regions: readonly StripRegion[]; label: string }) {
  const inOrder = [...regions].sort((a, b) => (a.startBlock < b.startBlock ? -1 : a.startBlock > b.startBlock ? 1 : 0));
  const widths = regionWidths(inOrder, "log");
  const said = inOrder.map(({ name, isNew }) => (isNew ? `${name} (planned)` : name)).join(", ");
  return (
    <div className="region-strip" role="img" aria-label={`${label}: ${said}`}>
      {inOrder.map(({ name, kind, family, startBlock, blockCount, isNew }, index) => (
        <span
          key={`${startBlock} ${name}`}
          className={`family-${family}${isNew ? " is-new" : ""}`}
          style={{ width: `${widths[index]}%` }}
          title={`${name} · ${formatBlocks(startBlock, blockCount)}${isNew ? " · planned" : ""}`}
        >
          <b>{(widths[index] ?? 0) > leastLabelPercent ? kind : ""}</b>
        </span>
      ))}
    </div>
  );
}
