import type {
  EntryChange,
  EntryChangeRequest,
  Fact,
  JournalsView,
  LogRecordPage,
  LogRecordRow,
  LogRecordsRequest,
  LogView,
  TransactionState,
  TransactionTarget,
  TransactionView,
} from "../contract/index.ts";
import {
  EngineError,
  equalBytes,
  isGeneralLogHeader,
  judgeTrailer,
  nameBlock,
  type Recovery,
  recordAt,
  structureOf,
  type Volume,
  type VolumeRegion,
  walHeader,
} from "./engine.ts";
import { familyOf } from "./families.ts";
import { diffImages } from "./image-diff.ts";
import { type IndexedRecord, type IndexedTransaction, indexLog, isJudged, type LogIndex } from "./log-index.ts";
import type { OpenVolume } from "./open-volume.ts";
import { describeRecovery, recoveryOf } from "./recovery.ts";

const logKinds = new Set(["MWAL", "DWAL"]);
const otherKinds = new Set(["OPJR", "WALS"]);
const mostTransactions = 500;
const mostTargets = 64;

/** The logs of a volume as they are stored: headers, transactions and what is to be done. Reads each log once per opening. */
export async function describeJournals({ stored: { volume } }: OpenVolume): Promise<JournalsView> {
  const logs: LogView[] = [];
  for (const region of volume.regions)
    if (isThere(volume, region) && logKinds.has(region.kind)) logs.push(await describeLog(volume, region));
  return {
    logs,
    others: volume.regions
      .filter((region) => isThere(volume, region) && otherKinds.has(region.kind))
      .map(({ slot, name, kind, startBlock, blockCount }) => ({
        slot,
        name,
        kind,
        family: familyOf(kind),
        range: blocksRange(volume, startBlock, blockCount),
      })),
  };
}

const isThere = (volume: Volume, region: VolumeRegion): boolean =>
  region.startBlock >= 0n && region.blockCount > 0n && region.startBlock < volume.fileBlocks;

function blocksRange(volume: Volume, startBlock: bigint, blockCount: bigint) {
  const size = BigInt(volume.blockBytes);
  return { start: startBlock * size, end: (startBlock + blockCount) * size };
}

async function describeLog(volume: Volume, region: VolumeRegion): Promise<LogView> {
  const { slot, name, kind, startBlock, blockCount } = region;
  const isJudgedLog = volume.log?.region.slot === slot;
  const recovery = isJudgedLog ? await recoveryOf(volume) : undefined;
  const index = await indexLog(volume, region);
  const shown = index.transactions.slice(-mostTransactions);
  const transactions: TransactionView[] = [];
  for (const transaction of shown) transactions.push(await describeTransaction(volume, index, transaction, recovery));
  return {
    slot,
    name,
    kind,
    range: blocksRange(volume, startBlock, blockCount),
    ...(await describeHeader(volume, region)),
    recovery: recovery && describeRecovery(volume, recovery),
    recordCount: index.records.length,
    transactions,
    moreTransactions: index.transactions.length - shown.length,
    unreadBytes: index.unreadBytes,
  };
}

async function describeHeader(volume: Volume, region: VolumeRegion): Promise<Pick<LogView, "header" | "headerHealth">> {
  const bytes = await volume.reader.read(region.startBlock);
  const range = blocksRange(volume, region.startBlock, 1n);
  if (!bytes) return { header: [{ label: "Header", value: "cannot be read", range }], headerHealth: "error" };
  if (bytes.every((byte) => byte === 0)) return { header: [{ label: "Header", value: "never written", range }], headerHealth: "error" };
  if (isGeneralLogHeader(bytes))
    return { header: [{ label: "Header", value: "HLAW: a general log of the older engine", range }], headerHealth: "error" };
  const at = region.startBlock * BigInt(volume.blockBytes);
  const facts = walHeader.annotate(bytes.subarray(0, 83), at).map(
    ({ path, text, start, end, type }): Fact => ({
      label: path,
      value: text,
      range: { start, end },
      mono: type.startsWith("u") || type.startsWith("i"),
    }),
  );
  const { verified, generationNumber } = judgeTrailer(bytes);
  return {
    header: [
      ...facts.filter((fact) => fact.label !== "padding" && fact.label !== "slack"),
      { label: "trailer", value: verified ? `verifies, generation ${generationNumber}` : "does not verify", range },
    ],
    headerHealth: verified ? "ok" : "error",
  };
}

