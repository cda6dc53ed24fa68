import type { MvccRule } from "../../../format/regions/mvcc.ts";
import { defineRegionRules } from "./region-rule.ts";

/** Rules on the store of old versions. */
export const mvccRules = defineRegionRules<MvccRule>(
  { name: "the version store", reference: "other", section: "18.3" },
  {
    "mvcc.length-range": {
      severity: "error",
      states: "A version's data fits its block.",
      title: "A version's length is impossible",
      remark: "The SDK's reader gives nothing for it.",
    },
    "mvcc.checksum": {
      severity: "error",
      states: "A version carries the hash of its bytes.",
      title: "A version does not verify",
      remark: "The SDK's reader gives nothing for it, and the chain ends there.",
    },
    "mvcc.chain-cycle": { severity: "error", states: "Chains of versions end.", title: "A chain of versions goes in a circle" },
    "mvcc.chain-outside": {
      severity: "error",
      states: "The version before each is a version of the store.",
      title: "A chain leads to no version",
    },
    "mvcc.inode-differs": { severity: "error", states: "All versions of a chain are of one inode.", title: "A chain changes its inode" },
    "mvcc.transaction-order": {
      severity: "warning",
      states: "Transactions descend along a chain.",
      title: "A version is not newer than the one before it",
    },
    "mvcc.slack-not-zero": { severity: "warning", states: "What follows a version in its block is zero.", title: "Bytes behind a version" },
  },
);
