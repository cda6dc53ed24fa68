import { concatBytes, viewOf } from "../../base/bytes.ts";
import { MemoryDevice } from "../../device/memory-device.ts";
import {
  commitMark,
  completionMark,
  type GeneralLogHeader,
  generalLogEntry,
  generalLogHeader,
  generalLogMagic,
  logEntry,
  logMarker,
} from "../../format/core/index.ts";
import { readGeneralLog } from "../../journal/general-log.ts";
import { describeRules } from "../../testing/rule-cases.ts";
import { blockBytes, describeVolumeRules, soundPlaces, soundSlots, type VolumeImage } from "../../testing/sound-volume.ts";
import { judgeGeneralLog } from "./general-log.ts";

const first = (soundPlaces.log + 1) * blockBytes;
const entryBytes = blockBytes + 20;
const markerBytes = 28;
/** An entry for a block of the data region that holds it already. */
const entry = (image: VolumeImage, target = soundPlaces.data) =>
  logEntry.encode({ targetBlock: BigInt(target), dataLength: blockBytes, image: image.block(target).slice(), checksum: 0n });
const commit = (sequence: number, entryCount = 1) =>
  logMarker.encode({ kind: commitMark, sequence: BigInt(sequence), entryCount, checksum: 0n });
const completion = (sequence: number) =>
  logMarker.encode({ kind: completionMark, sequence: BigInt(sequence), entryCount: 0, checksum: 0n });
const written = (image: VolumeImage, records: readonly Uint8Array[]) => image.bytes.set(concatBytes(records), first);
const counted = (image: VolumeImage, sequence: number, tail: number) =>
  image.log((header) => {
    header.sequenceEnd = BigInt(sequence);
    header.tailOffset = BigInt(first + tail);
  });

describeVolumeRules(
  "the logs of a volume",
  ["wal", "mwal"],
  [
    { rule: "wal.not-clean", change: (image) => image.log((header) => (header.isClean = false)) },
    { rule: "wal.header", change: (image) => image.log((header) => (header.version = 2)) },
    { rule: "wal.header", change: (image) => image.log((header) => (header.checkpointInterval = 7)) },
    { rule: "wal.header", change: (image) => image.log((header) => (header.tailOffset = 4096n)) },
    {
      rule: "wal.header-missing",
      also: { "region.first-block-never-written": "the header is the region's first block" },
      change: (image) => image.block(soundPlaces.log).fill(0),
    },
    {
      rule: "wal.header-damaged",
      also: { "trailer.mismatch": "the header is a sealed block" },
      change: (image) => image.block(soundPlaces.log).set([1], 2000),
    },
    {
      rule: "wal.general-log",
      also: { "trailer.mismatch": "a general log has no trailer" },
      change: (image) => {
        image.block(soundPlaces.log).fill(0);
        image.block(soundPlaces.log).set(generalLogHeader.encode(freshHeader));
      },
    },
    {
      rule: "mwal.missing",
      also: { "layout.differs": "the creator makes a log" },
      change: (image) =>
        image.slots((slots) => {
          const slot = slots[soundSlots.log];
          if (slot) Object.assign(slot, { regionTypeId: 0, flags: 0, startBlock: 0n, blockCount: 0n });
        }),
    },
    { rule: "mwal.pending-committed", change: (image) => written(image, [entry(image), commit(1)]) },
    { rule: "mwal.uncommitted", change: (image) => written(image, [entry(image)]) },
    { rule: "mwal.overrun", change: (image) => written(image, [entry(image), commit(1, 5)]) },
    { rule: "mwal.header-behind", change: (image) => written(image, [entry(image), commit(1), completion(1)]) },
    {
      rule: "mwal.commit-without-completion",
      change: (image) => {
        written(image, [entry(image), commit(1), entry(image), commit(2), completion(2)]);
        counted(image, 2, 2 * entryBytes + 3 * markerBytes);
      },
    },
    {
      rule: "mwal.sequence-behind",
      change: (image) => {
        written(image, [entry(image), commit(4), completion(4)]);
        image.bytes.set(completion(9), first + 100_000);
        counted(image, 4, entryBytes + 2 * markerBytes);
      },
    },
  ],
);

