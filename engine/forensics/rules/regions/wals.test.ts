import { isUnused, type UnusedRegion } from "../../../format/regions/unused-region.ts";
import { type SubscriberCursor, type WalsContent, walsCodec } from "../../../format/regions/wals.ts";
import { blockRuleCases, describeRegionRules } from "../../../testing/region-rules.ts";

const sound = (): WalsContent => ({
  ...{ framing: "trailers", generation: 3, cursorCount: 128 },
  cursors: Array.from({ length: 128 }, (_, index) => ({ subscriberId: BigInt(index + 1), lastEpoch: 3n, lastSequence: 99n, flags: 0x11n })),
});
const at = (index: number, change: Partial<SubscriberCursor>) => (content: WalsContent | UnusedRegion) => {
  if (!isUnused(content)) Object.assign(content.cursors[index] as SubscriberCursor, change);
};
const count = (cursorCount: number) => (content: WalsContent | UnusedRegion) => void Object.assign(content, { cursorCount });
const none = (cursorCount: number) => (content: WalsContent | UnusedRegion) => void Object.assign(content, { cursorCount, cursors: [] });

describeRegionRules<WalsContent | UnusedRegion>(walsCodec, walsCodec.write, { content: sound, facts: { logSequence: 100n } }, [
  ...blockRuleCases("wals"),
  { rule: "wals.blocks-exceed-region", blockCount: 1 },
  { rule: "wals.count-range", content: count(129) },
  { rule: "wals.count-range", content: none(-1) },
  { rule: "wals.id-zero", content: at(3, { subscriberId: 0n }) },
  { rule: "wals.id-duplicate", content: at(3, { subscriberId: 1n }) },
  { rule: "wals.flags-unknown", content: at(3, { flags: 0x21n }) },
  { rule: "wals.paused-inactive", content: at(3, { flags: 2n }) },
  { rule: "wals.sequence-ahead", content: at(3, { lastSequence: 101n }) },
  { rule: "wals.reserved-not-zero", blocks: ([first]) => first?.set([1], 9) },
  { rule: "wals.slack-not-zero", content: count(126), blocks: (blocks) => void blocks.pop() },
]);
