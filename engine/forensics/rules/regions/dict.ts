import type { DictRule } from "../../../format/regions/dict.ts";
import { defineRegionRules } from "./region-rule.ts";
import { fixedTableWords } from "./table-words.ts";

/** Rules on the compression dictionaries. */
export const dictRules = defineRegionRules<DictRule>(
  { name: "the dictionary region", reference: "other", section: "4", blockTag: "DICT" },
  {
    ...fixedTableWords("dict", "the dictionary region"),
    "dict.count-above-limit": {
      severity: "error",
      states: "There are at most 256 dictionaries.",
      title: "More dictionaries are counted than there can be",
    },
    "dict.id-range": {
      severity: "error",
      states: "Ids of dictionaries are below 256.",
      title: "A dictionary's id is out of range",
      remark: "The SDK's reader passes over it.",
    },
    "dict.ids-not-ascending": {
      severity: "error",
      states: "Ids of dictionaries ascend, none twice.",
      title: "Dictionaries are out of order",
      remark: "Of two with one id the SDK's reader keeps the last.",
    },
    "dict.algorithm-unknown": {
      severity: "warning",
      states: "AlgorithmId is 0 to 4.",
      title: "A compression algorithm is unknown",
    },
    "dict.size": { severity: "error", states: "A dictionary has bytes.", title: "A dictionary's size is impossible" },
    "dict.block-count": {
      severity: "warning",
      states: "A dictionary's blocks hold its bytes.",
      title: "A dictionary has fewer blocks than its bytes fill",
      remark: "The SDK does not compare the two.",
    },
    "dict.range-outside": {
      severity: "error",
      states: "A dictionary's blocks lie in the volume, behind block 0.",
      title: "A dictionary lies outside the volume",
    },
    "dict.sample-count-negative": {
      severity: "error",
      states: "SampleCount is not negative.",
      title: "A count of samples is negative",
    },
    "dict.time-range": {
      severity: "warning",
      states: "Times of dictionaries are ones that a calendar holds.",
      title: "A time is impossible",
    },
  },
);
