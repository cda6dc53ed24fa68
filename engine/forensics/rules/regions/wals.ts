import type { WalsRule } from "../../../format/regions/wals.ts";
import { defineRegionRules } from "./region-rule.ts";

/** Rules on the cursors of the log's subscribers. */
export const walsRules = defineRegionRules<WalsRule>(
  { name: "the subscriber cursors", reference: "other", section: "15", blockTag: "WALS" },
  {
    "wals.count-range": {
      severity: "error",
      states: "There are 0 to 128 cursors.",
      title: "The count of cursors is impossible",
      remark: "The SDK's reader refuses the table.",
    },
    "wals.id-zero": {
      severity: "error",
      states: "Each counted cursor has a subscriber's id.",
      title: "A cursor without subscriber",
      remark: "The SDK's reader passes over it.",
    },
    "wals.id-duplicate": {
      severity: "error",
      states: "Each subscriber has one cursor.",
      title: "A subscriber has two cursors",
      remark: "The SDK's reader keeps the last.",
    },
    "wals.flags-unknown": { severity: "warning", states: "Flags of cursors are bits 0 to 4.", title: "A cursor has unknown flags" },
    "wals.paused-inactive": { severity: "info", states: "A paused cursor is active too.", title: "A paused cursor is not active" },
    "wals.sequence-ahead": {
      severity: "warning",
      states: "A cursor's LastSequence is at most the log's last sequence number.",
      title: "A cursor is ahead of the log",
    },
    "wals.reserved-not-zero": {
      severity: "warning",
      states: "Reserved bytes of the header are zero.",
      title: "Reserved bytes are in use",
      remark: "They are lost when the SDK rewrites the table.",
    },
    "wals.slack-not-zero": {
      severity: "warning",
      states: "What follows the last counted cursor in the blocks in use is zero.",
      title: "Bytes behind the last cursor",
      remark: "They may be cursors that the count leaves out.",
    },
  },
);
