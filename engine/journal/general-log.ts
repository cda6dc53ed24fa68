import { viewOf } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import type { BlockDevice } from "../device/block-device.ts";
import { readUpTo } from "../device/block-device.ts";
import {
  type GeneralLogEntry,
  generalLogEntry,
  generalLogEntryHeaderBytes,
  generalLogHeader,
  generalLogMagic,
} from "../format/core/index.ts";

export interface GeneralLogArea {
  /** First block of the area in its device. */
  startBlock: bigint;
  blockCount: bigint;
  blockBytes: number;
}

/** An entry that parses, wherever it stands in the ring. */
export interface PlacedGeneralEntry extends GeneralLogEntry {
  /** Block counted from the area's start. */
  block: number;
  /** Byte in the block; not 0 where it stands behind another entry, left by an older and longer one. */
  offset: number;
  /** Ring blocks that it takes. */
  blocks: number;
}

export interface GeneralLogHeaderRead {
  magic: number;
  headBlock: bigint;
  tailBlock: bigint;
  nextSequenceNumber: bigint;
  lastCheckpointSequence: bigint;
  nextTransactionId: bigint;
  checksumValid: boolean;
}

export interface ReplayedEntry {
  sequenceNumber: bigint;
  transactionId: bigint;
  type: number;
  targetBlockNumber: bigint;
  afterSha256: Uint8Array | null;
}
/** What the SDK's class says of the log. Operations reference 10.1, 10.3, 10.5. */
export type GeneralLogSdkReads =
  | { exception: string }
  | {
      needsRecovery: boolean;
      currentSequenceNumber: bigint;
      walUtilization: number;
      /** Missing where its walk from tail to head would never end: the head lies outside the ring. */
      replay?: ReplayedEntry[];
    };

export type GeneralTransactionState = "committed" | "aborted" | "open";
export interface GeneralTransaction {
  transactionId: bigint;
  state: GeneralTransactionState;
  /** Whether its Begin lies between tail and head, so that a replay knows it. */
  inWindow: boolean;
  /** Entries that change a block. */
  changes: number;
  /** Of these, what the SDK's replay cannot see: they take more than one block. */
  changesLost: number;
}

export interface GeneralLog extends GeneralLogArea {
  header: GeneralLogHeaderRead;
  /** By ascending block, stale ones included. */
  entries: PlacedGeneralEntry[];
  /** Transactions whose Begin or end was found, in the order of their first entry along the ring from the tail. */
  transactions: GeneralTransaction[];
  sdkReads: GeneralLogSdkReads;
  /** Blocks of the area behind the last one looked at. */
  unreadBlocks: bigint;
}

/** Whether a block begins as a general log does. Operations reference 10.1. */
export const isGeneralLogHeader = (block: Uint8Array): boolean =>
  block.length >= 52 && viewOf(block).getUint32(0, true) === generalLogMagic;

/** Bytes of an area that are read at most. */
const mostAreaBytes = 268_435_456;

/** A general write-ahead log: its header, every entry in its ring, and what the SDK would make of it. DEVICE_READ_FAILED. Operations reference 10. */
export async function readGeneralLog(device: BlockDevice, area: GeneralLogArea, signal?: AbortSignal): Promise<GeneralLog> {
  const { blockBytes } = area;
  const wanted = area.blockCount * BigInt(blockBytes);
  const bytes = await readUpTo(
    device,
    area.startBlock * BigInt(blockBytes),
    wanted < BigInt(mostAreaBytes) ? Number(wanted) : mostAreaBytes - (mostAreaBytes % blockBytes),
    signal,
  );
  const stored = Math.floor(bytes.length / blockBytes);
  const ring = new Ring(bytes, Number(area.blockCount), blockBytes);
  const headerBytes = bytes.subarray(0, 52);
  const { checksum: sum, ...fields } = generalLogHeader.parse(headerBytes.length === 52 ? headerBytes : new Uint8Array(52));
  const header = { ...fields, checksumValid: headerBytes.length === 52 && sum === checksum.xxh64(headerBytes.subarray(0, 44)) };
  const entries: PlacedGeneralEntry[] = [];
  for (let block = 1; block <= ring.lastBlock && block < stored; block++) {
    let entry = ring.joinedEntry(block);
    for (let offset = 0; entry; entry = ring.entryWithin(block, offset)) {
      entries.push(entry);
      if (entry.blocks > 1) break;
      offset += generalLogEntryHeaderBytes + entry.dataLength;
    }
  }
  return {
    ...area,
    header,
    entries,
    transactions: gatherTransactions(ring, header, entries),
    sdkReads: askSdk(ring, header),
    unreadBlocks: area.blockCount > BigInt(stored) ? area.blockCount - BigInt(stored) : 0n,
  };
}

