import { isAllZero } from "../../base/bytes.ts";
import { defineRule } from "../../findings/registry.ts";
import { judgeTrailer, walHeader } from "../../format/core/index.ts";
import { everyRecord } from "../../journal/find-records.ts";
import { isGeneralLogHeader, readGeneralLog } from "../../journal/general-log.ts";
import type { LogMarker } from "../../journal/metadata-log.ts";
import type { VolumeRegion } from "../../volume/volume.ts";
import type { CheckContext, RuleSet } from "./context.ts";
import { judgeGeneralLog } from "./general-log.ts";

const notClean = defineRule<{ log: string; sequence: bigint }>({
  id: "wal.not-clean",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 4.2",
  states: "IsClean is set in the header of each log.",
  title: ({ log }) => `${log} says not clean`,
  explanation: ({ sequence }) =>
    `IsClean is 0 after transaction ${sequence}. The SDK's writer clears it with its first transaction and never sets it again.`,
  repair: { id: "wal.set-clean", risk: "safe" },
});
const header = defineRule<{ log: string; field: string; value: string; expected: string }>({
  id: "wal.header",
  severity: "error",
  confidence: "certain",
  reference: "core reference 4.1",
  states: "A log's header fields lie in their ranges.",
  title: ({ log, field, value }) => `${log}: ${field} is ${value}`,
  explanation: ({ field, value, expected }) => `${field} is ${value}; ${expected}.`,
  repair: { id: "wal.set-header", risk: "safe" },
});
const noHeader = defineRule<{ log: string }>({
  id: "wal.header-missing",
  severity: "error",
  confidence: "certain",
  reference: "core reference 4.1",
  states: "Each log begins with a header.",
  title: ({ log }) => `${log} has no header`,
  explanation: ({ log }) => `The first block of ${log} is all zero. Its state is unknown.`,
  repair: { id: "wal.rebuild-header", risk: "advisory" },
});
const damagedHeader = defineRule<{ log: string }>({
  id: "wal.header-damaged",
  severity: "error",
  confidence: "certain",
  reference: "operations reference 2.6, 2.7",
  states: "The header block of each log verifies.",
  title: ({ log }) => `The header block of ${log} is damaged`,
  explanation: () => "Where the log ends cannot be believed, so no pending transaction is looked for.",
  repair: { id: "wal.rebuild-header", risk: "advisory" },
});
const generalLogThere = defineRule<{ log: string }>({
  id: "wal.general-log",
  severity: "error",
  confidence: "certain",
  reference: "operations reference 10, 10.7",
  states: "A log's region holds a log of this format.",
  title: ({ log }) => `${log} holds a general log of the older engine`,
  explanation: () =>
    "The block begins HLAW. The SDK's region writer takes the bytes for a header all the same, and would write its records anywhere.",
});
const pending = defineRule<{ sequence: bigint; entries: number; blocks: string; allWritten: boolean }>({
  id: "mwal.pending-committed",
  severity: "error",
  confidence: "certain",
  reference: "operations reference 2.6",
  states: "No committed transaction waits for its completion.",
  title: ({ allWritten }) =>
    allWritten ? "A committed transaction lacks its completion" : "A committed transaction was not fully applied",
  explanation: ({ sequence, entries, blocks, allWritten }) =>
    `Transaction ${sequence} wrote ${entries} block images and its commit marker, and no completion. Its targets are blocks ${blocks}${allWritten ? "; all of them hold the new images already" : ""}. The SDK never replays it.`,
  repair: { id: "mwal.replay", risk: "advisory" },
});
const uncommitted = defineRule<{ sequence: bigint; entries: number }>({
  id: "mwal.uncommitted",
  severity: "warning",
  confidence: "certain",
  reference: "operations reference 2.6",
  states: "No unfinished transaction stands at the end of the log.",
  title: () => "The metadata log ends in an unfinished transaction",
  explanation: ({ sequence, entries }) =>
    `${entries} entries of transaction ${sequence} were written and no commit. Its targets were not touched if the writer used real barriers.`,
  repair: { id: "mwal.discard", risk: "safe" },
});
const headerLost = defineRule<{ sequence: bigint }>({
  id: "mwal.header-behind",
  severity: "warning",
  confidence: "certain",
  reference: "operations reference 2.6",
  states: "The log's header counts the last completed transaction.",
  title: () => "A transaction is complete but the log's header was not advanced",
  explanation: ({ sequence }) => `Commit and completion of transaction ${sequence} are in the log; the header still names the one before.`,
  repair: { id: "mwal.advance-header", risk: "safe" },
});
const overrun = defineRule<{ counted: number; readable: number }>({
  id: "mwal.overrun",
  severity: "error",
  confidence: "certain",
  reference: "operations reference 2.4, 2.6",
  states: "A committed transaction fits the log.",
  title: () => "A committed transaction overran the log",
  explanation: ({ counted, readable }) =>
    `The commit marker counts ${counted} entries, ${readable} can be read: the transaction was larger than the log and overwrote its own start. It cannot be replayed.`,
});

