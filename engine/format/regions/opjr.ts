import { concatBytes, equalBytes, isAllZero, toHex, viewOf } from "../../base/bytes.ts";
import {
  bytes,
  constant,
  type Decoded,
  enumeration,
  flags,
  type Kind,
  reserved,
  struct,
  u8,
  u16,
  u32,
  u64,
} from "../../base/struct/index.ts";
import { ticksText } from "../../base/ticks.ts";
import { judgeTrailer, trailerBytes } from "../core/index.ts";
import { cutStream, type RecordStream, recordPlaceInStream, streamBlock, streamOf } from "./payload-stream.ts";
import {
  anyStruct,
  type BlockRule,
  blockOrZeros,
  isCalendarTicks,
  judgeBlocks,
  type RegionBlocks,
  type RegionCodec,
  type RegionPlace,
  type RegionProblem,
  type RegionReading,
  without,
} from "./region.ts";
import { isUnused, type UnusedRegion, unusedState, writeUnused } from "./unused-region.ts";

const headerBytes = 64;
const entryBytes = 128;
const magicBytes = Uint8Array.of(0x4f, 0x50, 0x4a, 0x52, 0x4e, 0x4c, 0, 0);
const progressOfAll = 1_000_000;

export const operationTypes = {
  1: "Resize",
  2: "RaidMigrate",
  3: "Encrypt",
  4: "Decrypt",
  5: "Rekey",
  6: "Defrag",
  7: "TierMigrate",
  8: "Compress",
  9: "Scrub",
  10: "Rebalance",
} as const;
export const operationStates = { 0: "Queued", 1: "InProgress", 2: "Paused", 3: "Completed", 4: "Failed", 5: "Cancelled" } as const;
const [resize, completed] = [1, 3];
/** States from 3 on are final. Other regions reference 16. */
const isActive = ({ state }: { state: number }): boolean => state < completed;

/**
 * The time that `LastCheckpointUtc` stands for: ticks · 100, kept modulo 2^64; 0n is never, undefined a value that the SDK cannot have
 * written. Source: other regions reference 16.
 */
export function checkpointTicks(stored: bigint): bigint | undefined {
  if (stored === 0n) return 0n;
  const whole = stored + 3n * 2n ** 64n;
  return whole % 100n === 0n ? whole / 100n : undefined;
}

const uticks = (doc: string): Kind<bigint> => u64({ as: "time", doc, show: (value) => ticksText(value) ?? `${value}` });

const journalHeader = struct("OperationJournalHeader", {
  magic: constant(magicBytes, { doc: "OPJRNL, read big-endian" }),
  activeOperations: u32({ doc: "Operations that are not at an end" }),
  totalOperations: u32({ doc: "Operations in the journal; none is ever removed" }),
  oldestActiveId: u64({ doc: "Lowest id that is not at an end; 0 is none" }),
  newestId: u64({ doc: "Highest id; the next operation gets the one behind it" }),
  lastCheckpointUtc: u64({
    as: "time",
    doc: "Ticks · 100, modulo 2^64",
    show: (value) => {
      const at = checkpointTicks(value);
      return at === undefined ? `${value}, no time that the SDK writes` : (ticksText(at) ?? `${value}`);
    },
  }),
  reserved: reserved(24),
});
const operationEntry = struct("Operation", {
  operationId: u64({ as: "id" }),
  type: enumeration(u8(), operationTypes),
  state: enumeration(u8(), operationStates),
  flags: flags(u16(), { 0: "Pausable", 1: "Cancellable" }),
  progressPercent: u32({ doc: "Millionths of the whole", show: (value) => `${value} · ${value / 10_000} %` }),
  startUtcTicks: uticks("When the operation was created"),
  lastUpdateUtcTicks: uticks("When it was last changed"),
  estimatedEndTicks: uticks("0 is unknown"),
  sourceRegionStart: u64({ as: "pointer", unit: "block" }),
  targetRegionStart: u64({ as: "pointer", unit: "block", doc: "0 where the operation has none" }),
  totalUnits: u64(),
  completedUnits: u64(),
  checkpointData: u64({ doc: "Where the operation goes on after a crash, by its type" }),
  operationPayload: bytes(32, { doc: "By the operation's type" }),
  reserved: reserved(16),
});

