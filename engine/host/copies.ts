import type { CopyRow, CopyRows, CopyRowsRequest, CopySet } from "../contract/index.ts";
import { type ComparedRow, type Comparison, compareFields, differingFirst } from "../forensics/compare-copies.ts";
import { remapComparison } from "../forensics/remap-copies.ts";
import { volumeComparisons, volumeRows } from "../forensics/volume-copies.ts";
import { EngineError } from "./engine.ts";
import type { OpenVolume } from "./open-volume.ts";

interface Compared {
  comparison: Comparison;
  /** Differing ones first. */
  rows: ComparedRow[];
}

/** What was compared of an image: a changed source is a new image. */
const comparedOf = new WeakMap<object, Compared[]>();

function compareAll({ image, volume, remap }: OpenVolume): Compared[] {
  const known = comparedOf.get(image);
  if (known) return known;
  const compared = [
    ...volumeComparisons(volume).map((comparison) => ({ comparison, rows: differingFirst(volumeRows(volume, comparison)) })),
    ...(remap?.readings ?? []).map((reading) => {
      const comparison = remapComparison(reading);
      return { comparison, rows: differingFirst(compareFields(comparison)) };
    }),
  ];
  comparedOf.set(image, compared);
  return compared;
}

/** The structures that are stored more than once, with a verdict on each copy. */
export function describeCopySets(opened: OpenVolume): CopySet[] {
  return compareAll(opened).map(({ comparison: { id, title, reason, reference, copies }, rows }) => ({
    id,
    title,
    reason,
    reference,
    copies: copies.map(({ name, start, end, state, verdict, believed }) => ({ name, range: { start, end }, state, verdict, believed })),
    rowCount: rows.length,
    differing: rows.filter(({ differs }) => differs).length,
  }));
}

/** Rows of one of them, differing ones first. REQUEST_INVALID for an unknown set. */
export function describeCopyRows(opened: OpenVolume, { id, start, count, differing }: CopyRowsRequest): CopyRows {
  const compared = compareAll(opened).find(({ comparison }) => comparison.id === id);
  if (!compared) throw new EngineError("REQUEST_INVALID", { call: "copyRows", problem: `the volume has no copies of ${id}` });
  const rows = compared.rows.filter(({ differs }) => differs || !differing);
  return { rows: rows.slice(start, start + count).map(rowOf), total: rows.length };
}

const rowOf = ({ path, doc, differs, cells, vote }: ComparedRow): CopyRow => ({
  path,
  doc,
  differs,
  cells: cells.map((cell) =>
    cell ? { text: cell.text, range: { start: cell.start, end: cell.end }, agrees: cell.agrees, problem: cell.problem } : null,
  ),
  vote: vote.copy,
  reason: vote.reason,
});
