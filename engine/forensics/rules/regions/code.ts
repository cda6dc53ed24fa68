import type { CodeRule } from "../../../format/regions/code.ts";
import { defineRegionRules } from "./region-rule.ts";

/** Rules on the code cache. */
export const codeRules = defineRegionRules<CodeRule>(
  { name: "the code cache", reference: "core", section: "4.5", blockTag: "CODE" },
  {
    "code.count-differs": {
      severity: "error",
      states: "ModuleCount is the number of entries.",
      title: "The count of modules is wrong",
      remark: "The SDK's reader takes a negative count for an empty cache and runs past the table with a large one.",
    },
    "code.entry-broken": {
      severity: "error",
      states: "An entry point's name has at most 128 bytes and ends inside its block.",
      title: "An entry cannot be decoded",
      remark: "Nothing behind it is read.",
    },
    "code.reserved-not-zero": {
      severity: "warning",
      states: "Reserved bytes of the cache's header are zero.",
      title: "Reserved bytes are in use",
    },
    "code.slack-not-zero": {
      severity: "warning",
      states: "Bytes behind the last entry of a block are zero.",
      title: "Bytes behind the last entry are not zero",
    },
    "code.sdk-loses-entries": {
      severity: "error",
      states: "The SDK's reader finds every module.",
      title: "The SDK's reader loses modules",
      remark: "It takes zeros at the end of a full block for entries and stops when it has as many as are counted.",
    },
    "code.entries-behind-table": {
      severity: "info",
      section: "4.1",
      states: "No sealed block behind the last entry holds entries.",
      title: "Entries are left behind the table",
      remark: "The SDK leaves old blocks when a table gets shorter, entries that it lost among them. They can be recovered.",
    },
    "code.hash-empty": {
      severity: "error",
      states: "Each module has a hash.",
      title: "A module has no hash",
    },
    "code.hash-duplicate": {
      severity: "error",
      states: "Hashes of modules are unique.",
      title: "Two entries have one hash",
      remark: "The SDK finds the last of them.",
    },
    "code.id-empty": {
      severity: "warning",
      states: "Each module has an id.",
      title: "A module has no id",
    },
    "code.id-duplicate": {
      severity: "warning",
      states: "Module ids are unique.",
      title: "Two modules have one id",
      remark: "The SDK finds the first of them.",
    },
    "code.count-negative": {
      severity: "error",
      states: "Blocks and bytes of a module are not negative.",
      title: "A module's size is negative",
    },
    "code.size-differs": {
      severity: "warning",
      states: "A module has as many blocks as its bytes fill.",
      title: "A module's blocks do not suit its size",
      remark: "Whether module blocks carry trailers is not specified; both counts are accepted.",
    },
    "code.range-outside": {
      severity: "warning",
      states: "A module's blocks lie in the volume.",
      title: "A module lies outside the volume",
      remark: "Nothing says whether the first block counts from the volume or from its data region; neither holds it.",
    },
    "code.ranges-overlap": {
      severity: "error",
      states: "Modules share no block.",
      title: "Two modules share blocks",
    },
    "code.abi-unknown": {
      severity: "warning",
      states: "AbiVersion is 0 to 2.",
      title: "An ABI version is unknown",
    },
    "code.name-not-utf8": {
      severity: "warning",
      states: "Names of entry points are UTF-8.",
      title: "A name is not UTF-8",
    },
    "code.time-range": {
      severity: "warning",
      states: "Times of modules are ones that a calendar holds.",
      title: "A time is impossible",
    },
  },
);
