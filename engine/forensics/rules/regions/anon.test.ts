import { type AnonContent, anonCodec } from "../../../format/regions/anon.ts";
import type { UnusedRegion } from "../../../format/regions/unused-region.ts";
import { guidOf, newYear } from "../../../testing/arbitraries.ts";
import { blockRuleCases, describeRegionRules } from "../../../testing/region-rules.ts";
import { negativeCount, tableRuleCases } from "../../../testing/table-rules.ts";

const withMappings = (count: number): AnonContent => ({
  generation: 7,
  mappingCount: count,
  mappings: Array.from({ length: count }, (_, index) => ({
    mappingId: guidOf(index + 1),
    subjectId: guidOf(99),
    piiType: 1,
    piiHash: new Uint8Array(32).fill(1),
    anonymizedToken: new Uint8Array(32).fill(2),
    createdUtcTicks: newYear,
    flags: 1,
  })),
});
type Changed = AnonContent["mappings"][0];
const third = (change: Partial<Changed>) => (content: AnonContent | UnusedRegion) =>
  void Object.assign((content as AnonContent).mappings[3] as Changed, change);

describeRegionRules<AnonContent | UnusedRegion>(anonCodec, anonCodec.write, { content: () => withMappings(40) }, [
  ...blockRuleCases("anon"),
  ...tableRuleCases("anon", "ANON", 7),
  { rule: "anon.blocks-exceed-region", blockCount: 1 },
  { rule: "anon.count-negative", blocks: negativeCount(4) },
  { rule: "anon.reserved-not-zero", blocks: ([first]) => first?.set([1], 4) },
  { rule: "anon.sdk-undercounts", content: (content) => void Object.assign(content, withMappings(75)) },
  { rule: "anon.id-empty", content: third({ mappingId: guidOf(0) }) },
  { rule: "anon.id-duplicate", content: third({ mappingId: guidOf(1) }) },
  { rule: "anon.type-unknown", content: third({ piiType: 8 }) },
  { rule: "anon.flags-unknown", content: third({ flags: 5 }) },
  {
    rule: "anon.flags-conflict",
    content: third({ flags: 3, piiHash: new Uint8Array(32), anonymizedToken: new Uint8Array(32) }),
  },
  { rule: "anon.erased-not-zero", content: third({ flags: 2, piiHash: new Uint8Array(32) }) },
  { rule: "anon.hash-missing", content: third({ piiHash: new Uint8Array(32) }) },
  { rule: "anon.time-range", content: third({ createdUtcTicks: 2n ** 62n }) },
]);
