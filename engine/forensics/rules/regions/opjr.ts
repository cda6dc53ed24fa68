import type { OpjrRule } from "../../../format/regions/opjr.ts";
import { defineRegionRules } from "./region-rule.ts";

/** The journal's generations are no version: each block has its own. */
const generations = {
  "opjr.generations-differ": {
    severity: "error",
    states: "Each block of the operations journal carries its index and one more as its generation.",
    title: "Operations journal: a block out of its place",
    remark: "The SDK's reader does not look at generations.",
  },
} as const;

/** Rules on the online operations journal. */
export const opjrRules = defineRegionRules<OpjrRule>(
  { name: "the operations journal", reference: "other", section: "16", blockTag: "OPJR" },
  {
    ...generations,
    "opjr.not-recognised": {
      severity: "error",
      states: "The operations journal begins with its magic.",
      title: "Operations journal: content not recognised",
      remark: "The SDK's reader refuses the region; operations that were under way cannot be resumed.",
    },
    "opjr.total-differs": {
      severity: "error",
      states: "TotalOperations is the number of operations in the journal.",
      title: "The count of operations is wrong",
      remark: "The SDK's reader believes it, as far as the blocks reach.",
      repair: { id: "region.recount", risk: "safe" },
    },
    "opjr.active-differs": {
      severity: "error",
      states: "ActiveOperations is the number of operations that are not at an end.",
      title: "The count of active operations is wrong",
      remark: "The SDK believes the stored count.",
      repair: { id: "region.recount", risk: "safe" },
    },
    "opjr.oldest-differs": {
      severity: "error",
      states: "OldestActiveId is the lowest id that is not at an end, or 0.",
      title: "OldestActiveId is wrong",
      remark: "The SDK believes it.",
      repair: { id: "region.recount", risk: "safe" },
    },
    "opjr.newest-differs": {
      severity: "error",
      states: "NewestId is the highest id in the journal, or 0.",
      title: "NewestId is wrong",
      remark: "The SDK gives the id behind it to the next operation.",
      repair: { id: "region.recount", risk: "safe" },
    },
    "opjr.checkpoint-time": {
      severity: "warning",
      states: "LastCheckpointUtc is a time as the SDK writes it: ticks · 100, modulo 2^64.",
      title: "The time of the last checkpoint is none",
    },
    "opjr.id-order": {
      severity: "error",
      states: "Ids of operations ascend by one, from 1.",
      title: "An operation's id is out of order",
    },
    "opjr.type-unknown": { severity: "error", states: "An operation's type is 1 to 10.", title: "An operation's type is unknown" },
    "opjr.state-unknown": {
      severity: "error",
      states: "An operation's state is 0 to 5.",
      title: "An operation's state is unknown",
      remark: "The SDK does not check it.",
    },
    "opjr.flags-unknown": {
      severity: "warning",
      states: "Flags of operations are Pausable and Cancellable.",
      title: "An operation has unknown flags",
    },
    "opjr.progress-range": {
      severity: "error",
      states: "Progress is at most 1 000 000.",
      title: "An operation is further than its end",
    },
    "opjr.progress-differs": {
      severity: "warning",
      states: "Progress is what completed and total units give.",
      title: "An operation's progress does not match its units",
      remark: "The SDK computes it in 64 bits that wrap, which is wrong from about 18 billion units on.",
    },
    "opjr.units-exceeded": {
      severity: "error",
      states: "CompletedUnits is at most TotalUnits, where that is known.",
      title: "More units are completed than there are",
    },
    "opjr.times-order": {
      severity: "warning",
      states: "An operation starts before it is changed.",
      title: "An operation was changed before it started",
    },
    "opjr.time-range": {
      severity: "warning",
      states: "Times of operations are ones that a calendar holds.",
      title: "A time is impossible",
    },
    "opjr.resize-unfinished": {
      severity: "warning",
      states: "A completed resize has reached 1 000 000.",
      title: "A resize is completed before its end",
    },
    "opjr.resize-concurrent": {
      severity: "warning",
      states: "At most one resize is not at an end.",
      title: "Two resizes are under way",
    },
    "opjr.reserved-not-zero": {
      severity: "warning",
      states: "Reserved bytes of the journal are zero.",
      title: "Reserved bytes are in use",
      remark: "They are lost when the SDK rewrites the journal.",
    },
  },
);