const freshHeader: GeneralLogHeader = {
  magic: generalLogMagic,
  headBlock: 1n,
  tailBlock: 1n,
  nextSequenceNumber: 1n,
  lastCheckpointSequence: 0n,
  nextTransactionId: 1n,
  checksum: 0n,
};
const ring = 8;
const none = new Uint8Array(0);
/** An entry in a block of the ring; `images` is how long each of its images is. */
const placed = (log: Uint8Array, block: number, sequence: number, transaction: number, type: number, images = 0, at = 0) => {
  const image = images > 0 ? new Uint8Array(images).fill(0x61) : none;
  const bytes = generalLogEntry.encode({
    sequenceNumber: BigInt(sequence),
    transactionId: BigInt(transaction),
    type,
    targetBlockNumber: images > 0 ? 3n : -1n,
    dataLength: 2 * images,
    beforeLength: images,
    afterLength: images,
    checksum: 0n,
    beforeImage: image,
    afterImage: image,
  });
  log.set(bytes, block * blockBytes + at);
};
interface GeneralCase {
  rule: string;
  header?: Partial<GeneralLogHeader>;
  change?: (log: Uint8Array) => void;
}
/** A committed transaction of one small change in blocks 1 to 3, then changed. */
const generalFindings = async ({ header = {}, change }: Omit<GeneralCase, "rule">): Promise<string[]> => {
  const log = new Uint8Array(ring * blockBytes);
  placed(log, 1, 1, 1, 1);
  placed(log, 2, 2, 1, 2, 100);
  placed(log, 3, 3, 1, 6);
  log.set(generalLogHeader.encode({ ...freshHeader, headBlock: 4n, nextSequenceNumber: 4n, nextTransactionId: 2n, ...header }));
  change?.(log);
  const read = await readGeneralLog(new MemoryDevice(log), { startBlock: 0n, blockCount: BigInt(ring), blockBytes });
  return judgeGeneralLog(read).map((finding) => finding.rule);
};
const generalCases: readonly GeneralCase[] = [
  { rule: "walh.header-damaged", change: (log) => viewOf(log).setUint8(44, 9) },
  { rule: "walh.header-damaged", change: (log) => viewOf(log).setUint8(0, 9) },
  { rule: "walh.position", header: { headBlock: 7n } },
  { rule: "walh.counter", header: { lastCheckpointSequence: 9n } },
  { rule: "walh.counter", header: { nextTransactionId: 1n } },
  { rule: "walh.entry-unreadable", header: { headBlock: 6n }, change: (log) => viewOf(log).setUint8(4 * blockBytes, 1) },
  { rule: "walh.sequence", header: { nextSequenceNumber: 9n }, change: (log) => placed(log, 3, 7, 1, 6) },
  { rule: "walh.uncounted-entries", change: (log) => placed(log, 5, 4, 2, 1) },
  { rule: "walh.head-meets-tail", header: { headBlock: 1n } },
  { rule: "walh.end-without-begin", header: { tailBlock: 3n } },
  {
    rule: "walh.replay-loses",
    header: { headBlock: 6n, nextSequenceNumber: 4n },
    change: (log) => {
      placed(log, 2, 2, 1, 2, blockBytes);
      placed(log, 5, 3, 1, 6);
    },
  },
  { rule: "walh.stale-entry", change: (log) => placed(log, 1, 99, 9, 6, 0, 45) },
  {
    rule: "walh.open-transaction",
    header: { headBlock: 5n, nextSequenceNumber: 5n, nextTransactionId: 3n },
    change: (log) => placed(log, 4, 4, 2, 1),
  },
];

describeRules("a general log", {
  subjects: ["walh"],
  sound: () => generalFindings({}),
  cases: generalCases.map((each) => ({ rule: each.rule, found: () => generalFindings(each) })),
});
