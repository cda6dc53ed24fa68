import { type InteContent, type IntelligenceEntry, inteCodec } from "../../../format/regions/inte.ts";
import { isUnused, type UnusedRegion } from "../../../format/regions/unused-region.ts";
import { guidOf, newYear } from "../../../testing/arbitraries.ts";
import { blockRuleCases, describeRegionRules } from "../../../testing/region-rules.ts";
import { negativeCount, tableRuleCases } from "../../../testing/table-rules.ts";

const withEntries = (entryCount: number): InteContent => ({
  ...{ generation: 7, entryCount },
  entries: Array.from({ length: entryCount }, (_, index) => ({
    ...{ objectId: guidOf(index + 1), classificationId: 42, confidenceScore: 1, heatScore: 0.5, tierAssignment: index % 5 },
    ...{ lastClassifiedUtcTicks: newYear, lastAccessedUtcTicks: newYear },
  })),
});
const at = (index: number, change: Partial<IntelligenceEntry>) => (content: InteContent | UnusedRegion) => {
  if (!isUnused(content)) Object.assign(content.entries[index] as IntelligenceEntry, change);
};

describeRegionRules<InteContent | UnusedRegion>(inteCodec, inteCodec.write, { content: () => withEntries(100) }, [
  ...blockRuleCases("inte"),
  ...tableRuleCases("inte", "INTE", 7),
  { rule: "inte.blocks-exceed-region", blockCount: 1 },
  { rule: "inte.count-negative", blocks: negativeCount(4) },
  { rule: "inte.reserved-not-zero", blocks: ([first]) => first?.set([1], 15) },
  { rule: "inte.sdk-undercounts", content: (content) => void Object.assign(content, withEntries(189)) },
  { rule: "inte.id-empty", content: at(3, { objectId: guidOf(0) }) },
  { rule: "inte.id-duplicate", content: at(3, { objectId: guidOf(1) }) },
  { rule: "inte.score-not-finite", content: at(3, { heatScore: Number.NaN }) },
  { rule: "inte.score-range", content: at(3, { confidenceScore: 1.5 }) },
  { rule: "inte.score-range", content: at(3, { heatScore: -0.5 }) },
  { rule: "inte.tier-unknown", content: at(3, { tierAssignment: 5 }) },
  { rule: "inte.time-range", content: at(3, { lastAccessedUtcTicks: -1n }) },
]);
