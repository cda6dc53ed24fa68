import type { ClogRule } from "../../../format/regions/clog.ts";
import { defineRegionRules } from "./region-rule.ts";
import { fixedTableWords } from "./table-words.ts";

/** Rules on the consensus groups. */
export const clogRules = defineRegionRules<ClogRule>(
  { name: "the consensus log", reference: "other", section: "3", blockTag: "CLOG" },
  {
    ...fixedTableWords("clog", "the consensus log"),
    "clog.id-empty": { severity: "error", states: "Each group has an id.", title: "A consensus group has no id" },
    "clog.id-duplicate": {
      severity: "error",
      states: "Ids of groups are unique.",
      title: "Two consensus groups have one id",
      remark: "The SDK's reader keeps the last of them and drops the others.",
    },
    "clog.index-order": {
      severity: "error",
      states: "AppliedIndex is not negative and not above CommittedIndex.",
      title: "A group applied more than was committed",
    },
    "clog.term-negative": { severity: "error", states: "CurrentTerm is not negative.", title: "A term is negative" },
    "clog.member-count": { severity: "error", states: "A group has at least one member.", title: "A group has no members" },
    "clog.time-range": {
      severity: "warning",
      states: "Times of groups are ones that a calendar holds.",
      title: "A time is impossible",
    },
    "clog.updated-before-heartbeat": {
      severity: "info",
      states: "A group was not updated before its last heartbeat.",
      title: "A group's update is older than its heartbeat",
    },
  },
);