/** The blocks of an area. Positions 1 to N − 2 form the ring; the last block is never used. Operations reference 10.3. */
class Ring {
  readonly lastBlock: number;
  readonly blockCount: number;
  readonly #bytes: Uint8Array;
  readonly #blockBytes: number;
  /** Bytes that may still be joined. Entries of a sound ring overlap only where stale ones were overwritten in part. */
  #joinBudget: number;

  constructor(bytes: Uint8Array, blockCount: number, blockBytes: number) {
    this.#bytes = bytes;
    this.#blockBytes = blockBytes;
    this.#joinBudget = 4 * bytes.length;
    this.blockCount = blockCount;
    this.lastBlock = blockCount - 2;
  }

  next(block: number): number {
    return block >= this.lastBlock ? 1 : block + 1;
  }

  has(block: bigint): boolean {
    return block >= 1n && block <= BigInt(this.lastBlock);
  }

  #block(block: number): Uint8Array {
    return this.#bytes.subarray(block * this.#blockBytes, (block + 1) * this.#blockBytes);
  }

  /** The entry that begins with a block, joined over the blocks that it takes. */
  joinedEntry(block: number): PlacedGeneralEntry | undefined {
    const first = this.#block(block);
    const size = entryBytes(first);
    if (size === undefined) return undefined;
    const blocks = Math.ceil(size / this.#blockBytes);
    if (blocks === 1) return this.entryWithin(block, 0);
    this.#joinBudget -= size;
    if (blocks > this.lastBlock || this.#joinBudget < 0) return undefined;
    const joined = new Uint8Array(blocks * this.#blockBytes);
    let at = block;
    for (let index = 0; index < blocks; index++) {
      joined.set(this.#block(at), index * this.#blockBytes);
      at = this.next(at);
    }
    const entry = parseEntry(joined);
    return entry && { ...entry, block, offset: 0, blocks };
  }

  /** The entry at a byte of a block that ends in it: all that the SDK's parser sees. */
  entryWithin(block: number, offset: number): PlacedGeneralEntry | undefined {
    const entry = parseEntry(this.#block(block).subarray(offset));
    return entry && { ...entry, block, offset, blocks: 1 };
  }
}

/** Bytes of the entry that begins here; undefined where its lengths make none. */
function entryBytes(bytes: Uint8Array): number | undefined {
  if (bytes.length < generalLogEntryHeaderBytes) return undefined;
  const view = viewOf(bytes);
  const [total, before, after] = [view.getInt32(25, true), view.getInt32(29, true), view.getInt32(33, true)];
  return before < 0 || after < 0 || before + after !== total ? undefined : generalLogEntryHeaderBytes + total;
}

function parseEntry(bytes: Uint8Array): GeneralLogEntry | undefined {
  const size = entryBytes(bytes);
  if (size === undefined || size > bytes.length) return undefined;
  const covered = new Uint8Array(size - 8);
  covered.set(bytes.subarray(0, 37));
  covered.set(bytes.subarray(45, size), 37);
  if (viewOf(bytes).getBigUint64(37, true) !== checksum.xxh64(covered)) return undefined;
  return generalLogEntry.parse(bytes.subarray(0, size));
}

const begin = 1;
const commit = 6;
const abort = 7;

/** NeedsRecovery, utilisation and ReplayAsync as the SDK's class gives them. Operations reference 10.3, 10.5. */
function askSdk(ring: Ring, header: GeneralLogHeaderRead): GeneralLogSdkReads {
  if (header.magic !== generalLogMagic) return { exception: "InvalidOperationException: Invalid WAL header magic." };
  if (!header.checksumValid) return { exception: "InvalidOperationException: WAL header checksum mismatch." };
  const { headBlock, tailBlock } = header;
  const positions = BigInt(ring.blockCount - 1);
  const used = headBlock >= tailBlock ? headBlock - tailBlock : positions - (tailBlock - headBlock);
  const replay = replayOfSdk(ring, header);
  return {
    needsRecovery: headBlock !== tailBlock,
    currentSequenceNumber: header.nextSequenceNumber,
    walUtilization: Number(used) / Number(positions),
    ...(replay && { replay }),
  };
}

/** Block by block from tail to head; in each, entries until one fails. An entry of several blocks fails. */
function replayOfSdk(ring: Ring, { headBlock, tailBlock }: GeneralLogHeaderRead): ReplayedEntry[] | undefined {
  if (headBlock === tailBlock) return [];
  const open = new Map<bigint, GeneralLogEntry[]>();
  const result: GeneralLogEntry[] = [];
  for (const block of windowOf(ring, tailBlock, headBlock) ?? []) {
    let offset = 0;
    for (let entry = ring.entryWithin(block, offset); entry; entry = ring.entryWithin(block, offset)) {
      offset += generalLogEntryHeaderBytes + entry.dataLength;
      const gathered = open.get(entry.transactionId);
      if (entry.type === begin) open.set(entry.transactionId, []);
      else if (entry.type === commit) {
        result.push(...(gathered ?? []));
        open.delete(entry.transactionId);
      } else if (entry.type === abort) open.delete(entry.transactionId);
      else gathered?.push(entry);
    }
  }
  if (!windowOf(ring, tailBlock, headBlock)) return undefined;
  return result.map(({ sequenceNumber, transactionId, type, targetBlockNumber, afterImage }) => ({
    sequenceNumber,
    transactionId,
    type,
    targetBlockNumber,
    afterSha256: afterImage.length > 0 ? checksum.sha256(afterImage) : null,
  }));
}

/** Ring blocks from tail to head, the head's left out; undefined where one of them lies outside the ring. */
function windowOf(ring: Ring, tailBlock: bigint, headBlock: bigint): number[] | undefined {
  if (!ring.has(tailBlock) || !ring.has(headBlock)) return undefined;
  const blocks: number[] = [];
  for (let at = Number(tailBlock); at !== Number(headBlock); at = ring.next(at)) blocks.push(at);
  return blocks;
}

/** What became of each transaction, by all entries that can be read, those of several blocks too. */
function gatherTransactions(
  ring: Ring,
  { tailBlock, headBlock }: GeneralLogHeaderRead,
  entries: PlacedGeneralEntry[],
): GeneralTransaction[] {
  const window = new Set(windowOf(ring, tailBlock, headBlock) ?? []);
  const found = new Map<bigint, GeneralTransaction>();
  // Entries behind another one in their block are left over from an older one and belong to nothing.
  const ordered = entries.filter((entry) => entry.offset === 0).sort((a, b) => (a.sequenceNumber < b.sequenceNumber ? -1 : 1));
  for (const entry of ordered) {
    const { transactionId, type } = entry;
    const transaction = found.get(transactionId) ?? { transactionId, state: "open", inWindow: false, changes: 0, changesLost: 0 };
    found.set(transactionId, transaction);
    if (type === begin) transaction.inWindow = window.has(entry.block);
    else if (type === commit) transaction.state = "committed";
    else if (type === abort) transaction.state = "aborted";
    else {
      transaction.changes++;
      if (entry.blocks > 1) transaction.changesLost++;
    }
  }
  return [...found.values()];
}

const mostBlocksLooked = 4096n;

/** The first of a device's first blocks that begins as a general log does; undefined where none does. DEVICE_READ_FAILED. */
export async function findGeneralLog(device: BlockDevice, blockBytes: number, signal?: AbortSignal): Promise<bigint | undefined> {
  const head = new Uint8Array(52);
  for (let block = 0n; block < mostBlocksLooked; block++) {
    const count = await device.read(block * BigInt(blockBytes), head, signal);
    if (count < head.length) return undefined;
    if (isGeneralLogHeader(head)) return block;
  }
  return undefined;
}
