import { scanLogMarkers } from "../journal/metadata-log.ts";
import { judgeRecovery, type Recovery } from "../journal/recovery.ts";
import type { Volume } from "./volume.ts";

/**
 * What has to be done about the metadata log of a volume before anything is written; undefined where the volume has none.
 * Only reads; a log whose header is damaged is looked through to its end. Operations reference 2.6, 2.7.
 */
export async function readRecovery(volume: Volume, signal?: AbortSignal): Promise<Recovery | undefined> {
  const { log } = volume;
  if (!log) return undefined;
  if (log.state) return judgeRecovery(log.state, (block) => volume.reader.read(block, signal));
  const { highestCommittedSequence, highestCompletedSequence, tailOffset } = await scanLogMarkers(log.stream, signal);
  return {
    state: "header-damaged",
    action: "rebuild-header",
    reason: "The log's header does not verify, so where its records end cannot be believed. The markers in the log say it.",
    highestCommittedSequence,
    highestCompletedSequence,
    tailOffsetToUse: tailOffset,
  };
}
