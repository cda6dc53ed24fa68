import type { ReactNode } from "react";
import { type DataColumn, DataTable } from "./data-table.tsx";

export interface ListColumn<Row> extends Omit<DataColumn, "alignEnd"> {
  alignEnd?: boolean;
  cell: (row: Row, index: number) => ReactNode;
}

const rowPixels = 24;
const headPixels = 28;

/** A table of rows that are at hand, as high as they are up to `mostRows`. */
export function ListTable<Row>({
  label,
  columns,
  rows,
  empty,
  more = 0,
  mostRows = 10,
  selectedIndex,
  rowClass,
  onSelect,
  onOpen,
}: {
  label: string;
  columns: readonly ListColumn<Row>[];
  rows: readonly Row[];
  /** Said where there are no rows. */
  empty: string;
  /** Rows that are counted and not at hand. */
  more?: number;
  mostRows?: number;
  selectedIndex?: number | undefined;
  rowClass?: (row: Row) => string | undefined;
  onSelect: (row: Row, index: number) => void;
  onOpen?: (row: Row, index: number) => void;
}) {
  if (rows.length === 0) return <p className="empty">{empty}</p>;
  return (
    <>
      <div className="list-table" style={{ height: headPixels + rowPixels * Math.min(mostRows, rows.length) + 2 }}>
        <DataTable
          label={label}
          columns={columns.map(({ cell: _, alignEnd = false, ...column }) => ({ ...column, alignEnd }))}
          rowCount={rows.length}
          rowAt={(index) => {
            const row = rows[index];
            return row === undefined ? undefined : { row, index };
          }}
          cell={({ row, index }, column) => columns[column]?.cell(row, index)}
          {...(rowClass && { rowClass: ({ row }: { row: Row }) => rowClass(row) })}
          selectedIndex={selectedIndex}
          onSelect={({ row }, index) => onSelect(row, index)}
          onOpen={onOpen && (({ row }, index) => onOpen(row, index))}
        />
      </div>
      {more > 0 && (
        <p className="empty">
          The first {rows.length} of {rows.length + more}.
        </p>
      )}
    </>
  );
}