const uncompleted = defineRule<{ sequence: bigint; offset: bigint }>({
  id: "mwal.commit-without-completion",
  severity: "warning",
  confidence: "likely",
  reference: "core reference 4, operations reference 2.7",
  states: "Every commit in the log's past is followed by its completion.",
  title: ({ sequence }) => `Transaction ${sequence} was committed, never completed, and passed over`,
  explanation: ({ sequence, offset }) =>
    `The commit of transaction ${sequence} at byte ${offset} has no completion, and the log went on behind it. The SDK never replays: some of its targets may never have been written.`,
});
const sequenceBehind = defineRule<{ stored: bigint; found: bigint }>({
  id: "mwal.sequence-behind",
  severity: "warning",
  confidence: "likely",
  reference: "core reference 4",
  states: "SequenceEnd is the highest sequence that was completed.",
  title: ({ stored, found }) => `SequenceEnd is ${stored}, the log holds a completed transaction ${found}`,
  explanation: ({ stored, found }) =>
    `The header counts up to transaction ${stored}, but ${found} is complete in the log. The next transaction repeats a sequence, so an old commit marker can be taken for a new one.`,
  repair: { id: "mwal.advance-header", risk: "safe" },
});

/** The header of each log, and what the metadata log holds behind its last finished transaction. */
export const logRules: RuleSet = async (context) => {
  for (const region of context.volume.regions) if (region.kind === "MWAL" || region.kind === "DWAL") await judgeHeader(context, region);
  await judgeState(context);
  await judgeHistory(context);
};

const mostHistoryBytes = 67_108_864n;

/** Commits and completions that are left in the metadata log, besides the transaction at its end. */
async function judgeHistory({ volume: { log, blockBytes }, report, signal }: CheckContext): Promise<void> {
  if (!log?.state) return;
  const { stream, header: held, state, region } = log;
  const judged = "commit" in state ? state.commit.offset : undefined;
  const limit = stream.start + mostHistoryBytes < stream.end ? stream.start + mostHistoryBytes : stream.end;
  let highest = 0n;
  let open: LogMarker | undefined;
  for await (const record of everyRecord(stream, limit, signal)) {
    const follows = open !== undefined && record.offset === open.offset + BigInt(open.byteLength);
    if (open && open.offset !== judged && follows && record.kind !== "completion") {
      const place = {
        region: "MWAL",
        slot: region.slot,
        block: open.offset / BigInt(blockBytes),
        byteOffset: open.offset,
        byteLength: open.byteLength,
      };
      report(uncompleted({ sequence: open.sequence, offset: open.offset }, place));
    }
    open = record.kind === "commit" ? record : undefined;
    if (record.kind === "completion" && record.sequence > highest) highest = record.sequence;
  }
  if (highest > held.sequenceEnd && state.state !== "applied-header-lost")
    report(sequenceBehind({ stored: held.sequenceEnd, found: highest }, { region: "MWAL", slot: region.slot, block: region.startBlock }));
}

