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
import { blockTrailer, trailerBytes } from "../core/index.ts";
import type { BlockRule } from "./region.ts";

export const shardSlots = 64;
export const shardsStart = 16;
export const shardBytes = 40;
export const mostParity = 256;
export const parityBytes = 12;
export const rebuildSlots = 4;
export const rebuildsStart = 3072;
export const rebuildBytes = 64;

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
export const parityTypes = { 0: "Xor", 1: "ReedSolomon", 2: "Diagonal" };
export const rebuildStatuses = { 0: "NotStarted", 1: "InProgress", 2: "Paused", 3: "Completed", 4: "Failed" };

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
export const shardBlock = struct("RaidMetadata", {
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
export const progressBlock = struct("RaidParityAndRebuilds", {
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
