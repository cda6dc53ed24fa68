import { sealBlock, tagNumber, walHeaderBlock } from "../../format/core/index.ts";
import { opjrCodec } from "../../format/regions/index.ts";

const generation = 1;
const dataLogInterval = 4096;
const metadataLogInterval = 1024;

/** The header block of a log in which nothing was written. Operations reference 2.2, 3.7. */
export function freshLogHeader(kind: "MWAL" | "DWAL", blockCount: bigint, blockBytes: number, created: bigint): Uint8Array {
  const isData = kind === "DWAL";
  const header = {
    type: isData ? 1 : 0,
    version: 1,
    sequenceStart: 0n,
    sequenceEnd: 0n,
    headOffset: 0n,
    tailOffset: 0n,
    totalEntries: 0n,
    maxBlocks: blockCount,
    usedBlocks: 1n,
    createdTimestampUtc: created,
    lastCheckpointTimestamp: 0n,
    checkpointInterval: isData ? dataLogInterval : metadataLogInterval,
    isClean: true,
  };
  const trailer = { blockTypeTag: tagNumber(kind), generationNumber: generation, xxHash64Checksum: 0n };
  return walHeaderBlock.encode({ header, trailer }, { byteLength: blockBytes });
}

export interface FreshRegion {
  kind: string;
  blockCount: bigint;
  blockBytes: number;
  now: bigint;
}

/**
 * Images of a region in which nothing was written yet: every block zero and sealed under the region's own tag, so that the SDK's readers
 * accept as many as the directory counts (convention W4). A log has its header, and raw zeros behind it: its records carry no trailers, and
 * what a free block held before must not look like one. A journal of operations has its header. Operations reference 2.1, 3.7, 14.1.
 */
export function freshRegionImages({ kind, blockCount, blockBytes, now }: FreshRegion): (index: bigint) => Uint8Array {
  if (kind === "DWAL") {
    const header = freshLogHeader(kind, blockCount, blockBytes, now);
    const zeros = new Uint8Array(blockBytes);
    return (index) => (index === 0n ? header : zeros);
  }
  const empty = sealBlock(new Uint8Array(blockBytes), kind, generation);
  if (kind !== "OPJR") return () => empty;
  const [journal = empty] = opjrCodec.write(
    { activeOperations: 0, totalOperations: 0, oldestActiveId: 0n, newestId: 0n, lastCheckpointUtc: 0n, operations: [] },
    blockBytes,
  );
  return (index) => (index === 0n ? journal : empty);
}
