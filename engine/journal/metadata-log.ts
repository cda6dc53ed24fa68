import { viewOf } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { commitMark, completionMark, logEntry, logEntryOverhead, logMarker, logMarkerBytes, type WalHeader } from "../format/core/index.ts";
import type { LogStream } from "./log-stream.ts";

export interface LogEntry {
  kind: "entry";
  /** Byte of the volume where the record begins. */
  offset: bigint;
  targetBlock: bigint;
  /** The block image that a replay writes. */
  image: Uint8Array;
  byteLength: number;
}
export interface LogMarker {
  kind: "commit" | "completion";
  offset: bigint;
  sequence: bigint;
  entryCount: number;
  byteLength: number;
}
export type LogRecord = LogEntry | LogMarker;

/** The record at byte `at` of the volume; undefined where none parses with its checksum. Operations reference 2.3. */
export async function recordAt(stream: LogStream, at: bigint, signal?: AbortSignal): Promise<LogRecord | undefined> {
  const head = await stream.read(at, logMarkerBytes, signal);
  if (!head) return undefined;
  const target = viewOf(head).getBigInt64(0, true);
  if (target === completionMark || target === commitMark) return parseLogRecord(head, at);
  const length = viewOf(head).getInt32(8, true);
  if (target < 0n || target >= stream.totalBlocks || length !== stream.blockBytes) return undefined;
  const bytes = await stream.read(at, logEntryOverhead + length, signal);
  return bytes && parseLogRecord(bytes, at);
}

/** The record that `bytes` are, whole; undefined where its checksum fails. */
export function parseLogRecord(bytes: Uint8Array, offset: bigint): LogRecord | undefined {
  const view = viewOf(bytes);
  if (view.getBigUint64(bytes.length - 8, true) !== checksum.xxh64(bytes.subarray(0, -8))) return undefined;
  const target = view.getBigInt64(0, true);
  if (target === completionMark || target === commitMark) {
    const { sequence, entryCount } = logMarker.parse(bytes);
    return { kind: target === commitMark ? "commit" : "completion", offset, sequence, entryCount, byteLength: logMarkerBytes };
  }
  const { targetBlock, image } = logEntry.parse(bytes);
  return { kind: "entry", offset, targetBlock, image, byteLength: bytes.length };
}

/** Records one behind the other from byte `from` (the start of the stream unless told) until something does not parse, or `limitBytes` were passed. */
export async function* recordsFrom(
  stream: LogStream,
  {
    from = stream.start,
    limitBytes = Number.MAX_SAFE_INTEGER,
    signal,
  }: { from?: bigint; limitBytes?: number; signal?: AbortSignal | undefined } = {},
): AsyncGenerator<LogRecord> {
  for (let at = from; at - from < BigInt(limitBytes); ) {
    const record = await recordAt(stream, at, signal);
    if (!record) return;
    yield record;
    at += BigInt(record.byteLength);
  }
}

interface LogStateBase {
  startOffset: bigint;
  expectedSequence: bigint;
  /** Entries of the transaction; of one that was not committed, those before a wrap. */
  entries: LogEntry[];
}
export type LogState =
  | (LogStateBase & { state: "none" })
  | (LogStateBase & { state: "uncommitted" })
  | (LogStateBase & { state: "pending-committed" | "applied-header-lost" | "overrun"; commit: LogMarker })
  /** The log could not be read to the end of the transaction, or it is larger than any that is looked at. */
  | (LogStateBase & { state: "unread"; reason: string });

/** The image of block 0 in a committed, pending transaction, if there is one. Convention R3. */
export const pendingSuperblock = (log: LogState | undefined): Uint8Array | undefined =>
  log?.state === "pending-committed" ? log.entries.findLast((entry) => entry.targetBlock === 0n)?.image : undefined;

/** Entries of one transaction that are held at most. */
const mostTransactionBytes = 268_435_456;

