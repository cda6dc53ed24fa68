import { isEmptyGuid, type ReplicaVector, type ReplicaWatermark } from "../format/regions/index.ts";

/**
 * How a watermark came to its vector: both name the replica in the `same-slot`, the vector that names it stands in `another-slot`,
 * or `unmatched`: no vector names it, and only the slot puts the two together.
 */
export type Pairing = "same-slot" | "another-slot" | "unmatched";

/** What is known of one replica. */
export interface ReplicaPair {
  vector: ReplicaVector | undefined;
  watermark: ReplicaWatermark | undefined;
  /** Undefined where only one of the two is there. */
  pairing: Pairing | undefined;
}

/**
 * Vectors with their watermarks, in slot order; nothing is dropped. Vector slot i and watermark slot i belong together by
 * convention only, so the replica's id decides where it is there. Source: core regions reference 1.4.
 */
export function pairReplicas(vectors: readonly ReplicaVector[], watermarks: readonly ReplicaWatermark[]): ReplicaPair[] {
  const left = new Set(watermarks);
  const taken = new Map<ReplicaVector, { watermark: ReplicaWatermark; pairing: Pairing }>();
  const take = (pairing: Pairing, belongs: (vector: ReplicaVector, watermark: ReplicaWatermark) => boolean): void => {
    for (const vector of vectors) {
      if (taken.has(vector)) continue;
      for (const watermark of left) {
        if (!belongs(vector, watermark)) continue;
        taken.set(vector, { watermark, pairing });
        left.delete(watermark);
        break;
      }
    }
  };
  const sameId = (vector: ReplicaVector, watermark: ReplicaWatermark) =>
    vector.replicaId === watermark.replicaId && !isEmptyGuid(vector.replicaId);
  take("same-slot", (vector, watermark) => vector.slot === watermark.slot && sameId(vector, watermark));
  take("another-slot", sameId);
  take("unmatched", (vector, watermark) => vector.slot === watermark.slot);
  const pairs: ReplicaPair[] = [
    ...vectors.map((vector) => ({ vector, watermark: taken.get(vector)?.watermark, pairing: taken.get(vector)?.pairing })),
    ...[...left].map((watermark) => ({ vector: undefined, watermark, pairing: "unmatched" as const })),
  ];
  return pairs.sort((a, b) => slotOf(a) - slotOf(b));
}

const slotOf = ({ vector, watermark }: ReplicaPair): number => vector?.slot ?? watermark?.slot ?? 0;

/** What generations are counted back from: the superblock's ReplicationEpoch, or the furthest watermark where that is ahead of it. */
export interface LagReference {
  generation: bigint;
  of: "replication-epoch" | "furthest-watermark";
}

/**
 * The generation that replicas are held against. No code says what LastSyncedGeneration counts; the epoch is taken where no
 * watermark is ahead of it. Source: core regions reference 1.1, core reference 2.4.
 */
export function lagReference(watermarks: readonly ReplicaWatermark[], replicationEpoch: number | undefined): LagReference | undefined {
  let furthest: bigint | undefined;
  for (const { lastSyncedGeneration } of watermarks)
    if (furthest === undefined || lastSyncedGeneration > furthest) furthest = lastSyncedGeneration;
  if (furthest === undefined) return undefined;
  if (replicationEpoch !== undefined && BigInt(replicationEpoch) >= furthest)
    return { generation: BigInt(replicationEpoch), of: "replication-epoch" };
  return { generation: furthest, of: "furthest-watermark" };
}
