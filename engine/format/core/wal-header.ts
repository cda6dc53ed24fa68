import { bool8, type Decoded, enumeration, i64, reserved, reservedUntil, struct, ticks, u8, u32 } from "../../base/struct/index.ts";
import { blockTrailer, trailerBytes } from "./block-trailer.ts";

export const walTypes = { 0: "Metadata", 1: "Data" };

/** First 83 bytes of the first block of MWAL and DWAL. Core reference 4.1. */
export const walHeader = struct("WalHeader", {
  type: enumeration(u8(), walTypes),
  padding: reserved(1),
  version: u32({ oneOf: [1] }),
  sequenceStart: i64(),
  sequenceEnd: i64({ doc: "Last committed transaction" }),
  headOffset: i64({ unit: "bytes" }),
  tailOffset: i64({ unit: "bytes", doc: "Where the next record goes: a byte of the file, 0 for the start of the log" }),
  totalEntries: i64(),
  maxBlocks: i64({ unit: "blocks" }),
  usedBlocks: i64({ unit: "blocks" }),
  createdTimestampUtc: ticks(),
  lastCheckpointTimestamp: ticks(),
  checkpointInterval: u32({ oneOf: [1024, 4096] }),
  isClean: bool8({ doc: "Online operations clear it and never set it again" }),
});
export type WalHeader = Decoded<typeof walHeader>;

/** The header with the rest of its block. */
export const walHeaderBlock = struct("WalHeaderBlock", { header: walHeader, unused: reservedUntil(trailerBytes), trailer: blockTrailer });
