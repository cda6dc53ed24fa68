import "./compare-table.css";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { type DataColumn, DataTable } from "./data-table.tsx";

export interface ComparedColumn {
  name: string;
  /** Its address, for a column where nothing is. */
  address: string;
  missing: boolean;
  believed: boolean;
  verdict: ReactNode;
}
export interface ComparedFields {
  path: string;
  doc?: string | undefined;
  differs: boolean;
  cells: readonly ({ text: string; agrees: boolean; problem?: string | undefined } | null)[];
  vote: string;
  reason: string;
}

const fieldPixels = 230;
/** A copy among up to three, and among more. */
const [widePixels, narrowPixels] = [210, 150];
const votePixels = 420;

/**
 * Copies of one structure: a column each, a row for each field, the verdict in the first row and the vote in the last column. Up and
 * Down walk the fields, Left and Right the copies of a field; a row is its first copy's bytes, a cell its own.
 */
export function CompareTable({
  label,
  columns,
  rows,
  reason,
  onSelect,
  onOpen,
}: {
  label: string;
  columns: readonly ComparedColumn[];
  rows: readonly ComparedFields[];
  /** Of the verdict row. */
  reason: string;
  /** `row` is undefined for the verdict: the whole copy. */
  onSelect: (row: number | undefined, copy: number) => void;
  onOpen: (row: number | undefined, copy: number) => void;
}) {
  const [chosen, setChosen] = useState<{ index: number; copy: number }>();
  const choose = (index: number, copy: number) => {
    setChosen({ index, copy });
    onSelect(index === 0 ? undefined : index - 1, copy);
  };
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined || !chosen) return;
    event.preventDefault();
    choose(chosen.index, Math.max(0, Math.min(columns.length - 1, chosen.copy + step)));
  };
  const tableColumns: DataColumn[] = [
    { id: "field", title: "Field", width: fieldPixels, alignEnd: false },
    ...columns.map((column, index) => ({
      id: `copy-${index}`,
      title: `${column.name}${column.believed ? " · believed" : ""}`,
      width: columns.length > 3 ? narrowPixels : widePixels,
      alignEnd: false,
    })),
    { id: "vote", title: "Taken from, and why", width: votePixels, alignEnd: false },
  ];
  const isChosen = (index: number, copy: number) => chosen?.index === index && chosen.copy === copy;
  const verdictCell = (column: number): ReactNode => {
    if (column === 0) return <b>Verdict</b>;
    const copy = columns[column - 1];
    if (!copy) return <span title={reason}>{reason}</span>;
    return (
      <CopyCell missing={copy.missing} chosen={isChosen(0, column - 1)} onPick={() => choose(0, column - 1)}>
        {copy.verdict}
      </CopyCell>
    );
  };
  const fieldCell = (row: ComparedFields, index: number, column: number): ReactNode => {
    if (column === 0)
      return (
        <span className={row.differs ? "compare-differs" : undefined} title={row.doc ?? row.path}>
          {row.path}
        </span>
      );
    const copy = columns[column - 1];
    if (!copy)
      return (
        <span className={row.differs ? undefined : "weak"} title={row.reason}>
          {row.vote !== "" && <b>{row.vote}: </b>}
          {row.reason}
        </span>
      );
    const cell = row.cells[column - 1];
    return (
      <CopyCell
        missing={copy.missing}
        differs={row.differs && cell !== null && cell?.agrees === false}
        chosen={isChosen(index, column - 1)}
        title={cell ? `${cell.text}${cell.problem ? ` · ${cell.problem}` : ""}` : copy.address}
        onPick={() => choose(index, column - 1)}
      >
        {cell ? cell.text : copy.missing ? copy.address : "no such field"}
      </CopyCell>
    );
  };
  return (
    <div className="compare-table" onKeyDown={keys}>
      <DataTable
        label={label}
        columns={tableColumns}
        rowCount={rows.length + 1}
        rowAt={(index) => (index === 0 ? { index } : rows[index - 1] && { index, row: rows[index - 1] })}
        rowClass={({ row }) => (row ? (row.differs ? "row-differs" : undefined) : "row-verdict")}
        cell={({ index, row }, column) => (row ? fieldCell(row, index, column) : verdictCell(column))}
        selectedIndex={chosen?.index}
        onSelect={(_, index) => choose(index, 0)}
        onOpen={(_, index) => onOpen(index === 0 ? undefined : index - 1, chosen?.index === index ? chosen.copy : 0)}
      />
    </div>
  );
}

function CopyCell({
  missing,
  differs = false,
  chosen,
  title,
  onPick,
  children,
}: {
  missing: boolean;
  differs?: boolean;
  chosen: boolean;
  title?: string;
  onPick: () => void;
  children: ReactNode;
}) {
  const looks = ["copy-cell", missing && "is-missing", differs && "is-different", chosen && "is-chosen"].filter(Boolean).join(" ");
  return (
    <button
      type="button"
      className={looks}
      tabIndex={-1}
      title={title}
      onClick={(event) => {
        event.stopPropagation();
        onPick();
      }}
    >
      {children}
    </button>
  );
}
