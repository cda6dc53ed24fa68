import { equalBytes, isAllZero } from "../base/bytes.ts";
import {
  type ExtendedMetadata,
  extendedMetadata,
  type IntegrityAnchor,
  integrityAnchor,
  judgeTrailer,
  type RegionTable,
  regionTable,
  type Superblock,
  superblock,
  type TrailerVerdict,
  trailerBytes,
} from "../format/core/index.ts";
import type { GroupSource } from "./volume.ts";

/** Blocks 0 to 9 as stored, with the verdict on each trailer; undefined where a block could not be read. */
export interface HeadBlock {
  block: number;
  bytes: Uint8Array;
  trailer: TrailerVerdict;
  allZero: boolean;
}
export type Head = readonly (HeadBlock | undefined)[];

export const headBlock = (block: number, bytes: Uint8Array): HeadBlock => ({
  block,
  bytes,
  trailer: judgeTrailer(bytes),
  allZero: isAllZero(bytes),
});

/** One block of the group, from the copy that was believed. */
export interface GroupBlock<T> {
  value: T | undefined;
  source: GroupSource;
  /** The block it was taken from. */
  block: number;
  holds: boolean;
}

export interface SuperblockGroup {
  /** The copy to trust; undefined where neither superblock holds. */
  trusted: "primary" | "mirror" | undefined;
  superblock: GroupBlock<Superblock>;
  pointerTable: GroupBlock<RegionTable>;
  extendedMetadata: GroupBlock<ExtendedMetadata>;
  integrityAnchor: GroupBlock<IntegrityAnchor>;
}

export const mirrorStart = 4;

/** What a padding claim leaves in block 7: a target of 0 or 2, the block size, a marker of 1 or 2. Core reference 8.2. */
export function isPaddingClaimScratch(block7: Uint8Array): boolean {
  const view = new DataView(block7.buffer, block7.byteOffset, block7.byteLength);
  return [0, 2].includes(view.getInt32(0, true)) && view.getInt32(4, true) === block7.length && [1, 2].includes(view.getUint8(8));
}

/** What a block's bytes say, read once for all who ask. */
function readOnce<Value>(parse: (bytes: Uint8Array) => Value): (bytes: Uint8Array) => Value {
  const known = new WeakMap<Uint8Array, Value>();
  return (bytes) => {
    let value = known.get(bytes);
    if (value === undefined) {
      value = parse(bytes);
      known.set(bytes, value);
    }
    return value;
  };
}
const superblockOf = readOnce((bytes) => superblock.parse(bytes));
export const regionTableOf = readOnce((bytes) => regionTable.parse(bytes));

/**
 * Whether a block of the group holds: its trailer verifies, or the SDK left it unsealed. Convention R3.
 * `pendingImage` is the block-0 image of a committed, pending log transaction, if there is one.
 */
export function groupBlockHolds(head: Head, index: number, pendingImage?: Uint8Array): boolean {
  const found = head[index];
  if (!found) return false;
  if (found.trailer.verified) return true;
  if (found.trailer.zero) return !found.allZero;
  if (index !== 0 || isAllZero(found.bytes.subarray(0, -trailerBytes))) return false;
  const block7 = head[7]?.bytes;
  if (block7 && isPaddingClaimScratch(block7)) return true;
  return pendingImage !== undefined && equalBytes(payload(pendingImage), payload(found.bytes));
}

const payload = (block: Uint8Array): Uint8Array => block.subarray(0, block.length - trailerBytes);

/** Chooses a copy of each of the four blocks by convention R3. */
export function chooseGroup(head: Head, pendingImage?: Uint8Array): SuperblockGroup {
  const holds = (index: number) => groupBlockHolds(head, index, pendingImage);
  const sequence = (index: number) => superblockOf(head[index]?.bytes ?? new Uint8Array(0)).checkpointSequence;
  let trusted: SuperblockGroup["trusted"];
  if (holds(0) && holds(mirrorStart)) trusted = sequence(mirrorStart) > sequence(0) ? "mirror" : "primary";
  else if (holds(0)) trusted = "primary";
  else if (holds(mirrorStart)) trusted = "mirror";
  const first = trusted === "mirror" ? mirrorStart : 0;

  const choose = <T>(index: number, parse: (bytes: Uint8Array) => T): GroupBlock<T> => {
    const order = [first + index, mirrorStart - first + index];
    const good = order.find(holds);
    const block = good ?? order.find((candidate) => head[candidate] && !head[candidate].allZero) ?? order[0] ?? index;
    const found = head[block];
    const source: GroupSource = good === undefined ? "stored" : block < mirrorStart ? "primary" : "mirror";
    return { value: found && !found.allZero ? parse(found.bytes) : undefined, source, block, holds: good !== undefined };
  };
  return {
    trusted,
    superblock: choose(0, superblockOf),
    pointerTable: choose(1, regionTableOf),
    extendedMetadata: choose(2, extendedMetadata.parse),
    integrityAnchor: choose(3, integrityAnchor.parse),
  };
}
