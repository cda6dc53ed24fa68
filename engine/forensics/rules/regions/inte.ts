import type { InteRule } from "../../../format/regions/inte.ts";
import { defineRegionRules } from "./region-rule.ts";
import { fixedTableWords } from "./table-words.ts";

/** Rules on the intelligence cache. */
export const inteRules = defineRegionRules<InteRule>(
  { name: "the intelligence cache", reference: "other", section: "13", blockTag: "INTE" },
  {
    ...fixedTableWords("inte", "the intelligence cache"),
    "inte.id-empty": { severity: "error", states: "Each entry names an object.", title: "An entry names no object" },
    "inte.id-duplicate": {
      severity: "error",
      states: "Each object has one entry.",
      title: "Two entries for one object",
      remark: "The SDK's reader keeps both and finds the last.",
    },
    "inte.score-not-finite": { severity: "error", states: "Scores are numbers.", title: "A score is no number" },
    "inte.score-range": { severity: "warning", states: "Scores are 0 to 1.", title: "A score is outside 0 to 1" },
    "inte.tier-unknown": { severity: "error", states: "A tier is 0 to 4.", title: "A tier is unknown" },
    "inte.time-range": {
      severity: "warning",
      states: "Times of entries are ones that a calendar holds.",
      title: "A time is impossible",
    },
  },
);
