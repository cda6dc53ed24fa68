import { equalBytes } from "../base/bytes.ts";
import type { Annotation } from "../base/struct/index.ts";

/** One copy of a structure, annotated. */
export interface ComparedCopy {
  name: string;
  /** First and last byte of the place, `end` excluded, whether anything is there or not. */
  start: bigint;
  end: bigint;
  /** `missing`: nothing could be read there. */
  state: "holds" | "damaged" | "unsealed" | "blank" | "missing";
  /** What is to be said of it as a whole. */
  verdict: string;
  /** The one that is believed as a whole. */
  believed: boolean;
  bytes: Uint8Array | undefined;
  rows: readonly Annotation[];
}

export interface ComparedCell {
  text: string;
  start: bigint;
  end: bigint;
  problem?: string | undefined;
  /** Whether its bytes are those of the copy that is believed for this row. */
  agrees: boolean;
}

/** Which copy a row's value is taken from, and why. */
export interface Vote {
  copy: number | undefined;
  reason: string;
  /** The copies are not meant to be the same in this field. */
  mayDiffer?: boolean;
}

export interface ComparedRow {
  path: string;
  doc?: string | undefined;
  differs: boolean;
  /** One for each copy; undefined where a copy has no such field. */
  cells: (ComparedCell | undefined)[];
  vote: Vote;
}

/** The copies of one structure side by side. */
export interface Comparison {
  id: string;
  title: string;
  /** Where the rule of choice is written. */
  reference: string;
  copies: ComparedCopy[];
  /** Why the copy that is believed is. */
  reason: string;
}

/**
 * The fields of all copies side by side, in the order of the structure. Bytes are compared, not texts: two values that are written alike
 * differ if their bytes do. `voteOf` says where a row that differs is taken from; without it the copy that is believed.
 */
export function compareFields(
  { copies, reason }: Pick<Comparison, "copies" | "reason">,
  voteOf: (path: string) => Vote | undefined = () => undefined,
): ComparedRow[] {
  const believed = copies.findIndex((copy) => copy.believed);
  const byPath = copies.map((copy) => new Map(copy.rows.map((row) => [row.path, row])));
  const paths = [...new Set(copies.flatMap((copy) => copy.rows.map((row) => row.path)))];
  return paths.map((path) => {
    const fields = copies.map((copy, index) => {
      const row = byPath[index]?.get(path);
      const bytes = row && copy.bytes?.subarray(Number(row.start - copy.start), Number(row.end - copy.start));
      return row && bytes ? { row, bytes } : undefined;
    });
    const there = fields.flatMap((field) => field ?? []);
    const unlike = there.length < fields.length || there.some(({ bytes }) => !equalBytes(bytes, there[0]?.bytes ?? bytes));
    const vote: Vote = unlike
      ? (voteOf(path) ?? { copy: believed < 0 ? undefined : believed, reason })
      : { copy: undefined, reason: copies.length === 2 ? "both agree" : `all ${copies.length} agree` };
    const differs = unlike && !vote.mayDiffer;
    const taken = fields[vote.copy ?? 0];
    return {
      path,
      doc: there[0]?.row.doc,
      differs,
      cells: fields.map(
        (field) =>
          field && {
            text: field.row.text,
            start: field.row.start,
            end: field.row.end,
            problem: field.row.problem,
            agrees: !differs || (vote.copy !== undefined && taken !== undefined && equalBytes(field.bytes, taken.bytes)),
          },
      ),
      vote,
    };
  });
}

/** Rows that differ first, each part in the order of the structure. */
export const differingFirst = (rows: readonly ComparedRow[]): ComparedRow[] => [
  ...rows.filter(({ differs }) => differs),
  ...rows.filter(({ differs }) => !differs),
];