const operationStream: RecordStream = {
  name: "OperationJournal",
  list: "operations",
  header: anyStruct(journalHeader),
  headerBytes,
  record: anyStruct(operationEntry),
  recordBytes: entryBytes,
};

type StoredOperation = Decoded<typeof operationEntry>;
export type Operation = Omit<StoredOperation, "reserved">;

export interface OpjrContent {
  activeOperations: number;
  totalOperations: number;
  oldestActiveId: bigint;
  newestId: bigint;
  lastCheckpointUtc: bigint;
  /** The operations that are there, whatever `totalOperations` says. */
  operations: Operation[];
}

export type OpjrRule =
  | BlockRule<"opjr">
  | `opjr.${
      | "not-recognised"
      | "total-differs"
      | "active-differs"
      | "oldest-differs"
      | "newest-differs"
      | "checkpoint-time"
      | "id-order"
      | "type-unknown"
      | "state-unknown"
      | "flags-unknown"
      | "progress-range"
      | "progress-differs"
      | "units-exceeded"
      | "times-order"
      | "time-range"
      | "resize-unfinished"
      | "resize-concurrent"
      | "reserved-not-zero"}`;

/** Blocks that so many operations fill. Other regions reference 16: exact. */
const blocksOfOperations = (count: number, blockBytes: number): number =>
  Math.ceil((headerBytes + entryBytes * count) / (blockBytes - trailerBytes));

/** The online operations journal: a stream of a header and operations, cut into sealed blocks. Other regions reference 16, operations reference 14.1. */
export const opjrCodec: RegionCodec<OpjrContent | UnusedRegion> = {
  tag: "OPJR",
  read(blocks): RegionReading<OpjrContent | UnusedRegion> {
    const unused = unusedState(blocks, ["DATA", "OPJR"]);
    if (unused) return { content: unused, ...(unused.state === "formatted" && { sdkReads: magicMismatch(0n) }), problems: [] };
    const first = blockOrZeros(blocks, 0);
    if (blocks.blockBytes < headerBytes + trailerBytes || !holdsMagic(first))
      return { sdkReads: sdkFailure(blocks, 1), problems: unrecognised(first) };
    const { stored, used, cut } = readStream(blocks);
    const { magic, reserved: spare, ...header } = journalHeader.parse(first);
    const content: OpjrContent = { ...header, operations: stored.map((operation) => without(operation, "reserved")) };
    const sealing = { generation: { of: (index: number) => index + 1, because: "one more than the block's index" } };
    return {
      content,
      sdkReads: sdkFailure(blocks, Math.min(used, blocks.blockCount)) ?? sdkView(blocks, content, used),
      problems: [
        ...judgeBlocks(blocks, "opjr", used, sealing),
        ...judgeHeader(content, spare !== undefined, cut),
        ...stored.flatMap((operation, index) => judgeOperation(operation, index, blocks.blockBytes)),
        ...judgeResizes(content.operations, blocks.blockBytes),
      ],
      places: { operations: (index) => (index in stored ? operationPlace(index, blocks.blockBytes) : undefined) },
    };
  },
  structureOf: (index, block) => streamBlock(operationStream, index, block, true),
  write(content, blockBytes) {
    if (isUnused(content)) return writeUnused(content, "DATA", blockBytes);
    const { operations, ...header } = content;
    const stream = new Uint8Array(headerBytes + entryBytes * operations.length);
    stream.set(journalHeader.encode({ magic: magicBytes, ...header }));
    for (const [index, operation] of operations.entries()) stream.set(operationEntry.encode(operation), headerBytes + index * entryBytes);
    return cutStream(stream, blockBytes, { tag: "OPJR", generationOf: (index) => index + 1 });
  },
};

const holdsMagic = (first: Uint8Array): boolean => equalBytes(first.subarray(0, magicBytes.length), magicBytes);

const operationPlace = (index: number, blockBytes: number): RegionPlace =>
  recordPlaceInStream(operationStream, blockBytes - trailerBytes, index);

interface JournalStream {
  stored: StoredOperation[];
  /** Blocks that the operations fill, or would where the stream is cut off. */
  used: number;
  /** Whether the stream ends inside an operation, or where one more is counted. */
  cut: boolean;
}

