import { isAllZero, toHex, viewOf } from "../../base/bytes.ts";
import type { Annotation } from "../../base/struct/index.ts";
import { logEntry, logEntryOverhead, logMarker } from "../../format/core/index.ts";
import { findMarkers, type LogRecord, parseLogRecord } from "../../journal/metadata-log.ts";
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
  for (const placed of findRecords(volume, run, from)) {
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

/** Whole records in a run of bytes, in order; one that lies inside another's image is part of the image. */
function findRecords(volume: Volume, run: Uint8Array, from: bigint): PlacedRecord[] {
  const found: PlacedRecord[] = findMarkers(run, from).map((record) => place(record, run, from));
  const { blockBytes, totalBlocks } = volume;
  const length = new Uint8Array(4);
  viewOf(length).setInt32(0, blockBytes, true);
  const bytes = Buffer.from(run.buffer, run.byteOffset, run.length);
  const entryBytes = blockBytes + logEntryOverhead;
  for (let at = bytes.indexOf(length, 8); at >= 0; at = bytes.indexOf(length, at + 1)) {
    const begin = at - 8;
    if (begin + entryBytes > run.length) break;
    const target = viewOf(run).getBigInt64(begin, true);
    if (target < 0n || target >= totalBlocks) continue;
    const record = parseLogRecord(run.subarray(begin, begin + entryBytes), from + BigInt(begin));
    if (record) found.push(place(record, run, from));
  }
  found.sort((a, b) => (a.start < b.start ? -1 : 1));
  let end = from;
  return found.filter((record) => {
    if (record.start < end) return false;
    end = record.end;
    return true;
  });
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
