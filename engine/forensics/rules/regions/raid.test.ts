import { type RaidContent, raidCodec } from "../../../format/regions/raid.ts";
import { guidOf, newYear } from "../../../testing/arbitraries.ts";
import { blockRuleCases, describeRegionRules } from "../../../testing/region-rules.ts";

/** RAID 5 of three data shards and one for parity, a spare, and a rebuild of the shard that needs one. */
const sound = (): RaidContent => ({
  generation: 9,
  strategy: 3,
  stripeSize: 16,
  dataShardCount: 3,
  parityShardCount: 1,
  activeShardCount: 5,
  parityDescCount: 2,
  rebuildCount: 1,
  shards: [0, 1, 2, 3, 4].map((slot) => ({
    slot,
    deviceId: guidOf(slot + 1),
    startBlock: 2048n,
    blockCount: 1000n,
    status: slot === 4 ? 4 : slot === 2 ? 3 : 0,
    stripeIndex: slot === 4 ? 0 : slot,
  })),
  parityLayout: [0, 1].map((stripeGroupIndex) => ({ stripeGroupIndex, parityShardIndex: 3, parityTypeValue: 0 })),
  rebuilds: [
    {
      slot: 0,
      deviceId: guidOf(3),
      totalBlocks: 1000n,
      completedBlocks: 10n,
      lastRebuiltBlock: 9n,
      startTimeUtcTicks: newYear,
      lastUpdateUtcTicks: newYear + 1n,
      statusValue: 1,
      errorCount: 0,
    },
  ],
});
const shard = (content: RaidContent, slot: number) => content.shards[slot] as RaidContent["shards"][0];
const parity = (content: RaidContent, index: number) => content.parityLayout[index] as RaidContent["parityLayout"][0];
const rebuild = (content: RaidContent) => content.rebuilds[0] as RaidContent["rebuilds"][0];

describeRegionRules(raidCodec, raidCodec.write, { content: sound }, [
  ...blockRuleCases("raid"),
  {
    rule: "raid.blocks-exceed-region",
    blockCount: 1,
    content: (content) => {
      content.parityLayout = [];
      content.parityDescCount = 0;
      content.rebuilds = [];
      content.rebuildCount = 0;
    },
  },
  {
    rule: "raid.strategy-unknown",
    content: (content) => {
      content.strategy = 9;
    },
  },
  { rule: "raid.shard-status-unknown", content: (content) => Object.assign(shard(content, 0), { status: 5 }) },
  { rule: "raid.parity-type-unknown", content: (content) => Object.assign(parity(content, 0), { parityTypeValue: 3 }) },
  { rule: "raid.rebuild-status-unknown", content: (content) => Object.assign(rebuild(content), { statusValue: 5 }) },
  { rule: "raid.active-count-differs", content: (content) => Object.assign(content, { activeShardCount: 4 }) },
  { rule: "raid.rebuild-count-differs", content: (content) => Object.assign(content, { rebuildCount: 2 }) },
  { rule: "raid.rebuild-slot-gap", content: (content) => Object.assign(rebuild(content), { slot: 2 }) },
  {
    rule: "raid.rebuild-without-device",
    content: (content) => {
      content.rebuilds.push({ ...rebuild(content), slot: 1, deviceId: guidOf(0) });
      content.rebuildCount = 2;
    },
    also: { "raid.rebuild-count-differs": "a rebuild that names no device is not counted, and one that is not counted is in a gap" },
  },
  {
    rule: "raid.parity-count-too-large",
    content: (content) => {
      content.parityLayout = Array.from({ length: 256 }, (_, stripeGroupIndex) => ({
        stripeGroupIndex,
        parityShardIndex: 3,
        parityTypeValue: 0,
      }));
      content.parityDescCount = 257;
    },
  },
  { rule: "raid.reserved-not-zero", blocks: ([first]) => first?.set([1], 12) },
  { rule: "raid.reserved-not-zero", blocks: ([first]) => first?.set([1], 2576) },
  { rule: "raid.reserved-not-zero", blocks: ([first]) => first?.set([1], 16 + 40 + 33) },
  { rule: "raid.reserved-not-zero", blocks: ([, second]) => second?.set([1], 24) },
  { rule: "raid.reserved-not-zero", blocks: ([, second]) => second?.set([1], 9) },
  { rule: "raid.reserved-not-zero", blocks: ([, second]) => second?.set([1], 3072 + 57) },
  { rule: "raid.reserved-not-zero", blocks: ([, second]) => second?.set([1], 3328) },
  {
    rule: "raid.unused-slot-not-zero",
    content: (content) => content.shards.push({ ...shard(content, 0), slot: 9, deviceId: guidOf(0) }),
  },
  { rule: "raid.device-duplicate", content: (content) => Object.assign(shard(content, 4), { deviceId: guidOf(1) }) },
  { rule: "raid.value-negative", content: (content) => Object.assign(shard(content, 0), { startBlock: -1n }) },
  { rule: "raid.value-negative", content: (content) => Object.assign(shard(content, 0), { blockCount: -1n }) },
  { rule: "raid.shard-count-differs", content: (content) => Object.assign(content, { dataShardCount: 4 }) },
  { rule: "raid.parity-shard-missing", content: (content) => Object.assign(parity(content, 0), { parityShardIndex: 5 }) },
  { rule: "raid.parity-shard-missing", content: (content) => Object.assign(parity(content, 0), { parityShardIndex: -1 }) },
  { rule: "raid.parity-count-implausible", content: (content) => Object.assign(content, { strategy: 4 }) },
  { rule: "raid.stripe-index-duplicate", content: (content) => Object.assign(shard(content, 1), { stripeIndex: 0 }) },
  { rule: "raid.stripe-group-duplicate", content: (content) => Object.assign(parity(content, 1), { stripeGroupIndex: 0 }) },
  { rule: "raid.rebuild-progress", content: (content) => Object.assign(rebuild(content), { completedBlocks: 1001n }) },
  { rule: "raid.rebuild-progress", content: (content) => Object.assign(rebuild(content), { completedBlocks: -1n }) },
  { rule: "raid.rebuild-progress", content: (content) => Object.assign(rebuild(content), { statusValue: 3 }) },
  { rule: "raid.rebuild-times", content: (content) => Object.assign(rebuild(content), { lastUpdateUtcTicks: newYear - 1n }) },
  { rule: "raid.rebuild-of-other-shard", content: (content) => Object.assign(rebuild(content), { deviceId: guidOf(1) }) },
  { rule: "raid.time-range", content: (content) => Object.assign(rebuild(content), { lastUpdateUtcTicks: 2n ** 62n }) },
  {
    rule: "raid.quorum-lost",
    content: (content) => {
      for (const slot of [0, 1]) shard(content, slot).status = 2;
    },
  },
  {
    rule: "raid.quorum-lost",
    content: (content) => {
      Object.assign(content, { strategy: 5 });
      for (const slot of [0, 1]) shard(content, slot).status = 2;
    },
  },
  {
    rule: "raid.quorum-lost",
    content: (content) => {
      Object.assign(content, { strategy: 2, rebuilds: [], rebuildCount: 0 });
      for (const slot of [0, 1, 2, 3]) shard(content, slot).status = 2;
    },
  },
]);
