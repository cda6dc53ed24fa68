import { isAllZero, viewOf } from "../../base/bytes.ts";
import { structureOf } from "../../volume/block-view.ts";
import type { Volume } from "../../volume/volume.ts";

/** A block that is named by something that does not own it. */
export interface BlockReference {
  block: bigint;
  /** Who names it, in words. */
  by: string;
}

/** Regions whose block numbers are known as owners', as records of what was, or as those of other devices. */
const otherKinds = new Set("INOD SNAP CODE DICT MWAL DWAL BMAP OPJR RAID DATA SUPB RMAP".split(" "));
const pointerBytes = 8n;
const mostReferences = 1_000_000;

/**
 * Blocks of a range that regions name without owning them, as a tag index may: what such a number means is not said, so what it names must
 * stay. Other regions reference 2.2, 17, 18.
 */
export async function readReferences(
  volume: Volume,
  { start, end }: { start: bigint; end: bigint },
  signal?: AbortSignal,
): Promise<BlockReference[]> {
  const found: BlockReference[] = [];
  for (const region of volume.ownRegions) {
    if (otherKinds.has(region.kind) || region.startBlock < 0n) continue;
    await volume.reader.walk(
      region.startBlock,
      region.startBlock + region.blockCount,
      (at, bytes) => {
        if (!bytes || isAllZero(bytes) || found.length >= mostReferences) return;
        for (const { kind, start: from, end: to, type } of structureOf(volume, at, bytes).annotate(bytes, 0n)) {
          if (kind !== "pointer" || to - from !== pointerBytes) continue;
          const block = viewOf(bytes).getBigInt64(Number(from), !type.includes("big-endian"));
          if (block >= start && block < end) found.push({ block, by: `block ${at} of ${region.name}` });
        }
      },
      signal,
    );
  }
  return found;
}
