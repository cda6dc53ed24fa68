import type { RaidContent } from "../../format/regions/index.ts";
import { parityTypes, rebuildStatuses, shardStatuses } from "../../format/regions/raid-layout.ts";
import { type RegionViewer, tableOf } from "./region-viewer.ts";

const nameOf = (names: Readonly<Record<number, string>>, value: number): string => names[value] ?? `${value} (no name)`;

/** Shards, parity descriptors and rebuilds as they are stored. */
export const raidViewer: RegionViewer<RaidContent> = (input) => {
  const { shards, parityLayout, rebuilds, activeShardCount, parityDescCount, rebuildCount, generation } = input.content;
  return {
    facts: [
      { label: "Active shards", value: `${activeShardCount} of 64 slots` },
      {
        label: "Parity descriptors",
        value: parityDescCount === parityLayout.length ? `${parityDescCount}` : `${parityDescCount} counted, ${parityLayout.length} fit`,
      },
      { label: "Rebuilds", value: `${rebuildCount} of 4 slots` },
      { label: "Generation", value: `${generation}` },
    ],
    tables: [
      tableOf(input, "shards", shards, {
        title: "Shards",
        empty: "No shard slot is in use.",
        columns: [
          { id: "slot", title: "Slot", kind: "number", width: 60, cell: (each) => each.slot },
          { id: "deviceId", title: "Device", kind: "id", cell: (each) => each.deviceId },
          { id: "status", title: "Status", kind: "state", width: 110, cell: (each) => nameOf(shardStatuses, each.status) },
          { id: "stripeIndex", title: "In the stripe", kind: "number", width: 100, cell: (each) => each.stripeIndex },
          { id: "start", title: "Start", kind: "number", doc: "First block on that device", cell: (each) => each.startBlock },
          { id: "blocks", title: "Blocks", kind: "blocks", width: 110, cell: (each) => each.blockCount },
        ],
      }),
      tableOf(input, "parityLayout", parityLayout, {
        title: "Parity descriptors",
        empty: "No descriptor says where parity lies.",
        columns: [
          { id: "group", title: "Stripe group", kind: "number", cell: (each) => each.stripeGroupIndex },
          { id: "shard", title: "Shard slot", kind: "number", cell: (each) => each.parityShardIndex },
          { id: "type", title: "Type", kind: "state", cell: (each) => nameOf(parityTypes, each.parityTypeValue) },
        ],
      }),
      tableOf(input, "rebuilds", rebuilds, {
        title: "Rebuilds",
        empty: "No rebuild slot is in use.",
        columns: [
          { id: "slot", title: "Slot", kind: "number", width: 60, cell: (each) => each.slot },
          { id: "deviceId", title: "Device", kind: "id", cell: (each) => each.deviceId },
          { id: "status", title: "Status", kind: "state", width: 110, cell: (each) => nameOf(rebuildStatuses, each.statusValue) },
          { id: "completed", title: "Completed", kind: "blocks", width: 110, cell: (each) => each.completedBlocks },
          { id: "total", title: "Of", kind: "blocks", width: 110, cell: (each) => each.totalBlocks },
          { id: "last", title: "Last rebuilt block", kind: "number", width: 130, cell: (each) => each.lastRebuiltBlock },
          { id: "started", title: "Started", kind: "time", cell: (each) => each.startTimeUtcTicks },
          { id: "updated", title: "Last update", kind: "time", cell: (each) => each.lastUpdateUtcTicks },
          { id: "errors", title: "Errors", kind: "number", width: 80, cell: (each) => each.errorCount },
        ],
      }),
    ],
    pictures: [],
  };
};
