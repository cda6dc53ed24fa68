import { isAllZero } from "../../base/bytes.ts";
import {
  array,
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
  type RegionCodec,
  type RegionPlace,
  type RegionPlaces,
  type RegionProblem,
  type RegionReading,
  sdkTrailerFailure,
  unreadable,
  unusedBlock,
  without,
} from "./region.ts";

const shardSlots = 64;
const shardsStart = 16;
const shardBytes = 40;
const mostParity = 256;
const parityBytes = 12;
const rebuildSlots = 4;
const rebuildsStart = 3072;
const rebuildBytes = 64;

export const raidStrategies = {
  0: "None",
  1: "Raid0",
  2: "Raid1",
  3: "Raid5",
  4: "Raid6",
  5: "Raid10",
  6: "RaidZ1",
  7: "RaidZ2",
  8: "RaidZ3",
} as const;
export const shardStatuses = { 0: "Online", 1: "Degraded", 2: "Offline", 3: "Rebuilding", 4: "Spare" } as const;
const [offline, rebuilding, spare] = [2, 3, 4];
const parityTypes = { 0: "Xor", 1: "ReedSolomon", 2: "Diagonal" };
const rebuildStatuses = { 0: "NotStarted", 1: "InProgress", 2: "Paused", 3: "Completed", 4: "Failed" };
const [inProgress, completed] = [1, 3];
/** Parity shards that a strategy has; undefined where any number is plausible. Core regions reference 2.5. */
const parityOf: readonly (number | undefined)[] = [0, 0, undefined, 1, 2, undefined, 1, 2, 3];

const shardDescriptor = struct("ShardDescriptor", {
  deviceId: guid({ doc: "All zero: the slot is not in use" }),
  startBlock: i64({ as: "pointer", unit: "block", doc: "First block on that device" }),
  blockCount: i64({ unit: "blocks" }),
  status: enumeration(u8(), shardStatuses),
  reserved: reserved(3),
  stripeIndex: i32({ doc: "Place in the stripe" }),
});
const parityDescriptor = struct("ParityDescriptor", {
  stripeGroupIndex: i32(),
  parityShardIndex: i32(),
  parityTypeValue: enumeration(u8(), parityTypes),
  reserved: reserved(3),
});
const rebuildProgress = struct("RebuildProgress", {
  deviceId: guid({ doc: "All zero: the slot is not in use" }),
  totalBlocks: i64({ unit: "blocks" }),
  completedBlocks: i64({ unit: "blocks" }),
  lastRebuiltBlock: i64({ unit: "block" }),
  startTimeUtcTicks: ticks(),
  lastUpdateUtcTicks: ticks(),
  statusValue: enumeration(u8(), rebuildStatuses),
  reserved: reserved(3),
  errorCount: i32(),
});
const shardBlock = struct("RaidMetadata", {
  strategy: enumeration(u8(), raidStrategies),
  stripeSize: i32({ unit: "blocks" }),
  dataShardCount: u8(),
  parityShardCount: u8(),
  activeShardCount: u8({ doc: "Shards with a device id, offline ones too" }),
  parityDescCount: u16({ check: (value) => value <= mostParity, expects: "at most 256" }),
  rebuildCount: u8({ check: (value) => value <= rebuildSlots, expects: "at most 4" }),
  reserved: reserved(5),
  shards: array(shardDescriptor, shardSlots),
  unused: reservedUntil(trailerBytes),
  trailer: blockTrailer,
});
const progressBlock = struct("RaidParityAndRebuilds", {
  parityLayout: array(parityDescriptor, mostParity),
  rebuilds: array(rebuildProgress, rebuildSlots),
  unused: reservedUntil(trailerBytes),
  trailer: blockTrailer,
});

export type RaidShard = { slot: number } & Omit<Decoded<typeof shardDescriptor>, "reserved">;
export type RaidParity = Omit<Decoded<typeof parityDescriptor>, "reserved">;
export type RaidRebuild = { slot: number } & Omit<Decoded<typeof rebuildProgress>, "reserved">;

