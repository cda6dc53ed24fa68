import type { MtrkRule } from "../../../format/regions/mtrk.ts";
import { defineRegionRules } from "./region-rule.ts";

/** Rules on the integrity tree. */
export const mtrkRules = defineRegionRules<MtrkRule>(
  { name: "the integrity tree", reference: "core", section: "7.7", blockTag: "MTRK" },
  {
    "mtrk.leaf-count": {
      severity: "error",
      states: "LeafCount is 1 to 16777216.",
      title: "The count of leaves is impossible",
      remark: "The SDK's reader refuses the tree.",
    },
    "mtrk.capacity-differs": {
      severity: "error",
      states: "TreeCapacity is the smallest power of two that holds the leaves.",
      title: "The tree's capacity does not suit its leaves",
      remark: "The SDK's reader refuses the tree.",
    },
    "mtrk.root-differs": {
      severity: "error",
      states: "The header's copy of the root is node 1.",
      title: "The header's root is not the tree's",
      remark: "The SDK never reads the copy.",
      repair: { id: "mtrk.recompute", risk: "advisory" },
    },
    "mtrk.node-mismatch": {
      severity: "error",
      states: "An inner node is the hash of its children, or all zero with everything below it.",
      title: "Inner nodes do not match their children",
      repair: { id: "mtrk.recompute", risk: "advisory" },
    },
    "mtrk.unused-leaf-not-zero": {
      severity: "warning",
      states: "Leaves behind the last are zero.",
      title: "An unused leaf is in use",
    },
    "mtrk.leaves-not-set": {
      severity: "info",
      states: "Every leaf is set.",
      title: "Not all of the tree is covered",
      remark: "Blocks of these leaves are not verified by the tree.",
    },
    "mtrk.nodes-not-stored": {
      severity: "warning",
      states: "The blocks of the tree hold all its nodes.",
      title: "The last leaves are not stored",
      remark: "The SDK's formula forgets 16 bytes of each block, so it never writes these nodes. They are not damaged.",
    },
    "mtrk.child-pointer-differs": {
      severity: "warning",
      section: "7.5",
      states: "A node of an object's tree names its children's places in the heap.",
      title: "A node names other children",
      remark: "The SDK writes these numbers and never reads them.",
      repair: { id: "mtrk.recompute", risk: "advisory" },
    },
    "mtrk.reserved-not-zero": {
      severity: "warning",
      states: "Unused bytes of the tree's blocks are zero.",
      title: "Unused bytes are in use",
    },
  },
);
