import { isUnused, type UnusedRegion } from "../../../format/regions/unused-region.ts";
import { type ZnsmContent, type ZoneRow, znsmCodec } from "../../../format/regions/znsm.ts";
import { blockRuleCases, describeRegionRules } from "../../../testing/region-rules.ts";

const sound = (): ZnsmContent => ({
  ...{ framing: "trailers", generation: 3 },
  rows: Array.from({ length: 300 }, (_, index) => {
    const state = index % 5;
    return { epochId: state === 0 ? 0n : BigInt(index), zoneId: index + 1, state, flags: index % 3 };
  }),
});
const at = (index: number, change: Partial<ZoneRow>) => (content: ZnsmContent | UnusedRegion) => {
  if (!isUnused(content)) Object.assign(content.rows[index] as ZoneRow, change);
};

describeRegionRules<ZnsmContent | UnusedRegion>(znsmCodec, znsmCodec.write, { content: sound }, [
  ...blockRuleCases("znsm"),
  { rule: "znsm.state-unknown", content: at(1, { state: 5 }) },
  { rule: "znsm.flags-unknown", content: at(1, { flags: 4 }) },
  { rule: "znsm.epoch-of-free-zone", content: at(0, { epochId: 999n }) },
  { rule: "znsm.epoch-missing", content: at(1, { epochId: 0n }) },
  { rule: "znsm.zone-duplicate", content: at(1, { zoneId: 3 }) },
  { rule: "znsm.epoch-duplicate", content: at(1, { epochId: 2n }) },
]);
