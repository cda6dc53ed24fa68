import { useRegionView } from "../../store/region.ts";
import { selectSelection, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { RegionContent } from "./RegionContent.tsx";

/** What the region under the selection holds, whatever its kind. It stays when something outside every region is selected. */
export function ContentsPanel({ volume }: { volume: OpenVolume }) {
  const layout = useVolumeData((state) => selectVolumeData(volume.id)(state)?.layout);
  const blockBytes = BigInt(useVolumeData((state) => selectVolumeData(volume.id)(state)?.overview.blockBytes) ?? 4096);
  const selection = useSelection(selectSelection(volume.id));
  const block = selection && selection.range.start / blockBytes;
  const region = (layout?.stored ?? [])
    .filter((each) => block !== undefined && block >= each.startBlock && block < each.startBlock + each.blockCount)
    .sort((a, b) => Number(a.blockCount - b.blockCount))[0];
  const { answer: view, failure } = useRegionView(volume, region?.slot);
  if (!layout) return <p className="empty">Reading the region tables…</p>;
  if (!region) return <p className="empty">Select a region in the navigator or the layout: what it holds stands here.</p>;
  if (failure) return <p className="empty">{failure.what}</p>;
  if (view?.slot !== region.slot) return <p className="empty">Reading {region.name}…</p>;
  return (
    <div className="region-panel">
      <RegionContent key={region.slot} volume={volume} view={view} />
    </div>
  );
}
