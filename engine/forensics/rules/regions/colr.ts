import type { ColrRule } from "../../../format/regions/colr.ts";
import { defineRegionRules } from "./region-rule.ts";

/** Rules on columnar tables. */
export const colrRules = defineRegionRules<ColrRule>(
  { name: "the columnar table", reference: "other", section: "18.1" },
  {
    "colr.not-recognised": {
      severity: "error",
      states: "A columnar table begins with its name and columns.",
      title: "Columnar table: content not recognised",
    },
    "colr.group-count": { severity: "error", states: "The count of row groups is not negative.", title: "A count is negative" },
    "colr.type-unknown": { severity: "error", states: "A column's type is 0 to 7.", title: "A column's type is unknown" },
    "colr.chunk-damaged": {
      severity: "error",
      states: "A chunk has at most 100 000 000 rows and 256 MiB of data.",
      title: "A chunk's counts are impossible",
      remark: "Chunks behind it cannot be found.",
    },
    "colr.chunks-exceed-region": {
      severity: "error",
      states: "All chunks that the header counts lie in the region.",
      title: "A table is larger than its region",
      remark: "The SDK does not check the region's size when it writes.",
    },
    "colr.rows-differ": {
      severity: "error",
      states: "All columns of a row group have as many rows.",
      title: "Columns of one row group differ in length",
    },
    "colr.encoding-unknown": { severity: "error", states: "A chunk's encoding is 0 to 3.", title: "An encoding is unknown" },
    "colr.length-differs": {
      severity: "error",
      states: "A chunk's data decodes to its rows.",
      title: "A chunk's data is too long or too short",
    },
    "colr.runs-differ": {
      severity: "error",
      states: "The runs of a chunk are its rows together.",
      title: "A chunk's runs do not add up",
    },
    "colr.index-range": {
      severity: "error",
      states: "Indexes of a chunk are of values in its dictionary.",
      title: "An index names no value",
    },
    "colr.sdk-misreads": {
      severity: "warning",
      states: "Each chunk takes one block, as the SDK's reader assumes.",
      title: "The SDK reads wrong data from this table",
      remark: "It writes chunks of several blocks and looks for those behind them at the wrong place.",
    },
    "colr.slack-not-zero": {
      severity: "warning",
      states: "Blocks of a table are zero behind what they hold.",
      title: "Bytes behind a chunk",
    },
  },
);
