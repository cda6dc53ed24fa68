import type { BtreRule } from "../../../format/regions/btre.ts";
import { defineRegionRules } from "./region-rule.ts";

/** Rules on the forest of indexes. */
export const btreRules = defineRegionRules<BtreRule>(
  { name: "the index forest", reference: "other", section: "17.1" },
  {
    "btre.not-recognised": {
      severity: "warning",
      section: "17",
      states: "The index forest holds nodes of one tree or a tag index.",
      title: "Index forest: content not recognised",
    },
    "btre.node-damaged": {
      severity: "error",
      states: "A node's keys and pointers lie inside its block and are no more than it may have.",
      title: "A node is damaged",
      remark: "The SDK's reader throws when it comes there; keys below are lost to it.",
    },
    "btre.node-cut": {
      severity: "error",
      section: "17.2",
      states: "A node holds all that it counts.",
      title: "A node is cut off",
      remark: "The SDK's writer leaves out silently what does not fit a block.",
    },
    "btre.root-missing": { severity: "error", states: "One node is the root.", title: "No node is the root" },
    "btre.root-several": { severity: "error", states: "One node is the root.", title: "Several nodes are roots" },
    "btre.child-missing": {
      severity: "error",
      states: "Each child block is a node.",
      title: "A child is no node",
      remark: "Keys below it are lost.",
    },
    "btre.child-shared": {
      severity: "error",
      states: "Each node is named once.",
      title: "A node is named twice",
      remark: "Where it leads back to a node above, a search does not end.",
    },
    "btre.node-unreached": { severity: "warning", states: "Each node but the root is named.", title: "No node names this one" },
    "btre.leaf-depth-differs": {
      severity: "error",
      states: "All leaves are equally deep.",
      title: "A leaf at another depth",
    },
    "btre.keys-unordered": {
      severity: "error",
      states: "Keys ascend within nodes and from leaf to leaf.",
      title: "Keys are out of order",
      remark: "Searches pass them by.",
    },
    "btre.leaf-links": {
      severity: "error",
      states: "Leaves are chained forwards and backwards in the order of the tree.",
      title: "The chain of leaves is broken",
      remark: "Counting and listing follow the chain.",
    },
    "btre.parent-differs": {
      severity: "info",
      states: "Each node names its parent.",
      title: "A node names another parent",
      remark: "The SDK does not bring it up to date when a split moves a child.",
    },
    "btre.flags-unknown": { severity: "warning", states: "Flags of nodes are Leaf and Root.", title: "A node has unknown flags" },
    "btre.separator-without-entry": {
      severity: "error",
      states: "Each separator key has an entry in a leaf.",
      title: "Separator keys without a leaf entry",
      remark: "When the SDK splits a leaf it moves the middle key up and drops its value: these entries are lost.",
    },
    "btre.key-unreachable": {
      severity: "error",
      states: "A search from the root finds each key of a leaf.",
      title: "Keys that a search does not find",
      remark: "Counting over the chain of leaves still finds them.",
    },
    "btre.slack-not-zero": { severity: "warning", states: "What follows a node in its block is zero.", title: "Bytes behind a node" },
  },
);
