import { everyRecord, type LogRecord, LogStream, type Recovery, type Volume, type VolumeRegion } from "./engine.ts";

/** A record without its image. */
export interface IndexedRecord {
  offset: bigint;
  kind: LogRecord["kind"];
  byteLength: number;
  targetBlock?: bigint;
  sequence?: bigint;
  entryCount?: number;
}
export interface IndexedTransaction {
  records: IndexedRecord[];
  entries: IndexedRecord[];
  commit: IndexedRecord | undefined;
  completion: IndexedRecord | undefined;
}
export interface LogIndex {
  region: VolumeRegion;
  stream: LogStream;
  records: IndexedRecord[];
  transactions: IndexedTransaction[];
  unreadBytes: bigint;
}

const mostIndexedBytes = 268_435_456n;
const mostRecords = 200_000;
const indexes = new WeakMap<Volume, Map<number, Promise<LogIndex>>>();

/** All whole records of a log, found once per opening of the volume; images are not kept. */
export function indexLog(volume: Volume, region: VolumeRegion): Promise<LogIndex> {
  const ofVolume = indexes.get(volume) ?? new Map<number, Promise<LogIndex>>();
  indexes.set(volume, ofVolume);
  const known = ofVolume.get(region.slot);
  if (known) return known;
  const index = gather(volume, region);
  ofVolume.set(region.slot, index);
  index.catch(() => ofVolume.delete(region.slot));
  return index;
}

async function gather(volume: Volume, region: VolumeRegion): Promise<LogIndex> {
  const { startBlock, blockCount } = region;
  const stream = new LogStream(volume.device, { startBlock, blockCount, blockBytes: volume.blockBytes, totalBlocks: volume.totalBlocks });
  const limit = stream.start + mostIndexedBytes < stream.end ? stream.start + mostIndexedBytes : stream.end;
  const records: IndexedRecord[] = [];
  let end = limit;
  for await (const record of everyRecord(stream, limit)) {
    const { offset, kind, byteLength } = record;
    if (record.kind === "entry") records.push({ offset, kind, byteLength, targetBlock: record.targetBlock });
    else records.push({ offset, kind, byteLength, sequence: record.sequence, entryCount: record.entryCount });
    if (records.length < mostRecords) continue;
    end = offset;
    break;
  }
  return { region, stream, records, transactions: groupRecords(records, stream), unreadBytes: stream.end - end };
}

const endOf = (record: IndexedRecord): bigint => record.offset + BigInt(record.byteLength);

/** Records that follow each other without a gap: entries, then the commit, then the completion. A transaction that wraps is joined again. */
function groupRecords(records: readonly IndexedRecord[], stream: LogStream): IndexedTransaction[] {
  const transactions: IndexedTransaction[] = [];
  let last: IndexedRecord | undefined;
  for (const record of records) {
    const open = transactions.at(-1);
    const follows = last !== undefined && endOf(last) === record.offset;
    const begins = !open || !follows || last?.kind === "completion" || (last?.kind === "commit" && record.kind !== "completion");
    const transaction = begins ? { records: [], entries: [], commit: undefined, completion: undefined } : open;
    if (begins) transactions.push(transaction);
    transaction.records.push(record);
    if (record.kind === "entry") transaction.entries.push(record);
    else transaction[record.kind] = record;
    last = record;
  }
  return joinWrapped(transactions, stream);
}

function joinWrapped(transactions: IndexedTransaction[], stream: LogStream): IndexedTransaction[] {
  const [first, last] = [transactions[0], transactions.at(-1)];
  const reaches = last?.records.at(-1) && endOf(last.records.at(-1) as IndexedRecord) + BigInt(stream.blockBytes + 20) > stream.end;
  const missing = (first?.commit?.entryCount ?? 0) - (first?.entries.length ?? 0);
  if (!first || !last || first === last || !reaches || last.commit || first.records[0]?.offset !== stream.start) return transactions;
  if (missing <= 0 || missing !== last.entries.length) return transactions;
  const joined = {
    records: [...last.records, ...first.records],
    entries: [...last.entries, ...first.entries],
    commit: first.commit,
    completion: first.completion,
  };
  return [joined, ...transactions.slice(1, -1)];
}

/** Whether a transaction is the one that the log's end was judged by. */
export function isJudged(transaction: IndexedTransaction, recovery: Recovery | undefined): boolean {
  if (!recovery) return false;
  if (recovery.state === "pending-committed" || recovery.state === "applied-header-lost")
    return transaction.commit?.offset === recovery.commitOffset;
  if (recovery.state === "uncommitted" || recovery.state === "overrun")
    return transaction.records.some((record) => record.offset === recovery.startOffset);
  return false;
}
