import { type ReactNode, useEffect, useMemo, useState } from "react";
import type { OwnedSizeRow, SnapshotNodeRow, SnapshotTreeView } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { select, selectSelection, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { useSnapshotRows } from "../../store/snapshots.ts";
import { type DataColumn, DataTable } from "../../ui/data-table.tsx";
import { formatBytes, formatCount, formatTicks, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";
import { graphPixels, LaneGraph } from "../../ui/lane-graph.tsx";

const rowPixels = 28;

/** Lines of the tree, oldest first, of which only the visible ones exist; the live state stays below them. `children` show the chosen line. */
export function SnapshotTree({
  volume,
  tree,
  measured,
  running,
  chosen,
  onChoose,
  children,
}: {
  volume: OpenVolume;
  tree: SnapshotTreeView;
  measured: boolean;
  running: boolean;
  chosen: number | undefined;
  onChoose: (row: number) => void;
  children: (row: SnapshotNodeRow | undefined, goTo: (row: number) => void) => ReactNode;
}) {
  const { rowAt, onVisible, failure } = useSnapshotRows(volume, tree.slot, measured);
  const selection = useSelection(selectSelection(volume.id));
  const { lanes, drawnLanes, blockBytes } = tree;
  const graph = graphPixels(lanes, drawnLanes);
  const columns = useMemo(
    (): DataColumn[] => [
      { id: "graph", title: "", width: graph, alignEnd: false, doc: "Parents and branches" },
      { id: "severity", title: "", width: 28, alignEnd: false, doc: "Worst finding on the entry's bytes" },
      { id: "label", title: "Snapshot, oldest first", width: 250, alignEnd: false },
      { id: "created", title: "Created", width: 206, alignEnd: false },
      {
        id: "exclusive",
        title: "Only here",
        width: 96,
        alignEnd: true,
        doc: "Inode table and extents that nothing else refers to: what deleting it would free",
      },
      { id: "shared", title: "Shared", width: 96, alignEnd: true, doc: "What other snapshots or the live state refer to as well" },
      {
        id: "integrity",
        title: "Inode table",
        width: 120,
        alignEnd: false,
        doc: "Whether the frozen inode blocks verify; data blocks carry no seal of their own",
      },
    ],
    [graph],
  );
  const row = chosen === undefined ? undefined : rowAt(chosen);
  const range = row?.entry?.range;
  const isSelected = row !== undefined && (!range || (selection?.range.start === range.start && selection.range.end === range.end));
  const choose = (next: SnapshotNodeRow, index: number) => {
    onChoose(index);
    if (next.entry?.range) select({ volumeId: volume.id, range: next.entry.range });
  };
  // A line that a link leads to may have to be fetched before it can be selected.
  const [wanted, setWanted] = useState<number>();
  const found = wanted === undefined ? undefined : rowAt(wanted);
  useEffect(() => {
    if (wanted === undefined || !found) return;
    setWanted(undefined);
    onChoose(wanted);
    if (found.entry?.range) select({ volumeId: volume.id, range: found.entry.range });
  }, [wanted, found, onChoose, volume.id]);
  const goTo = (index: number) => {
    onVisible(index, index + 1);
    setWanted(index);
  };
  const sizes = { blockBytes, running };
  const cell = (each: SnapshotNodeRow, column: number): ReactNode => {
    switch (columns[column]?.id) {
      case "graph":
        return <LaneGraph row={each} look={lookOf(each)} pixels={rowPixels} drawnLanes={Math.min(lanes, drawnLanes)} />;
      case "severity":
        return each.kind === "snapshot" && each.entry?.severity && <Glyph state={each.entry.severity} label />;
      case "label":
        return <Name row={each} />;
      case "created":
        return each.kind === "snapshot" && each.entry && <Time ticks={each.entry.createdTicks} />;
      case "exclusive":
        return each.kind === "snapshot" && <Size size={each.size} which="exclusiveBlocks" {...sizes} />;
      case "shared":
        return each.kind === "snapshot" && <Size size={each.size} which="sharedBlocks" {...sizes} />;
      default:
        return each.kind === "snapshot" && <Integrity size={each.size} isTombstone={each.entry?.isTombstone ?? false} />;
    }
  };
  return (
    <>
      {failure && <p className="empty">{failure.what}</p>}
      <div className="snapshot-tree">
        <DataTable
          label="Snapshot tree"
          columns={columns}
          rowCount={tree.rowCount}
          rowAt={rowAt}
          rowPixels={rowPixels}
          cell={cell}
          rowClass={(each) => (each.entry?.isTombstone && each.kind === "snapshot" ? "is-tombstone" : undefined)}
          selectedIndex={isSelected ? chosen : undefined}
          onVisible={onVisible}
          onSelect={choose}
          onOpen={(each, index) => {
            choose(each, index);
            showPanel("hex");
          }}
        />
      </div>
      <div className="snapshot-here">
        <LaneGraph row={tree.here} look="plain" pixels={rowPixels} drawnLanes={Math.min(lanes, drawnLanes)} />
        <b style={{ marginLeft: graph + 8 }}>You are here</b>
        <span className={tree.hereUnknown ? "weak here-unknown" : "weak"}>
          {tree.hereUnknown ? `parent not known: ${tree.hereUnknown}` : "now, the live state"}
        </span>
        <span className="stretch" />
        <span>
          <span className="weak">only here</span> <Size size={tree.here.size} which="exclusiveBlocks" {...sizes} />
        </span>
        <span>
          <span className="weak">shared</span> <Size size={tree.here.size} which="sharedBlocks" {...sizes} />
        </span>
      </div>
      {children(isSelected ? row : undefined, goTo)}
    </>
  );
}

const lookOf = ({ entry }: SnapshotNodeRow) => (entry?.isTombstone ? "gone" : entry?.flags.includes("BaseSnapshot") ? "base" : "plain");

/** The label, and what is to be known of it at a glance. */
function Name({ row: { kind, entry, missingId, parentRow } }: { row: SnapshotNodeRow }) {
  if (kind === "missing")
    return (
      <span className="weak" title={missingId}>
        <i>missing parent</i> <span className="mono">{visible(missingId?.slice(0, 8) ?? "")}…</span>
      </span>
    );
  if (kind === "cycle")
    return (
      <span title="Its parents lead back to it; the tree is cut open here">
        <Glyph state="warning" /> cycle
      </span>
    );
  if (!entry) return null;
  return (
    <span title={visible(entry.label)}>
      <span className="snapshot-label">{entry.label === "" ? <i className="weak">no label</i> : visible(entry.label)}</span>
      {entry.isTombstone && <span className="state-tag">tombstone</span>}
      {entry.flags.includes("BaseSnapshot") && <span className="state-tag">base</span>}
      {parentRow === undefined && !entry.flags.includes("BaseSnapshot") && <span className="state-tag">root</span>}
      {entry.flags.includes("LiveParent") && <span className="state-tag">live from here</span>}
    </span>
  );
}

function Time({ ticks }: { ticks: bigint }) {
  const { text, title } = formatTicks(ticks);
  return <span title={title}>{text}</span>;
}

function Size({
  size,
  which,
  blockBytes,
  running,
}: {
  size: OwnedSizeRow | undefined;
  which: "exclusiveBlocks" | "sharedBlocks";
  blockBytes: number;
  running: boolean;
}) {
  if (!size) return <span className="weak">{running ? "…" : "not measured"}</span>;
  const blocks = size[which];
  if (blocks === undefined)
    return (
      <span className="weak" title={size.unknown}>
        {size.unknown?.startsWith("a tombstone") ? "–" : "not known"}
      </span>
    );
  const atMost = size.atMost && which === "exclusiveBlocks";
  const bytes = blocks * BigInt(blockBytes);
  return (
    <span title={`${atMost ? "at most " : ""}${formatCount(blocks)} blocks, ${formatCount(bytes)} bytes`}>
      {atMost ? "≤ " : ""}
      {formatBytes(bytes)}
    </span>
  );
}

function Integrity({ size, isTombstone }: { size: OwnedSizeRow | undefined; isTombstone: boolean }) {
  if (isTombstone) return <span className="weak">–</span>;
  if (!size) return <span className="weak">…</span>;
  const { table, unknown } = size;
  if (!table)
    return (
      <span title={unknown}>
        <Glyph state="not-run" /> not checked
      </span>
    );
  const whole = table.verified === table.blocks;
  return (
    <span title={`${formatCount(table.verified)} of ${formatCount(table.blocks)} blocks of its inode table verify. ${unknown ?? ""}`}>
      <Glyph state={whole ? "ok" : "error"} /> {whole ? "verified" : "damaged"}
    </span>
  );
}
