import type { ZmapRule } from "../../../format/regions/zmap.ts";
import { defineRegionRules } from "./region-rule.ts";

/** Rules on zone map indexes. */
export const zmapRules = defineRegionRules<ZmapRule>(
  { name: "the zone map index", reference: "other", section: "18.2" },
  {
    "zmap.entry-count": {
      severity: "error",
      states: "A block counts no more entries than it holds.",
      title: "A block of the zone map counts more than it holds",
      remark: "The SDK's loader cuts the count to what fits.",
    },
    "zmap.values-unordered": {
      severity: "error",
      states: "The least value is not above the greatest.",
      title: "A zone's values are reversed",
    },
    "zmap.null-count": { severity: "error", states: "Nulls are no more than rows.", title: "A zone has more nulls than rows" },
    "zmap.extent-range": {
      severity: "error",
      states: "A zone's extent lies in the volume.",
      title: "A zone's extent is outside the volume",
    },
    "zmap.extent-duplicate": { severity: "error", states: "Zones have extents of their own.", title: "Two zones are one extent" },
    "zmap.sdk-loads-first": {
      severity: "warning",
      states: "The SDK's loader finds all entries.",
      title: "The SDK loads the first block of the zone map alone",
      remark: "It takes the first block's count for that of all blocks.",
    },
    "zmap.reserved-not-zero": { severity: "warning", states: "Reserved bytes of zones are zero.", title: "Reserved bytes are in use" },
  },
);