export interface RaidContent {
  generation: number;
  strategy: number;
  stripeSize: number;
  dataShardCount: number;
  parityShardCount: number;
  /** As stored, like the two counts behind it. */
  activeShardCount: number;
  parityDescCount: number;
  rebuildCount: number;
  /** Slots with a byte that is not zero. */
  shards: RaidShard[];
  parityLayout: RaidParity[];
  /** Slots with a byte that is not zero, of all four. */
  rebuilds: RaidRebuild[];
}

export type RaidRule =
  | BlockRule<"raid">
  | `raid.${
      | "strategy-unknown"
      | "shard-status-unknown"
      | "parity-type-unknown"
      | "rebuild-status-unknown"
      | "active-count-differs"
      | "rebuild-count-differs"
      | "rebuild-slot-gap"
      | "rebuild-without-device"
      | "parity-count-too-large"
      | "reserved-not-zero"
      | "unused-slot-not-zero"
      | "device-duplicate"
      | "value-negative"
      | "shard-count-differs"
      | "parity-shard-missing"
      | "parity-count-implausible"
      | "stripe-index-duplicate"
      | "stripe-group-duplicate"
      | "rebuild-progress"
      | "rebuild-times"
      | "rebuild-of-other-shard"
      | "quorum-lost"
      | "time-range"}`;

const used = (block: Uint8Array, start: number, byteLength: number): boolean => !isAllZero(block.slice(start, start + byteLength));

/** RAID descriptors: shards in block 0, parity and rebuilds in block 1. Core regions reference 2. */
export const raidCodec: RegionCodec<RaidContent> = {
  tag: "RAID",
  read(blocks): RegionReading<RaidContent> {
    const state = headState(blocks, "RAID");
    if (state !== "readable" || blocks.blockBytes < 4096) return unreadable(blocks, "raid", state, "RAID Metadata block 0");
    const [first, second] = [blockOrZeros(blocks, 0), blockOrZeros(blocks, 1)];
    const { shards: shardsStored, reserved: _, unused, trailer, ...header } = shardBlock.parse(first);
    const behind = progressBlock.parse(second);
    const shards = shardsStored
      .map((shard, slot) => ({ slot, ...without(shard, "reserved") }))
      .filter(({ slot }) => used(first, shardsStart + slot * shardBytes, shardBytes));
    const parityLayout = behind.parityLayout.slice(0, header.parityDescCount).map((parity) => without(parity, "reserved"));
    const rebuilds = behind.rebuilds
      .map((rebuild, slot) => ({ slot, ...without(rebuild, "reserved") }))
      .filter(({ slot }) => used(second, rebuildsStart + slot * rebuildBytes, rebuildBytes));
    const content: RaidContent = { generation: judgeTrailer(first).generationNumber, ...header, shards, parityLayout, rebuilds };
    const problems = [
      ...judgeBlocks(blocks, "raid", 2),
      ...judgeSpace(first, second, content),
      ...judgeShards(content),
      ...judgeParity(content),
      ...judgeRebuilds(content),
    ];
    return {
      content,
      sdkReads: sdkTrailerFailure(blocks, 2, (index) => `RAID Metadata block ${index}`) ?? sdkView(content),
      problems,
      places: placesOf(content),
    };
  },
  structureOf: (index) => (index === 0 ? anyStruct(shardBlock) : index === 1 ? anyStruct(progressBlock) : unusedBlock),
  write({ generation, shards, parityLayout, rebuilds, ...header }, blockBytes) {
    if (parityLayout.length > mostParity) throw new RangeError("at most 256 parity descriptors fit");
    const trailer = { blockTypeTag: 0, generationNumber: 0, xxHash64Checksum: 0n };
    const first = shardBlock.encode(
      {
        ...header,
        shards: Array.from({ length: shardSlots }, (_, slot) => shards.find((each) => each.slot === slot) ?? emptyShard),
        trailer,
      },
      { byteLength: blockBytes },
    );
    const second = progressBlock.encode(
      {
        parityLayout: Array.from({ length: mostParity }, (_, index) => parityLayout[index] ?? emptyParity),
        rebuilds: Array.from({ length: rebuildSlots }, (_, slot) => rebuilds.find((each) => each.slot === slot) ?? emptyRebuild),
        trailer,
      },
      { byteLength: blockBytes },
    );
    return [first, second].map((block) => sealBlock(block, "RAID", generation));
  },
};

