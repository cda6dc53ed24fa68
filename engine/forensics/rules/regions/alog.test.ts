import { checksum } from "../../../base/checksum.ts";
import { type AlogContent, alogCodec, auditEntry, cmalCodec } from "../../../format/regions/alog.ts";
import type { UnusedRegion } from "../../../format/regions/unused-region.ts";
import { guidOf, newYear } from "../../../testing/arbitraries.ts";
import { blockRuleCases, describeRegionRules, type RegionRuleCase } from "../../../testing/region-rules.ts";
import { moveToNextBlock, negativeCount, tableRuleCases } from "../../../testing/table-rules.ts";

type Entry = AlogContent["entries"][0];

/** Links each entry to the one before it. */
function chained(entries: Entry[]): Entry[] {
  let previousEntryHash: Uint8Array = new Uint8Array(32);
  for (const entry of entries) {
    entry.previousEntryHash = previousEntryHash;
    previousEntryHash = checksum.sha256(auditEntry.encode({ ...entry, detailsLength: entry.details.length }));
  }
  return entries;
}
const withEntries = (detailBytes: readonly number[]): AlogContent => ({
  generation: 7,
  entryCount: BigInt(detailBytes.length),
  nextSequenceNumber: BigInt(detailBytes.length),
  entries: chained(
    detailBytes.map((byteLength, index) => ({
      sequenceNumber: BigInt(index),
      timestampUtcTicks: newYear + BigInt(index),
      actorId: guidOf(1),
      eventType: 1,
      targetObjectId: guidOf(2),
      previousEntryHash: new Uint8Array(32),
      details: new Uint8Array(byteLength).fill(1),
    })),
  ),
});
/** Entries without details, 47 in the first block. */
const bare = (count: number): number[] => new Array(count).fill(0);
const as = (other: AlogContent) => (content: AlogContent | UnusedRegion) => void Object.assign(content, other);
/** Changes the last entry, or the first entries so that the chain still holds. */
const changed =
  (index: number, change: Partial<Entry>, relink = true) =>
  (content: AlogContent | UnusedRegion): void => {
    const { entries } = content as AlogContent;
    Object.assign(entries.at(index) as Entry, change);
    if (relink) chained(entries);
  };

const cases = (rules: "alog" | "cmal"): RegionRuleCase<AlogContent | UnusedRegion>[] => [
  ...blockRuleCases(rules),
  ...tableRuleCases(rules, "ALOG", 7),
  { rule: `${rules}.count-negative`, blocks: negativeCount(8) },
  {
    rule: `${rules}.count-differs`,
    content: (content) => void Object.assign(content, { entryCount: 61n, nextSequenceNumber: 61n }),
  },
  { rule: `${rules}.record-broken`, blocks: (blocks) => blocks[1]?.set([1, 1], 12 * 86 + 0x52) },
  {
    rule: `${rules}.packing`,
    content: as(withEntries(bare(2))),
    blocks: moveToNextBlock(16 + 86, 86, "ALOG", 7),
    also: { [`${rules}.sdk-misreads`]: "an entry that was not packed leaves free bytes before it" },
  },
  { rule: `${rules}.sdk-misreads`, content: as(withEntries([...bare(46), 256])) },
  { rule: `${rules}.next-sequence-differs`, content: (content) => void Object.assign(content, { nextSequenceNumber: 61n }) },
  { rule: `${rules}.sequence`, content: changed(-1, { sequenceNumber: 77n }) },
  { rule: `${rules}.chain-broken`, content: changed(8, { eventType: 2 }, false) },
  { rule: `${rules}.chain-broken`, content: changed(-1, { previousEntryHash: new Uint8Array(32) }, false) },
  {
    rule: `${rules}.chain-broken`,
    content: (content) => {
      as(withEntries([0]))(content);
      changed(0, { previousEntryHash: new Uint8Array(32).fill(1) }, false)(content);
    },
  },
  { rule: `${rules}.time-order`, content: changed(-1, { timestampUtcTicks: newYear }) },
  { rule: `${rules}.time-range`, content: changed(-1, { timestampUtcTicks: 2n ** 62n }) },
  { rule: `${rules}.event-unknown`, content: changed(-1, { eventType: 9 }) },
];
const sound = { content: () => withEntries(bare(60)) };

describeRegionRules<AlogContent | UnusedRegion>(alogCodec, alogCodec.write, sound, cases("alog"));
describeRegionRules<AlogContent | UnusedRegion>(cmalCodec, cmalCodec.write, sound, cases("cmal"));
