import { equalBytes } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { isFreeSlot, judgeTrailer, regionTable, superblock, trailerBytes } from "../format/core/index.ts";
import { type LogState, replayImages } from "./metadata-log.ts";

export type RecoveryAction = "none" | "discard" | "replay" | "ask" | "advance-header" | "refuse" | "rebuild-header";
export type SupersedeCheck = "same" | "torn" | "older" | "asBegun" | "notOlder" | "noSuperblockEntry";

interface RecoveryBase {
  action: RecoveryAction;
  /** Why this is to be done, in a sentence. */
  reason: string;
}
interface OfTransaction extends RecoveryBase {
  expectedSequence: bigint;
  startOffset: bigint;
}
export interface RecoveryTarget {
  block: bigint;
  /** Whether the block holds the image already. */
  isNew: boolean;
  newSha256: Uint8Array;
}
interface Committed extends OfTransaction {
  commitOffset: bigint;
  entryCount: number;
  /** One for each entry, in the order of the log. */
  targetBlocks: bigint[];
  targets: RecoveryTarget[];
}
export interface PendingRecovery extends Committed {
  state: "pending-committed";
  allTargetsAlreadyNew: boolean;
  supersedeCheck: SupersedeCheck;
  afterReplayDirectoryEqualsPointerTable: boolean;
  mixedTransaction?: true;
}
export type Recovery =
  | (OfTransaction & { state: "none" | "uncommitted"; validEntriesAtTail: number })
  | PendingRecovery
  | (Committed & { state: "applied-header-lost" })
  | (OfTransaction & { state: "overrun"; commitEntryCount: number; entriesStillReadable: number })
  | (OfTransaction & { state: "unread" })
  | (RecoveryBase & {
      state: "header-damaged";
      highestCommittedSequence: bigint;
      highestCompletedSequence: bigint;
      tailOffsetToUse: bigint;
    });

export type ReadBlock = (block: bigint) => Promise<Uint8Array | undefined>;

/**
 * What has to be done about the transaction at the end of a log whose header verifies, and why. Only reads. Operations reference 2.6.
 * `readBlock` gives the volume's blocks as stored.
 */
export async function judgeRecovery(log: LogState, readBlock: ReadBlock): Promise<Recovery> {
  const { expectedSequence, startOffset, entries } = log;
  const base = { expectedSequence, startOffset };
  if (log.state === "none")
    return {
      ...base,
      state: log.state,
      action: "none",
      reason: "No transaction was begun behind the last finished one.",
      validEntriesAtTail: 0,
    };
  if (log.state === "uncommitted")
    return {
      ...base,
      state: log.state,
      action: "discard",
      reason: "The transaction has no commit marker, so its targets were not to be written yet.",
      validEntriesAtTail: entries.length,
    };
  if (log.state === "unread")
    return {
      ...base,
      state: log.state,
      action: "refuse",
      reason: `What the log holds behind its last transaction is not known: ${log.reason}.`,
    };
  if (log.state === "overrun")
    return {
      ...base,
      state: log.state,
      action: "refuse",
      reason: "The transaction was larger than the log and overwrote its own entries. It cannot be replayed.",
      commitEntryCount: log.commit.entryCount,
      entriesStillReadable: entries.length,
    };

  const targets: RecoveryTarget[] = [];
  for (const { targetBlock, image } of entries) {
    const stored = await readBlock(targetBlock);
    targets.push({ block: targetBlock, isNew: stored !== undefined && equalBytes(stored, image), newSha256: checksum.sha256(image) });
  }
  const committed = {
    ...base,
    commitOffset: log.commit.offset,
    entryCount: entries.length,
    targetBlocks: entries.map((entry) => entry.targetBlock),
    targets,
  };
  if (log.state === "applied-header-lost")
    return {
      ...committed,
      state: log.state,
      action: "advance-header",
      reason: "The transaction is complete; only the log's header was not written.",
    };

  const images = replayImages(entries);
  const allTargetsAlreadyNew = (await Promise.all([...images].map(async ([block, image]) => same(await readBlock(block), image)))).every(
    Boolean,
  );
  const supersedeCheck = await checkSuperseded(images.get(0n), witnessOf(entries), readBlock);
  const tablesAgree = await tablesAgreeAfter(images, readBlock);
  const mayReplay = supersedeCheck === "noSuperblockEntry" ? await isUnchangedOrTorn(images, readBlock) : supersedeCheck !== "notOlder";
  const reason = !tablesAgree
    ? "After a replay, region directory and pointer table would differ: the entries may come from two transactions."
    : !mayReplay
      ? supersedeCheck === "notOlder"
        ? "The superblock on disk is not older than the transaction's: the volume was changed after it."
        : "The transaction has no superblock, and a target holds neither its image nor a torn write."
      : "The transaction is committed and its targets hold the state before it, or part of it.";
  return {
    ...committed,
    state: "pending-committed",
    action: tablesAgree && mayReplay ? "replay" : "ask",
    reason,
    allTargetsAlreadyNew,
    supersedeCheck,
    afterReplayDirectoryEqualsPointerTable: tablesAgree,
    ...(!tablesAgree && { mixedTransaction: true as const }),
  };
}

