import { isAllZero } from "../../base/bytes.ts";
import { zeroGuid } from "../../base/guid.ts";
import {
  array,
  bytes,
  type Decoded,
  enumeration,
  guid,
  i32,
  i64,
  reserved,
  reservedUntil,
  struct,
  ticks,
  u8,
  u16,
} from "../../base/struct/index.ts";
import { blockTrailer, judgeTrailer, sealBlock, trailerBytes } from "../core/index.ts";
import {
  anyStruct,
  type BlockRule,
  blockOrZeros,
  duplicates,
  headState,
  isCalendarTicks,
  isEmptyGuid,
  judgeBlocks,
  type RegionBlocks,
  type RegionCodec,
  type RegionFacts,
  type RegionPlace,
  type RegionPlaces,
  type RegionProblem,
  type RegionReading,
  sdkTrailerFailure,
  unreadable,
  without,
} from "./region.ts";

const slotCount = 32;
const vectorsStart = 8;
const vectorBytes = 32;
const watermarksStart = 1032;
const watermarkBytes = 48;
/** Above this the SDK's rounding up to bytes overflows. Core regions reference 1.2. */
const mostTrackedBlocks = 2_147_483_640;
/** The most dirty blocks that are listed one by one; what is beyond is counted. */
const mostListedBlocks = 4_194_304;
export const syncStatuses = { 0: "Idle", 1: "Syncing", 2: "Complete", 3: "Failed" };

/** A replica's logical clock. Core regions reference 1.1. */
export const replicaVector = struct("ReplicaVector", {
  replicaId: guid({ doc: "All zero: the slot is not in use" }),
  counter: i64({ doc: "Logical clock" }),
  timestampUtcTicks: ticks({ doc: "A hint; the counter decides" }),
});

/** How far a replica got. Core regions reference 1.1. */
export const replicaWatermark = struct("ReplicaWatermark", {
  replicaId: guid(),
  lastSyncedBlock: i64({ unit: "block" }),
  lastSyncedGeneration: i64(),
  syncTimestampUtcTicks: ticks(),
  syncStatusValue: enumeration(u8(), syncStatuses),
  reserved: reserved(3),
  pendingBlockCount: i32({ unit: "blocks" }),
});

const stateBlock = struct("ReplicationState", {
  activeReplicaCount: u16({ doc: "Slots with a replica id" }),
  trackedBlockCount: i32({ unit: "blocks", check: (value) => value >= 0, expects: "not negative" }),
  reserved: reserved(2),
  vectors: array(replicaVector, slotCount),
  watermarks: array(replicaWatermark, slotCount),
  unused: reservedUntil(trailerBytes),
  trailer: blockTrailer,
});
const dirtyBlock = struct("DirtyBitmapBlock", {
  bits: bytes((_, left) => Math.max(0, left - trailerBytes), {
    as: "flags",
    doc: "One bit for each tracked block, least significant first; 1 is modified",
  }),
  trailer: blockTrailer,
});

export type ReplicaVector = { slot: number } & Decoded<typeof replicaVector>;
export type ReplicaWatermark = { slot: number } & Omit<Decoded<typeof replicaWatermark>, "reserved">;

export interface ReplContent {
  generation: number;
  /** As stored. */
  activeReplicaCount: number;
  trackedBlockCount: number;
  /** Slots with a byte that is not zero. */
  vectors: ReplicaVector[];
  watermarks: ReplicaWatermark[];
  /** Ascending, below `trackedBlockCount`. */
  dirtyBlocks: number[];
  /** Dirty blocks that the list leaves out; missing where it is whole. */
  unlistedDirtyBlocks?: number;
}

export type ReplRule =
  | BlockRule<"repl">
  | `repl.${
      | "active-count-differs"
      | "tracked-count"
      | "reserved-not-zero"
      | "padding-bits"
      | "inactive-slot-not-zero"
      | "id-duplicate"
      | "watermark-without-vector"
      | "status-unknown"
      | "value-negative"
      | "time-range"
      | "watermark-outside"}`;

