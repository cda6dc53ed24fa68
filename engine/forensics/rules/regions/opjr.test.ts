import { type Operation, type OpjrContent, opjrCodec } from "../../../format/regions/opjr.ts";
import { isUnused, type UnusedRegion } from "../../../format/regions/unused-region.ts";
import { newYear } from "../../../testing/arbitraries.ts";
import { blockRuleCases, describeRegionRules } from "../../../testing/region-rules.ts";

const operation = (index: number): Operation => ({
  ...{ operationId: BigInt(index + 1), type: index === 0 ? 1 : 9, state: index === 0 ? 1 : 3, flags: 3 },
  ...{ progressPercent: index === 0 ? 500_000 : 1_000_000, startUtcTicks: newYear, lastUpdateUtcTicks: newYear + 1n },
  ...{ estimatedEndTicks: 0n, sourceRegionStart: 100n, targetRegionStart: 0n, totalUnits: 8n },
  ...{ completedUnits: index === 0 ? 4n : 8n, checkpointData: 4n, operationPayload: new Uint8Array(32) },
});
const sound = (): OpjrContent => ({
  ...{ activeOperations: 1, totalOperations: 40, oldestActiveId: 1n, newestId: 40n },
  lastCheckpointUtc: BigInt.asUintN(64, newYear * 100n),
  operations: Array.from({ length: 40 }, (_, index) => operation(index)),
});
const header = (change: Partial<OpjrContent>) => (content: OpjrContent | UnusedRegion) => void Object.assign(content, change);
const at = (index: number, change: Partial<Operation>) => (content: OpjrContent | UnusedRegion) => {
  if (!isUnused(content)) Object.assign(content.operations[index] as Operation, change);
};

describeRegionRules<OpjrContent | UnusedRegion>(opjrCodec, opjrCodec.write, { content: sound }, [
  ...blockRuleCases("opjr"),
  { rule: "opjr.blocks-exceed-region", blockCount: 1 },
  { rule: "opjr.not-recognised", blocks: ([first]) => first?.set([1], 6) },
  { rule: "opjr.total-differs", content: header({ totalOperations: 41 }) },
  { rule: "opjr.active-differs", content: header({ activeOperations: 2 }) },
  { rule: "opjr.oldest-differs", content: header({ oldestActiveId: 2n }) },
  { rule: "opjr.newest-differs", content: header({ newestId: 41n }) },
  { rule: "opjr.checkpoint-time", content: header({ lastCheckpointUtc: 1n }) },
  { rule: "opjr.id-order", content: at(5, { operationId: 5n }) },
  { rule: "opjr.type-unknown", content: at(5, { type: 0 }) },
  { rule: "opjr.type-unknown", content: at(5, { type: 11 }) },
  { rule: "opjr.state-unknown", content: at(5, { state: 6 }) },
  { rule: "opjr.flags-unknown", content: at(5, { flags: 7 }) },
  { rule: "opjr.progress-range", content: at(5, { progressPercent: 1_000_001 }) },
  { rule: "opjr.progress-differs", content: at(0, { progressPercent: 400_000 }) },
  { rule: "opjr.units-exceeded", content: at(5, { completedUnits: 9n }) },
  { rule: "opjr.times-order", content: at(5, { startUtcTicks: newYear + 2n }) },
  { rule: "opjr.time-range", content: at(5, { estimatedEndTicks: 2n ** 63n }) },
  { rule: "opjr.resize-unfinished", content: at(5, { type: 1, progressPercent: 500_000, completedUnits: 4n }) },
  {
    rule: "opjr.resize-concurrent",
    content: (content) => {
      at(5, { type: 1, state: 2 })(content);
      header({ activeOperations: 2 })(content);
    },
  },
  { rule: "opjr.reserved-not-zero", blocks: ([first]) => first?.set([1], 63) },
  { rule: "opjr.reserved-not-zero", blocks: ([first]) => first?.set([1], 64 + 127) },
]);
