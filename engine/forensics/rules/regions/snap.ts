import type { SnapRule } from "../../../format/regions/snap.ts";
import { defineRegionRules } from "./region-rule.ts";

/** Rules on the snapshot table. */
export const snapRules = defineRegionRules<SnapRule>(
  { name: "the snapshot table", reference: "core", section: "3.7", blockTag: "SNAP" },
  {
    "snap.count-differs": {
      severity: "error",
      states: "SnapshotCount is the number of entries.",
      title: "The count of snapshots is wrong",
      remark: "The SDK's reader takes a negative count for an empty table and runs past the table with a large one.",
    },
    "snap.entry-broken": {
      severity: "error",
      states: "A label has at most 64 bytes and ends inside its block.",
      title: "An entry cannot be decoded",
      remark: "Nothing behind it is read.",
    },
    "snap.reserved-not-zero": {
      severity: "warning",
      states: "Reserved bytes of the table's header are zero.",
      title: "Reserved bytes are in use",
    },
    "snap.slack-not-zero": {
      severity: "warning",
      states: "Bytes behind the last entry of a block are zero.",
      title: "Bytes behind the last entry are not zero",
      remark: "The SDK's writer leaves them when it needs more blocks than it counted.",
    },
    "snap.sdk-loses-entries": {
      severity: "error",
      states: "The SDK's reader finds every snapshot.",
      title: "The SDK's reader loses snapshots",
      remark: "It takes zeros at the end of a full block for entries and stops when it has as many as are counted.",
    },
    "snap.entries-behind-table": {
      severity: "info",
      section: "3.3",
      states: "No sealed block behind the last entry holds entries.",
      title: "Entries are left behind the table",
      remark: "The SDK leaves old blocks when a table gets shorter, entries that it lost among them. They can be recovered.",
    },
    "snap.id-empty": {
      severity: "error",
      states: "Each snapshot has an id.",
      title: "A snapshot has no id",
      remark: "The SDK cannot find it by its id.",
    },
    "snap.id-duplicate": {
      severity: "error",
      states: "Snapshot ids are unique.",
      title: "Two snapshots have one id",
      remark: "The SDK finds the last of them.",
    },
    "snap.parent-missing": {
      severity: "error",
      states: "A parent is a snapshot of the table.",
      title: "A parent is missing",
    },
    "snap.parent-cycle": {
      severity: "error",
      states: "Parents end in a root.",
      title: "Parents form a cycle",
      remark: "The SDK stops where an id comes again.",
    },
    "snap.parent-younger": {
      severity: "warning",
      states: "A parent was made before its child.",
      title: "A parent is younger than its child",
    },
    "snap.label-not-utf8": {
      severity: "warning",
      states: "Labels are UTF-8.",
      title: "A label is not UTF-8",
    },
    "snap.flags-unknown": {
      severity: "warning",
      states: "No flag is set that is not known.",
      title: "A flag is unknown",
    },
    "snap.inode-table-range": {
      severity: "warning",
      states: "A snapshot's inode table lies in the volume.",
      title: "A snapshot's inode table lies outside the volume",
      remark: "Rolling back to it is impossible. The SDK stores any range.",
    },
    "snap.count-negative": {
      severity: "error",
      states: "DataBlockCount is not negative.",
      title: "A count is negative",
    },
    "snap.time-range": {
      severity: "warning",
      states: "Times of snapshots are ones that a calendar holds.",
      title: "A time is impossible",
    },
    "snap.base-snapshot-count": {
      severity: "warning",
      states: "One root carries the flag BaseSnapshot.",
      title: "Not one root is the base snapshot",
      remark: "The flag is independent of the parent.",
    },
  },
);
