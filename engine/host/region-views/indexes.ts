import type { BtreContent } from "../../format/regions/btre.ts";
import type { TagiContent } from "../../format/regions/tagi.ts";
import { viewFields } from "./field-viewer.ts";
import { barsOf, cellsOf } from "./pictures.ts";

/** What the nodes of each kind of tree have in common. */
interface AnyNode {
  block: bigint | number;
  keyCount?: number;
  flags?: number;
  isLeaf?: boolean;
}

const mostCells = 48;

/** A forest of indexes, or a tag index: nodes by their place in the tree, or tags by the number of inodes that carry them. */
export const indexViewer = viewFields<BtreContent | TagiContent>({
  kinds: { parentBlock: "block", nextLeafBlock: "block", prevLeafBlock: "block", blockAddress: "block", inodeNumber: "number" },
  texts: ["key", "value"],
  titles: { entries: "Tags", nodes: "Nodes", tags: "Tags", names: "Names", inodeNumber: "Inode", blockAddress: "Block" },
  widths: { key: 200, value: 200 },
  pictures: ({ content, rangeOf }) => {
    if (content.layout === "roaring")
      return content.tags.length === 0
        ? []
        : [
            barsOf(
              "Inodes by tag",
              `${content.tags.length} tags.`,
              "inodes",
              content.tags.map((tag, index) => ({
                label: `${tag.key?.text ?? "?"} = ${tag.value?.text ?? "?"}`,
                value: tag.inodes.length,
                text: `${tag.inodes.length}`,
                range: rangeOf("tags", index),
              })),
            ),
          ];
    const nodes = content.nodes as readonly AnyNode[];
    if (nodes.length === 0) return [];
    return [
      cellsOf(
        "Nodes in block order",
        nodes,
        [
          { state: "root", title: "root", tone: "warning" },
          { state: "inner", title: "inner node", tone: "busy" },
          { state: "leaf", title: "leaf", tone: "ok" },
        ],
        ({ block, keyCount, flags, isLeaf }, index) => ({
          label: `Block ${block}${keyCount === undefined ? "" : `, ${keyCount} keys`}`,
          state: (flags ?? 0) & 2 ? "root" : (isLeaf ?? ((flags ?? 0) & 1) === 1) ? "leaf" : "inner",
          range: rangeOf("nodes", index),
        }),
        mostCells,
      ),
    ];
  },
});