/** The operations up to the first that is all zero, in block 0 and the blocks behind it that verify. */
function readStream(blocks: RegionBlocks): JournalStream {
  const payload = blocks.blockBytes - trailerBytes;
  const stored: StoredOperation[] = [];
  let kept = blockOrZeros(blocks, 0).subarray(headerBytes, payload);
  for (let index = 1; ; index++) {
    let at = 0;
    for (; at + entryBytes <= kept.length; at += entryBytes) {
      const bytesOfOne = kept.subarray(at, at + entryBytes);
      if (isAllZero(bytesOfOne)) return { stored, used: blocksOfOperations(stored.length, blocks.blockBytes), cut: false };
      stored.push(operationEntry.parse(bytesOfOne));
    }
    const rest = kept.subarray(at);
    const next = blocks.block(index);
    if (!next || !judgeTrailer(next).verified) {
      const cut = !isAllZero(rest);
      return { stored, used: blocksOfOperations(stored.length + (cut ? 1 : 0), blocks.blockBytes), cut };
    }
    kept = concatBytes([rest, next.subarray(0, payload)]);
  }
}

const magicMismatch = (found: bigint): string =>
  `InvalidDataException: OPJR magic mismatch: expected 0x4F504A524E4C0000, got 0x${found.toString(16).toUpperCase().padStart(16, "0")}.`;

/** The exception of the SDK's reader when it is given the first `count` blocks; undefined where it reads them. */
function sdkFailure(blocks: RegionBlocks, count: number): string | undefined {
  for (let index = 0; index < count; index++)
    if (!judgeTrailer(blockOrZeros(blocks, index)).verified)
      return `InvalidDataException: OPJR block ${index}: checksum verification failed.`;
  const magic = viewOf(blockOrZeros(blocks, 0)).getBigUint64(0);
  return holdsMagic(blockOrZeros(blocks, 0)) ? undefined : magicMismatch(magic);
}

/** What the SDK reads where that is not what is there: as many operations as are counted, zeros among them, as far as blocks reach. */
function sdkView(blocks: RegionBlocks, content: OpjrContent, used: number): { [key: string]: unknown } | undefined {
  const given = Math.min(used, blocks.blockCount);
  const fit = Math.floor((given * (blocks.blockBytes - trailerBytes) - headerBytes) / entryBytes);
  const count = content.totalOperations >= 2 ** 31 ? 0 : Math.min(content.totalOperations, fit);
  if (count === content.operations.length) return undefined;
  const stream = streamOf(blocks, given, true);
  const operations = Array.from({ length: count }, (_, index) =>
    without(operationEntry.parse(stream.subarray(headerBytes + index * entryBytes, headerBytes + (index + 1) * entryBytes)), "reserved"),
  );
  return { ...content, operations };
}

function unrecognised(first: Uint8Array): RegionProblem<OpjrRule>[] {
  if (isAllZero(first)) return [];
  const place = { block: 0, start: 0, byteLength: magicBytes.length };
  const found = toHex(first.subarray(0, magicBytes.length));
  return [{ rule: "opjr.not-recognised", subject: "block 0 of the region", found, expected: `${toHex(magicBytes)}, the magic`, ...place }];
}

/** The lowest of some ids, 0 where there are none. */
const lowest = (ids: readonly bigint[]): bigint => ids.reduce((least, id) => (least === 0n || id < least ? id : least), 0n);
const highest = (ids: readonly bigint[]): bigint => ids.reduce((most, id) => (id > most ? id : most), 0n);

/** The journal with the counters that its operations give. Operations reference 14.3. */
export function recountOperations(content: OpjrContent): OpjrContent {
  const { operations } = content;
  const active = operations.filter(isActive);
  return {
    ...content,
    totalOperations: operations.length,
    activeOperations: active.length,
    oldestActiveId: lowest(active.map(({ operationId }) => operationId)),
    newestId: highest(operations.map(({ operationId }) => operationId)),
  };
}

