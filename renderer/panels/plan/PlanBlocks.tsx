import type { PlanBlockRow } from "../../../engine/contract/index.ts";
import { usePages } from "../../store/pages.ts";
import { type DataColumn, DataTable } from "../../ui/data-table.tsx";
import { formatBlocks, visible } from "../../ui/format.ts";
import "./plan.css";

const columns: readonly DataColumn[] = [
  { id: "block", title: "Block", width: 150, alignEnd: true },
  { id: "structure", title: "Structure", width: 200, alignEnd: false },
  { id: "reason", title: "What changes", width: 280, alignEnd: false },
  { id: "before", title: "Before", width: 90, alignEnd: false, doc: "First digits of SHA-256" },
  { id: "after", title: "After", width: 90, alignEnd: false, doc: "First digits of SHA-256" },
];

/** The blocks that a plan writes, one a row, fetched as they come into sight. */
export function PlanBlocks({
  planId,
  rowCount,
  fetch,
  chosen,
  onChoose,
}: {
  planId: string;
  rowCount: number;
  fetch: (start: number, count: number) => Promise<PlanBlockRow[]>;
  chosen?: number | undefined;
  onChoose?: ((row: PlanBlockRow, index: number) => void) | undefined;
}) {
  const rows = usePages(planId, async (start, count) => ({ rows: await fetch(start, count), total: rowCount }));
  return (
    <DataTable<PlanBlockRow>
      label="Blocks of the plan"
      columns={columns}
      rowCount={rowCount}
      rowAt={rows.rowAt}
      onVisible={rows.onVisible}
      cell={(row, column) => cellOf(row, column)}
      selectedIndex={chosen}
      onSelect={(row, index) => onChoose?.(row, index)}
    />
  );
}

function cellOf(row: PlanBlockRow, column: number) {
  switch (columns[column]?.id) {
    case "block":
      return formatBlocks(row.block, row.blockCount);
    case "structure":
      return visible(row.structure);
    case "reason":
      return visible(row.reason);
    case "before":
      return row.before === undefined ? <span className="weak">free</span> : <span className="mono">{row.before}</span>;
    default:
      return <span className="mono">{row.after}</span>;
  }
}
