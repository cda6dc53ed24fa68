import { bytes, type Decoded, i32, i64, reserved, struct, ticks } from "../../base/struct/index.ts";
import { trailerBytes } from "../core/index.ts";
import type { FixedRule, FixedTable } from "./fixed-records.ts";
import { type AddProblem, fixedTableCodec } from "./fixed-table-codec.ts";
import { isCalendarTicks } from "./region.ts";

/** One append, 52 bytes. Other regions reference 8. */
export const wormWrite = struct("WormWriteRecord", {
  blockIndex: i64({ doc: "Place among the region's data blocks" }),
  timestampUtcTicks: ticks(),
  dataLength: i32({ unit: "bytes" }),
  contentHash: bytes(32, { as: "checksum", doc: "SHA-256 of exactly the appended bytes" }),
});
export type WormWrite = Decoded<typeof wormWrite>;

const header = struct("WormRegionHeader", {
  highWaterMark: i64({ doc: "Data blocks below it are immutable" }),
  totalCapacityBlocks: i64({ unit: "blocks", check: (value) => value > 0n, expects: "more than 0" }),
  retentionPeriodTicks: i64({ doc: "In 100 ns; 0 is for ever. Nothing enforces it" }),
  createdUtcTicks: ticks(),
  writeLogCount: i32({ check: (value) => value >= 0, expects: "not negative" }),
  reserved: reserved(4),
});

export interface WormContent {
  generation: number;
  highWaterMark: bigint;
  totalCapacityBlocks: bigint;
  retentionPeriodTicks: bigint;
  createdUtcTicks: bigint;
  writeLogCount: number;
  writeLog: WormWrite[];
}

export type WormRule =
  | FixedRule<"worm">
  | `worm.${
      | "capacity"
      | "high-water-mark-differs"
      | "high-water-mark-range"
      | "retention-negative"
      | "block-index"
      | "data-length"
      | "time-order"
      | "time-range"}`;

const table: FixedTable<Decoded<typeof header>, WormWrite, "worm"> = {
  rules: "worm",
  tag: "WORM",
  sdkRegion: "WORM region",
  name: "WormRegion",
  list: "writeLog",
  headerBytes: 40,
  recordBytes: 52,
  reserved: { start: 36, byteLength: 4 },
  header,
  record: wormWrite,
};

/** The log of what was written once. Where the data itself lies is unspecified, so its hashes are not verified. Other regions reference 8. */
export const wormCodec = fixedTableCodec<Decoded<typeof header>, WormWrite, WormContent, "worm">({
  table,
  noun: "record",
  countOf: ({ writeLogCount }) => writeLogCount,
  contentOf: ({ generation, header: { reserved: _, ...fields }, records }) => ({ generation, ...fields, writeLog: records }),
  partsOf: ({ generation: _, writeLog, ...fields }) => ({ header: fields, records: writeLog }),
  sdkReads: ({ totalCapacityBlocks }) =>
    totalCapacityBlocks > 0n
      ? undefined
      : "ArgumentOutOfRangeException: Total capacity must be positive. (Parameter 'totalCapacityBlocks')",
  judge(content, add: AddProblem<WormRule>, _facts, { blockBytes }) {
    const { highWaterMark, totalCapacityBlocks, retentionPeriodTicks, createdUtcTicks, writeLogCount, writeLog } = content;
    const most = blockBytes - trailerBytes;
    if (totalCapacityBlocks <= 0n) add("worm.capacity", undefined, `${totalCapacityBlocks} blocks`, "more than 0");
    if (highWaterMark < 0n || highWaterMark > totalCapacityBlocks)
      add("worm.high-water-mark-range", undefined, `high-water mark ${highWaterMark}`, `0 to ${totalCapacityBlocks}`);
    if (highWaterMark !== BigInt(writeLogCount))
      add("worm.high-water-mark-differs", undefined, `high-water mark ${highWaterMark}`, `${writeLogCount}, the number of records`);
    if (retentionPeriodTicks < 0n) add("worm.retention-negative", undefined, `${retentionPeriodTicks}`, "not negative");
    if (!isCalendarTicks(createdUtcTicks)) add("worm.time-range", undefined, `${createdUtcTicks}`, "a time a calendar holds");
    let before = createdUtcTicks;
    for (const [index, { blockIndex, timestampUtcTicks, dataLength }] of writeLog.entries()) {
      if (blockIndex !== BigInt(index)) add("worm.block-index", index, `block index ${blockIndex}`, `${index}`);
      if (dataLength < 0 || dataLength > most) add("worm.data-length", index, `${dataLength} bytes`, `0 to ${most}`);
      if (!isCalendarTicks(timestampUtcTicks)) add("worm.time-range", index, `${timestampUtcTicks}`, "a time a calendar holds");
      else if (timestampUtcTicks < before)
        add("worm.time-order", index, `${timestampUtcTicks}`, `not before ${before}, when the one before it was made`);
      before = timestampUtcTicks;
    }
  },
});
