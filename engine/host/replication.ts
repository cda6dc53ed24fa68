import type { ReplicaRow, ReplicationView } from "../contract/index.ts";
import { isEmptyGuid, replCodec } from "../format/regions/index.ts";
import { syncStatuses } from "../format/regions/repl.ts";
import { bytesToShip, deltaExtentBytes, deltaHeaderBytes, dirtyCells, dirtyRuns, runLengths } from "../replica/dirty-runs.ts";
import { type LagReference, lagReference, pairReplicas, type ReplicaPair } from "../replica/replica-pairs.ts";
import type { OpenVolume } from "./open-volume.ts";
import type { DecodedRegion } from "./region-content.ts";

const mapCells = 512;
type Tone = NonNullable<ReplicaRow["status"]>["tone"];
const statusTones: readonly Tone[] = ["not-run", "running", "ok", "error"];

/** The replication state of a slot, put together; undefined where nothing is decoded. REGION_NOT_FOUND, REQUEST_INVALID for another kind. */
export async function describeReplication(opened: OpenVolume, slot: number): Promise<ReplicationView | undefined> {
  const decoded = await opened.contents.decoded(slot, replCodec);
  if (!decoded) return undefined;
  const { vectors, watermarks, trackedBlockCount, dirtyBlocks, unlistedDirtyBlocks = 0 } = decoded.content;
  const { volume } = opened;
  const reference = lagReference(watermarks, volume.superblock?.replicationEpoch);
  const counters = vectors.filter(({ replicaId }) => !isEmptyGuid(replicaId)).map(({ counter }) => counter);
  const newestCounter = counters.length > 0 ? counters.reduce((most, counter) => (counter > most ? counter : most)) : undefined;
  const runs = dirtyRuns(dirtyBlocks);
  const { dataRegion } = volume;
  return {
    slot,
    replicas: pairReplicas(vectors, watermarks).map((pair) => rowOf(pair, decoded, reference, newestCounter)),
    lagReference: reference,
    newestCounter,
    trackedBlocks: trackedBlockCount,
    dataStart: dataRegion?.startBlock,
    dataBlocks: dataRegion?.blockCount,
    dirty: {
      blocks: dirtyBlocks.length + unlistedDirtyBlocks,
      runs: runs.starts.length,
      longestRun: runs.counts.reduce((most, count) => Math.max(most, count), 0),
      unlistedBlocks: unlistedDirtyBlocks,
      bytesToShip: bytesToShip(runs.starts.length, dirtyBlocks.length, volume.blockBytes),
      headerBytes: deltaHeaderBytes,
      extentBytes: deltaExtentBytes,
      blockBytes: volume.blockBytes,
      lengths: runLengths(runs),
    },
    map: dirtyCells(dirtyBlocks, trackedBlockCount, mapCells),
  };
}

function rowOf(
  { vector, watermark, pairing }: ReplicaPair,
  { content, rangeOf }: DecodedRegion<{ vectors: unknown[]; watermarks: unknown[] }>,
  reference: LagReference | undefined,
  newestCounter: bigint | undefined,
): ReplicaRow {
  const status = watermark?.syncStatusValue;
  return {
    slot: vector?.slot ?? watermark?.slot ?? 0,
    watermarkSlot: watermark?.slot,
    pairing,
    replicaId: vector?.replicaId ?? watermark?.replicaId,
    watermarkReplicaId: watermark && vector && watermark.replicaId !== vector.replicaId ? watermark.replicaId : undefined,
    counter: vector?.counter,
    behindCounter: vector && newestCounter !== undefined ? newestCounter - vector.counter : undefined,
    counterTicks: vector?.timestampUtcTicks,
    syncedGeneration: watermark?.lastSyncedGeneration,
    behindGenerations: watermark && reference && reference.generation - watermark.lastSyncedGeneration,
    syncedBlock: watermark?.lastSyncedBlock,
    pendingBlocks: watermark?.pendingBlockCount,
    status:
      status === undefined
        ? undefined
        : {
            value: status,
            name: (syncStatuses as Readonly<Record<number, string>>)[status] ?? `${status} (no name)`,
            tone: statusTones[status] ?? "warning",
          },
    syncTicks: watermark?.syncTimestampUtcTicks,
    range: vector && rangeOf("vectors", content.vectors.indexOf(vector)),
    watermarkRange: watermark && rangeOf("watermarks", content.watermarks.indexOf(watermark)),
  };
}
