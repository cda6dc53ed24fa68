import { StoredText } from "../../../base/stored-text.ts";
import { type CodeContent, codeCodec } from "../../../format/regions/code.ts";
import { guidOf, newYear } from "../../../testing/arbitraries.ts";
import { blockRuleCases, describeRegionRules } from "../../../testing/region-rules.ts";

const entry = (number: number): CodeContent["modules"][0] => ({
  moduleHash: new Uint8Array(32).fill(number),
  moduleId: guidOf(number),
  blockOffset: 100n + BigInt(number),
  blockCount: 1,
  moduleSizeBytes: 4000,
  abiVersion: 1,
  registeredUtcTicks: newYear,
  entryPointName: StoredText.of(""),
});
/** Two blocks that leave the SDK's reader no room for a phantom. */
const sound = (): CodeContent => ({ generation: 6, moduleCount: 60, modules: Array.from({ length: 60 }, (_, index) => entry(index + 1)) });
const last = (content: CodeContent) => content.modules[59] as CodeContent["modules"][0];

describeRegionRules(codeCodec, codeCodec.write, { content: sound, facts: { totalBlocks: 1280n } }, [
  ...blockRuleCases("code"),
  { rule: "code.blocks-exceed-region", blockCount: 1 },
  { rule: "code.count-differs", content: (content) => Object.assign(content, { moduleCount: 5000 }) },
  { rule: "code.count-differs", content: (content) => Object.assign(content, { moduleCount: -1 }) },
  { rule: "code.entry-broken", blocks: ([, block]) => block?.set([129, 0], 6 * 76 + 74) },
  { rule: "code.reserved-not-zero", blocks: ([first]) => first?.set([1], 15) },
  { rule: "code.slack-not-zero", blocks: ([, block]) => block?.set([1], 7 * 76) },
  {
    rule: "code.sdk-loses-entries",
    content: (content) => {
      content.modules = Array.from({ length: 20 }, (_, index) => ({ ...entry(index + 1), entryPointName: StoredText.of("x".repeat(128)) }));
      content.moduleCount = 20;
    },
  },
  { rule: "code.entries-behind-table", content: (content) => Object.assign(content, { moduleCount: 53 }) },
  { rule: "code.hash-empty", content: (content) => Object.assign(last(content), { moduleHash: new Uint8Array(32) }) },
  { rule: "code.hash-duplicate", content: (content) => Object.assign(last(content), { moduleHash: new Uint8Array(32).fill(1) }) },
  { rule: "code.id-empty", content: (content) => Object.assign(last(content), { moduleId: guidOf(0) }) },
  { rule: "code.id-duplicate", content: (content) => Object.assign(last(content), { moduleId: guidOf(1) }) },
  { rule: "code.count-negative", content: (content) => Object.assign(last(content), { blockCount: -1 }) },
  { rule: "code.count-negative", content: (content) => Object.assign(last(content), { moduleSizeBytes: -1 }) },
  { rule: "code.size-differs", content: (content) => Object.assign(last(content), { moduleSizeBytes: 4097 }) },
  { rule: "code.size-differs", content: (content) => Object.assign(last(content), { blockCount: 2 }) },
  { rule: "code.range-outside", content: (content) => Object.assign(last(content), { blockOffset: 1280n }) },
  { rule: "code.range-outside", content: (content) => Object.assign(last(content), { blockOffset: -1n }) },
  { rule: "code.ranges-overlap", content: (content) => Object.assign(last(content), { blockOffset: 101n }) },
  { rule: "code.abi-unknown", content: (content) => Object.assign(last(content), { abiVersion: 3 }) },
  {
    rule: "code.name-not-utf8",
    content: (content) => Object.assign(last(content), { entryPointName: new StoredText(Uint8Array.of(0xff), false) }),
  },
  { rule: "code.time-range", content: (content) => Object.assign(last(content), { registeredUtcTicks: -1n }) },
]);
