import type { SnapContent } from "../../format/regions/index.ts";
import { flagNamesOf, isTombstone } from "../../snapshot/snapshot-tree.ts";
import { type RegionViewer, tableOf } from "./region-viewer.ts";

/** The entries of the table in their order; tombstones are struck through. */
export const snapshotViewer: RegionViewer<SnapContent> = (input) => {
  const { snapshots, snapshotCount, generation } = input.content;
  return {
    facts: [
      {
        label: "Snapshots",
        value: snapshotCount === snapshots.length ? `${snapshotCount}` : `${snapshotCount} counted, ${snapshots.length} there`,
      },
      { label: "Generation", value: `${generation}` },
    ],
    tables: [
      tableOf(input, "snapshots", snapshots, {
        title: "Snapshots",
        empty: "The table has no entries.",
        look: (each) => (isTombstone(each) ? "gone" : undefined),
        columns: [
          { id: "label", title: "Label", kind: "text", cell: (each) => each.label.text },
          { id: "createdUtcTicks", title: "Created", kind: "time", cell: (each) => each.createdUtcTicks },
          { id: "flags", title: "Flags", kind: "state", width: 180, cell: ({ flags }) => flagNamesOf(flags).join(" · ") || "none" },
          { id: "table", title: "Inode table", kind: "block", width: 100, cell: (each) => each.inodeTableBlockOffset },
          { id: "tableBlocks", title: "Its blocks", kind: "blocks", width: 90, cell: (each) => each.inodeTableBlockCount },
          { id: "dataBlocks", title: "Data blocks", kind: "blocks", width: 100, doc: "As stored", cell: (each) => each.dataBlockCount },
          { id: "snapshotId", title: "Id", kind: "id", cell: (each) => each.snapshotId },
          { id: "parentId", title: "Parent", kind: "id", cell: (each) => each.parentSnapshotId },
        ],
      }),
    ],
    pictures: [],
  };
};
