import { bytes, type Decoded, enumeration, i32, i64, reservedUntil, struct, u8, u32, xxh64 } from "../../base/struct/index.ts";

/** "HLAW" on disk. Operations reference 10.1. */
export const generalLogMagic = 0x57414c48;
/** Bytes of an entry before its images. Operations reference 10.2. */
export const generalLogEntryHeaderBytes = 45;

/** First 52 bytes of a general write-ahead log's area. No trailer. Operations reference 10.1. */
export const generalLogHeader = struct("GeneralLogHeader", {
  magic: u32({
    as: "constant",
    oneOf: [generalLogMagic],
    show: (value) => (value === generalLogMagic ? "HLAW" : `0x${value.toString(16)}`),
  }),
  headBlock: i64({ as: "pointer", unit: "block", doc: "Where the next entry goes, counted from the area's start" }),
  tailBlock: i64({ as: "pointer", unit: "block", doc: "The oldest entry that a replay looks at" }),
  nextSequenceNumber: i64(),
  lastCheckpointSequence: i64(),
  nextTransactionId: i64(),
  checksum: xxh64({ over: (at, from) => [from, at] }),
});
export type GeneralLogHeader = Decoded<typeof generalLogHeader>;

/** The header with the rest of its block. */
export const generalLogHeaderBlock = struct("GeneralLogHeaderBlock", { header: generalLogHeader, unused: reservedUntil(0) });

export const generalLogEntryTypes = {
  1: "Begin",
  2: "BlockWrite",
  3: "BlockFree",
  4: "InodeUpdate",
  5: "BTreeModify",
  6: "Commit",
  7: "Abort",
  8: "Checkpoint",
};

/** Images behind the checksum; an impossible length covers none. */
const imageRun = (start: number, { beforeLength, afterLength }: Record<string, unknown>): [number, number] => [
  start,
  start + Math.max(0, (beforeLength as number) + (afterLength as number)),
];

/** An entry: undo and redo image of a change. Begins at the start of a block and may run through several. Operations reference 10.2. */
export const generalLogEntry = struct("GeneralLogEntry", {
  sequenceNumber: i64(),
  transactionId: i64(),
  type: enumeration(u8(), generalLogEntryTypes),
  targetBlockNumber: i64({ as: "pointer", unit: "block", doc: "-1 where the entry changes no block" }),
  dataLength: i32({ unit: "bytes", doc: "Both images" }),
  beforeLength: i32({ unit: "bytes" }),
  afterLength: i32({ unit: "bytes" }),
  checksum: xxh64({ over: (at, from) => [from, at], andOver: (at, values) => imageRun(at + 8, values) }),
  beforeImage: bytes((values) => values.beforeLength as number),
  afterImage: bytes((values) => values.afterLength as number),
});
export type GeneralLogEntry = Decoded<typeof generalLogEntry>;
