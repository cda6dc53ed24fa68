import type { UnusedRegion } from "../../../format/regions/unused-region.ts";
import { type WormContent, wormCodec } from "../../../format/regions/worm.ts";
import { newYear } from "../../../testing/arbitraries.ts";
import { blockRuleCases, describeRegionRules } from "../../../testing/region-rules.ts";
import { tableRuleCases } from "../../../testing/table-rules.ts";

const withWrites = (count: number): WormContent => ({
  generation: 7,
  highWaterMark: BigInt(count),
  totalCapacityBlocks: 1000n,
  retentionPeriodTicks: 0n,
  createdUtcTicks: newYear,
  writeLogCount: count,
  writeLog: Array.from({ length: count }, (_, index) => ({
    blockIndex: BigInt(index),
    timestampUtcTicks: newYear + BigInt(index),
    dataLength: 3,
    contentHash: new Uint8Array(32).fill(3),
  })),
});
const header = (change: Partial<WormContent>) => (content: WormContent | UnusedRegion) => void Object.assign(content, change);
const last = (change: Partial<WormContent["writeLog"][0]>) => (content: WormContent | UnusedRegion) =>
  void Object.assign((content as WormContent).writeLog.at(-1) ?? {}, change);

describeRegionRules<WormContent | UnusedRegion>(wormCodec, wormCodec.write, { content: () => withWrites(80) }, [
  ...blockRuleCases("worm"),
  ...tableRuleCases("worm", "WORM", 7),
  { rule: "worm.blocks-exceed-region", blockCount: 1 },
  {
    rule: "worm.count-negative",
    blocks: ([first]) => first?.set([0xff, 0xff, 0xff, 0xff], 32),
    also: { "worm.high-water-mark-differs": "the mark is of the writes that are no longer counted" },
  },
  { rule: "worm.reserved-not-zero", blocks: ([first]) => first?.set([1], 36) },
  { rule: "worm.sdk-undercounts", content: header(withWrites(156)) },
  {
    rule: "worm.capacity",
    content: header({ totalCapacityBlocks: 0n }),
    also: { "worm.high-water-mark-range": "a mark above 0 is above a capacity of 0" },
  },
  { rule: "worm.high-water-mark-differs", content: header({ highWaterMark: 79n }) },
  { rule: "worm.high-water-mark-range", content: header({ totalCapacityBlocks: 79n }) },
  { rule: "worm.retention-negative", content: header({ retentionPeriodTicks: -1n }) },
  { rule: "worm.block-index", content: last({ blockIndex: 80n }) },
  { rule: "worm.data-length", content: last({ dataLength: 4081 }) },
  { rule: "worm.time-order", content: last({ timestampUtcTicks: newYear }) },
  { rule: "worm.time-range", content: last({ timestampUtcTicks: 2n ** 62n }) },
]);
