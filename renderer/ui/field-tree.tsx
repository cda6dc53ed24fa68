import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { type FieldRow, fieldRows } from "./field-tree-rows.ts";
import { isChord } from "./focus.ts";
import type { HexField } from "./hex-grid.tsx";
import type { HexRun } from "./hex-rows.ts";
import "./field-tree.css";

export interface FieldTreeProps {
  label: string;
  fields: readonly HexField[];
  /** The byte that the selection begins with. */
  at: bigint;
  hovered: HexRun | undefined;
  onPick: (run: HexRun, path: string) => void;
  onHover: (field: HexField | undefined) => void;
  onOpen: (byte: bigint) => void;
}
const rangeOf = (row: FieldRow): HexRun => (row.kind === "field" ? row.field : row);

/** Structures and fields of a block, one row each; the row at the selection is marked and kept in sight. */
export function FieldTree({ label, fields, at, hovered, onPick, onHover, onOpen }: FieldTreeProps) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => fieldRows(fields, closed), [fields, closed]);
  const selected = rows.findIndex((row) => row.kind === "field" && row.field.start <= at && at < row.field.end);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => 24, overscan: 8 });
  useEffect(() => {
    if (selected >= 0) virtual.scrollToIndex(selected, { align: "auto" });
  }, [selected, virtual]);
  const toggle = (row: FieldRow | undefined, open: boolean) => {
    if (row?.kind !== "branch") return;
    setClosed((before) => {
      const after = new Set(before);
      if (open) after.delete(row.key);
      else after.add(row.key);
      return after;
    });
  };
  const pick = (row: FieldRow | undefined) => row && onPick(rangeOf(row), row.kind === "field" ? row.field.path : row.key);
  const press = (event: KeyboardEvent) => {
    if (isChord(event)) return;
    const row = rows[selected];
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -selected, End: rows.length - 1 - selected }[event.key];
    const fieldFrom = (from: number, by: number): FieldRow | undefined => {
      const next = rows[from];
      return next?.kind === "branch" ? fieldFrom(from + (by < 0 ? -1 : 1), by) : next;
    };
    if (step !== undefined) pick(fieldFrom(selected + step, step));
    else if (event.key === "Enter" && row?.kind === "field") onOpen(row.field.start);
    else if (event.key === "ArrowLeft")
      toggle(
        rows.slice(0, selected).findLast((above) => above.kind === "branch"),
        false,
      );
    else if (event.key === "ArrowRight")
      toggle(
        rows.find((each) => each.kind === "branch" && !each.open && each.start <= at && at < each.end),
        true,
      );
    else if (event.key === "*") setClosed(new Set());
    else return;
    event.preventDefault();
  };
  return (
    <div
      className="field-tree"
      ref={scroller}
      role="tree"
      aria-label={label}
      tabIndex={0}
      onKeyDown={press}
      aria-activedescendant={virtual.getVirtualItems().some(({ index }) => index === selected) ? `field-${selected}` : undefined}
      onPointerLeave={() => onHover(undefined)}
    >
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          const range = rangeOf(row);
          const isHovered = hovered !== undefined && row.kind === "field" && hovered.start === range.start;
          return (
            <div
              key={row.key}
              id={`field-${index}`}
              role="treeitem"
              tabIndex={-1}
              aria-level={row.depth + 1}
              aria-selected={index === selected}
              aria-expanded={row.kind === "branch" ? row.open : undefined}
              data-hovered={isHovered || undefined}
              data-problem={row.kind === "field" ? row.field.problem : undefined}
              title={row.kind === "field" ? (row.field.problem ?? row.field.text) : undefined}
              style={{ position: "absolute", insetInline: 0, top: start, paddingLeft: 8 + row.depth * 14 }}
              onClick={() => (row.kind === "branch" ? toggle(row, !row.open) : pick(row))}
              onDoubleClick={() => onOpen(range.start)}
              onPointerMove={() => onHover(row.kind === "field" ? row.field : undefined)}
            >
              {row.kind === "branch" ? (
                <span aria-hidden>{row.open ? "▾" : "▸"}</span>
              ) : (
                <i className="hex-swatch" data-kind={row.field.kind} />
              )}
              <span className={row.kind === "branch" ? "name branch" : "name"}>{row.name}</span>
              <span className="value">{row.kind === "branch" ? `0x${row.start.toString(16)}` : row.field.text}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
