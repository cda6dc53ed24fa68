import "./data-table.css";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { formatCount } from "./format.ts";

export interface DataColumn {
  id: string;
  title: string;
  /** Pixels. */
  width: number;
  alignEnd: boolean;
  doc?: string | undefined;
}
export interface SortOrder {
  column: string;
  descending: boolean;
}

const leastColumnPixels = 48;
const plainRowPixels = 24;
const pageRows = 20;

/**
 * A table of any length of which only the visible rows exist. The caller holds the rows and is told which ones are in sight;
 * rows that are not there yet are blank. Arrows, Page keys, Home and End move, Enter opens; heads sort, their edges resize.
 */
export function DataTable<Row>({
  label,
  columns,
  rowCount,
  rowAt,
  cell,
  rowClass,
  selectedIndex,
  sort,
  onSort,
  onVisible,
  onSelect,
  onOpen,
  rowPixels = plainRowPixels,
}: {
  label: string;
  columns: readonly DataColumn[];
  rowCount: number;
  rowAt: (index: number) => Row | undefined;
  cell: (row: Row, column: number) => ReactNode;
  rowClass?: (row: Row) => string | undefined;
  selectedIndex: number | undefined;
  sort?: SortOrder | undefined;
  onSort?: ((sort: SortOrder | undefined) => void) | undefined;
  onVisible?: ((start: number, end: number) => void) | undefined;
  onSelect: (row: Row, index: number) => void;
  onOpen?: ((row: Row, index: number) => void) | undefined;
  rowPixels?: number;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const [resized, setResized] = useState<Readonly<Record<string, number>>>({});
  const [focused, setFocused] = useState(0);
  const virtual = useVirtualizer({
    count: rowCount,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPixels,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, (items.at(-1)?.index ?? -1) + 1];
  useEffect(() => {
    if (last > first) onVisible?.(first, last);
  }, [first, last, onVisible]);
  useEffect(() => {
    if (selectedIndex === undefined) return;
    setFocused(selectedIndex);
    virtual.scrollToIndex(selectedIndex);
  }, [selectedIndex, virtual]);
  const active = Math.max(0, Math.min(focused, rowCount - 1));
  const widthOf = (column: DataColumn) => resized[column.id] ?? column.width;
  const total = columns.reduce((sum, column) => sum + widthOf(column), 0);

  const move = (index: number) => {
    const next = Math.max(0, Math.min(rowCount - 1, index));
    setFocused(next);
    virtual.scrollToIndex(next);
    const row = rowAt(next);
    if (row !== undefined) onSelect(row, next);
  };
  const keys = (event: KeyboardEvent) => {
    const target = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + pageRows,
      PageUp: active - pageRows,
      Home: 0,
      End: rowCount - 1,
      " ": active,
    }[event.key];
    const row = rowAt(active);
    if (target !== undefined) move(target);
    else if (event.key === "Enter" && row !== undefined && onOpen) onOpen(row, active);
    else return;
    event.preventDefault();
  };
  const resize = (column: DataColumn) => (event: PointerEvent<HTMLSpanElement>) => {
    const handle = event.currentTarget;
    const startX = event.clientX;
    const startWidth = widthOf(column);
    handle.setPointerCapture(event.pointerId);
    const drag = (moved: globalThis.PointerEvent) =>
      setResized((before) => ({ ...before, [column.id]: Math.max(leastColumnPixels, startWidth + moved.clientX - startX) }));
    handle.addEventListener("pointermove", drag);
    handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", drag), { once: true });
    event.preventDefault();
  };
  const nextSort = (column: DataColumn): SortOrder | undefined =>
    sort?.column !== column.id ? { column: column.id, descending: false } : sort.descending ? undefined : { ...sort, descending: true };
  return (
    <div
      ref={scroller}
      className="table-scroll data-table"
      role="grid"
      aria-label={`${label}, ${formatCount(rowCount)} rows`}
      aria-rowcount={rowCount + 1}
      aria-colcount={columns.length}
      tabIndex={0}
      onKeyDown={keys}
    >
      <div role="row" className="table-head" aria-rowindex={1} style={{ width: total }}>
        {columns.map((column) => (
          <div
            key={column.id}
            role="columnheader"
            aria-sort={sort?.column !== column.id ? "none" : sort.descending ? "descending" : "ascending"}
            className={column.alignEnd ? "is-end" : undefined}
            style={{ width: widthOf(column) }}
            title={column.doc}
          >
            <button
              type="button"
              tabIndex={-1}
              disabled={!onSort}
              {...(column.title === "" && { "aria-label": column.doc })}
              onClick={() => onSort?.(nextSort(column))}
            >
              {column.title}
              {sort?.column === column.id ? (sort.descending ? " ↓" : " ↑") : ""}
            </button>
            <span className="resizer" aria-hidden onPointerDown={resize(column)} />
          </div>
        ))}
      </div>
      <div className="data-space" role="rowgroup" style={{ height: virtual.getTotalSize(), width: total }}>
        {items.map((item) => {
          const row = rowAt(item.index);
          return (
            <div
              key={item.index}
              role="row"
              aria-rowindex={item.index + 2}
              aria-selected={item.index === selectedIndex}
              className={`table-row data-row ${item.index === active ? "is-active" : ""} ${(row !== undefined && rowClass?.(row)) || ""}`}
              style={{ top: item.start, height: rowPixels }}
              onClick={() => {
                setFocused(item.index);
                if (row !== undefined) onSelect(row, item.index);
              }}
              onDoubleClick={() => row !== undefined && onOpen?.(row, item.index)}
            >
              {columns.map((column, index) => (
                <div key={column.id} role="gridcell" className={column.alignEnd ? "is-end" : undefined} style={{ width: widthOf(column) }}>
                  {row === undefined ? "" : cell(row, index)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
