import type { CopyRow, CopyRows, CopyRowsRequest, CopySet } from "../contract/index.ts";
import { type ComparedRow, type Comparison, compareFields, differingFirst } from "../forensics/compare-copies.ts";
import { remapComparison } from "../forensics/remap-copies.ts";
import { volumeComparisons, volumeRows } from "../forensics/volume-copies.ts";
import { EngineError } from "./engine.ts";
import type { OpenVolume } from "./open-volume.ts";

/** The structures that are stored more than once, with a verdict on each copy. */
export function describeCopySets(opened: OpenVolume): CopySet[] {
  return comparisonsOf(opened).map((comparison) => {
    const rows = rowsOf(opened, comparison);
    const { id, title, reason, reference, copies } = comparison;
    return {
      id,
      title,
      reason,
      reference,
      copies: copies.map(({ name, start, end, state, verdict, believed }) => ({ name, range: { start, end }, state, verdict, believed })),
      rowCount: rows.length,
      differing: rows.filter(({ differs }) => differs).length,
    };
  });
}

const comparisonsOf = ({ volume, remap }: OpenVolume): Comparison[] =>
  remap ? remap.readings.map(remapComparison) : volumeComparisons(volume);
const rowsOf = ({ volume, remap }: OpenVolume, comparison: Comparison): ComparedRow[] =>
  remap ? compareFields(comparison) : volumeRows(volume, comparison);

/** Rows of one of them, differing ones first. REQUEST_INVALID for an unknown set. */
export function describeCopyRows(opened: OpenVolume, { id, start, count, differing }: CopyRowsRequest): CopyRows {
  const comparison = comparisonsOf(opened).find((each) => each.id === id);
  if (!comparison) throw new EngineError("REQUEST_INVALID", { call: "copyRows", problem: `the volume has no copies of ${id}` });
  const rows = differingFirst(rowsOf(opened, comparison)).filter(({ differs }) => differs || !differing);
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
