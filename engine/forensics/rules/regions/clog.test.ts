import { type ClogContent, clogCodec } from "../../../format/regions/clog.ts";
import type { UnusedRegion } from "../../../format/regions/unused-region.ts";
import { guidOf, newYear } from "../../../testing/arbitraries.ts";
import { blockRuleCases, describeRegionRules } from "../../../testing/region-rules.ts";
import { negativeCount, tableRuleCases } from "../../../testing/table-rules.ts";

const withGroups = (count: number): ClogContent => ({
  generation: 7,
  groupCount: count,
  groups: Array.from({ length: count }, (_, index) => ({
    groupId: guidOf(index + 1),
    currentTerm: 5n,
    committedIndex: 42n,
    appliedIndex: 40n,
    votedFor: guidOf(0),
    leaderId: guidOf(9),
    memberCount: 5,
    lastHeartbeatUtcTicks: newYear,
    lastUpdatedUtcTicks: newYear + 1n,
  })),
});
type Changed = ClogContent["groups"][0];
const third = (change: Partial<Changed>) => (content: ClogContent | UnusedRegion) =>
  void Object.assign((content as ClogContent).groups[3] as Changed, change);

describeRegionRules<ClogContent | UnusedRegion>(clogCodec, clogCodec.write, { content: () => withGroups(60) }, [
  ...blockRuleCases("clog"),
  ...tableRuleCases("clog", "CLOG", 7),
  { rule: "clog.blocks-exceed-region", blockCount: 1 },
  { rule: "clog.count-negative", blocks: negativeCount(4) },
  { rule: "clog.reserved-not-zero", blocks: ([first]) => first?.set([1], 15) },
  { rule: "clog.sdk-undercounts", content: (content) => void Object.assign(content, withGroups(91)) },
  { rule: "clog.id-empty", content: third({ groupId: guidOf(0) }) },
  { rule: "clog.id-duplicate", content: third({ groupId: guidOf(1) }) },
  { rule: "clog.index-order", content: third({ appliedIndex: 43n }) },
  { rule: "clog.index-order", content: third({ appliedIndex: -1n }) },
  { rule: "clog.term-negative", content: third({ currentTerm: -1n }) },
  { rule: "clog.member-count", content: third({ memberCount: 0 }) },
  { rule: "clog.time-range", content: third({ lastUpdatedUtcTicks: 2n ** 62n }) },
  { rule: "clog.updated-before-heartbeat", content: third({ lastUpdatedUtcTicks: newYear - 1n }) },
]);
