import type { Cell, Fact, TableColumn } from "../../contract/index.ts";
import { StoredText, ticksText, toHex } from "../engine.ts";
import { type ColumnOf, type RegionViewer, type TableSource, tableOf } from "./region-viewer.ts";

type Record_ = { readonly [key: string]: unknown };
type CellKind = TableColumn["kind"];

const isRecord = (value: unknown): value is Record_ =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array) && !(value instanceof StoredText);
const isList = (value: unknown): value is readonly Record_[] => Array.isArray(value) && value.every(isRecord);

/** How a field is shown follows from its name in the references: ticks end in Ticks or Utc, ids are guids, blocks are named so. */
function kindOf(name: string, value: unknown): CellKind {
  if (typeof value === "boolean") return "boolean";
  if (value instanceof Uint8Array) return "bytes";
  if (typeof value === "bigint" && /(Ticks|Utc|Timestamp)$/.test(name)) return "time";
  if (typeof value === "string" && /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value)) return "id";
  if (typeof value === "bigint" && /(Block|BlockOffset|StartBlock)$/.test(name) && !/^last/.test(name)) return "block";
  if ((typeof value === "bigint" || typeof value === "number") && /(BlockCount|Blocks)$/.test(name)) return "blocks";
  return typeof value === "bigint" || typeof value === "number" ? "number" : "text";
}

/** "createdUtcTicks" as "Created". */
export function wordsOf(name: string): string {
  const bare = name.replace(/(UtcTicks|Ticks|Utc)$/, "") || name;
  const words = bare.replace(/([a-z0-9])([A-Z])/g, (_, before, after) => `${before} ${after.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A value as one cell. Byte runs are hex; what is itself a structure is named by its size. */
export function cellOf(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return value;
  if (value instanceof Uint8Array) return toHex(value);
  if (value instanceof StoredText) return value.text;
  if (Array.isArray(value)) return value.length <= 8 && !value.some(isRecord) ? value.map(cellOf).join(", ") : `${value.length} elements`;
  return Object.entries(value)
    .map(([key, each]) => `${wordsOf(key)} ${cellOf(each)}`)
    .join(" · ");
}

function factOf(name: string, value: unknown): Fact {
  const kind = kindOf(name, value);
  const text = kind === "time" ? (ticksText(value as bigint) ?? `${value}`) : `${cellOf(value) ?? "none"}`;
  return {
    label: wordsOf(name),
    value: text,
    ...(kind === "time" && { title: `${value} ticks` }),
    mono: kind === "id" || kind === "bytes",
  };
}

/** Facts of the content's single fields, by their names in the references. `leave` names fields that are shown otherwise. */
export const factsOf = (content: Record_, leave: readonly string[] = []): Fact[] =>
  Object.entries(content).flatMap(([name, value]) => (isList(value) || leave.includes(name) ? [] : [factOf(name, value)]));

/** Columns of a list's records, by their fields. */
export function columnsOf(sample: Record_): ColumnOf<Record_>[] {
  return Object.entries(sample).map(([name, value]) => ({
    id: name,
    title: wordsOf(name),
    kind: kindOf(name, value),
    cell: (element) => cellOf(element[name]),
  }));
}

/** Any content as its fields stand in the references: single fields are facts, each list of records is a table. */
export const plainViewer: RegionViewer<Record_> = (input) => {
  const tables = Object.entries(input.content).flatMap(([name, value]): TableSource[] =>
    isList(value)
      ? [
          tableOf(input, name, value, {
            title: wordsOf(name),
            empty: `There are no ${wordsOf(name).toLowerCase()}.`,
            columns: value[0] ? columnsOf(value[0]) : [],
          }),
        ]
      : [],
  );
  return { facts: factsOf(input.content), tables, pictures: [] };
};
