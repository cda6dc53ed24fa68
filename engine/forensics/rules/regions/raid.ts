import type { RaidRule } from "../../../format/regions/raid.ts";
import { defineRegionRules } from "./region-rule.ts";

/** Rules on the RAID metadata. */
export const raidRules = defineRegionRules<RaidRule>(
  { name: "the RAID metadata", reference: "core", section: "2.5", blockTag: "RAID" },
  {
    "raid.strategy-unknown": {
      severity: "error",
      states: "Strategy is 0 to 8.",
      title: "The strategy is unknown",
    },
    "raid.shard-status-unknown": {
      severity: "error",
      states: "A shard's status is 0 to 4.",
      title: "A shard's status is unknown",
    },
    "raid.parity-type-unknown": {
      severity: "error",
      states: "A parity type is 0 to 2.",
      title: "A parity type is unknown",
    },
    "raid.rebuild-status-unknown": {
      severity: "error",
      states: "A rebuild's status is 0 to 4.",
      title: "A rebuild's status is unknown",
    },
    "raid.active-count-differs": {
      severity: "warning",
      states: "ActiveShardCount is the number of shards with a device id.",
      title: "The count of shards is wrong",
      remark: "The SDK's reader counts again.",
      repair: { id: "region.recount", risk: "safe" },
    },
    "raid.rebuild-count-differs": {
      severity: "warning",
      states: "RebuildCount is the number of rebuilds with a device id.",
      title: "The count of rebuilds is wrong",
      remark: "The SDK's reader takes so many slots from the first.",
      repair: { id: "region.recount", risk: "safe" },
    },
    "raid.rebuild-slot-gap": {
      severity: "error",
      states: "Rebuild slots are filled from 0.",
      title: "The SDK's reader misses a rebuild",
      remark: "It reads the first RebuildCount slots, wherever the rebuilds are.",
    },
    "raid.rebuild-without-device": {
      severity: "warning",
      states: "Each rebuild names its device.",
      title: "A rebuild names no device",
    },
    "raid.parity-count-too-large": {
      severity: "error",
      states: "ParityDescCount is at most 256.",
      title: "More parity descriptors are counted than fit",
      remark: "The SDK's reader stops at 256.",
    },
    "raid.reserved-not-zero": {
      severity: "warning",
      states: "Reserved and unused bytes of the RAID metadata are zero.",
      title: "Reserved bytes are in use",
      remark: "They are lost when the SDK rewrites the region.",
    },
    "raid.unused-slot-not-zero": {
      severity: "warning",
      states: "A shard slot without a device id is zero.",
      title: "A shard slot without device is not zero",
    },
    "raid.device-duplicate": {
      severity: "error",
      states: "Device ids of shards are unique.",
      title: "Two shards are one device",
    },
    "raid.value-negative": {
      severity: "error",
      states: "Blocks of shards are not negative.",
      title: "A shard's blocks are negative",
    },
    "raid.shard-count-differs": {
      severity: "warning",
      states: "Data and parity shards together are the shards that are not spare.",
      title: "The counts of data and parity shards do not match the slots",
      remark: "The counts are stored in one byte each.",
    },
    "raid.parity-shard-missing": {
      severity: "warning",
      states: "A parity descriptor names a shard slot in use.",
      title: "A parity descriptor names no shard",
    },
    "raid.parity-count-implausible": {
      severity: "warning",
      states: "The number of parity shards is the strategy's.",
      title: "The number of parity shards does not suit the strategy",
    },
    "raid.stripe-index-duplicate": {
      severity: "warning",
      states: "Shards that are not spare have places of their own in the stripe.",
      title: "Two shards have one place in the stripe",
    },
    "raid.stripe-group-duplicate": {
      severity: "warning",
      states: "A stripe group has one descriptor for each parity shard.",
      title: "A parity descriptor is there twice",
    },
    "raid.rebuild-progress": {
      severity: "error",
      states: "CompletedBlocks lies between 0 and TotalBlocks, and reaches it when completed.",
      title: "A rebuild's progress is impossible",
    },
    "raid.rebuild-times": {
      severity: "warning",
      states: "A rebuild starts before it is updated.",
      title: "A rebuild was updated before it started",
    },
    "raid.rebuild-of-other-shard": {
      severity: "warning",
      states: "A running rebuild is of a shard whose status is Rebuilding.",
      title: "A rebuild runs on a shard that is not rebuilding",
    },
    "raid.quorum-lost": {
      severity: "warning",
      states: "No more shards are offline than parity or mirrors can replace.",
      title: "Too many shards are offline",
      remark: "Stripes cannot be read.",
    },
    "raid.time-range": {
      severity: "warning",
      states: "Times of rebuilds are ones that a calendar holds.",
      title: "A time is impossible",
    },
  },
);