const elementPlace = (block: number, start: number, index: number | undefined, byteLength: number): RegionPlace | undefined =>
  index === undefined ? undefined : { block, start: start + index * byteLength, byteLength };

const placesOf = ({ shards, parityLayout, rebuilds }: RaidContent): RegionPlaces => ({
  shards: (index) => elementPlace(0, shardsStart, shards[index]?.slot, shardBytes),
  parityLayout: (index) => elementPlace(1, 0, index in parityLayout ? index : undefined, parityBytes),
  rebuilds: (index) => elementPlace(1, rebuildsStart, rebuilds[index]?.slot, rebuildBytes),
});

const emptyId = "00000000-0000-0000-0000-000000000000";
const emptyShard = { deviceId: emptyId, startBlock: 0n, blockCount: 0n, status: 0, stripeIndex: 0 };
const emptyParity = { stripeGroupIndex: 0, parityShardIndex: 0, parityTypeValue: 0 };
const emptyRebuild = {
  deviceId: emptyId,
  totalBlocks: 0n,
  completedBlocks: 0n,
  lastRebuiltBlock: 0n,
  startTimeUtcTicks: 0n,
  lastUpdateUtcTicks: 0n,
  statusValue: 0,
  errorCount: 0,
};

/** The SDK takes the first RebuildCount rebuild slots, wherever rebuilds are. Core regions reference 2.4. */
function sdkView(content: RaidContent): RegionReading<RaidContent>["sdkReads"] {
  const rebuilds = content.rebuilds.filter(({ slot }) => slot < content.rebuildCount);
  if (rebuilds.length === content.rebuilds.length) return undefined;
  return { ...without(content, "activeShardCount", "parityDescCount", "rebuildCount"), rebuilds };
}

type Add = (rule: RaidRule, subject: string, found: string, expected: string, block: number, start: number, byteLength: number) => void;

function collect(fill: (add: Add) => void): RegionProblem<RaidRule>[] {
  const problems: RegionProblem<RaidRule>[] = [];
  fill((rule, subject, found, expected, block, start, byteLength) =>
    problems.push({ rule, subject, found, expected, block, start, byteLength }),
  );
  return problems;
}

function judgeSpace(first: Uint8Array, second: Uint8Array, content: RaidContent): RegionProblem<RaidRule>[] {
  const payload = first.length - trailerBytes;
  const space: [block: number, start: number, end: number][] = [
    [0, 11, shardsStart],
    [0, shardsStart + shardSlots * shardBytes, payload],
    [1, Math.min(content.parityDescCount, mostParity) * parityBytes, rebuildsStart],
    [1, rebuildsStart + rebuildSlots * rebuildBytes, payload],
    ...content.shards.map(({ slot }): [number, number, number] => [
      0,
      shardsStart + slot * shardBytes + 33,
      shardsStart + slot * shardBytes + 36,
    ]),
    ...content.parityLayout.map((_, index): [number, number, number] => [1, index * parityBytes + 9, (index + 1) * parityBytes]),
    ...content.rebuilds.map(({ slot }): [number, number, number] => [
      1,
      rebuildsStart + slot * rebuildBytes + 57,
      rebuildsStart + slot * rebuildBytes + 60,
    ]),
  ];
  return collect((add) => {
    for (const [block, start, end] of space)
      if (end > start && !isAllZero((block === 0 ? first : second).slice(start, end)))
        add(
          "raid.reserved-not-zero",
          `bytes ${start} to ${end - 1} of block ${block}`,
          "bytes that are not zero",
          "zeros",
          block,
          start,
          end - start,
        );
  });
}

