import * as z from "zod/mini";
import { type ByteRange, countField, textField } from "./common.ts";

/** A structure that is stored more than once, with what is to be said of each copy. */
export interface CopySet {
  id: string;
  title: string;
  /** Why the copy that is believed is. */
  reason: string;
  reference: string;
  copies: CopyHead[];
  rowCount: number;
  /** Fields in which the copies differ. */
  differing: number;
}
export interface CopyHead {
  name: string;
  range: ByteRange;
  /** `missing`: nothing could be read there. */
  state: "holds" | "damaged" | "unsealed" | "blank" | "missing";
  verdict: string;
  believed: boolean;
}

/** One field of all copies. */
export interface CopyRow {
  path: string;
  doc?: string | undefined;
  differs: boolean;
  /** One for each copy; null where a copy has no such field. */
  cells: (CopyCell | null)[];
  /** The copy that the value is taken from, where they differ. */
  vote?: number | undefined;
  reason: string;
}
export interface CopyCell {
  text: string;
  range: ByteRange;
  agrees: boolean;
  problem?: string | undefined;
}
export interface CopyRows {
  rows: CopyRow[];
  total: number;
}

export const copyRowsRequest = z.object({
  id: textField,
  start: countField,
  count: z.int().check(z.gte(1), z.lte(500)),
  /** Leaves out the rows in which all copies agree. */
  differing: z._default(z.boolean(), false),
});
export type CopyRowsRequest = z.input<typeof copyRowsRequest>;
