import "./inodes.css";
import "../../ui/pictures/pictures.css";
import { Button, Tab, Tabs } from "@blueprintjs/core";
import { useEffect, useState } from "react";
import type { ByteRange, Fact, InodeView, RegionView } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { askForExport } from "../../store/files.ts";
import { useInodeAt } from "../../store/inodes.ts";
import { select, selectSelection, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { Facts } from "../../ui/facts.tsx";
import { formatBytes, formatCount, formatNoun, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";
import { ListTable } from "../../ui/list-table.tsx";
import { Ranges } from "../../ui/pictures/ranges.tsx";
import { ContentPreview } from "./ContentPreview.tsx";

const mostDrawn = 500;

/** The selected inode: its content, its extents on the volume, its fields and those of modules. */
export function InodeDetail({ volume, view }: { volume: OpenVolume; view: RegionView }) {
  const selection = useSelection(selectSelection(volume.id));
  const { answer } = useInodeAt(volume, view.slot, selection?.range.start);
  const [shown, setShown] = useState<InodeView>();
  // Following an extent or a field leads out of the records: the inode that led there stays.
  useEffect(() => {
    if (answer) setShown(answer);
  }, [answer]);
  if ((view.tables[0]?.rowCount ?? 0) === 0) return null;
  if (!shown) return <p className="empty">Select an inode: its content, extents and fields stand here.</p>;
  return <Inode key={`${shown.index}`} volume={volume} slot={view.slot} inode={shown} />;
}

function Inode({ volume, slot, inode }: { volume: OpenVolume; slot: number; inode: InodeView }) {
  const [tab, setTab] = useState("content");
  const findings = useVolumeData((state) => selectVolumeData(volume.id)(state)?.findings) ?? [];
  const own = findings.filter(
    ({ byteOffset, byteLength = 1 }) =>
      byteOffset !== undefined && byteOffset < inode.range.end && byteOffset + BigInt(byteLength) > inode.range.start,
  );
  return (
    <section className="inode-detail" aria-label={`Inode ${inode.inodeNumber}`}>
      <div className="panel-bar">
        <h3>
          Inode {formatCount(inode.inodeNumber)} · {inode.type}
        </h3>
        <span>
          {formatBytes(inode.size)} in {formatNoun(inode.extents.length + inode.moreExtents, "extent")}
          {inode.indirectBlocks.length > 0 && `, of them some in ${formatNoun(inode.indirectBlocks.length, "indirect block")}`}
        </span>
        <span className="stretch" />
        <Button size="small" text="Export…" onClick={() => void askForExport(volume, inode.inodeNumber)} />
      </div>
      {own.slice(0, 8).map((finding) => (
        <p key={`${finding.rule}${finding.title}`} className="notice">
          <Glyph state={finding.severity} label /> {visible(finding.title)}
        </p>
      ))}
      <Tabs id={`inode-${inode.index}`} selectedTabId={tab} onChange={(id) => setTab(String(id))} renderActiveTabPanelOnly>
        <Tab id="content" title="Content" panel={<ContentPreview volume={volume} slot={slot} inode={inode} />} />
        <Tab
          id="extents"
          title={`Extents ${formatCount(inode.extents.length + inode.moreExtents)}`}
          panel={<Extents volume={volume} inode={inode} />}
        />
        <Tab id="fields" title="Fields" panel={<FieldFacts volume={volume} facts={inode.facts} />} />
        <Tab
          id="modules"
          title={`Module fields ${formatCount(inode.moduleFields.length)}`}
          panel={
            inode.moduleFields.length === 0 ? (
              <p className="empty">No module keeps fields in this record.</p>
            ) : (
              <FieldFacts volume={volume} facts={inode.moduleFields} />
            )
          }
        />
      </Tabs>
    </section>
  );
}

const FieldFacts = ({ volume, facts }: { volume: OpenVolume; facts: readonly Fact[] }) => (
  <Facts
    rows={facts.map(({ range, ...fact }) => ({
      ...fact,
      value: visible(fact.value),
      onOpen: range && (() => select({ volumeId: volume.id, range })),
    }))}
  />
);

function Extents({ volume, inode }: { volume: OpenVolume; inode: InodeView }) {
  const totalBlocks = useVolumeData((state) => selectVolumeData(volume.id)(state)?.overview.totalBlocks) ?? 0n;
  const choose = (range: ByteRange | undefined) => range && select({ volumeId: volume.id, range });
  const drawn = inode.extents.filter(({ range }) => range).slice(0, mostDrawn);
  return (
    <>
      {drawn.length > 0 && (
        <div className="picture">
          <Ranges
            start={0}
            end={Number(totalBlocks)}
            unit="blocks"
            summary={`${formatNoun(drawn.length, "extent")} on the volume's ${formatNoun(totalBlocks, "block")}; the list below has them.`}
            ranges={drawn.map(({ startBlock, blockCount }) => ({
              start: Number(startBlock),
              end: Number(startBlock) + blockCount,
              label: `Blocks ${formatCount(startBlock)} to ${formatCount(startBlock + BigInt(blockCount) - 1n)}`,
              family: "data",
            }))}
            marks={[]}
            onPick={(index) => choose(drawn[index]?.range)}
          />
        </div>
      )}
      <ListTable
        label="Extents"
        empty="It has no extents."
        rows={inode.extents}
        more={inode.moreExtents}
        columns={[
          { id: "offset", title: "In the file", width: 110, alignEnd: true, cell: ({ logicalOffset }) => formatCount(logicalOffset) },
          { id: "start", title: "First block", width: 110, alignEnd: true, cell: ({ startBlock }) => formatCount(startBlock) },
          { id: "count", title: "Blocks", width: 80, alignEnd: true, cell: ({ blockCount }) => formatCount(blockCount) },
          { id: "flags", title: "Flags", width: 240, cell: ({ flags }) => flags },
          { id: "source", title: "Stored", width: 90, cell: ({ source }) => source },
          {
            id: "there",
            title: "Where",
            width: 170,
            cell: ({ range, flags }) => (range ? "" : flags.includes("Hole") ? "a hole" : "not in the volume"),
          },
        ]}
        onSelect={({ range }) => choose(range)}
        onOpen={({ range }) => {
          choose(range);
          showPanel("map");
        }}
      />
    </>
  );
}
