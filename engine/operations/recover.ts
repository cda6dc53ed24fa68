import type { BlockDevice } from "../device/block-device.ts";
import { EngineError } from "../errors/engine-error.ts";
import { logMarkerBytes, type WalHeader, walHeaderBlock } from "../format/core/index.ts";
import { type LogState, replayImages } from "../journal/metadata-log.ts";
import type { Recovery } from "../journal/recovery.ts";
import { completionImage, headerImage, type MetadataLog, soundLogHeader } from "../journal/transaction.ts";
import { openVolume } from "../volume/open.ts";
import { readRecovery } from "../volume/recovery.ts";
import type { Volume } from "../volume/volume.ts";
import { readOnlyReason } from "../volume/volume-edit.ts";

export interface RecoverOptions {
  /** Decides a transaction of which recovery alone cannot tell whether it should be replayed: by the user. */
  decide?: "replay" | "discard" | undefined;
}
export interface Recovered {
  /** What was found first, and everything that was done. */
  found: Recovery["state"];
  done: ("rebuilt-header" | "replayed" | "discarded" | "advanced-header")[];
}

/**
 * Brings the metadata log of a volume to rest. Every step may be broken off by power loss and begun again.
 * R1  Images are written home and synced before the completion marker; the marker is synced before the header moves on.
 * R2  A transaction without commit is passed by with a higher sequence, so that its remains never match a later one.
 * R3  Its first record and its commit marker are wiped once the header is synced, so that nothing
 *     of it is left to be taken for a transaction.
 * Operations reference 2.6. VOLUME_NEEDS_RECOVERY where the user must decide, VOLUME_READ_ONLY where nothing can be done or no writer may.
 */
export async function recoverVolume(device: BlockDevice, { decide }: RecoverOptions = {}): Promise<Recovered> {
  const done: Recovered["done"] = [];
  let found: Recovery["state"] | undefined;
  for (let rounds = 0; rounds < mostRounds; rounds++) {
    const volume = await openVolume(device);
    const recovery = await readRecovery(volume);
    found ??= recovery?.state ?? "none";
    if (!recovery || recovery.action === "none") break;
    // A log whose superblock is lost may bring it back; all else that no writer may touch stays as it is.
    const refusal = volume.superblock || volume.preamble ? readOnlyReason(volume) : undefined;
    if (refusal !== undefined) throw new EngineError("VOLUME_READ_ONLY", { reason: refusal });
    done.push(await recoverOnce(device, volume, recovery, decide));
  }
  return { found: found ?? "none", done };
}
/** A header is rebuilt, then a transaction replayed or passed by: never more. */
const mostRounds = 4;

async function recoverOnce(
  device: BlockDevice,
  volume: Volume,
  recovery: Recovery,
  decide: RecoverOptions["decide"],
): Promise<Recovered["done"][number]> {
  const log = await logOf(volume);
  const { header } = walHeaderBlock.parse(log.headerBlock);
  const size = BigInt(volume.blockBytes);
  const writeHeader = async (next: WalHeader): Promise<void> => {
    await device.write(log.startBlock * size, headerImage(log, next));
    await device.sync();
  };
  if (recovery.state === "header-damaged") {
    await writeHeader(rebuiltHeader(log, header, recovery));
    return "rebuilt-header";
  }
  const state = volume.log?.state;
  const action = recovery.action === "ask" ? decide : recovery.action;
  if (!state || action === undefined || action === "refuse")
    throw new EngineError("VOLUME_NEEDS_RECOVERY", { state: recovery.state, action: recovery.action });
  if (action === "discard") {
    await writeHeader({ ...header, sequenceEnd: sequencePassedBy(header, state) }); // R2
    const wiped = [state.entries[0]?.offset ?? state.startOffset, ...("commit" in state ? [state.commit.offset] : [])];
    for (const offset of wiped) await device.write(offset, new Uint8Array(logMarkerBytes)); // R3
    await device.sync();
    return "discarded";
  }
  if (state.state !== "pending-committed" && state.state !== "applied-header-lost")
    throw new EngineError("VOLUME_NEEDS_RECOVERY", { state: recovery.state, action: recovery.action });
  const { commit } = state;
  const behind = commit.offset + BigInt(logMarkerBytes);
  const completion = behind + BigInt(logMarkerBytes) > (log.startBlock + log.blockCount) * size ? (log.startBlock + 1n) * size : behind;
  if (state.state === "pending-committed") {
    for (const [block, image] of replayImages(state.entries)) await device.write(block * size, image);
    await device.sync(); // R1
    await device.write(completion, completionImage(log, completion, commit.sequence));
    await device.sync();
  }
  await writeHeader({
    ...header,
    sequenceEnd: commit.sequence,
    tailOffset: completion + BigInt(logMarkerBytes),
    totalEntries: header.totalEntries + BigInt(state.entries.length),
    isClean: true,
  });
  return state.state === "pending-committed" ? "replayed" : "advanced-header";
}

/** The highest sequence that what is passed by may bear. */
function sequencePassedBy({ sequenceEnd }: WalHeader, state: LogState): bigint {
  const next = sequenceEnd + 1n;
  return "commit" in state && state.commit.sequence > next ? state.commit.sequence : next;
}

async function logOf(volume: Volume): Promise<MetadataLog> {
  const region = volume.log?.region;
  if (!region) throw new EngineError("VOLUME_READ_ONLY", { reason: "it has no metadata log" });
  const headerBlock = (await volume.requireBlock(region.startBlock)).slice();
  return {
    startBlock: region.startBlock,
    blockCount: region.blockCount,
    blockBytes: volume.blockBytes,
    headerBlock,
    hasUncommitted: false,
  };
}

/** A header made of what the log's own markers say; fields that nothing else tells are kept where they are plausible. Operations reference 2.7. */
function rebuiltHeader(
  log: MetadataLog,
  stored: WalHeader,
  { highestCompletedSequence, tailOffsetToUse }: Extract<Recovery, { state: "header-damaged" }>,
): WalHeader {
  return {
    ...soundLogHeader({ ...stored, sequenceStart: 0n, usedBlocks: 1n, checkpointInterval: 1024 }, "MWAL", log.blockCount),
    sequenceEnd: highestCompletedSequence,
    headOffset: 0n,
    tailOffset: tailOffsetToUse,
    totalEntries: stored.totalEntries >= 0n ? stored.totalEntries : 0n,
    isClean: true,
  };
}
