import type { RemapEntryView, RemapStructureView } from "../../../engine/contract/index.ts";
import { formatCount, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";
import { type ListColumn, ListTable } from "../../ui/list-table.tsx";
import type { Places } from "./RemapPanel.tsx";

const timeOf = (nanoseconds: bigint): string => {
  const ms = Number(nanoseconds / 1_000_000n);
  return Number.isFinite(ms) && ms < 8.64e15 ? new Date(ms).toISOString().replace("T", " ") : `${nanoseconds} ns`;
};

const columns: readonly ListColumn<RemapEntryView>[] = [
  { id: "index", title: "Entry", width: 60, alignEnd: true, cell: ({ index }) => formatCount(index) },
  { id: "original", title: "Main sector", width: 120, alignEnd: true, cell: ({ original }) => formatCount(original) },
  { id: "spare", title: "Spare sector", width: 120, alignEnd: true, cell: ({ spare }) => formatCount(spare) },
  { id: "flags", title: "Flags", width: 80, cell: ({ flags }) => flags },
  { id: "errors", title: "Errors", width: 64, alignEnd: true, cell: ({ errors }) => formatCount(errors) },
  {
    id: "time",
    title: "Made at",
    width: 190,
    cell: ({ timestamp }) => <span title={`${timestamp} ns since 1970, UTC`}>{timeOf(timestamp)}</span>,
  },
  {
    id: "problem",
    title: "Place",
    width: 220,
    cell: ({ problem }) =>
      problem ? (
        <>
          <Glyph state="warning" label /> {problem}
        </>
      ) : (
        "free of metadata"
      ),
  },
];

/** The table of remapped sectors, where the structure stores one; a row selects its entry. */
export function RemapTable({ structure, places }: { structure: RemapStructureView; places: Places }) {
  const { remaps, remapNote } = structure;
  if (!remaps) return <p className="empty">{remapNote ? visible(remapNote) : "The chosen copy stores no table of remaps."}</p>;
  const selectedIndex = remaps.entries.findIndex(
    ({ range }) => places.selected && places.selected.start >= range.start && places.selected.end <= range.end,
  );
  return (
    <ListTable
      label="Remaps"
      columns={columns}
      rows={remaps.entries}
      empty={`No sector is remapped; the table has room for ${formatCount(remaps.capacity)}.`}
      mostRows={12}
      selectedIndex={selectedIndex < 0 ? undefined : selectedIndex}
      onSelect={({ range }) => places.choose(range)}
      onOpen={({ range }) => places.open(range)}
    />
  );
}
