import { viewOf } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import type { WalHeader } from "../format/core/index.ts";

/** Bytes of a marker, and of an entry without its image. Operations reference 2.3. */
const markerBytes = 28;
const entryOverhead = 20;

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

/** The record stream of a metadata log: its bytes and where they lie in the volume. */
export interface LogArea {
  bytes: Uint8Array;
  /** Byte of the volume where the stream begins: the block behind the header. */
  start: bigint;
  blockBytes: number;
  totalBlocks: bigint;
}

/** The record at byte `at` of the stream; undefined where none parses with its checksum. Operations reference 2.3. */
export function recordAt(area: LogArea, at: number): LogRecord | undefined {
  const { bytes } = area;
  if (at < 0 || at + markerBytes > bytes.length) return undefined;
  const view = viewOf(bytes);
  const target = view.getBigInt64(at, true);
  const offset = area.start + BigInt(at);
  if (target === -1n || target === -2n) {
    if (view.getBigUint64(at + 20, true) !== checksum.xxh64(bytes.subarray(at, at + 20))) return undefined;
    return {
      kind: target === -2n ? "commit" : "completion",
      offset,
      sequence: view.getBigInt64(at + 8, true),
      entryCount: view.getInt32(at + 16, true),
      byteLength: markerBytes,
    };
  }
  const length = view.getInt32(at + 8, true);
  const end = at + entryOverhead + length;
  if (target < 0n || target >= area.totalBlocks || length !== area.blockBytes || end > bytes.length) return undefined;
  if (view.getBigUint64(end - 8, true) !== checksum.xxh64(bytes.subarray(at, end - 8))) return undefined;
  return { kind: "entry", offset, targetBlock: target, image: bytes.subarray(at + 12, end - 8), byteLength: end - at };
}

/** Records one behind the other from the start of the stream until something does not parse. */
export function recordsFromStart(area: LogArea): LogRecord[] {
  const records: LogRecord[] = [];
  for (let at = 0; ; ) {
    const record = recordAt(area, at);
    if (!record) return records;
    records.push(record);
    at += record.byteLength;
  }
}

export type LogState =
  | { state: "none" | "uncommitted"; startOffset: bigint; expectedSequence: bigint; entries: LogEntry[] }
  | {
      state: "pending-committed" | "applied-header-lost";
      startOffset: bigint;
      expectedSequence: bigint;
      entries: LogEntry[];
      commit: LogMarker;
    }
  | { state: "overrun"; startOffset: bigint; expectedSequence: bigint; entries: LogEntry[]; commit: LogMarker };

/** What the log holds behind its last finished transaction. The header's trailer must have been verified. Operations reference 2.6. */
export function readLogState(area: LogArea, header: Pick<WalHeader, "sequenceEnd" | "tailOffset">): LogState {
  const end = area.start + BigInt(area.bytes.length);
  const expectedSequence = header.sequenceEnd + 1n;
  const startOffset = header.tailOffset >= area.start && header.tailOffset < end ? header.tailOffset : area.start;
  let at = Number(startOffset - area.start);
  let wrapped = at === 0;
  const entries: LogEntry[] = [];
  let beforeWrap = 0;
  const wrap = () => {
    beforeWrap = entries.length;
    wrapped = true;
    at = 0;
  };
  const startedAtFront = wrapped;
  for (;;) {
    const record = recordAt(area, at);
    if (record?.kind === "commit" && record.sequence >= expectedSequence) {
      if (record.entryCount === entries.length && entries.length > 0) {
        const next = recordAt(area, at + markerBytes) ?? recordAt(area, 0);
        const applied = next?.kind === "completion" && next.sequence === record.sequence;
        return { state: applied ? "applied-header-lost" : "pending-committed", startOffset, expectedSequence, entries, commit: record };
      }
      if (record.entryCount > entries.length) return { state: "overrun", startOffset, expectedSequence, entries, commit: record };
    }
    if (record?.kind === "entry") {
      entries.push(record);
      at += record.byteLength;
    } else if (wrapped) {
      const found = startedAtFront ? entries : entries.slice(0, beforeWrap);
      return { state: found.length > 0 ? "uncommitted" : "none", startOffset, expectedSequence, entries: found };
    } else wrap();
  }
}
