import { type StreContent, streCodec } from "../../../format/regions/stre.ts";
import type { UnusedRegion } from "../../../format/regions/unused-region.ts";
import { blockRuleCases, describeRegionRules } from "../../../testing/region-rules.ts";

const sound = (): StreContent => ({
  generation: 7,
  maxCapacityBlocks: 127n,
  allocatedBlocks: 32n,
  writeHead: 20n,
  readTail: 5n,
  entryCount: 15n,
  growthIncrement: 16,
});
const changed = (change: Partial<StreContent>) => (content: StreContent | UnusedRegion) => void Object.assign(content, change);

describeRegionRules<StreContent | UnusedRegion>(streCodec, streCodec.write, { content: sound, blockCount: 128 }, [
  ...blockRuleCases("stre").filter(({ rule }) => rule !== "stre.generations-differ"),
  {
    rule: "stre.capacity",
    content: changed({ maxCapacityBlocks: 0n, allocatedBlocks: 0n, writeHead: 0n, readTail: 0n, entryCount: 0n }),
  },
  { rule: "stre.growth", content: changed({ growthIncrement: 0 }) },
  { rule: "stre.entry-count-differs", content: changed({ entryCount: 14n }) },
  {
    rule: "stre.counters",
    content: changed({ readTail: -1n, writeHead: 14n }),
  },
  { rule: "stre.allocation", content: changed({ writeHead: 38n, entryCount: 33n }) },
  { rule: "stre.allocation", content: changed({ allocatedBlocks: 144n }) },
  { rule: "stre.allocation-steps", content: changed({ allocatedBlocks: 33n }) },
  { rule: "stre.capacity-exceeds-region", content: changed({ maxCapacityBlocks: 128n }) },
  { rule: "stre.reserved-not-zero", blocks: ([first]) => first?.set([1], 0x2c) },
]);