function judgeShards(content: RaidContent): RegionProblem<RaidRule>[] {
  const { shards, strategy } = content;
  return collect((add) => {
    if (strategy > 8) add("raid.strategy-unknown", "Strategy", `${strategy}`, "0 to 8", 0, 0, 1);
    const active = shards.filter(({ deviceId }) => !isEmptyGuid(deviceId));
    if (content.activeShardCount !== active.length)
      add(
        "raid.active-count-differs",
        "ActiveShardCount",
        `${content.activeShardCount}`,
        `${active.length} shards have a device id`,
        0,
        7,
        1,
      );
    for (const shard of shards) {
      const say = (rule: RaidRule, found: string, expected: string) =>
        add(rule, `shard slot ${shard.slot}`, found, expected, 0, shardsStart + shard.slot * shardBytes, shardBytes);
      if (shard.status > 4) say("raid.shard-status-unknown", `status ${shard.status}`, "0 to 4");
      if (isEmptyGuid(shard.deviceId)) say("raid.unused-slot-not-zero", "bytes in a slot without a device id", "zeros");
      if (shard.startBlock < 0n || shard.blockCount < 0n)
        say("raid.value-negative", `${shard.blockCount} blocks from ${shard.startBlock}`, "not negative");
    }
    const inStripe = active.filter(({ status }) => status !== spare);
    const at = (index: number, of: readonly RaidShard[]): number => shardsStart + (of[index]?.slot ?? 0) * shardBytes;
    for (const [first, again] of duplicates(active, ({ deviceId }) => deviceId))
      add(
        "raid.device-duplicate",
        `shard slot ${active[again]?.slot}`,
        `the device of slot ${active[first]?.slot}`,
        "a device of its own",
        0,
        at(again, active),
        16,
      );
    for (const [first, again] of duplicates(inStripe, ({ stripeIndex }) => `${stripeIndex}`))
      add(
        "raid.stripe-index-duplicate",
        `shard slot ${inStripe[again]?.slot}`,
        `the place of slot ${inStripe[first]?.slot} in the stripe`,
        "a place of its own",
        0,
        at(again, inStripe) + 36,
        4,
      );
    if (content.dataShardCount + content.parityShardCount !== inStripe.length)
      add(
        "raid.shard-count-differs",
        "header",
        `${content.dataShardCount} data and ${content.parityShardCount} parity shards`,
        `${inStripe.length} shards that are not spare`,
        0,
        5,
        2,
      );
    const plausible = parityOf[strategy];
    if (plausible !== undefined && content.parityShardCount !== plausible)
      add("raid.parity-count-implausible", "ParityShardCount", `${content.parityShardCount}`, `${plausible} for this strategy`, 0, 6, 1);
    const lost = lostShards(strategy, inStripe);
    if (lost) add("raid.quorum-lost", "the array", lost, "no more shards offline than parity or mirrors can replace", 0, 0, 1);
  });
}

/** In words why stripes cannot be read; undefined where they can. */
function lostShards(strategy: number, shards: readonly RaidShard[]): string | undefined {
  const gone = shards.filter(({ status }) => status === offline);
  if (gone.length === 0) return undefined;
  const name = (raidStrategies as Record<number, string>)[strategy];
  if (name === "Raid1") return gone.length === shards.length ? `all ${gone.length} mirrors offline` : undefined;
  if (name === "Raid10") {
    const goneAt = new Set(gone.map(({ stripeIndex }) => stripeIndex));
    const pair = gone.find(({ stripeIndex }) => stripeIndex % 2 === 0 && goneAt.has(stripeIndex + 1));
    return pair ? `both mirrors ${pair.stripeIndex} and ${pair.stripeIndex + 1} offline` : undefined;
  }
  const replaceable = parityOf[strategy];
  if (replaceable === undefined || gone.length <= replaceable) return undefined;
  return `${gone.length} shards offline, ${replaceable} can be replaced`;
}

