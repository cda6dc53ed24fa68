import * as z from "zod/mini";
import type { Severity } from "../findings/finding.ts";
import { type ByteRange, countField, textField } from "./common.ts";
import type { RegionPicture } from "./region-picture.ts";
import type { Fact, RegionFamily } from "./volume.ts";

/** What a region holds, ready to be shown: its facts at once, its tables row by row. */
export interface RegionView {
  slot: number;
  name: string;
  kind: string;
  family: RegionFamily;
  range: ByteRange;
  /**
   * `absent`: nothing was ever written; `formatted`: made and never filled; `undecodable`: something stands there that is not this
   * kind's content; `decoded`; `opaque`: no structure is known for the kind.
   */
  state: "absent" | "formatted" | "undecodable" | "decoded" | "opaque";
  facts: Fact[];
  tables: TableInfo[];
  pictures: RegionPicture[];
  /** What the SDK's own reader makes of the region, where that is something else than what is stored. */
  sdkReads?: string | undefined;
  /** Blocks at the region's end that were not looked at. */
  unreadBlocks: bigint;
  findings: { [severity in Severity]: number };
}

export interface TableInfo {
  id: string;
  title: string;
  columns: TableColumn[];
  rowCount: number;
  /** Shown instead of no rows. */
  empty: string;
}

export interface TableColumn {
  id: string;
  title: string;
  /** How cells are written: `time` is ticks, `block` leads to a block, `secret` is hidden unless asked for. */
  kind: "text" | "number" | "time" | "id" | "bytes" | "boolean" | "block" | "blocks" | "size" | "state" | "secret";
  /** Pixels. */
  width: number;
  doc?: string | undefined;
}

export type Cell = string | number | bigint | boolean | null;
export interface TableRow {
  /** Place in the table as stored, whatever the order asked for. */
  index: number;
  cells: Cell[];
  /** The row's bytes. */
  range?: ByteRange | undefined;
  /** The worst finding on its bytes. */
  severity?: Severity | undefined;
  /** How the row is to be read: struck through, greyed. */
  look?: "gone" | "weak" | undefined;
}
export interface TablePage {
  start: number;
  rows: TableRow[];
  /** Rows that pass the filter. */
  total: number;
}

export const slotRequest = z.int().check(z.gte(0), z.lte(4096));
export const rowsRequest = z.object({
  slot: slotRequest,
  table: textField,
  start: countField,
  count: z.int().check(z.gte(1), z.lte(500)),
  sort: z.optional(z.object({ column: textField, descending: z.boolean() })),
  filter: z._default(textField, ""),
  /** Shows what `secret` columns hold. */
  reveal: z._default(z.boolean(), false),
});
export type RowsRequest = z.input<typeof rowsRequest>;
