import { isAllZero, viewOf } from "../base/bytes.ts";
import { logEntryOverhead } from "../format/core/index.ts";
import type { LogStream } from "./log-stream.ts";
import { findMarkers, type LogRecord, parseLogRecord, recordAt } from "./metadata-log.ts";

export interface RecordGeometry {
  blockBytes: number;
  totalBlocks: bigint;
}

/**
 * Whole records in a run of bytes that begins at byte `start` of the volume, in order, found by their own checksums wherever they begin.
 * One that lies inside another's image is part of the image.
 */
export function findRecords(run: Uint8Array, start: bigint, { blockBytes, totalBlocks }: RecordGeometry): LogRecord[] {
  const found: LogRecord[] = findMarkers(run, start);
  const length = new Uint8Array(4);
  viewOf(length).setInt32(0, blockBytes, true);
  const bytes = Buffer.from(run.buffer, run.byteOffset, run.length);
  const entryBytes = blockBytes + logEntryOverhead;
  for (let at = bytes.indexOf(length, 8); at >= 0; at = bytes.indexOf(length, at + 1)) {
    const begin = at - 8;
    if (begin + entryBytes > run.length) break;
    const target = viewOf(run).getBigInt64(begin, true);
    if (target < 0n || target >= totalBlocks) continue;
    const record = parseLogRecord(run.subarray(begin, begin + entryBytes), start + BigInt(begin));
    if (record) found.push(record);
  }
  found.sort((a, b) => (a.offset < b.offset ? -1 : 1));
  let end = start;
  return found.filter((record) => {
    if (record.offset < end) return false;
    end = record.offset + BigInt(record.byteLength);
    return true;
  });
}

/**
 * Every whole record in a log, in the order of its bytes: the chain from the start, and behind a break whatever was left of older turns.
 * Ends at byte `end`; a record that crosses it is given too.
 */
export async function* everyRecord(stream: LogStream, end: bigint, signal?: AbortSignal): AsyncGenerator<LogRecord> {
  const entryBytes = stream.blockBytes + logEntryOverhead;
  const step = Math.max(searchBytes, entryBytes);
  for (let at = stream.start; at < end; ) {
    const record = await recordAt(stream, at, signal);
    if (record) {
      yield record;
      at += BigInt(record.byteLength);
      continue;
    }
    const left = stream.end - at;
    const run = await stream.read(at, left < BigInt(step + entryBytes) ? Number(left) : step + entryBytes, signal);
    const next = run && !isAllZero(run) ? findRecords(run, at, stream)[0] : undefined;
    at = next?.offset ?? at + BigInt(step);
  }
}
const searchBytes = 65_536;
