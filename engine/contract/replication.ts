import type { ByteRange } from "./common.ts";

/** What the replication state says, put together: replicas, how far they are behind, and what would be shipped now. */
export interface ReplicationView {
  slot: number;
  replicas: ReplicaRow[];
  /** What `behindGenerations` counts back from; missing where no watermark is stored. */
  lagReference?: { generation: bigint; of: "replication-epoch" | "furthest-watermark" } | undefined;
  /** The largest vector counter; `behindCounter` counts back from it. */
  newestCounter?: bigint | undefined;
  trackedBlocks: number;
  /** First block of the data region, which bit 0 stands for, and its length; missing where no table names one. */
  dataStart?: bigint | undefined;
  dataBlocks?: bigint | undefined;
  dirty: DirtySummary;
  map: DirtyMap;
}

export interface ReplicaRow {
  /** Slot of the vector; of the watermark where there is no vector. */
  slot: number;
  watermarkSlot?: number | undefined;
  /** How watermark and vector came together; missing where only one of them is there. */
  pairing?: "same-slot" | "another-slot" | "unmatched" | undefined;
  replicaId?: string | undefined;
  /** What the watermark names, where it is another replica. */
  watermarkReplicaId?: string | undefined;
  counter?: bigint | undefined;
  behindCounter?: bigint | undefined;
  counterTicks?: bigint | undefined;
  syncedGeneration?: bigint | undefined;
  behindGenerations?: bigint | undefined;
  syncedBlock?: bigint | undefined;
  pendingBlocks?: number | undefined;
  /** The status by its name, and how it is to be taken. */
  status?: { value: number; name: string; tone: "ok" | "running" | "error" | "warning" | "not-run" } | undefined;
  syncTicks?: bigint | undefined;
  range?: ByteRange | undefined;
  watermarkRange?: ByteRange | undefined;
}

export interface DirtySummary {
  blocks: number;
  runs: number;
  longestRun: number;
  /** Dirty blocks beyond the limit that runs and sizes leave out. */
  unlistedBlocks: number;
  /** Size of a delta that ships every run as an extent of its own. */
  bytesToShip: bigint;
  headerBytes: number;
  extentBytes: number;
  blockBytes: number;
  lengths: { from: number; runs: number; blocks: number }[];
}

/** Dirty blocks along the tracked ones, each cell a count. */
export interface DirtyMap {
  blocksPerCell: number;
  cells: number[];
}