/** What the log holds behind its last finished transaction. The header's trailer must have been verified. Operations reference 2.6. */
export async function readLogState(
  stream: LogStream,
  header: Pick<WalHeader, "sequenceEnd" | "tailOffset">,
  signal?: AbortSignal,
): Promise<LogState> {
  const expectedSequence = header.sequenceEnd + 1n;
  const startOffset = header.tailOffset >= stream.start && header.tailOffset < stream.end ? header.tailOffset : stream.start;
  const entries: LogEntry[] = [];
  const base = { startOffset, expectedSequence, entries };
  let at = startOffset;
  let wrapped = at === stream.start;
  let beforeWrap: number | undefined;
  let held = 0;
  for (;;) {
    const record = await recordAt(stream, at, signal);
    const { unreadable } = stream;
    if (!record && unreadable) return { ...base, state: "unread", reason: `byte ${unreadable.at} cannot be read: ${unreadable.reason}` };
    if (record?.kind === "commit" && record.sequence >= expectedSequence) {
      if (record.entryCount === entries.length && entries.length > 0) {
        const applied = await isCompleted(stream, record, signal);
        return { ...base, state: applied ? "applied-header-lost" : "pending-committed", commit: record };
      }
      if (record.entryCount > entries.length) return { ...base, state: "overrun", commit: record };
    }
    if (record?.kind === "entry") {
      entries.push(record);
      at += BigInt(record.byteLength);
      held += record.byteLength;
      if (held > mostTransactionBytes)
        return { ...base, state: "unread", reason: `it is larger than the ${mostTransactionBytes} bytes that are looked at` };
    } else if (wrapped) {
      const found = entries.slice(0, beforeWrap);
      return { ...base, entries: found, state: found.length > 0 ? "uncommitted" : "none" };
    } else {
      beforeWrap = entries.length;
      wrapped = true;
      at = stream.start;
    }
  }
}

/** Whether the completion of a commit stands behind it; a marker that does not fit goes to the start. Operations reference 2.4. */
async function isCompleted(stream: LogStream, commit: LogMarker, signal?: AbortSignal): Promise<boolean> {
  const behind = commit.offset + BigInt(logMarkerBytes);
  const next = await recordAt(stream, behind + BigInt(logMarkerBytes) > stream.end ? stream.start : behind, signal);
  return next?.kind === "completion" && next.sequence === commit.sequence;
}

/** The images that a replay writes, by target: the last of each. Operations reference 2.6. */
export const replayImages = (entries: readonly LogEntry[]): Map<bigint, Uint8Array> =>
  new Map(entries.map((entry) => [entry.targetBlock, entry.image]));

export interface LogMarkers {
  highestCommittedSequence: bigint;
  highestCompletedSequence: bigint;
  /** Where the next record would go: behind the completion of the highest sequence. */
  tailOffset: bigint;
}

/** What a log whose header is lost says of itself: all its markers are looked for, wherever they begin. Operations reference 2.7. */
export async function scanLogMarkers(stream: LogStream, signal?: AbortSignal): Promise<LogMarkers> {
  const found: LogMarkers = { highestCommittedSequence: 0n, highestCompletedSequence: 0n, tailOffset: stream.start };
  for (let at = stream.start; at + BigInt(logMarkerBytes) <= stream.end; at += BigInt(scanStep)) {
    const left = stream.end - at;
    const run = await stream.read(at, left < BigInt(scanStep + logMarkerBytes - 1) ? Number(left) : scanStep + logMarkerBytes - 1, signal);
    if (!run) continue;
    for (const marker of findMarkers(run, at)) {
      if (marker.kind === "commit" && marker.sequence > found.highestCommittedSequence) found.highestCommittedSequence = marker.sequence;
      if (marker.kind === "completion" && marker.sequence > found.highestCompletedSequence) {
        found.highestCompletedSequence = marker.sequence;
        found.tailOffset = marker.offset + BigInt(logMarkerBytes);
      }
    }
  }
  return found;
}
const scanStep = 65_536;

/** The markers that begin in a run of bytes, whole ones alone, in order. */
export function findMarkers(run: Uint8Array, start: bigint): LogMarker[] {
  const markers: LogMarker[] = [];
  const bytes = Buffer.from(run.buffer, run.byteOffset, run.length);
  for (let at = bytes.indexOf(markTail, 1); at > 0; at = bytes.indexOf(markTail, at + 1)) {
    const from = at - 1;
    if (from + logMarkerBytes > run.length) break;
    // 0xff is a completion's first byte, 0xfe a commit's; a negative count is none.
    if ((bytes[from] ?? 0) < 0xfe || viewOf(run).getInt32(from + 16, true) < 0) continue;
    const record = parseLogRecord(run.subarray(from, from + logMarkerBytes), start + BigInt(from));
    if (record && record.kind !== "entry") markers.push(record);
  }
  return markers;
}
const markTail = new Uint8Array(7).fill(0xff);
