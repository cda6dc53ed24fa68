import { Button } from "@blueprintjs/core";
import { useMemo, useState } from "react";
import type { Cell, TableColumn, TableInfo, TableRow } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { useRegionRows } from "../../store/region.ts";
import { select, selectSelection, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { type DataColumn, DataTable, type SortOrder } from "../../ui/data-table.tsx";
import { formatBytes, formatCount, formatTicks, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";

const endAligned: ReadonlySet<TableColumn["kind"]> = new Set(["number", "block", "blocks", "size"]);
const monospaced: ReadonlySet<TableColumn["kind"]> = new Set(["id", "bytes", "secret"]);

/** One table of a region: filter, order, and rows that select their bytes; Enter and double click open them in hex. */
export function RegionTable({ volume, slot, table }: { volume: OpenVolume; slot: number; table: TableInfo }) {
  const [sort, setSort] = useState<SortOrder>();
  const [filter, setFilter] = useState("");
  const [reveal, setReveal] = useState(false);
  const request = useMemo(
    () => ({ slot, table: table.id, ...(sort && { sort }), ...(filter && { filter }), ...(reveal && { reveal }) }),
    [slot, table.id, sort, filter, reveal],
  );
  const { total, rowAt, onVisible, failure } = useRegionRows(volume, request);
  const selection = useSelection(selectSelection(volume.id));
  const blockBytes = BigInt(useVolumeData((state) => selectVolumeData(volume.id)(state)?.overview.blockBytes) ?? 4096);
  const columns = useMemo(
    (): DataColumn[] => [
      { id: "severity", title: "", width: 28, alignEnd: false, doc: "Worst finding on the row's bytes" },
      ...table.columns.map(({ id, title, width, kind, doc }) => ({ id, title, width, alignEnd: endAligned.has(kind), doc })),
    ],
    [table],
  );
  const rowCount = total ?? table.rowCount;
  const [chosen, setChosen] = useState<number>();
  const isChosen = (index: number | undefined) => {
    const range = index === undefined ? undefined : rowAt(index)?.range;
    return range !== undefined && selection?.range.start === range.start && selection.range.end === range.end;
  };
  const choose = (row: TableRow, index: number) => {
    setChosen(index);
    if (row.range) select({ volumeId: volume.id, range: row.range });
  };
  const follow = (column: TableColumn, value: Cell) =>
    column.kind === "block" && typeof value === "bigint" && value >= 0n
      ? () => select({ volumeId: volume.id, range: { start: value * blockBytes, end: (value + 1n) * blockBytes } })
      : undefined;
  return (
    <div className="region-table">
      <div className="panel-bar">
        <span>
          {formatCount(rowCount)} {filter ? `of ${formatCount(table.rowCount)} ` : ""}
          {table.title.toLowerCase()}
        </span>
        <span className="stretch" />
        {table.columns.some((column) => column.kind === "secret") && (
          <Button
            size="small"
            active={reveal}
            text={reveal ? "Hide secret bytes" : "Show secret bytes"}
            onClick={() => setReveal(!reveal)}
          />
        )}
        <input
          placeholder="Filter"
          aria-label={`Filter ${table.title.toLowerCase()}`}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
      </div>
      {failure && (
        <p className="empty" role="alert">
          {failure.what}
        </p>
      )}
      {rowCount === 0 ? (
        <p className="empty">{filter ? "No row matches the filter." : table.empty}</p>
      ) : (
        <DataTable
          label={table.title}
          columns={columns}
          rowCount={rowCount}
          rowAt={rowAt}
          rowClass={(row) => row.look && `look-${row.look}`}
          cell={(row, index) => {
            const column = table.columns[index - 1];
            if (!column) return row.severity && <Glyph state={row.severity} label />;
            return (
              <CellText column={column} value={row.cells[index - 1] ?? null} onFollow={follow(column, row.cells[index - 1] ?? null)} />
            );
          }}
          selectedIndex={isChosen(chosen) ? chosen : undefined}
          sort={sort}
          onSort={(next) => setSort(next?.column === "severity" ? undefined : next)}
          onVisible={onVisible}
          onSelect={choose}
          onOpen={(row, index) => {
            choose(row, index);
            showPanel("hex");
          }}
        />
      )}
    </div>
  );
}

function CellText({ column, value, onFollow }: { column: TableColumn; value: Cell; onFollow: (() => void) | undefined }) {
  if (value === null) return <span className="weak">–</span>;
  if (column.kind === "secret" && value === "") return <span className="weak">hidden</span>;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (column.kind === "time" && typeof value === "bigint") {
    const { text, title } = formatTicks(value);
    return <span title={title}>{text}</span>;
  }
  if (column.kind === "size") return <span title={`${value} bytes`}>{formatBytes(BigInt(value))}</span>;
  const text =
    typeof value === "string" ? visible(value) : Number.isInteger(value) || typeof value === "bigint" ? formatCount(value) : `${value}`;
  if (onFollow)
    return (
      <button
        type="button"
        className="link"
        tabIndex={-1}
        onClick={(event) => {
          event.stopPropagation();
          onFollow();
        }}
      >
        {text}
      </button>
    );
  return (
    <span className={monospaced.has(column.kind) ? "mono" : undefined} title={text.length > 24 ? text : undefined}>
      {text}
    </span>
  );
}
