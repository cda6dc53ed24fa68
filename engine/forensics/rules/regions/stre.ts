import type { StreRule } from "../../../format/regions/stre.ts";
import { defineRegionRules } from "./region-rule.ts";

/** Rules on the streaming region's header. */
export const streRules = defineRegionRules<StreRule>(
  {
    name: "the streaming region's header",
    reference: "other",
    section: "7",
    blockTag: "STRE",
    blockRules: ["block-damaged", "block-foreign"],
  },
  {
    "stre.capacity": {
      severity: "error",
      states: "MaxCapacityBlocks is more than 0.",
      title: "The stream's capacity is impossible",
      remark: "The SDK's reader refuses the region.",
    },
    "stre.growth": {
      severity: "error",
      states: "GrowthIncrement is more than 0.",
      title: "The stream's growth is impossible",
      remark: "The SDK's reader refuses the region.",
    },
    "stre.entry-count-differs": {
      severity: "error",
      states: "EntryCount is WriteHead less ReadTail.",
      title: "The count of entries is not the distance of the counters",
    },
    "stre.counters": {
      severity: "error",
      states: "ReadTail is not negative and not above WriteHead.",
      title: "The stream's counters are out of order",
    },
    "stre.allocation": {
      severity: "error",
      states: "EntryCount is not negative and not above AllocatedBlocks, which is not above MaxCapacityBlocks.",
      title: "The stream holds more than is allocated",
    },
    "stre.allocation-steps": {
      severity: "warning",
      states: "AllocatedBlocks is a multiple of GrowthIncrement, or the capacity.",
      title: "The stream did not grow in its steps",
    },
    "stre.capacity-exceeds-region": {
      severity: "warning",
      states: "MaxCapacityBlocks is less than the region's blocks.",
      title: "The stream's capacity is larger than its region",
      remark: "Where the ring lies is unspecified; inside the region, block 0 is the header.",
    },
    "stre.reserved-not-zero": {
      severity: "warning",
      states: "Bytes behind the header's fields are zero.",
      title: "Reserved bytes are in use",
    },
  },
);