async function judgeHeader({ volume, report, signal }: CheckContext, region: VolumeRegion): Promise<void> {
  const place = { region: region.tag, slot: region.slot, block: region.startBlock };
  const bytes = await volume.reader.read(region.startBlock, signal);
  if (!bytes) return;
  if (isAllZero(bytes)) return report(noHeader({ log: region.name }, place));
  if (isGeneralLogHeader(bytes)) {
    const { startBlock, blockCount } = region;
    const log = await readGeneralLog(volume.device, { startBlock, blockCount, blockBytes: volume.blockBytes }, signal);
    report(generalLogThere({ log: region.name }, place));
    for (const finding of judgeGeneralLog(log)) report({ ...finding, region: region.tag, slot: region.slot });
    return;
  }
  // Where another region of the module was given the same start, its block is judged as that.
  const trailer = judgeTrailer(bytes);
  // The metadata log says itself where it ends; of a data log only its header did.
  if (!trailer.verified)
    return report({ ...damagedHeader({ log: region.name }, place), ...(region.kind !== "MWAL" && { repair: undefined }) });
  const held = walHeader.parse(bytes);
  const start = (region.startBlock + 1n) * BigInt(volume.blockBytes);
  const end = (region.startBlock + region.blockCount) * BigInt(volume.blockBytes);
  const bad = (field: string, value: bigint | number, expected: string) =>
    report(header({ log: region.name, field, value: `${value}`, expected }, place));
  if (held.type !== (region.kind === "MWAL" ? 0 : 1)) bad("Type", held.type, `${region.kind} has type ${region.kind === "MWAL" ? 0 : 1}`);
  if (held.version !== 1) bad("Version", held.version, "1 is the only one");
  if (held.maxBlocks !== region.blockCount) bad("MaxBlocks", held.maxBlocks, `the region has ${region.blockCount} blocks`);
  if (held.usedBlocks < 1n || held.usedBlocks > region.blockCount) bad("UsedBlocks", held.usedBlocks, `1 to ${region.blockCount} fit`);
  if (held.sequenceStart > held.sequenceEnd) bad("SequenceStart", held.sequenceStart, `SequenceEnd is ${held.sequenceEnd}`);
  if (held.tailOffset !== 0n && (held.tailOffset < start || held.tailOffset > end))
    report({
      ...header(
        {
          log: region.name,
          field: "TailOffset",
          value: `${held.tailOffset}`,
          expected: `the log's records lie in bytes ${start} to ${end - 1n}`,
        },
        place,
      ),
      // Where the next record of a data log goes only whoever writes it knows.
      repair: region.kind === "MWAL" ? { id: "wal.move-tail", risk: "safe" } : undefined,
    });
  if (held.checkpointInterval !== 1024 && held.checkpointInterval !== 4096)
    bad("CheckpointInterval", held.checkpointInterval, "writers set 1024 or 4096");
  if (!held.isClean)
    report(
      notClean(
        { log: region.name, sequence: held.sequenceEnd },
        { ...place, byteOffset: region.startBlock * BigInt(volume.blockBytes) + 82n, byteLength: 1 },
      ),
    );
}

async function judgeState({ volume, report, signal }: CheckContext): Promise<void> {
  const state = volume.log?.state;
  const region = volume.log?.region;
  if (!state || !region) return;
  const place = { region: "MWAL", slot: region.slot, block: state.startOffset / BigInt(volume.blockBytes) };
  if (state.state === "uncommitted") report(uncommitted({ sequence: state.expectedSequence, entries: state.entries.length }, place));
  else if (state.state === "applied-header-lost") report(headerLost({ sequence: state.commit.sequence }, place));
  else if (state.state === "overrun") report(overrun({ counted: state.commit.entryCount, readable: state.entries.length }, place));
  else if (state.state === "pending-committed") {
    const last = new Map(state.entries.map((entry) => [entry.targetBlock, entry.image]));
    const written = await Promise.all(
      [...last].map(
        async ([block, image]) => (await volume.reader.read(block, signal))?.every((byte, index) => byte === image[index]) ?? false,
      ),
    );
    report(
      pending(
        {
          sequence: state.commit.sequence,
          entries: state.entries.length,
          blocks: [...last.keys()].join(", "),
          allWritten: written.every(Boolean),
        },
        place,
      ),
    );
  }
}
