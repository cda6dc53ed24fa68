import type { ByteRange } from "../contract/index.ts";
import { equalBytes, type Struct } from "./engine.ts";

const mostFields = 200;

/** What differs between two images of one block, field by field of the structure that the second one is. */
export interface ImageDifference {
  differingBytes: number;
  fields: { path: string; before: string; after: string; range: ByteRange }[];
  /** Fields left out beyond the limit. */
  more: number;
}

/** Compares two images of the block that begins at byte `start` of the volume. */
export function diffImages(structure: Struct<unknown>, before: Uint8Array, after: Uint8Array, start: bigint): ImageDifference {
  const difference: ImageDifference = { differingBytes: 0, fields: [], more: 0 };
  for (let at = 0; at < after.length; at++) if (after[at] !== before[at]) difference.differingBytes++;
  const rows = new Map(structure.annotate(before, start).map((row) => [row.path, row]));
  for (const row of structure.annotate(after, start)) {
    const [from, to] = [Number(row.start - start), Number(row.end - start)];
    const other = rows.get(row.path);
    if (other?.start === row.start && other.end === row.end && equalBytes(after.subarray(from, to), before.subarray(from, to))) continue;
    if (difference.fields.length >= mostFields) difference.more++;
    else
      difference.fields.push({
        path: row.path,
        before: other?.text ?? "is not there",
        after: row.text,
        range: { start: row.start, end: row.end },
      });
  }
  return difference;
}