const slotIsUsed = (block: Uint8Array, start: number, byteLength: number): boolean => !isAllZero(block.slice(start, start + byteLength));

/** Blocks the state takes: block 0 and the dirty bitmap, of which one block is always there. Core regions reference 1.1. */
export const replicationBlocks = (trackedBlockCount: number, blockBytes: number): number =>
  1 + Math.max(1, Math.ceil(Math.floor((Math.max(0, trackedBlockCount) + 7) / 8) / (blockBytes - trailerBytes)));

/** The replication state. Core regions reference 1. */
export const replCodec: RegionCodec<ReplContent> = {
  tag: "REPL",
  read(blocks, facts = {}): RegionReading<ReplContent> {
    const state = headState(blocks, "REPL");
    if (state !== "readable" || blocks.blockBytes < 4096) return unreadable(blocks, "repl", state, "Replication State block 0");
    const first = blockOrZeros(blocks, 0);
    const stored = stateBlock.parse(first);
    const { activeReplicaCount, trackedBlockCount } = stored;
    const required = replicationBlocks(trackedBlockCount, blocks.blockBytes);
    const used = Math.min(required, blocks.blockCount);
    const dirty = readBitmap(blocks, used, trackedBlockCount);
    const content: ReplContent = {
      generation: judgeTrailer(first).generationNumber,
      activeReplicaCount,
      trackedBlockCount,
      vectors: stored.vectors
        .map((vector, slot) => ({ slot, ...vector }))
        .filter(({ slot }) => slotIsUsed(first, vectorsStart + slot * vectorBytes, vectorBytes)),
      watermarks: stored.watermarks
        .map((watermark, slot) => ({ slot, ...without(watermark, "reserved") }))
        .filter(({ slot }) => slotIsUsed(first, watermarksStart + slot * watermarkBytes, watermarkBytes)),
      dirtyBlocks: dirty.listed,
      ...(dirty.unlisted > 0 && { unlistedDirtyBlocks: dirty.unlisted }),
    };
    const problems = [...judge(first, stored, content, facts), ...judgeBlocks(blocks, "repl", required), ...dirty.problems];
    const sdkReads = sdkVerdict(blocks, trackedBlockCount, used);
    return { content: trackedBlockCount < 0 ? undefined : content, sdkReads, problems, places: placesOf(content, blocks.blockBytes) };
  },
  structureOf: (index) => (index === 0 ? anyStruct(stateBlock) : anyStruct(dirtyBlock)),
  write({ generation, activeReplicaCount, trackedBlockCount, vectors, watermarks, dirtyBlocks }, blockBytes) {
    if (trackedBlockCount < 0 || trackedBlockCount > mostTrackedBlocks)
      throw new RangeError(`${trackedBlockCount} blocks cannot be tracked`);
    const payload = blockBytes - trailerBytes;
    const written: Uint8Array[] = Array.from(
      { length: replicationBlocks(trackedBlockCount, blockBytes) },
      () => new Uint8Array(blockBytes),
    );
    const first = stateBlock.encode(
      {
        activeReplicaCount,
        trackedBlockCount,
        vectors: Array.from({ length: slotCount }, (_, slot) => vectors.find((each) => each.slot === slot) ?? emptyVector),
        watermarks: Array.from({ length: slotCount }, (_, slot) => watermarks.find((each) => each.slot === slot) ?? emptyWatermark),
        trailer: { blockTypeTag: 0, generationNumber: 0, xxHash64Checksum: 0n },
      },
      { byteLength: blockBytes },
    );
    written[0] = first;
    for (const tracked of dirtyBlocks) {
      if (tracked < 0 || tracked >= trackedBlockCount) throw new RangeError(`block ${tracked} is not tracked`);
      const byte = tracked >>> 3;
      const block = written[1 + Math.floor(byte / payload)];
      const at = byte % payload;
      if (block) block[at] = (block[at] ?? 0) | (1 << (tracked & 7));
    }
    return written.map((block) => sealBlock(block, "REPL", generation));
  },
};

