import { sealBlock } from "../../../format/core/index.ts";
import { type MlogContent, mlogCodec } from "../../../format/regions/mlog.ts";
import type { MetricEntries } from "../../../format/regions/mlog-metrics.ts";
import type { MetricSamples } from "../../../format/regions/mlog-samples.ts";
import type { UnusedRegion } from "../../../format/regions/unused-region.ts";
import { newYear } from "../../../testing/arbitraries.ts";
import { blockRuleCases, describeRegionRules, type RegionRuleCase } from "../../../testing/region-rules.ts";
import { tableRuleCases } from "../../../testing/table-rules.ts";

type Content = MlogContent | UnusedRegion;

const withSamples = (count: number): MetricSamples => ({
  ...{ codec: "A", generation: 7, sampleCount: BigInt(count), maxCapacitySamples: 1000n, compactionThreshold: 0.8 },
  samples: Array.from({ length: count }, (_, index) => ({
    ...{ metricId: 1, timestampUtcTicks: newYear + BigInt(index), value: 0.5, aggregationType: index % 7 },
  })),
});
const withEntries = (count: number): MetricEntries => ({
  ...{ codec: "B", generation: 0, entryCount: BigInt(count), oldestTimestamp: 1000n, newestTimestamp: BigInt(999 + count) },
  ...{ metricIdCount: 2, retentionSecondsMod65536: 20_864, downsampleFactor: 60 },
  entries: Array.from({ length: count }, (_, index) =>
    index % 2 === 0
      ? { timestamp: BigInt(1000 + index), metricId: 1, value: 5n }
      : { timestamp: BigInt(1000 + index), metricId: 17, value: 0.25 },
  ),
});
const samples = (change: Partial<MetricSamples>) => (content: Content) => void Object.assign(content, withSamples(300), change);
const sample = (change: Partial<MetricSamples["samples"][0]>) => (content: Content) => {
  const all = withSamples(300);
  Object.assign(all.samples[3] ?? {}, change);
  Object.assign(content, all);
};
/** The other codec's log instead of the first's. */
const entries =
  (change: Partial<MetricEntries>, count = 300) =>
  (content: Content): void => {
    for (const key of Object.keys(content)) delete (content as unknown as Record<string, unknown>)[key];
    Object.assign(content, withEntries(count), change);
  };
const ratio = (value: number) => {
  const all = withEntries(300).entries;
  Object.assign(all[1] ?? {}, { value });
  return entries({ entries: all });
};
const firstCodec: RegionRuleCase<Content>[] = [
  ...blockRuleCases("mlog"),
  ...tableRuleCases("mlog", "MTRK", 7),
  { rule: "mlog.blocks-exceed-region", blockCount: 1 },
  { rule: "mlog.count-negative", content: samples({ sampleCount: -1n, samples: [] }), blocks: (blocks) => void blocks.splice(1) },
  { rule: "mlog.reserved-not-zero", blocks: ([first]) => first?.set([1], 31) },
  { rule: "mlog.sdk-undercounts", content: (content) => void Object.assign(content, withSamples(642)) },
  {
    rule: "mlog.not-recognised",
    blocks: ([first]) => {
      first?.fill(0xff, 0, 8);
      if (first) sealBlock(first, "MLOG", 7);
    },
  },
  {
    rule: "mlog.count-range",
    content: samples({ sampleCount: 10_000_001n, maxCapacitySamples: 100_000_000n }),
    also: { "mlog.blocks-exceed-region": "so many samples do not fit the region either" },
  },
  { rule: "mlog.capacity-range", content: samples({ maxCapacitySamples: 0n }) },
  { rule: "mlog.capacity-exceeded", content: samples({ maxCapacitySamples: 299n }) },
  { rule: "mlog.threshold-range", content: samples({ compactionThreshold: 1.5 }) },
  { rule: "mlog.threshold-range", content: samples({ compactionThreshold: Number.NaN }) },
  { rule: "mlog.aggregation-unknown", content: sample({ aggregationType: 7 }) },
  { rule: "mlog.value-not-finite", content: sample({ value: Number.POSITIVE_INFINITY }) },
  { rule: "mlog.time-range", content: sample({ timestampUtcTicks: -1n }) },
];
const secondCodec: RegionRuleCase<Content>[] = [
  {
    rule: "mlog.block-unsealed",
    content: entries({}, 451),
    trailers: (blocks) => blocks.at(-1)?.fill(0, 4080),
    also: { "mlog.sdk-undercounts": "it is why the SDK's writer leaves the trailer out" },
  },
  { rule: "mlog.generation-not-zero", content: entries({ generation: 1 }) },
  { rule: "mlog.oldest-differs", content: entries({ oldestTimestamp: 999n }) },
  { rule: "mlog.newest-differs", content: entries({ newestTimestamp: 9999n }) },
  { rule: "mlog.metric-count-differs", content: entries({ metricIdCount: 3 }) },
  { rule: "mlog.ratio-range", content: ratio(1.5) },
  { rule: "mlog.value-not-finite", content: ratio(Number.NaN) },
];

describeRegionRules<Content>(mlogCodec, mlogCodec.write, { content: () => withSamples(300) }, [...firstCodec, ...secondCodec]);
