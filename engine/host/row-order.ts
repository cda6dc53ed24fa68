import type { Cell, RowsRequest } from "../contract/index.ts";
import { EngineError } from "./engine.ts";
import type { TableSource } from "./region-views/index.ts";

/** Indexes of a table's rows that pass the filter, sorted by a column. REQUEST_INVALID for an unknown column. */
export function orderRows(table: TableSource, sort: RowsRequest["sort"], filter: string): Uint32Array {
  const wanted = filter.toLowerCase();
  const column = sort ? table.columns.findIndex((each) => each.id === sort.column) : -1;
  if (sort && column < 0) throw new EngineError("REQUEST_INVALID", { call: "regionRows", problem: `there is no column ${sort.column}` });
  const indexes: number[] = [];
  const keys: Cell[] = [];
  for (let index = 0; index < table.rowCount; index++) {
    const { cells } = table.row(index);
    if (wanted !== "" && !cells.some((cell, at) => table.columns[at]?.kind !== "secret" && `${cell ?? ""}`.toLowerCase().includes(wanted)))
      continue;
    indexes.push(index);
    keys[index] = cells[column] ?? null;
  }
  const sign = sort?.descending ? -1 : 1;
  if (column >= 0) indexes.sort((a, b) => sign * compareCells(keys[a] ?? null, keys[b] ?? null) || a - b);
  return Uint32Array.from(indexes);
}

/** Numbers and bigints by value, text by its characters, missing ones last. */
function compareCells(a: Cell, b: Cell): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  return a < b ? -1 : a > b ? 1 : 0;
}