const same = (stored: Uint8Array | undefined, image: Uint8Array): boolean => stored !== undefined && equalBytes(stored, image);

/**
 * Block 0 as it was when the transaction began: a first entry for it with another behind it. The SDK writes one alone; our own undo, which
 * brings an older superblock back, logs both.
 */
function witnessOf(entries: LogState["entries"]): Uint8Array | undefined {
  const [first, ...others] = entries.filter(({ targetBlock }) => targetBlock === 0n);
  return others.length > 0 ? first?.image : undefined;
}

const sectorBytes = 512;

/** Whether block 0 shows that the volume went on without the pending transaction. Operations reference 2.6, "Supersede check". */
async function checkSuperseded(
  image: Uint8Array | undefined,
  witness: Uint8Array | undefined,
  readBlock: ReadBlock,
): Promise<SupersedeCheck> {
  if (!image) return "noSuperblockEntry";
  const current = await readBlock(0n);
  if (!current) return "notOlder";
  if (equalBytes(current.subarray(0, -trailerBytes), image.subarray(0, -trailerBytes))) return "same";
  if (witness && (equalBytes(current, witness) || isTornBetween(current, image, witness))) return "asBegun";
  if (!judgeTrailer(current).verified && isTornBetween(current, image, await readBlock(4n))) return "torn";
  const [now, redo] = [superblock.parse(current), superblock.parse(image)];
  const isOlder =
    now.checkpointSequence < redo.checkpointSequence &&
    now.lastWriterTimestamp <= redo.lastWriterTimestamp &&
    (now.moduleManifest & ~redo.moduleManifest) >>> 0 === 0;
  return isOlder ? "older" : "notOlder";
}

/** Whether every sector of `current` is that of `image` or of `mirror`, with at least one that is only in each. */
function isTornBetween(current: Uint8Array, image: Uint8Array, mirror: Uint8Array | undefined): boolean {
  if (!mirror) return false;
  let onlyImage = false;
  let onlyMirror = false;
  for (let at = 0; at < current.length; at += sectorBytes) {
    const sector = (of: Uint8Array) => of.subarray(at, at + sectorBytes);
    const inImage = equalBytes(sector(current), sector(image));
    const inMirror = equalBytes(sector(current), sector(mirror));
    if (!inImage && !inMirror) return false;
    if (!inMirror) onlyImage = true;
    if (!inImage) onlyMirror = true;
  }
  return onlyImage && onlyMirror;
}

/** Of a transaction without a superblock: whether each target holds its image, or a torn write. */
async function isUnchangedOrTorn(images: ReadonlyMap<bigint, Uint8Array>, readBlock: ReadBlock): Promise<boolean> {
  for (const [block, image] of images) {
    const stored = await readBlock(block);
    if (!stored || (!equalBytes(stored, image) && judgeTrailer(stored).verified)) return false;
  }
  return true;
}

/**
 * Whether directory and pointer table name the same regions once the images are written. This is the one check of the state after a
 * replay that decides: the SDK's own finished transactions break others (bitmap trailers, counters). Operations reference 2.6, "Mixed-transaction check".
 */
async function tablesAgreeAfter(images: ReadonlyMap<bigint, Uint8Array>, readBlock: ReadBlock): Promise<boolean> {
  const regionsOf = async (block: bigint): Promise<string | undefined> => {
    const bytes = images.get(block) ?? (await readBlock(block));
    return (
      bytes &&
      regionTable
        .parse(bytes)
        .slots.filter((slot) => !isFreeSlot(slot))
        .map((slot) => `${slot.regionTypeId} ${slot.flags} ${slot.startBlock} ${slot.blockCount}`)
        .sort()
        .join("\n")
    );
  };
  const [directory, table] = [await regionsOf(8n), await regionsOf(1n)];
  return directory !== undefined && directory === table;
}
