import { bytes, i32, i64, struct, xxh64 } from "../../base/struct/index.ts";

/** What stands where an entry has its target block: these make a marker. Operations reference 2.3. */
export const completionMark = -1n;
export const commitMark = -2n;
/** Bytes of a marker, and of an entry without its image. Operations reference 2.3. */
export const logMarkerBytes = 28;
export const logEntryOverhead = 20;

/** An entry of the metadata log: the image that a block gets. No alignment, no trailer, redo only. Operations reference 2.3. */
export const logEntry = struct("LogEntry", {
  targetBlock: i64({ as: "pointer", unit: "block" }),
  dataLength: i32({ unit: "bytes" }),
  image: bytes((values) => values.dataLength as number, { doc: "What a replay writes to the target block" }),
  checksum: xxh64({ over: (at, from) => [from, at] }),
});

/** The end of a transaction: its commit, or its completion. Operations reference 2.3. */
export const logMarker = struct("LogMarker", {
  kind: i64({
    as: "constant",
    oneOf: [commitMark, completionMark],
    show: (value) => (value === commitMark ? "-2 · Commit" : value === completionMark ? "-1 · Completion" : `${value}`),
  }),
  sequence: i64({ doc: "Of the transaction; entries carry none" }),
  entryCount: i32({ doc: "Entries of the transaction; 0 in a completion" }),
  checksum: xxh64({ over: (at, from) => [from, at] }),
});
