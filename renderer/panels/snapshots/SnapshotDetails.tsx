import type { SnapshotNodeRow } from "../../../engine/contract/index.ts";
import { select } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { type FactRow, Facts } from "../../ui/facts.tsx";
import { formatBlocks, formatCount, visible } from "../../ui/format.ts";

/** What the table says of one line, with links to its inode table and its parent. */
export function SnapshotDetails({ volume, row, onGoTo }: { volume: OpenVolume; row: SnapshotNodeRow; onGoTo: (row: number) => void }) {
  const { entry, kind, parentRow, children, missingId, size } = row;
  if (kind === "missing")
    return (
      <p className="empty">
        No entry of the table has the id <span className="mono">{visible(missingId ?? "")}</span>, which its children name as their parent.
      </p>
    );
  if (!entry) return null;
  if (kind === "cycle")
    return <p className="empty">The parents of “{visible(entry.label)}” lead back to it. The tree is cut open above it.</p>;
  const { inodeTableBlock, inodeTableBlocks, inodeTableRange: table } = entry;
  const rows: FactRow[] = [
    { label: "Id", value: visible(entry.id), mono: true },
    {
      label: "Parent",
      value: entry.parentId === undefined ? "none: a root" : visible(entry.parentId),
      mono: entry.parentId !== undefined,
      onOpen: parentRow === undefined ? undefined : () => onGoTo(parentRow),
    },
    { label: "Children", value: formatCount(children) },
    { label: "Flags", value: entry.flags.length === 0 ? "none" : entry.flags.join(" · ") },
    {
      label: "Inode table",
      value: table
        ? formatBlocks(inodeTableBlock, inodeTableBlocks)
        : `${formatCount(inodeTableBlocks)} blocks from ${formatCount(inodeTableBlock)}`,
      title: table ? "Blocks of the frozen inode table" : "Outside the file",
      onOpen: table && (() => select({ volumeId: volume.id, range: table })),
    },
    { label: "Data blocks, as stored", value: formatCount(entry.dataBlocks) },
    ...(size?.exclusiveBlocks !== undefined && size.sharedBlocks !== undefined
      ? [
          { label: "Blocks only here", value: `${size.atMost ? "≤ " : ""}${formatCount(size.exclusiveBlocks)}` },
          { label: "Blocks shared", value: formatCount(size.sharedBlocks) },
        ]
      : [{ label: "Sizes", value: size?.unknown ?? "not measured yet" }]),
  ];
  return (
    <section className="snapshot-details" aria-label={`Snapshot ${visible(entry.label)}`}>
      <Facts rows={rows} />
    </section>
  );
}
