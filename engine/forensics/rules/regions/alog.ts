import type { AlogRule, CmalRule } from "../../../format/regions/alog.ts";
import { defineRegionRules, type RegionRuleWords } from "./region-rule.ts";
import { packedTableWords } from "./table-words.ts";

const loses = "It takes zeros at the end of a full block for entries, which breaks the chain, and loses as many of the last ones.";
const blockRules = ["block-damaged", "block-foreign", "generations-differ"] as const;

/** The words of an audit log's rules, in whichever region it is. */
function auditWords<Tag extends "alog" | "cmal">(tag: Tag, name: string) {
  const { [`${tag}.reserved-not-zero`]: _, ...table } = packedTableWords(tag, name, loses) as Record<string, RegionRuleWords>;
  return {
    ...table,
    [`${tag}.next-sequence-differs`]: {
      severity: "error",
      states: `NextSequenceNumber of ${name} is EntryCount.`,
      title: "The next sequence number is not the count of entries",
      remark: "The SDK numbers the next entry by the one and finds entries by the other.",
    },
    [`${tag}.sequence`]: {
      severity: "error",
      states: `The sequence number of each entry of ${name} is its place.`,
      title: "An entry has another's sequence number",
      remark: "Entries were removed, added or moved.",
    },
    [`${tag}.chain-broken`]: {
      severity: "error",
      states: `Each entry of ${name} holds the hash of the entry before it, the first one zeros.`,
      title: "The hash chain is broken",
      remark: "The entry before was changed, or entries were removed, added or moved. The SDK's reader does not look.",
    },
    [`${tag}.time-order`]: {
      severity: "warning",
      states: `Times of entries of ${name} do not go back.`,
      title: "An entry is older than the one before it",
    },
    [`${tag}.time-range`]: {
      severity: "warning",
      states: `Times of ${name} are ones that a calendar holds.`,
      title: "A time is impossible",
    },
    [`${tag}.event-unknown`]: {
      severity: "warning",
      states: `EventType of entries of ${name} is 0 to 8.`,
      title: "A kind of event is unknown",
    },
  };
}

/** Rules on the audit log. */
export const alogRules = defineRegionRules<AlogRule>(
  { name: "the audit log", reference: "other", section: "10", blockTag: "ALOG", blockRules },
  auditWords("alog", "the audit log") as Parameters<typeof defineRegionRules<AlogRule>>[1],
);

/** Rules on the compliance module's audit log. */
export const cmalRules = defineRegionRules<CmalRule>(
  { name: "the compliance audit log", reference: "other", section: "10.1", blockTag: "CMAL", blockRules, letters: "ALOG" },
  auditWords("cmal", "the compliance audit log") as Parameters<typeof defineRegionRules<CmalRule>>[1],
);
