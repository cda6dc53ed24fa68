import type { ReplContent, ReplicaVector } from "../../format/regions/index.ts";
import { syncStatuses } from "../../format/regions/repl.ts";
import { bytesToShip, dirtyRuns } from "../../replica/dirty-runs.ts";
import type { RegionViewer, TableSource, ViewerInput } from "./region-viewer.ts";
import { tableOf } from "./region-viewer.ts";

/** Dirty runs as blocks of the volume, and the slots as they are stored. */
export const replicationViewer: RegionViewer<ReplContent> = (input) => {
  const { vectors, watermarks, activeReplicaCount, generation } = input.content;
  return {
    facts: [
      { label: "Active replicas", value: activeCount(vectors, activeReplicaCount) },
      { label: "Generation", value: `${generation}` },
    ],
    tables: [
      runTable(input),
      tableOf(input, "vectors", vectors, {
        title: "Vectors",
        empty: "No vector slot is in use.",
        columns: [
          { id: "slot", title: "Slot", kind: "number", width: 60, cell: (each) => each.slot },
          { id: "replicaId", title: "Replica", kind: "id", cell: (each) => each.replicaId },
          { id: "counter", title: "Counter", kind: "number", cell: (each) => each.counter },
          { id: "timestamp", title: "Time", kind: "time", doc: "A hint; the counter decides", cell: (each) => each.timestampUtcTicks },
        ],
      }),
      tableOf(input, "watermarks", watermarks, {
        title: "Watermarks",
        empty: "No watermark slot is in use.",
        columns: [
          { id: "slot", title: "Slot", kind: "number", width: 60, cell: (each) => each.slot },
          { id: "replicaId", title: "Replica", kind: "id", cell: (each) => each.replicaId },
          { id: "block", title: "Last synced block", kind: "block", width: 120, cell: (each) => each.lastSyncedBlock },
          { id: "generation", title: "Synced generation", kind: "number", width: 130, cell: (each) => each.lastSyncedGeneration },
          { id: "time", title: "Synced at", kind: "time", cell: (each) => each.syncTimestampUtcTicks },
          {
            id: "status",
            title: "Status",
            kind: "state",
            width: 110,
            cell: ({ syncStatusValue }) =>
              (syncStatuses as Readonly<Record<number, string>>)[syncStatusValue] ?? `${syncStatusValue} (no name)`,
          },
          { id: "pending", title: "Pending", kind: "blocks", cell: (each) => each.pendingBlockCount },
        ],
      }),
    ],
    pictures: [],
  };
};

function activeCount(vectors: readonly ReplicaVector[], stored: number): string {
  const active = vectors.filter(({ replicaId }) => /[^0-]/.test(replicaId)).length;
  return active === stored ? `${stored} of 32 slots` : `${stored} stored, ${active} there`;
}

/** Each run of dirty blocks; a row leads to the bytes of its bits. */
function runTable({ content, rangeOf, volume }: ViewerInput<ReplContent>): TableSource {
  const { starts, counts } = dirtyRuns(content.dirtyBlocks);
  const dataStart = volume.dataRegion?.startBlock;
  const firstDirty = new Uint32Array(starts.length);
  for (let run = 1; run < starts.length; run++) firstDirty[run] = (firstDirty[run - 1] ?? 0) + (counts[run - 1] ?? 0);
  return {
    id: "runs",
    title: "Dirty runs",
    empty: "No block is dirty: nothing would be shipped.",
    rowCount: starts.length,
    columns: [
      { id: "tracked", title: "Tracked from", kind: "number", width: 110, doc: "Index in the dirty bitmap" },
      { id: "block", title: "First block", kind: "block", width: 110, doc: "Bit i is data block i, counted from the data region's start" },
      { id: "count", title: "Blocks", kind: "blocks", width: 90 },
      { id: "bytes", title: "In a delta", kind: "size", width: 110, doc: "Extent header and blocks" },
    ],
    row: (run) => {
      const [start = 0, count = 0] = [starts[run], counts[run]];
      const first = rangeOf("dirtyBlocks", firstDirty[run] ?? 0);
      const last = rangeOf("dirtyBlocks", (firstDirty[run] ?? 0) + count - 1);
      return {
        cells: [
          start,
          dataStart === undefined ? null : dataStart + BigInt(start),
          count,
          bytesToShip(1, count, volume.blockBytes) - bytesToShip(0, 0, volume.blockBytes),
        ],
        range: first && last && { start: first.start, end: last.end },
      };
    },
  };
}
