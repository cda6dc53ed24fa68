import type { MlogRule } from "../../../format/regions/mlog.ts";
import { defineRegionRules } from "./region-rule.ts";
import { fixedTableWords } from "./table-words.ts";

/** Rules on the metrics log, whichever of the two codecs wrote it. */
export const mlogRules = defineRegionRules<MlogRule>(
  { name: "the metrics log", reference: "other", section: "12", blockTag: "MLOG", letters: "MTRK or MLOG, by its codec" },
  {
    ...fixedTableWords("mlog", "the metrics log"),
    "mlog.not-recognised": {
      severity: "error",
      states: "The metrics log begins with the magic of one codec, or the tag and header of the other.",
      title: "Metrics log: content not recognised",
      remark: "Neither of the SDK's readers takes it.",
    },
    "mlog.block-unsealed": {
      severity: "error",
      section: "12.2",
      states: "Each block that the metrics log fills has a trailer.",
      title: "The last block of the metrics log has no trailer",
      remark: "The SDK's writer counts a block too few and leaves the last one unsealed; its own reader then refuses the region.",
    },
    "mlog.count-range": {
      severity: "error",
      section: "12.1",
      states: "There are at most 10 000 000 samples.",
      title: "The count of samples is impossible",
      remark: "The SDK's reader refuses the region.",
    },
    "mlog.capacity-range": {
      severity: "error",
      section: "12.1",
      states: "The capacity is 1 to 100 000 000 samples.",
      title: "The capacity is impossible",
      remark: "The SDK's reader refuses the region.",
    },
    "mlog.capacity-exceeded": {
      severity: "info",
      section: "12.1",
      states: "There are no more samples than the capacity.",
      title: "More samples than the capacity",
      remark: "The capacity is no hard limit; the next sample brings a compaction.",
    },
    "mlog.threshold-range": {
      severity: "error",
      section: "12.1",
      states: "The compaction threshold is above 0 and at most 1.",
      title: "The compaction threshold is impossible",
      remark: "The SDK's reader refuses the region, unless the threshold is no number.",
    },
    "mlog.aggregation-unknown": {
      severity: "warning",
      section: "12.1",
      states: "An aggregation type is 0 to 6.",
      title: "An aggregation type is unknown",
    },
    "mlog.value-not-finite": { severity: "warning", states: "Values are numbers.", title: "A value is no number" },
    "mlog.time-range": {
      severity: "warning",
      section: "12.1",
      states: "Times of samples are ones that a calendar holds.",
      title: "A time is impossible",
    },
    "mlog.generation-not-zero": {
      severity: "warning",
      section: "12.2",
      states: "Blocks of the second codec carry generation 0.",
      title: "A generation where none is written",
    },
    "mlog.oldest-differs": {
      severity: "warning",
      section: "12.2",
      states: "OldestTimestamp is the earliest of the entries, or 0 after a compaction.",
      title: "The oldest time is wrong",
      repair: { id: "region.recount", risk: "safe" },
    },
    "mlog.newest-differs": {
      severity: "warning",
      section: "12.2",
      states: "NewestTimestamp is the latest of the entries.",
      title: "The newest time is wrong",
      repair: { id: "region.recount", risk: "safe" },
    },
    "mlog.metric-count-differs": {
      severity: "warning",
      section: "12.2",
      states: "MetricIdCount is the number of distinct metrics.",
      title: "The count of metrics is wrong",
      remark: "The SDK's reader does not look at it.",
      repair: { id: "region.recount", risk: "safe" },
    },
    "mlog.ratio-range": {
      severity: "info",
      section: "12.2",
      states: "Ratios are 0 to 1.",
      title: "A ratio is outside 0 to 1",
    },
  },
);
