import type { ZnsmRule } from "../../../format/regions/znsm.ts";
import { defineRegionRules } from "./region-rule.ts";

/** Rules on the zone map. */
export const znsmRules = defineRegionRules<ZnsmRule>(
  {
    name: "the zone map",
    reference: "other",
    section: "14",
    blockTag: "ZNSM",
    blockRules: ["block-damaged", "block-foreign", "generations-differ"],
  },
  {
    "znsm.state-unknown": { severity: "warning", states: "A zone's state is 0 to 4.", title: "A zone's state is unknown" },
    "znsm.flags-unknown": {
      severity: "warning",
      states: "Flags of zones are MetadataZone and DataOnly.",
      title: "A zone has unknown flags",
    },
    "znsm.epoch-of-free-zone": { severity: "warning", states: "A free zone has epoch 0.", title: "A free zone has an epoch" },
    "znsm.epoch-missing": {
      severity: "warning",
      states: "A zone that is not free has an epoch.",
      title: "A zone in use has no epoch",
    },
    "znsm.zone-duplicate": {
      severity: "warning",
      states: "A zone has at most one row that is not free.",
      title: "Several rows for one zone",
      remark: "The SDK's allocator appends rows and never takes the earlier ones away, so their states may contradict each other.",
    },
    "znsm.epoch-duplicate": {
      severity: "warning",
      states: "An epoch has at most one row that is not free.",
      title: "Several rows for one epoch",
      remark: "The SDK's allocator appends rows and never takes the earlier ones away, so their states may contradict each other.",
    },
  },
);
