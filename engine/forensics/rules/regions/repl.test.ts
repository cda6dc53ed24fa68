import { type ReplContent, replCodec } from "../../../format/regions/repl.ts";
import { guidOf, newYear } from "../../../testing/arbitraries.ts";
import { blockRuleCases, describeRegionRules } from "../../../testing/region-rules.ts";

const replica = guidOf(1);
const sound = (): ReplContent => ({
  generation: 4,
  activeReplicaCount: 1,
  trackedBlockCount: 40_003,
  vectors: [{ slot: 3, replicaId: replica, counter: 9n, timestampUtcTicks: newYear }],
  watermarks: [
    {
      slot: 3,
      replicaId: replica,
      lastSyncedBlock: 10n,
      lastSyncedGeneration: 2n,
      syncTimestampUtcTicks: newYear,
      syncStatusValue: 2,
      pendingBlockCount: 0,
    },
  ],
  dirtyBlocks: [0, 7, 32_640, 40_002],
});
const vector = (content: ReplContent) => content.vectors[0] as ReplContent["vectors"][0];
const watermark = (content: ReplContent) => content.watermarks[0] as ReplContent["watermarks"][0];

describeRegionRules(replCodec, replCodec.write, { content: sound, facts: { totalBlocks: 1280n } }, [
  ...blockRuleCases("repl"),
  { rule: "repl.blocks-exceed-region", blockCount: 2 },
  { rule: "repl.active-count-differs", content: (content) => (content.activeReplicaCount = 2) },
  {
    rule: "repl.tracked-count",
    content: (content) => (content.dirtyBlocks = []),
    blocks: ([first]) => first?.set([0xff, 0xff, 0xff, 0xff], 2),
  },
  { rule: "repl.reserved-not-zero", blocks: ([first]) => first?.set([1], 6) },
  { rule: "repl.reserved-not-zero", blocks: ([first]) => first?.set([1], 2568) },
  { rule: "repl.reserved-not-zero", blocks: ([first]) => first?.set([1], 1032 + 3 * 48 + 41) },
  { rule: "repl.padding-bits", blocks: (blocks) => blocks[2]?.set([1], 921) },
  {
    rule: "repl.inactive-slot-not-zero",
    content: (content) => content.vectors.push({ ...vector(content), slot: 4, replicaId: guidOf(0) }),
  },
  {
    rule: "repl.id-duplicate",
    content: (content) => {
      content.vectors.push({ ...vector(content), slot: 4 });
      content.activeReplicaCount = 2;
    },
  },
  { rule: "repl.watermark-without-vector", content: (content) => (watermark(content).slot = 4) },
  { rule: "repl.status-unknown", content: (content) => (watermark(content).syncStatusValue = 4) },
  { rule: "repl.value-negative", content: (content) => (vector(content).counter = -1n) },
  { rule: "repl.value-negative", content: (content) => (watermark(content).pendingBlockCount = -1) },
  { rule: "repl.time-range", content: (content) => (vector(content).timestampUtcTicks = -1n) },
  { rule: "repl.time-range", content: (content) => (watermark(content).syncTimestampUtcTicks = 2n ** 63n - 1n) },
  { rule: "repl.watermark-outside", content: (content) => (watermark(content).lastSyncedBlock = 1280n) },
]);