const slotPlace = (start: number, slot: number | undefined, byteLength: number): RegionPlace | undefined =>
  slot === undefined ? undefined : { block: 0, start: start + slot * byteLength, byteLength };

function placesOf({ vectors, watermarks, dirtyBlocks }: ReplContent, blockBytes: number): RegionPlaces {
  const payload = blockBytes - trailerBytes;
  return {
    vectors: (index) => slotPlace(vectorsStart, vectors[index]?.slot, vectorBytes),
    watermarks: (index) => slotPlace(watermarksStart, watermarks[index]?.slot, watermarkBytes),
    dirtyBlocks: (index) => {
      const tracked = dirtyBlocks[index];
      if (tracked === undefined) return undefined;
      const byte = tracked >>> 3;
      return { block: 1 + Math.floor(byte / payload), start: byte % payload, byteLength: 1 };
    },
  };
}

const emptyVector = { replicaId: zeroGuid, counter: 0n, timestampUtcTicks: 0n };
const emptyWatermark = {
  replicaId: zeroGuid,
  lastSyncedBlock: 0n,
  lastSyncedGeneration: 0n,
  syncTimestampUtcTicks: 0n,
  syncStatusValue: 0,
  pendingBlockCount: 0,
};

function sdkVerdict(blocks: RegionBlocks, trackedBlockCount: number, used: number): string | undefined {
  if (used < 2) return "ArgumentOutOfRangeException: Replication state requires at least 2 blocks. (Parameter 'blockCount')";
  const failure = sdkTrailerFailure(blocks, used, (index) => `Replication State block ${index}`);
  if (failure) return failure;
  if (trackedBlockCount < 0)
    return "ArgumentOutOfRangeException: Tracked block count must be non-negative. (Parameter 'trackedBlockCount')";
  return trackedBlockCount > mostTrackedBlocks ? "OverflowException: Arithmetic operation resulted in an overflow." : undefined;
}

/** Dirty bits of the bitmap blocks that are at hand; bits at and past the count, and bytes behind the bitmap, are problems. */
function readBitmap(
  blocks: RegionBlocks,
  used: number,
  trackedBlockCount: number,
): { listed: number[]; unlisted: number; problems: RegionProblem<ReplRule>[] } {
  const payload = blocks.blockBytes - trailerBytes;
  const listed: number[] = [];
  const problems: RegionProblem<ReplRule>[] = [];
  let unlisted = 0;
  for (let index = 1; index < used; index++) {
    const block = blocks.block(index);
    if (!block || isAllZero(block.subarray(0, payload))) continue;
    let beyond: number | undefined;
    for (let at = 0; at < payload; at++) {
      const byte = block[at] ?? 0;
      if (byte === 0) continue;
      const tracked = ((index - 1) * payload + at) * 8;
      for (let bit = 0; bit < 8; bit++) {
        if (!(byte & (1 << bit))) continue;
        if (tracked + bit >= trackedBlockCount) beyond ??= at;
        else if (listed.length < mostListedBlocks) listed.push(tracked + bit);
        else unlisted++;
      }
    }
    if (beyond !== undefined)
      problems.push({
        rule: "repl.padding-bits",
        subject: "dirty bitmap",
        found: `a bit at or past block ${trackedBlockCount}`,
        expected: "zeros behind the last tracked block",
        block: index,
        start: beyond,
        byteLength: 1,
      });
  }
  return { listed, unlisted, problems };
}

/** The state with the count that its vectors give. Core regions reference 1.5. */
export const recountReplicas = (content: ReplContent): ReplContent => ({
  ...content,
  activeReplicaCount: content.vectors.filter(({ replicaId }) => !isEmptyGuid(replicaId)).length,
});