async function describeTransaction(
  volume: Volume,
  { stream }: LogIndex,
  transaction: IndexedTransaction,
  recovery: Recovery | undefined,
): Promise<TransactionView> {
  const { records, entries, commit, completion } = transaction;
  const state = stateOf(transaction, recovery);
  const first = records[0];
  const last = records.at(-1);
  const counted = commit?.entryCount ?? entries.length;
  const targets: TransactionTarget[] = [];
  for (const { offset, targetBlock = 0n } of entries.slice(0, mostTargets)) {
    const record = await recordAt(stream, offset);
    const stored = await volume.reader.read(targetBlock);
    const isApplied = record?.kind === "entry" && stored !== undefined && equalBytes(record.image, stored);
    targets.push({
      offset,
      block: targetBlock,
      name: nameBlock(volume, volume.judge(targetBlock, stored)),
      range: blocksRange(volume, targetBlock, 1n),
      isApplied,
    });
  }
  const note = commit && counted !== entries.length ? `${entries.length} of ${counted} entries are left in the log` : undefined;
  // A transaction that wraps ends before it begins: its first part stands for it.
  const end = first && last && last.offset < first.offset ? endOf(first) : last ? endOf(last) : 0n;
  return {
    id: `${first?.offset ?? 0n}`,
    state,
    sequence: commit?.sequence ?? completion?.sequence,
    entryCount: counted,
    note,
    range: { start: first?.offset ?? 0n, end },
    targets,
    moreTargets: entries.length - targets.length,
  };
}

const endOf = (record: IndexedRecord): bigint => record.offset + BigInt(record.byteLength);

function stateOf(transaction: IndexedTransaction, recovery: Recovery | undefined): TransactionState {
  if (isJudged(transaction, recovery)) {
    if (recovery?.state === "pending-committed") return "pending";
    if (recovery?.state === "applied-header-lost") return "header-lost";
    return recovery?.state === "overrun" ? "overrun" : "uncommitted";
  }
  return transaction.completion ? "applied" : "discarded";
}

function requireLog(volume: Volume, slot: number): VolumeRegion {
  const region = volume.regions.find((each) => each.slot === slot && logKinds.has(each.kind) && isThere(volume, each));
  if (region) return region;
  const available = volume.regions.filter((each) => logKinds.has(each.kind)).map((each) => `${each.slot} ${each.kind}`);
  throw new EngineError("REGION_NOT_FOUND", { region: `log in slot ${slot}`, available: available.join(", ") || "none" });
}

/** Records of a log from `start` on, in the order of their bytes. REGION_NOT_FOUND. */
export async function describeLogRecords(
  { stored: { volume } }: OpenVolume,
  { slot, start, count }: LogRecordsRequest,
): Promise<LogRecordPage> {
  const { records, stream } = await indexLog(volume, requireLog(volume, slot));
  const rows: LogRecordRow[] = [];
  for (const record of records.slice(start, start + count)) {
    const { offset, kind, byteLength, sequence, entryCount, targetBlock } = record;
    const row: LogRecordRow = { offset, kind, byteLength, sequence, entryCount, targetBlock, range: { start: offset, end: endOf(record) } };
    if (targetBlock !== undefined) {
      const held = await recordAt(stream, offset);
      row.target = nameBlock(volume, volume.judge(targetBlock, undefined));
      if (held?.kind === "entry") row.structure = structureOf(volume, targetBlock, held.image).name;
    }
    rows.push(row);
  }
  return { start, rows, total: records.length };
}

/** What an entry would change of the block as it is stored now. REGION_NOT_FOUND, BLOCK_OUT_OF_RANGE where no entry begins there. */
export async function describeEntryChange({ stored: { volume } }: OpenVolume, { slot, offset }: EntryChangeRequest): Promise<EntryChange> {
  const { stream } = await indexLog(volume, requireLog(volume, slot));
  const entry = await recordAt(stream, offset);
  if (entry?.kind !== "entry")
    throw new EngineError("BLOCK_OUT_OF_RANGE", { block: offset / BigInt(volume.blockBytes), count: 1n, blocks: volume.fileBlocks });
  const { targetBlock, image } = entry;
  const stored = await volume.reader.read(targetBlock);
  const name = nameBlock(volume, volume.judge(targetBlock, stored));
  const structure = structureOf(volume, targetBlock, image);
  const change: EntryChange = {
    block: targetBlock,
    name,
    structure: structure.name,
    differingBytes: 0,
    isRead: stored !== undefined,
    fields: [],
    more: 0,
  };
  if (!stored) return change;
  const blockStart = targetBlock * BigInt(volume.blockBytes);
  const imageStart = offset + 12n;
  const { differingBytes, fields, more } = diffImages(structure, stored, image, blockStart);
  return {
    ...change,
    differingBytes,
    more,
    fields: fields.map(({ path, before, after, range }) => ({
      path,
      stored: before,
      image: after,
      range,
      imageRange: { start: imageStart + range.start - blockStart, end: imageStart + range.end - blockStart },
    })),
  };
}
