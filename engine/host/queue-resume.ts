import type { Volume } from "./engine.ts";
import { titleOf } from "./operation-titles.ts";
import type { KeptQueue } from "./queue-file.ts";

/**
 * A kept queue against the volume as it is stored, where a host was stopped while it made the first change: each transaction raises the
 * volume's sequence by one and sets its time, so both tell how far it came. A change that was made leaves the queue, so that it is not
 * made twice; while the log is not at rest nothing is decided.
 */
export function resumeQueue(kept: KeptQueue, { log, superblock }: Volume): { queue: KeptQueue; note?: string } {
  const { entries, making } = kept;
  const entry = making && entries.find(({ id }) => id === making.id);
  if (!making || !entry) return { queue: { entries } };
  const isAtRest = log?.state?.state === "none" || log?.state?.state === "uncommitted";
  if (!isAtRest || !superblock) return { queue: kept };
  const made = superblock.checkpointSequence - BigInt(making.sequence);
  const isOurs = superblock.lastWriterTimestamp === BigInt(entry.now) && made >= 1n && made <= BigInt(making.steps);
  if (!isOurs) return { queue: { entries } };
  const title = `"${titleOf(entry.operation, entry.inputs)}"`;
  if (made === BigInt(making.steps))
    return {
      queue: { entries: entries.filter((each) => each !== entry) },
      note: `${title} was made before Blockscope was stopped; it left the queue, and its undo bundle is in the Undo list.`,
    };
  return {
    queue: { entries },
    note: `${title} was stopped after ${made} of ${making.steps} steps, each of them whole. Look at its plan as it is now before you apply the rest.`,
  };
}