function judgeHeader(content: OpjrContent, spareInUse: boolean, cut: boolean): RegionProblem<OpjrRule>[] {
  const counted = recountOperations(content);
  const problems: RegionProblem<OpjrRule>[] = [];
  const say = (rule: OpjrRule, start: number, byteLength: number, subject: string, found: string, expected: string) =>
    problems.push({ rule, subject, found, expected, block: 0, start, byteLength });
  // Where a block is lost, what it held is unknown, and with it what the counters should say.
  if (!cut) {
    const { totalOperations: total, activeOperations: active, oldestActiveId: oldest, newestId: newest } = counted;
    if (content.totalOperations !== total)
      say("opjr.total-differs", 12, 4, "TotalOperations", `${content.totalOperations}`, `${total}, which are there`);
    if (content.activeOperations !== active)
      say("opjr.active-differs", 8, 4, "ActiveOperations", `${content.activeOperations}`, `${active} that are not at an end`);
    if (content.oldestActiveId !== oldest) say("opjr.oldest-differs", 16, 8, "OldestActiveId", `${content.oldestActiveId}`, `${oldest}`);
    if (content.newestId !== newest) say("opjr.newest-differs", 24, 8, "NewestId", `${content.newestId}`, `${newest}`);
  }
  const checkpoint = checkpointTicks(content.lastCheckpointUtc);
  if (checkpoint === undefined || !isCalendarTicks(checkpoint))
    say("opjr.checkpoint-time", 32, 8, "LastCheckpointUtc", `${content.lastCheckpointUtc}`, "ticks · 100, modulo 2^64");
  if (spareInUse) say("opjr.reserved-not-zero", 40, 24, "header", "bytes 40 to 63 in use", "zero");
  return problems;
}

/** The progress that the SDK computes from units: 64 bits that wrap. Other regions reference 16. */
export function progressOfUnits(completedUnits: bigint, totalUnits: bigint): number {
  if (totalUnits === 0n) return 0;
  const millionths = BigInt.asUintN(64, completedUnits * BigInt(progressOfAll)) / totalUnits;
  return millionths > BigInt(progressOfAll) ? progressOfAll : Number(millionths);
}

function judgeOperation(operation: StoredOperation, index: number, blockBytes: number): RegionProblem<OpjrRule>[] {
  const problems: RegionProblem<OpjrRule>[] = [];
  const { operationId, type, state, progressPercent, totalUnits, completedUnits, startUtcTicks, lastUpdateUtcTicks } = operation;
  const say = (rule: OpjrRule, found: string, expected: string) =>
    problems.push({ rule, subject: `operation ${index}`, found, expected, ...operationPlace(index, blockBytes) });
  if (operationId !== BigInt(index + 1)) say("opjr.id-order", `id ${operationId}`, `id ${index + 1}`);
  if (!(type in operationTypes)) say("opjr.type-unknown", `type ${type}`, "1 to 10");
  if (!(state in operationStates)) say("opjr.state-unknown", `state ${state}`, "0 to 5");
  if ((operation.flags & ~3) !== 0) say("opjr.flags-unknown", `flags ${operation.flags}`, "bits 0 and 1 alone");
  if (progressPercent > progressOfAll) say("opjr.progress-range", `${progressPercent}`, `at most ${progressOfAll}`);
  else {
    const computed = progressOfUnits(completedUnits, totalUnits);
    if (progressPercent !== computed && !(state === completed && progressPercent === progressOfAll))
      say("opjr.progress-differs", `progress ${progressPercent}`, `${computed}, ${completedUnits} of ${totalUnits} units`);
    if (type === resize && state === completed && progressPercent !== progressOfAll)
      say("opjr.resize-unfinished", `completed at ${progressPercent}`, `${progressOfAll}`);
  }
  if (totalUnits !== 0n && completedUnits > totalUnits)
    say("opjr.units-exceeded", `${completedUnits} of ${totalUnits} units`, "no more than all");
  if (startUtcTicks > lastUpdateUtcTicks)
    say("opjr.times-order", `begun at ${startUtcTicks}, changed at ${lastUpdateUtcTicks}`, "the start before the change");
  const times = [startUtcTicks, lastUpdateUtcTicks, operation.estimatedEndTicks];
  if (!times.every(isCalendarTicks)) say("opjr.time-range", times.join(", "), "times a calendar holds");
  if (operation.reserved) say("opjr.reserved-not-zero", "bytes 112 to 127 in use", "zero");
  return problems;
}

function judgeResizes(operations: readonly Operation[], blockBytes: number): RegionProblem<OpjrRule>[] {
  const running = [...operations.entries()].filter(([, operation]) => operation.type === resize && isActive(operation));
  return running.slice(1).map(([index]) => ({
    rule: "opjr.resize-concurrent",
    subject: `operation ${index}`,
    found: "a resize that is not at an end",
    expected: `only operation ${running[0]?.[0]}, which is none either`,
    ...operationPlace(index, blockBytes),
  }));
}
