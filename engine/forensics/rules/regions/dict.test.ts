import { type DictContent, dictCodec } from "../../../format/regions/dict.ts";
import type { UnusedRegion } from "../../../format/regions/unused-region.ts";
import { newYear } from "../../../testing/arbitraries.ts";
import { blockRuleCases, describeRegionRules } from "../../../testing/region-rules.ts";
import { negativeCount, tableRuleCases } from "../../../testing/table-rules.ts";

const withDictionaries = (count: number): DictContent => ({
  generation: 7,
  dictionaryCount: count,
  dictionaries: Array.from({ length: count }, (_, dictId) => ({
    dictId,
    algorithmId: 0,
    blockOffset: 200n + BigInt(dictId),
    blockCount: 1,
    dictionarySizeBytes: 400,
    trainedUtcTicks: newYear,
    sampleCount: 1000n,
    contentHash: new Uint8Array(32).fill(dictId + 1),
  })),
});
type Changed = DictContent["dictionaries"][0];
const last = (change: Partial<Changed>) => (content: DictContent | UnusedRegion) =>
  void Object.assign((content as DictContent).dictionaries.at(-1) as Changed, change);

describeRegionRules<DictContent | UnusedRegion>(
  dictCodec,
  dictCodec.write,
  { content: () => withDictionaries(70), facts: { totalBlocks: 1280n } },
  [
    ...blockRuleCases("dict"),
    ...tableRuleCases("dict", "DICT", 7),
    { rule: "dict.blocks-exceed-region", blockCount: 1 },
    { rule: "dict.count-negative", blocks: negativeCount(4) },
    { rule: "dict.reserved-not-zero", blocks: ([first]) => first?.set([1], 4) },
    {
      rule: "dict.sdk-undercounts",
      content: (content) => void Object.assign(content, withDictionaries(36)),
      blockBytes: 512,
    },
    {
      rule: "dict.count-above-limit",
      blocks: ([first]) => first?.set([1, 16], 0),
      blockCount: 64,
      also: {
        "dict.blocks-exceed-region": "so many records need more blocks than a region has",
      },
    },
    { rule: "dict.id-range", content: last({ dictId: 256 }) },
    { rule: "dict.ids-not-ascending", content: last({ dictId: 68 }) },
    { rule: "dict.algorithm-unknown", content: last({ algorithmId: 5 }) },
    { rule: "dict.size", content: last({ dictionarySizeBytes: 0 }) },
    { rule: "dict.block-count", content: last({ dictionarySizeBytes: 4097 }) },
    { rule: "dict.range-outside", content: last({ blockOffset: 1280n }) },
    { rule: "dict.range-outside", content: last({ blockOffset: 0n }) },
    { rule: "dict.sample-count-negative", content: last({ sampleCount: -1n }) },
    { rule: "dict.time-range", content: last({ trainedUtcTicks: -1n }) },
  ],
);
