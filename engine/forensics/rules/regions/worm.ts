import type { WormRule } from "../../../format/regions/worm.ts";
import { defineRegionRules } from "./region-rule.ts";
import { fixedTableWords } from "./table-words.ts";

/** Rules on the log of what was written once. */
export const wormRules = defineRegionRules<WormRule>(
  { name: "the WORM region", reference: "other", section: "8", blockTag: "WORM" },
  {
    ...fixedTableWords("worm", "the WORM region"),
    "worm.capacity": {
      severity: "error",
      states: "TotalCapacityBlocks is more than 0.",
      title: "The capacity is impossible",
      remark: "The SDK's reader refuses the region.",
    },
    "worm.high-water-mark-differs": {
      severity: "error",
      states: "HighWaterMark is the number of records in the write log.",
      title: "The high-water mark is not the number of writes",
      remark: "Blocks below the mark are immutable. The SDK's reader does not compare the two.",
    },
    "worm.high-water-mark-range": {
      severity: "error",
      states: "HighWaterMark is not negative and not above the capacity.",
      title: "The high-water mark is out of range",
    },
    "worm.retention-negative": {
      severity: "warning",
      states: "RetentionPeriodTicks is not negative.",
      title: "The retention period is negative",
    },
    "worm.block-index": {
      severity: "error",
      states: "Record i of the write log is of block i.",
      title: "A record is of another block",
    },
    "worm.data-length": {
      severity: "error",
      states: "DataLength is not negative and fits a block's payload.",
      title: "A length is impossible",
    },
    "worm.time-order": {
      severity: "error",
      states: "Times in the write log do not go back, nor before the region was made.",
      title: "A write is older than the one before",
    },
    "worm.time-range": {
      severity: "warning",
      states: "Times of the write log are ones that a calendar holds.",
      title: "A time is impossible",
    },
  },
);
