import { SegmentedControl } from "@blueprintjs/core";
import { useMemo, useState } from "react";
import type { LayoutRegion } from "../../../engine/contract/index.ts";
import { panelFor, showPanel } from "../../store/dock.ts";
import { select, selectSelection, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { formatCount } from "../../ui/format.ts";
import { LayoutBar } from "./LayoutBar.tsx";
import { RegionTable } from "./RegionTable.tsx";

/** All regions to scale, planned above and stored below, and a table of them. */
export function LayoutPanel({ volume }: { volume: OpenVolume }) {
  const data = useVolumeData(selectVolumeData(volume.id));
  const selection = useSelection(selectSelection(volume.id));
  const [scale, setScale] = useState<"log" | "linear">("log");
  const [filter, setFilter] = useState("");
  const layout = data?.layout;
  const size = BigInt(data?.overview.blockBytes ?? 4096);
  const rows = useMemo(
    () =>
      (layout?.stored ?? []).filter((region) => `${region.name} ${region.tag} ${region.kind}`.toLowerCase().includes(filter.toLowerCase())),
    [layout, filter],
  );
  if (!layout) return <p className="empty">Reading the region tables…</p>;
  if (layout.stored.length === 0) return <p className="empty">There are no regions here.</p>;
  const rangeOf = (region: LayoutRegion) => ({ start: region.startBlock * size, end: (region.startBlock + region.blockCount) * size });
  const choose = (region: LayoutRegion) =>
    region.startBlock >= 0n && region.blockCount > 0n && select({ volumeId: volume.id, range: rangeOf(region) });
  const selected = layout.stored
    .filter((region) => selection && selection.range.start >= rangeOf(region).start && selection.range.end <= rangeOf(region).end)
    .sort((a, b) => Number(a.blockCount - b.blockCount))[0];
  return (
    <div className="layout">
      <div className="panel-bar">
        <span>
          {formatCount(layout.stored.length)} regions
          {layout.differences.length > 0 && (
            <b className="difference">
              {" "}
              · {layout.differences[0]?.text}
              {layout.differences.length > 1 ? `, and ${layout.differences.length - 1} more` : ""}
            </b>
          )}
        </span>
        <span className="stretch" />
        <input placeholder="Filter" aria-label="Filter regions" value={filter} onChange={(event) => setFilter(event.target.value)} />
        <SegmentedControl
          size="small"
          intent="primary"
          aria-label="Scale"
          value={scale}
          onValueChange={(value) => setScale(value === "linear" ? "linear" : "log")}
          options={[
            { label: "Linear", value: "linear" },
            { label: "Log", value: "log" },
          ]}
        />
      </div>
      <LayoutBar layout={layout} scale={scale} selectedSlot={selected?.slot} onSelect={choose} />
      <RegionTable
        rows={rows}
        selectedSlot={selected?.slot}
        onSelect={choose}
        onOpen={(region) => {
          choose(region);
          showPanel(panelFor(region.kind));
        }}
      />
    </div>
  );
}
