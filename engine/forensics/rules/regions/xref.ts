import type { XrefRule } from "../../../format/regions/xref.ts";
import { defineRegionRules } from "./region-rule.ts";
import { fixedTableWords, packedTableWords } from "./table-words.ts";

const loses =
  "It goes on in the free bytes, and even in the trailer, until a block is used to the last byte: it shows what is not there, or fails.";

/** Rules on references between volumes, federations and what volumes are for: three layouts under one tag. */
export const xrefRules = defineRegionRules<XrefRule>(
  { name: "the cross-reference region", reference: "other", section: "6.1", blockTag: "XREF" },
  {
    ...packedTableWords("xref", "the cross-reference region", loses),
    ...fixedTableWords("xref", "the cross-reference region"),
    "xref.id-empty": {
      severity: "error",
      section: "5, 6.2",
      states: "Each reference and each assignment has an id.",
      title: "An id is missing",
    },
    "xref.id-duplicate": {
      severity: "error",
      section: "5",
      states: "Ids of references are unique.",
      title: "Two references have one id",
      remark: "The SDK finds the last of them.",
    },
    "xref.type-unknown": { severity: "warning", section: "5", states: "ReferenceType is 0 to 3.", title: "A kind of reference is unknown" },
    "xref.not-of-this-volume": {
      severity: "info",
      section: "5",
      states: "References begin or end in this volume.",
      title: "References lead from and to other volumes",
    },
    "xref.to-itself": {
      severity: "info",
      section: "5",
      states: "The source of a reference is not its target.",
      title: "A reference leads to itself",
    },
    "xref.inode-missing": {
      severity: "warning",
      section: "5",
      states: "References from this volume begin at inodes of it.",
      title: "A reference begins at no inode",
    },
    "xref.region-duplicate": { severity: "error", states: "Ids of regions are unique.", title: "Two regions have one id" },
    "xref.region-missing": {
      severity: "warning",
      states: "Regions that entries and the header name are in the table.",
      title: "A region is not in the table",
    },
    "xref.position-range": {
      severity: "error",
      states: "Latitudes are within 90 degrees, longitudes within 180.",
      title: "A region's position is impossible",
    },
    "xref.volume-duplicate": {
      severity: "error",
      states: "Volumes of a federation are unique.",
      title: "Two entries are of one volume",
      remark: "The SDK finds the last of them.",
    },
    "xref.status-unknown": { severity: "warning", states: "Status is 0 to 3.", title: "A volume's status is unknown" },
    "xref.text-not-utf8": { severity: "warning", states: "Names and paths are UTF-8.", title: "A text is not UTF-8" },
    "xref.time-range": {
      severity: "warning",
      section: "5, 6.1",
      states: "Times of references and entries are ones that a calendar holds.",
      title: "A time is impossible",
    },
    "xref.role-unknown": { severity: "error", section: "6.2", states: "Role is 0 to 3.", title: "A role is unknown" },
    "xref.role-duplicate": {
      severity: "error",
      section: "6.2",
      states: "No volume has one role twice.",
      title: "Two assignments give a volume one role",
    },
    "xref.used-above-capacity": {
      severity: "error",
      section: "6.2",
      states: "UsedBlocks is not negative and not above CapacityBlocks.",
      title: "More blocks are used than there are",
    },
    "xref.read-only-flag": {
      severity: "warning",
      section: "6.2",
      states: "IsReadOnly is 0 or 1.",
      title: "A flag is neither yes nor no",
      remark: "The SDK takes it for yes.",
    },
    "xref.padding-not-zero": { severity: "warning", section: "6.2", states: "Padding is zero.", title: "Padding is in use" },
  },
);
