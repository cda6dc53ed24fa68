import { equalBytes } from "../base/bytes.ts";
import type { BlockDevice } from "../device/block-device.ts";
import { EngineError } from "../errors/engine-error.ts";
import {
  commitMark,
  completionMark,
  logEntry,
  logEntryOverhead,
  logMarker,
  logMarkerBytes,
  tagNumber,
  type WalHeader,
  walHeaderBlock,
} from "../format/core/index.ts";

/**
 * Commits block images through the metadata log. Operations reference 2.9.
 * T1  No home block is written before the commit marker that covers it is synced.
 * T2  Content of free blocks, written by `prepare` or with the undo bundle, is synced before the commit marker is written.
 * T3  A transaction lies in one piece behind the tail. Where it does not fit there, a header that moves the tail to the front is synced first.
 * T4  What an earlier transaction without commit left at the tail is passed by: a header with a higher sequence is synced first.
 * T5  The completion marker is written only after all home blocks are synced, the header only after the marker is: a torn header can be rebuilt.
 * T6  Once the commit marker may be on the medium nothing is cancelled; after a failed write or sync nothing more is written.
 * T7  What stands behind the completion marker is cleared with it: entries carry no sequence, so an old one at the new tail would look like
 *     the begin of a transaction.
 */
export interface TransactionImage {
  targetBlock: bigint;
  image: Uint8Array;
}

/** The log of a volume, as its header block stands. */
export interface MetadataLog {
  startBlock: bigint;
  blockCount: bigint;
  blockBytes: number;
  /** The header block's bytes; what its fields do not claim is kept. */
  headerBlock: Uint8Array;
  /** Whether entries without a commit stand at the tail. */
  hasUncommitted: boolean;
}

export interface TransactionProgress {
  signal?: AbortSignal | undefined;
  /** Told at each border of the protocol. From "commit" on the change will happen. */
  onPhase?: ((phase: TransactionPhase) => void) | undefined;
}
export type TransactionPhase = "prepare" | "log" | "commit" | "apply" | "complete" | "verify";

type LogPlace = Pick<MetadataLog, "startBlock" | "blockCount" | "blockBytes">;
const firstByte = ({ startBlock, blockBytes }: LogPlace): bigint => (startBlock + 1n) * BigInt(blockBytes);
const endByte = ({ startBlock, blockCount, blockBytes }: LogPlace): bigint => (startBlock + blockCount) * BigInt(blockBytes);

/** Bytes that a transaction of so many block images takes in the log. Operations reference 2.4. */
export const transactionBytes = (images: number, blockBytes: number): bigint =>
  BigInt(images) * BigInt(blockBytes + logEntryOverhead) + 2n * BigInt(logMarkerBytes);

/** The most block images that one transaction can hold. */
export const mostTransactionImages = (log: LogPlace): number => {
  const room = (log.blockCount - 1n) * BigInt(log.blockBytes) - 2n * BigInt(logMarkerBytes);
  return room <= 0n ? 0 : Number(room / BigInt(log.blockBytes + logEntryOverhead));
};

/** Where a transaction goes and the header that stands behind it. */
export interface TransactionPlace {
  start: bigint;
  sequence: bigint;
  /** Headers that are synced before the entries are written. */
  headersBefore: WalHeader[];
  headerAfter: WalHeader;
}

/** Places a transaction of `images` block images into the log. LOG_TOO_SMALL where it cannot fit. */
export function placeTransaction(log: MetadataLog, images: number, now: bigint): TransactionPlace {
  const { header } = walHeaderBlock.parse(log.headerBlock);
  const needed = transactionBytes(images, log.blockBytes);
  const [first, end] = [firstByte(log), endByte(log)];
  if (needed > end - first) throw new EngineError("LOG_TOO_SMALL", { needed, room: end - first, images, fit: mostTransactionImages(log) });
  const tail = header.tailOffset >= first && header.tailOffset < end ? header.tailOffset : first;
  const sequenceEnd = log.hasUncommitted ? header.sequenceEnd + 1n : header.sequenceEnd;
  const start = tail + needed <= end ? tail : first;
  const sequence = sequenceEnd + 1n;
  const before: WalHeader = { ...header, sequenceEnd, tailOffset: start };
  const isMoved = start !== tail || sequenceEnd !== header.sequenceEnd;
  return {
    start,
    sequence,
    headersBefore: isMoved ? [before] : [],
    headerAfter: {
      ...soundLogHeader(header, "MWAL", log.blockCount),
      sequenceEnd: sequence,
      tailOffset: start + needed,
      totalEntries: header.totalEntries + BigInt(images),
      lastCheckpointTimestamp: now,
      isClean: true,
    },
  };
}

/**
 * A log's header with the fields that nothing changes as every writer sets them: they follow from the log's kind and region, and the SDK
 * never maintains them. Operations reference 2.2.
 */
