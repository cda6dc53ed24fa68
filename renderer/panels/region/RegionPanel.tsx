import { HTMLSelect } from "@blueprintjs/core";
import { type ReactNode, useState } from "react";
import type { LayoutRegion, RegionView } from "../../../engine/contract/index.ts";
import { useRegionView } from "../../store/region.ts";
import { select, selectSelection, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { RegionContent } from "./RegionContent.tsx";

/** Regions of the kinds given, one at a time; of several, the one that the selection lies in or that was chosen. */
export function RegionPanel({
  volume,
  kinds,
  empty,
  children,
  detail,
}: {
  volume: OpenVolume;
  kinds: readonly string[];
  /** Said where the volume has no such region. */
  empty: string;
  /** What this kind shows above its tables. */
  children?: ((view: RegionView) => ReactNode) | undefined;
  /** What it shows of the selected thing, below its tables. */
  detail?: ((view: RegionView) => ReactNode) | undefined;
}) {
  const layout = useVolumeData((state) => selectVolumeData(volume.id)(state)?.layout);
  const selection = useSelection(selectSelection(volume.id));
  const blockBytes = useVolumeData((state) => selectVolumeData(volume.id)(state)?.overview.blockBytes) ?? 4096;
  const [chosen, setChosen] = useState<number>();
  const regions = (layout?.stored ?? []).filter((region) => kinds.includes(region.kind));
  const selected = selection && regions.find((region) => holds(region, selection.range, BigInt(blockBytes)));
  const region = selected ?? regions.find((each) => each.slot === chosen) ?? regions[0];
  const { answer: view, failure } = useRegionView(volume, region?.slot);
  const choose = (slot: number) => {
    setChosen(slot);
    const { startBlock, blockCount } = regions.find((each) => each.slot === slot) ?? {};
    if (startBlock === undefined || blockCount === undefined || startBlock < 0n || blockCount <= 0n) return;
    // The selection decides which region is shown: choosing another one selects it.
    const start = startBlock * BigInt(blockBytes);
    select({ volumeId: volume.id, range: { start, end: start + blockCount * BigInt(blockBytes) } });
  };
  if (!layout) return <p className="empty">Reading the region tables…</p>;
  if (!region) return <p className="empty">{empty}</p>;
  return (
    <div className="region-panel">
      {regions.length > 1 && (
        <div className="panel-bar">
          <HTMLSelect
            aria-label="Region"
            value={region.slot}
            options={regions.map((each) => ({ value: each.slot, label: `${each.name} at block ${each.startBlock}` }))}
            onChange={(event) => choose(Number(event.target.value))}
          />
        </div>
      )}
      {failure ? (
        <p className="empty" role="alert">
          {failure.what}. {failure.next}
        </p>
      ) : view?.slot === region.slot ? (
        <RegionContent key={region.slot} volume={volume} view={view} detail={detail?.(view)}>
          {children?.(view)}
        </RegionContent>
      ) : (
        <p className="empty">Reading {region.name}…</p>
      )}
    </div>
  );
}

function holds(region: LayoutRegion, range: { start: bigint; end: bigint }, blockBytes: bigint): boolean {
  const start = region.startBlock * blockBytes;
  return range.start >= start && range.end <= start + region.blockCount * blockBytes;
}
