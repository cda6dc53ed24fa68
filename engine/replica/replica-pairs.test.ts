import { describe, expect, it } from "vitest";
import { type ReplContent, replCodec } from "../format/regions/index.ts";
import { goldenRegions } from "../testing/golden-region.ts";
import { lagReference, pairReplicas } from "./replica-pairs.ts";

const read = (golden: string): ReplContent => {
  const region = goldenRegions(golden).find(({ tag }) => tag === "REPL");
  const content = region && replCodec.read(region.blocks).content;
  if (!content) throw new Error("the golden has no replication state");
  return content;
};
const id = (letter: string) => `${letter.repeat(8)}-0000-0000-0000-000000000000`;
const vector = (slot: number, replicaId: string) => ({ slot, replicaId, counter: 1n, timestampUtcTicks: 0n });
const watermark = (slot: number, replicaId: string, generation = 1n) => ({
  slot,
  replicaId,
  lastSyncedBlock: 0n,
  lastSyncedGeneration: generation,
  syncTimestampUtcTicks: 0n,
  syncStatusValue: 0,
  pendingBlockCount: 0,
});

describe("pairing vectors and watermarks", () => {
  it("goes by the slot where both name the same replica", () => {
    const { vectors, watermarks } = read("populated-showcase");
    expect(pairReplicas(vectors, watermarks).map(({ pairing, watermark }) => [pairing, watermark?.slot])).toEqual([
      ["same-slot", 0],
      ["same-slot", 1],
      ["same-slot", 2],
    ]);
  });
  it("finds the replica in another slot", () => {
    const pairs = pairReplicas([vector(0, id("a")), vector(1, id("b"))], [watermark(0, id("b")), watermark(1, id("a"))]);
    expect(pairs.map(({ vector, watermark, pairing }) => [vector?.slot, watermark?.slot, pairing])).toEqual([
      [0, 1, "another-slot"],
      [1, 0, "another-slot"],
    ]);
  });
  it("drops no watermark that matches no vector", () => {
    const pairs = pairReplicas([vector(0, id("a"))], [watermark(0, id("c")), watermark(7, id("d"))]);
    expect(pairs.map(({ vector, watermark, pairing }) => [vector?.slot, watermark?.slot, pairing])).toEqual([
      [0, 0, "unmatched"],
      [undefined, 7, "unmatched"],
    ]);
    const { vectors, watermarks } = read("filled-repl-anonymous-slots");
    expect(pairReplicas(vectors, watermarks).map(({ vector, watermark }) => [vector?.slot, watermark?.slot])).toEqual([
      [0, undefined],
      [1, undefined],
      [undefined, 2],
      [3, undefined],
    ]);
  });
  it("counts back from the replication epoch, or from the furthest watermark where that is ahead", () => {
    const watermarks = [watermark(0, id("a"), 42n), watermark(1, id("b"), 39n)];
    expect(lagReference(watermarks, 42)).toEqual({ generation: 42n, of: "replication-epoch" });
    expect(lagReference(watermarks, 0)).toEqual({ generation: 42n, of: "furthest-watermark" });
    expect(lagReference([], 7)).toBeUndefined();
  });
});