function judge(
  block: Uint8Array,
  stored: Decoded<typeof stateBlock>,
  content: ReplContent,
  { totalBlocks }: RegionFacts,
): RegionProblem<ReplRule>[] {
  const problems: RegionProblem<ReplRule>[] = [];
  const add = (rule: ReplRule, subject: string, found: string, expected: string, start: number, byteLength: number): void => {
    problems.push({ rule, subject, found, expected, block: 0, start, byteLength });
  };
  const active = recountReplicas(content).activeReplicaCount;
  if (content.activeReplicaCount !== active)
    add("repl.active-count-differs", "ActiveReplicaCount", `${content.activeReplicaCount}`, `${active} slots have a replica id`, 0, 2);
  if (content.trackedBlockCount < 0 || content.trackedBlockCount > mostTrackedBlocks)
    add("repl.tracked-count", "TrackedBlockCount", `${content.trackedBlockCount}`, `0 to ${mostTrackedBlocks}`, 2, 4);
  if (stored.reserved) add("repl.reserved-not-zero", "header", "bytes 6 and 7 are in use", "zero", 6, 2);
  if (stored.unused)
    add("repl.reserved-not-zero", "block 0", "bytes behind the watermarks are in use", "zero", 2568, block.length - trailerBytes - 2568);
  for (const vector of content.vectors) {
    const start = vectorsStart + vector.slot * vectorBytes;
    const say = (rule: ReplRule, found: string, expected: string) =>
      add(rule, `vector slot ${vector.slot}`, found, expected, start, vectorBytes);
    if (isEmptyGuid(vector.replicaId)) say("repl.inactive-slot-not-zero", `counter ${vector.counter} without a replica id`, "zeros");
    if (vector.counter < 0n) say("repl.value-negative", `counter ${vector.counter}`, "not negative");
    if (!isCalendarTicks(vector.timestampUtcTicks)) say("repl.time-range", `${vector.timestampUtcTicks}`, "a time a calendar holds");
  }
  for (const [first, again] of duplicates(content.vectors, ({ replicaId }) => (isEmptyGuid(replicaId) ? undefined : replicaId))) {
    const slot = content.vectors[again]?.slot ?? 0;
    add(
      "repl.id-duplicate",
      `vector slot ${slot}`,
      `the replica of slot ${content.vectors[first]?.slot}`,
      "a replica of its own",
      vectorsStart + slot * vectorBytes,
      16,
    );
  }
  for (const watermark of content.watermarks) {
    const start = watermarksStart + watermark.slot * watermarkBytes;
    const say = (rule: ReplRule, found: string, expected: string) =>
      add(rule, `watermark slot ${watermark.slot}`, found, expected, start, watermarkBytes);
    const vector = stored.vectors[watermark.slot]?.replicaId;
    if (!isEmptyGuid(watermark.replicaId) && watermark.replicaId !== vector)
      say("repl.watermark-without-vector", `replica ${watermark.replicaId}`, `${vector}, as in the vector of the slot`);
    if (watermark.syncStatusValue > 3) say("repl.status-unknown", `status ${watermark.syncStatusValue}`, "0 to 3");
    if (watermark.lastSyncedBlock < 0n || watermark.lastSyncedGeneration < 0n || watermark.pendingBlockCount < 0)
      say(
        "repl.value-negative",
        `block ${watermark.lastSyncedBlock}, generation ${watermark.lastSyncedGeneration}, ${watermark.pendingBlockCount} pending`,
        "not negative",
      );
    if (!isCalendarTicks(watermark.syncTimestampUtcTicks))
      say("repl.time-range", `${watermark.syncTimestampUtcTicks}`, "a time a calendar holds");
    if (totalBlocks !== undefined && watermark.lastSyncedBlock >= totalBlocks)
      say("repl.watermark-outside", `block ${watermark.lastSyncedBlock}`, `a block of the volume's ${totalBlocks}`);
    if (stored.watermarks[watermark.slot]?.reserved) say("repl.reserved-not-zero", "bytes 41 to 43 of the slot are in use", "zero");
  }
  return problems;
}
