import type { Cell, Fact, RegionPicture, TableColumn, TableRow } from "../../contract/index.ts";
import { StoredText, ticksText, toHex } from "../engine.ts";
import { type ColumnOf, type RegionViewer, type TableSource, tableOf, type ViewerInput } from "./region-viewer.ts";

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

/** What a kind says of its fields beyond their names in the references. */
export interface ViewerWords<Content> {
  /** Words for the numbers of fields, by the field's name. */
  names?: Readonly<Record<string, Readonly<Record<number, string>>>>;
  /** Words for the bits of fields, by the field's name. */
  bits?: Readonly<Record<string, Readonly<Record<number, string>>>>;
  kinds?: Readonly<Record<string, CellKind>>;
  /** Byte runs that are text where they are UTF-8. */
  texts?: readonly string[];
  titles?: Readonly<Record<string, string>>;
  widths?: Readonly<Record<string, number>>;
  pictures?: (input: ViewerInput<Content>) => RegionPicture[];
  look?: (element: Record_) => TableRow["look"];
}

const bitWords = (value: bigint, bits: Readonly<Record<number, string>>): string =>
  [
    `0x${value.toString(16)}`,
    ...Object.entries(bits)
      .filter(([bit]) => (value >> BigInt(bit)) & 1n)
      .map(([, name]) => name),
  ].join(" · ");

/** A field's value as a cell: enums and flags with their words, all else as it is stored. */
function fieldCell(name: string, value: unknown, { names, bits, texts }: ViewerWords<never>): Cell {
  if (value instanceof Uint8Array && texts?.includes(name)) {
    const text = new StoredText(value, false);
    return text.isUtf8 ? text.text : toHex(value);
  }
  if (typeof value === "number" && names?.[name]) return `${value} · ${names[name][value] ?? "unknown"}`;
  if ((typeof value === "number" || typeof value === "bigint") && bits?.[name]) return bitWords(BigInt(value), bits[name]);
  return cellOf(value);
}

function fieldKind(name: string, value: unknown, { names, bits, kinds, texts }: ViewerWords<never>): CellKind {
  return kinds?.[name] ?? (names?.[name] || bits?.[name] ? "state" : texts?.includes(name) ? "text" : kindOf(name, value));
}

function factOf(name: string, value: unknown, words: ViewerWords<never>): Fact {
  const kind = fieldKind(name, value, words);
  const cell = fieldCell(name, value, words);
  const text = kind === "time" && typeof cell === "bigint" ? (ticksText(cell) ?? `${cell}`) : `${cell ?? "none"}`;
  return {
    label: words.titles?.[name] ?? wordsOf(name),
    value: text,
    ...(kind === "time" && { title: `${cell} ticks` }),
    mono: kind === "id" || kind === "bytes",
  };
}

/** Facts of the content's single fields, by their names in the references. */
export const factsOf = (content: Record_, words: ViewerWords<never> = {}): Fact[] =>
  Object.entries(content).flatMap(([name, value]) => (isList(value) || value === undefined ? [] : [factOf(name, value, words)]));

/** Columns of a list's records, by the fields of the first. */
export function columnsOf(sample: Record_, words: ViewerWords<never> = {}): ColumnOf<Record_>[] {
  return Object.entries(sample).flatMap(([name, value]): ColumnOf<Record_>[] => {
    const width = words.widths?.[name];
    return [
      {
        id: name,
        title: words.titles?.[name] ?? wordsOf(name),
        kind: fieldKind(name, value, words),
        cell: (element) => fieldCell(name, element[name], words),
        ...(width !== undefined && { width }),
      },
    ];
  });
}

/** Any content as its fields stand in the references: single fields are facts, each list of records is a table. */
export const viewFields =
  <Content extends object>(words: ViewerWords<Content> = {}): RegionViewer<Content> =>
  (input) => {
    const content = input.content as Record_;
    const plain = words as ViewerWords<never>;
    const tables = Object.entries(content).flatMap(([name, value]): TableSource[] =>
      isList(value)
        ? [
            tableOf(input, name, value, {
              title: words.titles?.[name] ?? wordsOf(name),
              empty: `There are no ${(words.titles?.[name] ?? wordsOf(name)).toLowerCase()}.`,
              columns: value[0] ? columnsOf(value[0], plain) : [],
              ...(words.look && { look: words.look }),
            }),
          ]
        : [],
    );
    return { facts: factsOf(content, plain), tables, pictures: words.pictures?.(input) ?? [] };
  };
