import type { TagiRule } from "../../../format/regions/tagi.ts";
import { defineRegionRules } from "./region-rule.ts";
import { tableWords } from "./table-words.ts";

const { "tagi.stale-blocks": staleBlocks, "tagi.stale-newer": staleNewer } = tableWords("tagi", "the tag index");
const roaring = "2.6";

/** Rules on the tag index, tree or roaring. */
export const tagiRules = defineRegionRules<TagiRule>(
  {
    name: "the tag index",
    reference: "other",
    section: "2.5",
    blockTag: "TAGI",
    blockRules: ["block-foreign", "generations-differ"],
  },
  {
    "tagi.block-damaged": {
      severity: "error",
      section: "2.3",
      states: "Each block that the tag index fills carries the hash of its payload.",
      title: "Tag index: a block does not verify",
      remark: "The SDK's reader of this region never looks at hashes: it shows what the block holds.",
    },
    "tagi.stale-blocks": staleBlocks,
    "tagi.stale-newer": staleNewer,
    "tagi.entry-count-differs": {
      severity: "error",
      states: "EntryCount is the number of entries in the leaves.",
      title: "The count of entries is wrong",
      remark: "The SDK's reader keeps the stored count.",
    },
    "tagi.depth-differs": {
      severity: "warning",
      states: "TreeDepth is the number of levels above the leaves.",
      title: "The depth of the tree is wrong",
      remark: "The SDK's reader does not look at it.",
    },
    "tagi.filter-refused": {
      severity: "error",
      section: "2.1, 2.3",
      states: "The bloom filter has bits and hashes, and ends in block 0.",
      title: "The bloom filter is impossible",
      remark: "The SDK's reader refuses the region.",
    },
    "tagi.filter-overlaps-trailer": {
      severity: "error",
      section: "2.4",
      states: "The bloom filter ends before the trailer.",
      title: "The bloom filter overlaps the trailer",
      remark: "The trailer's bytes take the place of bits, so that look-ups miss keys.",
    },
    "tagi.filter-misses-key": {
      severity: "error",
      states: "Each key passes the bloom filter.",
      title: "The bloom filter hides keys",
      remark: "Look-ups ask the filter first and do not find these entries.",
    },
    "tagi.filter-differs": {
      severity: "info",
      states: "The bloom filter is the one of the keys.",
      title: "The bloom filter lets more pass than the keys",
      remark: "Look-ups find everything; keys that were removed may have left their bits.",
    },
    "tagi.reserved-not-zero": {
      severity: "warning",
      section: "1.8",
      states: "Reserved bytes of the tag index are zero.",
      title: "Reserved bytes are in use",
    },
    "tagi.slack-not-zero": {
      severity: "warning",
      section: "1.8",
      states: "Bytes behind the filter and behind what a node holds are zero.",
      title: "Bytes behind a node's content are not zero",
    },
    "tagi.node-broken": {
      severity: "error",
      section: "2.3",
      states: "What a node counts ends inside its block.",
      title: "A node of the tag index cannot be decoded",
      remark: "The SDK's reader refuses the region.",
    },
    "tagi.node-type": {
      severity: "warning",
      section: "2.2",
      states: "A node's type is 0 or 1.",
      title: "A node's type is unknown",
      remark: "The SDK's reader takes it for an internal node.",
    },
    "tagi.leaf-overflow": {
      severity: "error",
      section: "2.4",
      states: "A leaf's entries end before NextLeaf.",
      title: "A leaf is longer than its payload",
      remark: "NextLeaf and the trailer have overwritten the end of the last entry.",
    },
    "tagi.internal-overflow": {
      severity: "error",
      section: "2.4",
      states: "An internal node ends before the trailer.",
      title: "An internal node is longer than its payload",
      remark: "The trailer has overwritten its last children; the SDK drops them, and look-ups below them fail.",
    },
    "tagi.child-range": {
      severity: "error",
      states: "Children are blocks of the region behind block 0.",
      title: "A child lies outside the region",
      remark: "The SDK's reader drops it, and the later children move up.",
    },
    "tagi.node-shared": { severity: "error", states: "Each node is the child of one.", title: "Two nodes have one child" },
    "tagi.node-cycle": {
      severity: "error",
      states: "No node is below itself.",
      title: "The tree has a cycle",
      remark: "The SDK's reader recurses without end.",
    },
    "tagi.leaf-depth": { severity: "error", states: "All leaves are on one level.", title: "Leaves are on different levels" },
    "tagi.numbering": {
      severity: "warning",
      states: "Nodes are numbered breadth first, without gaps.",
      title: "Nodes are not in the order of the tree",
    },
    "tagi.chain-cycle": {
      severity: "error",
      states: "The chain of leaves ends.",
      title: "The chain of leaves has a cycle",
      remark: "The SDK lists entries without end.",
    },
    "tagi.chain-differs": {
      severity: "error",
      states: "The chain of leaves is the order of the tree's leaves.",
      title: "The chain of leaves does not follow the tree",
      remark: "The SDK lists only what the chain reaches.",
    },
    "tagi.keys-order": {
      severity: "error",
      states: "Keys do not descend from leaf to leaf.",
      title: "Keys are out of order",
    },
    "tagi.separator": {
      severity: "error",
      states: "Keys of a node lie between the separators above it.",
      title: "A key lies outside its separators",
      remark: "Look-ups search it elsewhere.",
    },
    "tagi.block-address": {
      severity: "warning",
      states: "BlockAddress is a block of the volume.",
      title: "A tag's address is outside the volume",
    },
    "tagi.inode-missing": {
      severity: "warning",
      states: "Tags belong to inodes of the volume.",
      title: "A tag belongs to no inode",
    },
    "tagi.sdk-lookup-misses": {
      severity: "info",
      section: "2.3, 2.4",
      states: "The SDK's look-ups find each entry.",
      title: "The SDK's look-ups miss entries",
      remark: "It starts right of a separator that equals the key, asks the filter first, and drops pointers that lead nowhere.",
    },
    "tagi.roaring-buckets": {
      severity: "warning",
      section: roaring,
      states: "There are twice as many buckets as entries, at least 16, and a power of two.",
      title: "The number of buckets is not what the SDK makes",
    },
    "tagi.roaring-count-differs": {
      severity: "error",
      section: roaring,
      states: "entryCount is the number of buckets in use.",
      title: "The count of tags is wrong",
    },
    "tagi.roaring-range": {
      severity: "error",
      section: roaring,
      states: "Bitmaps and names lie in the region.",
      title: "A part of the tag index lies outside its region",
    },
    "tagi.roaring-slot": {
      severity: "error",
      section: roaring,
      states: "Probing from its hash finds each tag.",
      title: "A tag stands in a bucket that is never probed",
    },
    "tagi.roaring-name-missing": {
      severity: "error",
      section: roaring,
      states: "Each tag's key and value are stored.",
      title: "A tag's name is lost",
    },
    "tagi.roaring-hash-differs": {
      severity: "error",
      section: roaring,
      states: "A tag's hash is that of its key and value.",
      title: "A tag's name is not the one of its hash",
    },
    "tagi.roaring-bitmap": {
      severity: "error",
      section: roaring,
      states: "Containers are of known types, in the order of their chunks, and their values ascend.",
      title: "A bitmap of inodes is damaged",
      remark: "The region has no trailers, so nothing else shows it.",
    },
    "tagi.roaring-inode-missing": {
      severity: "warning",
      section: roaring,
      states: "Tags belong to inodes of the volume.",
      title: "A tag belongs to no inode",
    },
  },
);