export function soundLogHeader(header: WalHeader, kind: "MWAL" | "DWAL", maxBlocks: bigint): WalHeader {
  const { usedBlocks, sequenceStart, sequenceEnd, checkpointInterval } = header;
  return {
    ...header,
    type: kind === "MWAL" ? 0 : 1,
    version: 1,
    maxBlocks,
    usedBlocks: usedBlocks < 1n || usedBlocks > maxBlocks ? 1n : usedBlocks,
    sequenceStart: sequenceStart > sequenceEnd ? 0n : sequenceStart,
    checkpointInterval: checkpointIntervals.includes(checkpointInterval) ? checkpointInterval : kind === "MWAL" ? 1024 : 4096,
  };
}
const checkpointIntervals = [1024, 4096];

/** The header block with other fields, sealed with its sequence as generation. Operations reference 2.2. */
export function headerImage(log: MetadataLog, header: WalHeader): Uint8Array {
  const block = walHeaderBlock.parse(log.headerBlock);
  const trailer = {
    blockTypeTag: tagNumber("MWAL"),
    generationNumber: Number(BigInt.asUintN(32, header.sequenceEnd)),
    xxHash64Checksum: 0n,
  };
  return walHeaderBlock.encode({ ...block, header, trailer }, { byteLength: log.blockBytes });
}

export const markerImage = (mark: bigint, sequence: bigint, entryCount: number): Uint8Array =>
  logMarker.encode({ kind: mark, sequence, entryCount, checksum: 0n });

/** A completion marker and what clears an old entry behind it, as far as the log reaches. */
export function completionImage(log: LogPlace, at: bigint, sequence: bigint): Uint8Array {
  const room = endByte(log) - at;
  const marker = markerImage(completionMark, sequence, 0);
  const image = new Uint8Array(room < BigInt(logMarkerBytes + logEntryOverhead) ? Number(room) : logMarkerBytes + logEntryOverhead);
  image.set(marker);
  return image;
}

/**
 * Writes `images` to their blocks as one transaction: afterwards all of them are there, or, wherever power fails, none or all after
 * recovery. Gives the log as it is then. LOG_TOO_SMALL before anything is written; DEVICE_WRITE_FAILED and DEVICE_SYNC_FAILED leave a
 * state that recovery resolves; VERIFY_FAILED where the device does not give back what was written; AbortError before the commit only.
 */
export async function commitTransaction(
  device: BlockDevice,
  log: MetadataLog,
  images: readonly TransactionImage[],
  {
    prepare,
    witness,
    now,
    signal,
    onPhase,
  }: TransactionProgress & {
    prepare?: (() => Promise<void>) | undefined;
    /**
     * Block 0 as it is before: logged and not written. A transaction that brings an older superblock back needs it, since recovery
     * could not tell it from one that the volume has left behind.
     */
    witness?: Uint8Array | undefined;
    now: bigint;
  },
): Promise<MetadataLog> {
  const size = BigInt(log.blockBytes);
  const logged = witness ? [{ targetBlock: 0n, image: witness }, ...images] : images;
  const place = placeTransaction(log, logged.length, now);
  const writeHeader = async (header: WalHeader): Promise<Uint8Array> => {
    const block = headerImage(log, header);
    await device.write(log.startBlock * size, block);
    await device.sync();
    return block;
  };
  onPhase?.("prepare");
  signal?.throwIfAborted();
  if (prepare) {
    await prepare();
    await device.sync(); // T2
  }
  for (const header of place.headersBefore) await writeHeader(header); // T3, T4
  onPhase?.("log");
  let at = place.start;
  for (const { targetBlock, image } of logged) {
    signal?.throwIfAborted();
    const entry = logEntry.encode({ targetBlock, dataLength: image.length, image, checksum: 0n });
    await device.write(at, entry);
    at += BigInt(entry.length);
  }
  await device.sync();
  signal?.throwIfAborted();
  onPhase?.("commit");
  await device.write(at, markerImage(commitMark, place.sequence, logged.length)); // T6
  await device.sync();
  onPhase?.("apply"); // T1
  for (const { targetBlock, image } of images) await device.write(targetBlock * size, image);
  await device.sync();
  onPhase?.("complete");
  const completion = at + BigInt(logMarkerBytes);
  await device.write(completion, completionImage(log, completion, place.sequence)); // T5, T7
  await device.sync();
  const headerBlock = await writeHeader(place.headerAfter);
  onPhase?.("verify");
  const found = new Uint8Array(log.blockBytes);
  for (const { targetBlock, image } of images) {
    await device.read(targetBlock * size, found);
    if (!equalBytes(found, image))
      throw new EngineError("VERIFY_FAILED", { path: device.name, block: targetBlock, at: targetBlock * size });
  }
  return { ...log, headerBlock, hasUncommitted: false };
}
