import type { AnonRule } from "../../../format/regions/anon.ts";
import { defineRegionRules } from "./region-rule.ts";
import { fixedTableWords } from "./table-words.ts";

/** Rules on the anonymisation table. */
export const anonRules = defineRegionRules<AnonRule>(
  { name: "the anonymisation table", reference: "other", section: "11", blockTag: "ANON" },
  {
    ...fixedTableWords("anon", "the anonymisation table"),
    "anon.id-empty": { severity: "error", states: "Each mapping has an id.", title: "A mapping has no id" },
    "anon.id-duplicate": {
      severity: "error",
      states: "Ids of mappings are unique.",
      title: "Two mappings have one id",
      remark: "The SDK finds the last of them.",
    },
    "anon.type-unknown": { severity: "warning", states: "PiiType is 0 to 7.", title: "A kind of personal data is unknown" },
    "anon.flags-unknown": { severity: "warning", states: "Flags of mappings are Active and Erased.", title: "A flag is unknown" },
    "anon.flags-conflict": {
      severity: "error",
      states: "No mapping is both active and erased.",
      title: "A mapping is both active and erased",
    },
    "anon.erased-not-zero": {
      severity: "error",
      states: "An erased mapping holds neither hash nor token.",
      title: "An erased mapping still holds data",
      remark: "What was to be forgotten is still stored.",
    },
    "anon.hash-missing": {
      severity: "warning",
      states: "A mapping that is not erased has a hash and a token.",
      title: "A mapping has no hash or token",
    },
    "anon.time-range": {
      severity: "warning",
      states: "Times of mappings are ones that a calendar holds.",
      title: "A time is impossible",
    },
  },
);
