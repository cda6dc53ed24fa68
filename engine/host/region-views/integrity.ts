import { isAllZero } from "../../base/bytes.ts";
import { dataRegionLeaves } from "../../forensics/integrity-tree.ts";
import type { MtrkContent } from "../../format/regions/mtrk.ts";
import { toHex } from "../engine.ts";
import { type RegionViewer, tableOf } from "./region-viewer.ts";

/** The leaves of an integrity tree with the blocks they stand for. */
export const integrityTreeViewer: RegionViewer<MtrkContent> = (input) => {
  const { content, volume, region } = input;
  const { leaves, leafCount, treeCapacity, rootHash, layout } = content;
  const { blockOf } = layout === "region" ? dataRegionLeaves(volume, region, leafCount) : { blockOf: () => undefined };
  return {
    facts: [
      { label: "Layout", value: layout === "region" ? "one tree for the volume" : `a tree for inode ${content.inodeNumber}` },
      { label: "Leaves", value: `${leafCount}` },
      { label: "Capacity", value: `${treeCapacity}`, title: "Leaves rounded up to a power of two" },
      { label: "Levels", value: `${Math.log2(treeCapacity) + 1}` },
      { label: "Root", value: `${toHex(rootHash).slice(0, 24)}…`, title: toHex(rootHash), mono: true },
    ],
    tables: [
      tableOf(input, "leaves", leaves, {
        title: "Leaves",
        empty: "The tree has no leaves.",
        look: (leaf) => (isAllZero(leaf) ? "weak" : undefined),
        columns: [
          { id: "leaf", title: "Leaf", kind: "number", width: 80, cell: (_, index) => index },
          { id: "block", title: "Block", kind: "block", width: 100, cell: (_, index) => blockOf(index) ?? null },
          { id: "state", title: "State", kind: "state", width: 90, cell: (leaf) => (isAllZero(leaf) ? "not set" : "set") },
          { id: "node", title: "Node", kind: "number", width: 90, cell: (_, index) => treeCapacity + index },
          { id: "hash", title: "SHA-256", kind: "bytes", width: 520, cell: (leaf) => toHex(leaf) },
        ],
      }),
    ],
    pictures: [],
  };
};