function judgeParity({ parityLayout, parityDescCount, shards }: RaidContent): RegionProblem<RaidRule>[] {
  return collect((add) => {
    if (parityDescCount > mostParity) add("raid.parity-count-too-large", "ParityDescCount", `${parityDescCount}`, "at most 256", 0, 8, 2);
    const populated = new Set(shards.filter(({ deviceId }) => !isEmptyGuid(deviceId)).map(({ slot }) => slot));
    for (const [index, parity] of parityLayout.entries()) {
      const say = (rule: RaidRule, found: string, expected: string) =>
        add(rule, `parity descriptor ${index}`, found, expected, 1, index * parityBytes, parityBytes);
      if (parity.parityTypeValue > 2) say("raid.parity-type-unknown", `type ${parity.parityTypeValue}`, "0 to 2");
      if (!populated.has(parity.parityShardIndex)) say("raid.parity-shard-missing", `shard ${parity.parityShardIndex}`, "a slot in use");
    }
    for (const [first, again] of duplicates(
      parityLayout,
      ({ stripeGroupIndex, parityShardIndex }) => `${stripeGroupIndex}:${parityShardIndex}`,
    ))
      add(
        "raid.stripe-group-duplicate",
        `parity descriptor ${again}`,
        `the group and shard of descriptor ${first}`,
        "one descriptor for each",
        1,
        again * parityBytes,
        parityBytes,
      );
  });
}

function judgeRebuilds({ rebuilds, rebuildCount, shards }: RaidContent): RegionProblem<RaidRule>[] {
  return collect((add) => {
    const named = rebuilds.filter(({ deviceId }) => !isEmptyGuid(deviceId));
    if (rebuildCount !== named.length)
      add("raid.rebuild-count-differs", "RebuildCount", `${rebuildCount}`, `${named.length} rebuilds have a device id`, 0, 10, 1);
    const hidden = rebuilds.filter(({ slot }) => slot >= rebuildCount);
    if (hidden.length > 0)
      add(
        "raid.rebuild-slot-gap",
        "rebuild slots",
        `slots ${hidden.map(({ slot }) => slot).join(", ")} in use, ${rebuildCount} counted`,
        "slots filled from 0, so that the SDK's reader reaches them",
        1,
        rebuildsStart,
        rebuildSlots * rebuildBytes,
      );
    const devices = new Map(shards.map(({ deviceId, status }) => [deviceId, status]));
    for (const rebuild of rebuilds) {
      const say = (rule: RaidRule, found: string, expected: string) =>
        add(rule, `rebuild slot ${rebuild.slot}`, found, expected, 1, rebuildsStart + rebuild.slot * rebuildBytes, rebuildBytes);
      const { totalBlocks, completedBlocks, statusValue, startTimeUtcTicks, lastUpdateUtcTicks } = rebuild;
      if (statusValue > 4) say("raid.rebuild-status-unknown", `status ${statusValue}`, "0 to 4");
      if (isEmptyGuid(rebuild.deviceId)) say("raid.rebuild-without-device", "a rebuild without a device id", "the device being rebuilt");
      else if (statusValue === inProgress && devices.get(rebuild.deviceId) !== rebuilding)
        say("raid.rebuild-of-other-shard", `device ${rebuild.deviceId}`, "a shard whose status is Rebuilding");
      if (completedBlocks < 0n || completedBlocks > totalBlocks || (statusValue === completed && completedBlocks !== totalBlocks))
        say(
          "raid.rebuild-progress",
          `${completedBlocks} of ${totalBlocks} blocks`,
          statusValue === completed ? "all of them" : "0 to all of them",
        );
      if (startTimeUtcTicks > lastUpdateUtcTicks)
        say("raid.rebuild-times", `begun at ${startTimeUtcTicks}, updated at ${lastUpdateUtcTicks}`, "the start before the update");
      if (!isCalendarTicks(startTimeUtcTicks) || !isCalendarTicks(lastUpdateUtcTicks))
        say("raid.time-range", `${startTimeUtcTicks}, ${lastUpdateUtcTicks}`, "times a calendar holds");
    }
  });
}
