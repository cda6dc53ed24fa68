import { ChangeTable } from "./change-table.tsx";
import { formatCount, formatNoun, visible } from "./format.ts";

interface Range {
  start: bigint;
  end: bigint;
}
/** One block in two states, and the fields in which they differ. */
export interface TwoStates {
  block: bigint;
  structure: string;
  differingBytes: number;
  fields: readonly { path: string; before: string; after: string; range: Range }[];
  /** Fields left out beyond the limit. */
  more: number;
}

/** What differs in one block, field by field; a field leads to its bytes. */
export function BlockChanges({
  change,
  heads,
  onPath,
}: {
  change: TwoStates;
  heads: readonly [before: string, after: string];
  onPath: (range: Range) => void;
}) {
  const { block, structure, differingBytes, fields, more } = change;
  return (
    <>
      <h2>
        Block {formatCount(block)} · {visible(structure)} · {formatNoun(differingBytes, "byte")} in{" "}
        {formatNoun(fields.length + more, "field")}
      </h2>
      <ChangeTable
        heads={heads}
        fields={fields.map(({ path, before, after, range }) => ({ path, before, after, start: range.start, onPath: () => onPath(range) }))}
      />
    </>
  );
}
