import type { Finding } from "../../findings/finding.ts";
import { defineRule } from "../../findings/registry.ts";
import { generalLogMagic } from "../../format/core/index.ts";
import type { GeneralLog, PlacedGeneralEntry } from "../../journal/general-log.ts";

const headerDamaged = defineRule<{ reason: string }>({
  id: "walh.header-damaged",
  severity: "error",
  confidence: "certain",
  reference: "operations reference 10.1",
  states: "The header of a general log has its magic and its checksum holds.",
  title: () => "The header of the general log is damaged",
  explanation: ({ reason }) => `${reason}. The SDK refuses to open the log; its entries can be read all the same.`,
});
const position = defineRule<{ field: string; value: bigint; last: bigint }>({
  id: "walh.position",
  severity: "error",
  confidence: "certain",
  reference: "operations reference 10.3, 10.7",
  states: "Head and tail of a general log lie in its ring.",
  title: ({ field, value }) => `${field} is ${value}`,
  explanation: ({ field, value, last }) =>
    `${field} is ${value}; the ring has blocks 1 to ${last}. The SDK's replay would not come to an end.`,
});
const counters = defineRule<{ field: string; value: bigint; expected: string }>({
  id: "walh.counter",
  severity: "error",
  confidence: "certain",
  reference: "operations reference 10.7",
  states: "The counters in the header of a general log are ahead of its entries.",
  title: ({ field, value }) => `${field} is ${value}`,
  explanation: ({ field, value, expected }) => `${field} is ${value}; ${expected}. New entries would repeat numbers that are in use.`,
});
const unreadable = defineRule<{ block: number; expected: bigint }>({
  id: "walh.entry-unreadable",
  severity: "warning",
  confidence: "certain",
  reference: "operations reference 10.2, 10.5",
  states: "An entry stands wherever the one before it ends, from tail to head.",
  title: ({ block }) => `No entry can be read in block ${block} of the log`,
  explanation: ({ block, expected }) =>
    `Between tail and head, block ${block} should hold entry ${expected}. A transaction whose commit is lost so is dropped by a replay.`,
});
const sequence = defineRule<{ block: number; found: bigint; expected: bigint }>({
  id: "walh.sequence",
  severity: "warning",
  confidence: "certain",
  reference: "operations reference 10.7",
  states: "Sequence numbers of a general log go up by one along the ring.",
  title: ({ block, found }) => `Block ${block} of the log holds entry ${found}`,
  explanation: ({ found, expected }) => `Entry ${expected} was expected and ${found} stands there: entries of another turn of the ring.`,
});
const uncounted = defineRule<{ entries: number; nextSequenceNumber: bigint }>({
  id: "walh.uncounted-entries",
  severity: "warning",
  confidence: "certain",
  reference: "operations reference 10.7",
  states: "The header of a general log counts all entries that were written.",
  title: ({ entries }) => `${entries} entries were written and the header does not count them`,
  explanation: ({ nextSequenceNumber }) =>
    `Entries from number ${nextSequenceNumber} on stand in the ring, but the header was not written after them: a replay passes over them, whether they are committed or not.`,
});
const empty = defineRule<{ entries: number }>({
  id: "walh.head-meets-tail",
  severity: "warning",
  confidence: "certain",
  reference: "operations reference 10.7",
  states: "A general log that holds entries does not count as empty.",
  title: () => "Head meets tail: a full log counts as empty",
  explanation: ({ entries }) =>
    `${entries} entries behind the last checkpoint fill the ring exactly, so head and tail are equal. The SDK sees nothing to recover.`,
});
const commitAlone = defineRule<{ transaction: bigint }>({
  id: "walh.end-without-begin",
  severity: "warning",
  confidence: "certain",
  reference: "operations reference 10.5, 10.7",
  states: "Every Commit of a general log has a Begin between tail and head.",
  title: ({ transaction }) => `Transaction ${transaction} ends without a Begin`,
  explanation: ({ transaction }) =>
    `The Commit of transaction ${transaction} lies between tail and head and its Begin does not: a checkpoint passed it. A replay drops it.`,
});
const lost = defineRule<{ transaction: bigint; changes: number; changesLost: number }>({
  id: "walh.replay-loses",
  severity: "warning",
  confidence: "certain",
  reference: "operations reference 10.5, 10.7",
  states: "The SDK's replay sees all changes of every committed transaction.",
  title: ({ transaction, changesLost }) => `The SDK's replay loses ${changesLost} changes of transaction ${transaction}`,
  explanation: ({ changes, changesLost }) =>
    `${changesLost} of ${changes} changes take more than one block of the log; the SDK's parser sees one block and passes over them.`,
});
const stale = defineRule<{ block: number; offset: number; sequence: bigint }>({
  id: "walh.stale-entry",
  severity: "warning",
  confidence: "certain",
  reference: "operations reference 10.7",
  states: "Bytes behind an entry parse as no further one.",
  title: ({ block, sequence }) => `A left-over entry ${sequence} can be read in block ${block} of the log`,
  explanation: ({ offset }) =>
    `Behind the entry of the block, at byte ${offset}, old bytes parse as an entry. The SDK takes it for one of the log and may end a transaction with it.`,
});
const open = defineRule<{ transaction: bigint }>({
  id: "walh.open-transaction",
  severity: "info",
  confidence: "certain",
  reference: "operations reference 10.4",
  states: "Every transaction of a general log was committed or aborted.",
  title: ({ transaction }) => `Transaction ${transaction} was begun and not ended`,
  explanation: () => "Its entries are ignored by a replay. The SDK leaves such a Begin when a transaction is given up without an abort.",
});

