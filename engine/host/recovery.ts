import type { Health, RecoveryView } from "../contract/index.ts";
import { type Recovery, readRecovery, type Volume } from "./engine.ts";

const judged = new WeakMap<Volume, Promise<Recovery | undefined>>();

/** What is to be done about the metadata log, judged once per opening of the volume. */
export function recoveryOf(volume: Volume): Promise<Recovery | undefined> {
  const known = judged.get(volume);
  if (known) return known;
  const recovery = readRecovery(volume);
  judged.set(volume, recovery);
  recovery.catch(() => judged.delete(volume));
  return recovery;
}

/** What is pending, for the banner; undefined where nothing is. A log whose header is damaged is not looked through for it. */
export async function pendingRecovery(volume: Volume): Promise<RecoveryView | undefined> {
  const { log } = volume;
  if (!log || log.state?.state === "none") return undefined;
  if (log.state) {
    const recovery = await recoveryOf(volume);
    return recovery && describeRecovery(volume, recovery);
  }
  return {
    state: "header-damaged",
    action: "rebuild-header",
    health: "error",
    title: headerDamaged,
    advice: "Rebuild it from the markers in the log.",
    reason: "Where the log's records end cannot be believed, so whether a transaction is pending is not known.",
    range: firstBlock(volume),
  };
}

function firstBlock(volume: Volume): RecoveryView["range"] {
  const size = BigInt(volume.blockBytes);
  const start = (volume.log?.region.startBlock ?? 0n) * size;
  return { start, end: start + size };
}

/** The state of the metadata log as the window shows it. */
export function describeRecovery(volume: Volume, recovery: Recovery): RecoveryView {
  const { title, advice, health } = recoveryWords(recovery);
  const range =
    "startOffset" in recovery ? { start: recovery.startOffset, end: recovery.startOffset + BigInt(volume.blockBytes) } : firstBlock(volume);
  return { state: recovery.state, action: recovery.action, health, title, advice, reason: recovery.reason, range };
}

const headerDamaged = "The log's header block is damaged";

/** What a state of the metadata log is called, what is to be done, and how grave it is. Operations reference 2.6, 2.7. */
function recoveryWords(recovery: Recovery): { title: string; advice: string; health: Health } {
  switch (recovery.state) {
    case "none":
      return { title: "Nothing is pending", advice: "Nothing has to be done.", health: "ok" };
    case "uncommitted":
      return {
        title: `${recovery.validEntriesAtTail} entries of a transaction that was never committed`,
        advice: "They are discarded: the volume stays as it is, and the log's sequence goes on behind them.",
        health: "warning",
      };
    case "pending-committed": {
      const blocks = new Set(recovery.targetBlocks).size;
      const old = new Set(recovery.targets.filter((target) => !target.isNew).map((target) => target.block)).size;
      return {
        title:
          old === 0
            ? "A committed transaction lacks its completion; all its blocks are written"
            : `A committed transaction was not fully applied: ${old} of ${blocks} blocks still hold the state before it`,
        advice:
          recovery.action === "replay"
            ? "Replay it: its images are written, then the log is completed."
            : "Decide: replay it, or keep the volume as it is and discard it.",
        health: "error",
      };
    }
    case "applied-header-lost":
      return {
        title: "The last transaction is complete, and the log's header does not count it",
        advice: "Advance the header to it; no block of the volume changes.",
        health: "warning",
      };
    case "overrun":
      return {
        title: `A committed transaction overran the log: ${recovery.entriesStillReadable} of ${recovery.commitEntryCount} entries are left`,
        advice: "It cannot be replayed. The checks say what the volume looks like; nothing is written until it is decided.",
        health: "error",
      };
    case "unread":
      return { title: "The end of the log could not be read", advice: "Nothing is written until it can be.", health: "error" };
    case "header-damaged":
      return {
        title: headerDamaged,
        advice: `Rebuild it from the markers in the log: sequence ${recovery.highestCompletedSequence}, next record at byte ${recovery.tailOffsetToUse}.`,
        health: "error",
      };
  }
}
