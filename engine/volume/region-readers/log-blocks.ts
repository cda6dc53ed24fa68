import { isAllZero, toHex } from "../../base/bytes.ts";
import type { Annotation } from "../../base/struct/index.ts";
import { logEntry, logEntryOverhead, logMarker } from "../../format/core/index.ts";
import { findRecords } from "../../journal/find-records.ts";
import type { LogRecord } from "../../journal/metadata-log.ts";
import type { Volume, VolumeRegion } from "../volume.ts";

/** A record that touches a block, with its bytes. */
interface PlacedRecord {
  record: LogRecord;
  start: bigint;
  end: bigint;
  bytes: Uint8Array;
}

/** The meaning of an image in an entry, by the block it is for; `at` is where the image lies. */
export type AnnotateImage = (targetBlock: bigint, image: Uint8Array, at: bigint) => Annotation[];

/**
 * The records that begin, go on or end in a block of a log, and what lies between them; every byte once. Reads the block and one record's
 * length on either side, however long the log is: a record is found by its own checksum.
 */
export async function annotateLogBlock(
  volume: Volume,
  region: VolumeRegion,
  block: bigint,
  annotateImage: AnnotateImage,
  signal?: AbortSignal,
): Promise<Annotation[]> {
  const size = BigInt(volume.blockBytes);
  const [start, end] = [block * size, (block + 1n) * size];
  const first = (region.startBlock + 1n) * size;
  const last = (region.startBlock + region.blockCount) * size;
  const reach = BigInt(volume.blockBytes + logEntryOverhead);
  const from = start - reach > first ? start - reach : first;
  const to = end + reach < last ? end + reach : last;
  const run = await readRun(volume, from, to, signal);
  const rows: Annotation[] = [];
  let next = start;
  for (const placed of findRecords(run, from, volume).map((record) => place(record, run, from))) {
    if (placed.end <= start || placed.start >= end) continue;
    const begins = placed.start > start ? placed.start : start;
    if (begins > next) rows.push(betweenRecords(run, from, next, begins));
    rows.push(...clip(annotateRecord(placed, annotateImage), start, end));
    next = placed.end < end ? placed.end : end;
  }
  if (next < end) rows.push(betweenRecords(run, from, next, end));
  return rows;
}

/** Bytes of the volume; zeros where they cannot be read, which then are no record. */
async function readRun(volume: Volume, from: bigint, to: bigint, signal?: AbortSignal): Promise<Uint8Array> {
  const size = BigInt(volume.blockBytes);
  const firstBlock = from / size;
  const count = Number((to + size - 1n) / size - firstBlock);
  const joined = new Uint8Array(count * volume.blockBytes);
  for (const [index, bytes] of (await volume.reader.readRun(firstBlock, count, signal)).entries())
    if (bytes) joined.set(bytes, index * volume.blockBytes);
  const skip = Number(from - firstBlock * size);
  return joined.subarray(skip, skip + Number(to - from));
}

function place(record: LogRecord, run: Uint8Array, from: bigint): PlacedRecord {
  const at = Number(record.offset - from);
  return {
    record,
    start: record.offset,
    end: record.offset + BigInt(record.byteLength),
    bytes: run.subarray(at, at + record.byteLength),
  };
}

function annotateRecord({ record, start, bytes }: PlacedRecord, annotateImage: AnnotateImage): Annotation[] {
  const prefix = (rows: Annotation[], path: string) => rows.map((row) => ({ ...row, path: `${path}.${row.path}` }));
  if (record.kind !== "entry") return prefix(logMarker.annotate(bytes, start), `${record.kind}${record.sequence}`);
  const name = `entry${record.targetBlock}`;
  const rows = logEntry.annotate(bytes, start);
  return rows.flatMap((row) =>
    row.path === "image" ? prefix(annotateImage(record.targetBlock, record.image, row.start), `${name}.image`) : prefix([row], name),
  );
}

/** The parts of rows that lie in `start` to `end`; a cut field says so. */
function clip(rows: Annotation[], start: bigint, end: bigint): Annotation[] {
  return rows.flatMap((row) => {
    if (row.end <= start || row.start >= end) return [];
    if (row.start >= start && row.end <= end) return [row];
    const part = { ...row, start: row.start > start ? row.start : start, end: row.end < end ? row.end : end };
    const where =
      row.start < start
        ? row.end > end
          ? "goes on from the block before and into the next"
          : "goes on from the block before"
        : "goes on in the next block";
    return [{ ...part, text: `${row.text} (${where})` }];
  });
}

function betweenRecords(run: Uint8Array, from: bigint, start: bigint, end: bigint): Annotation {
  const bytes = run.subarray(Number(start - from), Number(end - from));
  return {
    path: "noRecord",
    start,
    end,
    kind: "reserved",
    type: `bytes[${bytes.length}]`,
    text: isAllZero(bytes) ? "zero" : `${toHex(bytes.subarray(0, 16))}… no whole record: torn, or overwritten in part`,
  };
}