/** What is wrong with a general log. Blocks of the findings are those of its device. Operations reference 10.7. */
export function judgeGeneralLog(log: GeneralLog): Finding[] {
  const { header, entries, startBlock, blockCount, transactions } = log;
  const found: Finding[] = [];
  const at = (block: number) => ({ block: startBlock + BigInt(block) });
  if (header.magic !== generalLogMagic) found.push(headerDamaged({ reason: "The magic is not HLAW" }, at(0)));
  else if (!header.checksumValid) found.push(headerDamaged({ reason: "The checksum does not match" }, at(0)));
  if (found.length > 0) return found;
  const last = blockCount - 2n;
  for (const [field, value] of [
    ["HeadBlock", header.headBlock],
    ["TailBlock", header.tailBlock],
  ] as const)
    if (value < 1n || value > last) found.push(position({ field, value, last }, at(0)));
  if (header.lastCheckpointSequence > header.nextSequenceNumber)
    found.push(
      counters(
        {
          field: "LastCheckpointSequence",
          value: header.lastCheckpointSequence,
          expected: `NextSequenceNumber is ${header.nextSequenceNumber}`,
        },
        at(0),
      ),
    );
  if (found.some((finding) => finding.rule === position.id)) return found;

  const window = walkWindow(log, found);
  const inWindow = new Set(window.map((entry) => entry.block));
  for (const entry of entries)
    if (entry.offset > 0 && inWindow.has(entry.block))
      found.push(stale({ block: entry.block, offset: entry.offset, sequence: entry.sequenceNumber }, at(entry.block)));
  const uncountedEntries = entries.filter((entry) => entry.offset === 0 && entry.sequenceNumber >= header.nextSequenceNumber);
  if (uncountedEntries[0])
    found.push(
      uncounted({ entries: uncountedEntries.length, nextSequenceNumber: header.nextSequenceNumber }, at(uncountedEntries[0].block)),
    );
  const highest = window.reduce((most, entry) => (entry.transactionId > most ? entry.transactionId : most), 0n);
  if (highest >= header.nextTransactionId)
    found.push(
      counters({ field: "NextTransactionId", value: header.nextTransactionId, expected: `transaction ${highest} is in the log` }, at(0)),
    );
  if (header.headBlock === header.tailBlock) {
    const counted = entries.filter(
      (entry) =>
        entry.offset === 0 && entry.sequenceNumber > header.lastCheckpointSequence && entry.sequenceNumber < header.nextSequenceNumber,
    );
    if (counted.length > 0) found.push(empty({ entries: counted.length }, at(0)));
  }
  const ended = new Set(window.filter((entry) => entry.type === 6 || entry.type === 7).map((entry) => entry.transactionId));
  for (const transaction of transactions) {
    const { transactionId, state, inWindow: isKnown, changes, changesLost } = transaction;
    if (!isKnown && ended.has(transactionId)) found.push(commitAlone({ transaction: transactionId }, at(0)));
    if (isKnown && state === "committed" && changesLost > 0) found.push(lost({ transaction: transactionId, changes, changesLost }, at(0)));
    if (isKnown && state === "open") found.push(open({ transaction: transactionId }, at(0)));
  }
  return found;
}

/** The entries from tail to head, each where the one before it ends; reports what does not follow. */
function walkWindow({ header, entries, blockCount, startBlock }: GeneralLog, found: Finding[]): PlacedGeneralEntry[] {
  const byBlock = new Map(entries.filter((entry) => entry.offset === 0).map((entry) => [entry.block, entry]));
  const last = Number(blockCount) - 2;
  const window: PlacedGeneralEntry[] = [];
  let expected: bigint | undefined;
  let left = last;
  for (let at = Number(header.tailBlock); at !== Number(header.headBlock) && left > 0; ) {
    const entry = byBlock.get(at);
    const place = { block: startBlock + BigInt(at) };
    if (!entry) {
      found.push(unreadable({ block: at, expected: expected ?? 0n }, place));
      break;
    }
    if (expected !== undefined && entry.sequenceNumber !== expected)
      found.push(sequence({ block: at, found: entry.sequenceNumber, expected }, place));
    window.push(entry);
    expected = entry.sequenceNumber + 1n;
    left -= entry.blocks;
    at = ((at - 1 + entry.blocks) % last) + 1;
  }
  return window;
}
