import type { ByteRange } from "./common.ts";

/** What the RAID metadata says, put together: shards and their states, how stripes lie on them, and rebuilds. */
export interface RaidView {
  slot: number;
  strategy: string;
  stripeBlocks: number;
  blockBytes: number;
  dataShards: number;
  parityShards: number;
  /** In stripe order; spares stand behind. */
  shards: ShardRow[];
  groups: StripeGroupRow[];
  /** What the array withstands in the worst case. */
  redundancy: { state: "whole" | "degraded" | "lost" | "none" | "unknown"; gone: number; survives: number };
  /** Whole stripes on the shortest shard, and the data blocks they hold; missing where they cannot be told. */
  stripes?: bigint | undefined;
  capacityBlocks?: bigint | undefined;
  disagreements: { text: string; range?: ByteRange | undefined }[];
  rebuilds: RebuildRow[];
  /** The newest time that is known while nothing moves, and whose it is. */
  newest?: { ticks: bigint; of: string } | undefined;
}

export interface ShardRow {
  slot: number;
  deviceId: string;
  status: { value: number; name: string; tone: "ok" | "running" | "error" | "warning" | "not-run" };
  isSpare: boolean;
  startBlock: bigint;
  blockCount: bigint;
  stripeIndex: number;
  range?: ByteRange | undefined;
}

export interface StripeGroupRow {
  group: number;
  /** False where no descriptor says where parity lies, and the strategy's usual rotation is drawn. */
  described: boolean;
  /** One for each shard that is not spare. */
  units: StripeUnitCell[];
}
export type StripeUnitCell =
  | { kind: "data"; unit: number; copy: number }
  | { kind: "parity"; letter: string; type?: string | undefined; range?: ByteRange | undefined }
  | { kind: "unknown" };

export interface RebuildRow {
  slot: number;
  deviceId: string;
  /** Slot of the shard with the same device. */
  shardSlot?: number | undefined;
  status: { value: number; name: string; tone: "ok" | "running" | "error" | "warning" | "not-run" };
  completedBlocks: bigint;
  totalBlocks: bigint;
  lastRebuiltBlock: bigint;
  startTicks: bigint;
  updateTicks: bigint;
  errorCount: number;
  /** False where the SDK's reader does not reach the slot. */
  sdkSees: boolean;
  /** Blocks per second from the stored times, and of the last change that was seen. */
  averageSpeed?: number | undefined;
  speedNow?: number | undefined;
  secondsLeft?: { least: number; most: number } | undefined;
  leftFrom?: "average" | "changes" | undefined;
  /** Since when it is stalled, by the stored times; while changes are seen, the clock decides. */
  stalledSeconds?: number | undefined;
  /** When its last change was seen, ms since 1970; missing until one is. */
  changedMs?: number | undefined;
  /** Speeds of the changes that were seen, oldest first. */
  speeds: { seenMs: number; blocksPerSecond: number }[];
  range?: ByteRange | undefined;
}
