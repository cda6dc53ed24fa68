import type { Layout, LayoutRegion } from "../../../engine/contract/index.ts";
import { formatCount } from "../../ui/format.ts";
import { regionWidths } from "../../ui/region-strip.tsx";

const leastLabelPercent = 3.2;

const byStart = (regions: readonly LayoutRegion[]): LayoutRegion[] =>
  [...regions].sort((a, b) => (a.startBlock < b.startBlock ? -1 : a.startBlock > b.startBlock ? 1 : a.slot - b.slot));

/** Planned regions above, stored ones below; those that differ are outlined and linked. */
export function LayoutBar({
  layout,
  scale,
  selectedSlot,
  onSelect,
}: {
  layout: Layout;
  scale: "log" | "linear";
  selectedSlot: number | undefined;
  onSelect: (region: LayoutRegion) => void;
}) {
  const [planned, stored] = [byStart(layout.planned), byStart(layout.stored)];
  const [plannedWidths, storedWidths] = [regionWidths(planned, scale), regionWidths(stored, scale)];
  const differing = new Set(layout.differences.map((difference) => difference.name));
  const centre = (all: readonly number[], index: number) =>
    all.slice(0, index).reduce((sum, width) => sum + width, 0) + (all[index] ?? 0) / 2;
  const links = planned.flatMap((region, index) => {
    const found = stored.findIndex((each) => each.name === region.name);
    return found >= 0 && differing.has(region.name)
      ? [{ name: region.name, from: centre(plannedWidths, index), to: centre(storedWidths, found) }]
      : [];
  });
  return (
    <div className="layout-bar">
      <p>{planned.length > 0 ? "Planned from the manifest" : "No plan: nothing says where regions should lie"}</p>
      <div className="bar-planned" aria-hidden>
        {planned.map((region, index) => (
          <span
            key={region.slot}
            className={`family-${region.family}${differing.has(region.name) ? " is-different" : ""}`}
            style={{ width: `${plannedWidths[index]}%` }}
            title={`${region.name}: planned at ${region.startBlock} + ${region.blockCount}`}
          />
        ))}
      </div>
      <svg className="bar-links" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden>
        {links.map((link) => (
          <line key={link.name} x1={link.from} y1="0" x2={link.to} y2="8" vectorEffect="non-scaling-stroke" />
        ))}
      </svg>
      <div
        className="bar-stored"
        role="img"
        aria-label={`Stored regions in order: ${stored.map((region) => region.name).join(", ")}. The table below lists them.`}
      >
        {stored.map((region, index) => (
          <span
            key={region.slot}
            className={`family-${region.family}${region.slot === selectedSlot ? " is-selected" : ""}${region.findings.error > 0 ? " has-error" : region.findings.warning > 0 ? " has-warning" : ""}`}
            style={{ width: `${storedWidths[index]}%` }}
            title={`${region.name} · ${formatCount(region.startBlock)} + ${formatCount(region.blockCount)}${region.problem ? ` · ${region.problem}` : ""}`}
            onClick={() => onSelect(region)}
          >
            {(storedWidths[index] ?? 0) > leastLabelPercent ? region.kind : ""}
          </span>
        ))}
      </div>
      <p>Stored · {scale} scale</p>
    </div>
  );
}
