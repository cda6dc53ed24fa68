import {
  columnResizingFeature,
  columnSizingFeature,
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  sortFns,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { type KeyboardEvent, useRef } from "react";
import type { LayoutRegion } from "../../../engine/contract/index.ts";
import { isChord } from "../../ui/focus.ts";
import { formatBlocks, formatCount } from "../../ui/format.ts";
import { Glyph, Swatch } from "../../ui/glyphs.tsx";

const features = tableFeatures({
  rowSortingFeature,
  columnSizingFeature,
  columnResizingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns,
});
const column = createColumnHelper<typeof features, LayoutRegion>();
const number = (value: bigint) => <span className="number">{formatCount(value)}</span>;

const columns = column.columns([
  column.accessor("slot", { header: "Slot", size: 56, cell: ({ getValue }) => <span className="number">{getValue()}</span> }),
  column.accessor("name", {
    header: "Region",
    size: 190,
    cell: ({ row }) => (
      <>
        <Swatch family={row.original.family} /> {row.original.name}
      </>
    ),
  }),
  column.accessor("tag", {
    header: "Tag",
    size: 70,
    cell: ({ row }) => (
      <span className="mono">
        {row.original.kind === row.original.tag ? row.original.tag : `${row.original.tag} · ${row.original.kind}`}
      </span>
    ),
  }),
  column.accessor("startBlock", { header: "Start", size: 96, cell: ({ getValue }) => number(getValue()) }),
  column.accessor("blockCount", {
    header: "Blocks",
    size: 96,
    cell: ({ row }) => (
      <span className="number" title={formatBlocks(row.original.startBlock, row.original.blockCount)}>
        {formatCount(row.original.blockCount)}
      </span>
    ),
  }),
  column.accessor("usedBlocks", { header: "Used", size: 72, cell: ({ getValue }) => number(getValue()) }),
  column.accessor("generation", { header: "Generation", size: 88, cell: ({ getValue }) => <span className="number">{getValue()}</span> }),
  column.accessor((region) => region.findings.error * 1e6 + region.findings.warning, {
    id: "states",
    header: "Blocks by state",
    size: 300,
    cell: ({ row }) => <States region={row.original} />,
  }),
]);

function States({ region }: { region: LayoutRegion }) {
  const state = region.findings.error > 0 ? "error" : region.findings.warning > 0 ? "warning" : region.states.length > 0 ? "ok" : "not-run";
  const looked = region.states.reduce((sum, each) => sum + each.count, 0);
  const counts = region.states.map((each) => `${formatCount(each.count)} ${each.state.replace("-", " ")}`).join(", ");
  const part = BigInt(looked) < region.blockCount ? ` of the first ${formatCount(looked)}` : "";
  const text = region.problem ?? (counts ? `${counts}${part}` : "content, not sealed block by block");
  return (
    <span title={text}>
      <Glyph state={state} label /> {text}
    </span>
  );
}

/** The regions, sortable, with resizable columns; arrows move, Enter opens. */
export function RegionTable({
  rows,
  selectedSlot,
  onSelect,
  onOpen,
}: {
  rows: readonly LayoutRegion[];
  selectedSlot: number | undefined;
  onSelect: (region: LayoutRegion) => void;
  onOpen: (region: LayoutRegion) => void;
}) {
  const body = useRef<HTMLDivElement>(null);
  const table = useTable({ features, columns, data: rows as LayoutRegion[], columnResizeMode: "onChange" });
  const ordered = table.getRowModel().rows;
  const keys = (event: KeyboardEvent) => {
    if (isChord(event)) return;
    const index = ordered.findIndex((row) => row.original.slot === selectedSlot);
    const target = { ArrowDown: index + 1, ArrowUp: Math.max(0, index - 1), Home: 0, End: ordered.length - 1 }[event.key];
    const region = ordered[target ?? index]?.original;
    if (!region || (target === undefined && event.key !== "Enter")) return;
    event.preventDefault();
    if (target === undefined) onOpen(region);
    else onSelect(region);
    body.current?.querySelector(`[data-slot="${region.slot}"]`)?.scrollIntoView({ block: "nearest" });
  };
  return (
    <div ref={body} className="table-scroll" role="grid" aria-label="Regions" aria-rowcount={rows.length + 1} tabIndex={0} onKeyDown={keys}>
      {table.getHeaderGroups().map((group) => (
        <div key={group.id} role="row" className="table-head">
          {group.headers.map((header) => {
            const sorted = header.column.getIsSorted();
            return (
              <div
                key={header.id}
                role="columnheader"
                aria-sort={sorted === "asc" ? "ascending" : sorted === "desc" ? "descending" : "none"}
                style={{ width: header.getSize() }}
              >
                <button type="button" onClick={header.column.getToggleSortingHandler()}>
                  <table.FlexRender header={header} />
                  {sorted === "asc" ? " ↑" : sorted === "desc" ? " ↓" : ""}
                </button>
                <span className="resizer" aria-hidden onPointerDown={header.getResizeHandler()} />
              </div>
            );
          })}
        </div>
      ))}
      {ordered.map((row) => (
        <div
          key={row.id}
          role="row"
          tabIndex={-1}
          data-slot={row.original.slot}
          aria-selected={row.original.slot === selectedSlot}
          className="table-row"
          onClick={() => onSelect(row.original)}
          onDoubleClick={() => onOpen(row.original)}
          onKeyDown={keys}
        >
          {row.getAllCells().map((cell) => (
            <div key={cell.id} role="gridcell" style={{ width: cell.column.getSize() }}>
              <table.FlexRender cell={cell} />
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
