import { type InodeCore, type InodeExtent, isEmptyExtent } from "../format/core/index.ts";
import { inlineExtents, isHole, readIndirectExtents } from "./extents.ts";
import type { Volume } from "./volume.ts";

/** An extent with where it was found. */
export interface FoundExtent extends InodeExtent {
  source: "inline" | "indirect";
}
/** An inode's extents, the inline ones first. Core reference 6.7. */
export async function extentsOf(
  volume: Volume,
  inode: InodeCore,
  signal?: AbortSignal,
): Promise<{ extents: FoundExtent[]; indirectBlocks: bigint[] }> {
  const { extents, blocks } = await readIndirectExtents(volume, inode, signal);
  return {
    extents: [
      ...inlineExtents(inode).map((extent): FoundExtent => ({ ...extent, source: "inline" })),
      ...extents.filter((extent) => !isEmptyExtent(extent)).map((extent): FoundExtent => ({ ...extent, source: "indirect" })),
    ],
    indirectBlocks: blocks,
  };
}

/** A run of an inode's content and where it comes from. Bytes of the content, `end` excluded. */
export interface ContentPiece {
  start: bigint;
  end: bigint;
  /** `encoded`: stored compressed or encrypted, given as stored; `uncovered`: no extent says what stands there. */
  state: "data" | "encoded" | "hole" | "uncovered" | "outside" | "unread";
  /** Where the bytes lie in the volume. */
  at?: bigint;
}
export interface InodeBytes {
  bytes: Uint8Array;
  pieces: ContentPiece[];
}

const encodedFlags = 0x01 | 0x02 | 0x04;

/** Extents in the order of the file, so that a run of it can be found among many. */
export const inFileOrder = <Extent extends InodeExtent>(extents: readonly Extent[]): Extent[] =>
  extents.toSorted((a, b) => (a.logicalOffset < b.logicalOffset ? -1 : a.logicalOffset > b.logicalOffset ? 1 : 0));

/**
 * Where the bytes `start` to `end` of a content come from, without reading them. `ordered` are its extents in file order; where two cover
 * the same bytes the first counts. Core reference 6.6; R7.
 */
export function mapContent(
  { blockBytes, device }: Pick<Volume, "blockBytes" | "device">,
  ordered: readonly InodeExtent[],
  { start, end }: { start: bigint; end: bigint },
): ContentPiece[] {
  const size = BigInt(blockBytes);
  const pieces: ContentPiece[] = [];
  let at = start;
  for (let index = firstReaching(ordered, start, size); at < end && index < ordered.length; index++) {
    const extent = ordered[index];
    if (!extent || extent.logicalOffset >= end) break;
    const extentEnd = endOf(extent, size);
    if (extentEnd <= at) continue;
    if (extent.logicalOffset > at) {
      pieces.push({ start: at, end: extent.logicalOffset, state: "uncovered" });
      at = extent.logicalOffset;
    }
    const stop = extentEnd < end ? extentEnd : end;
    const place = extent.startBlock * size + (at - extent.logicalOffset);
    if (isHole(extent)) pieces.push({ start: at, end: stop, state: "hole" });
    else if (extent.startBlock < 0n || place + (stop - at) > device.byteLength) pieces.push({ start: at, end: stop, state: "outside" });
    else pieces.push({ start: at, end: stop, at: place, state: (extent.flags & encodedFlags) !== 0 ? "encoded" : "data" });
    at = stop;
  }
  if (at < end) pieces.push({ start: at, end, state: "uncovered" });
  return pieces;
}

const endOf = ({ logicalOffset, blockCount }: InodeExtent, blockBytes: bigint): bigint =>
  logicalOffset + BigInt(Math.max(0, blockCount)) * blockBytes;

/** The last extent that begins at or before `start`, and those before it while they reach it. */
function firstReaching(ordered: readonly InodeExtent[], start: bigint, blockBytes: bigint): number {
  let [low, high] = [0, ordered.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ordered[middle]?.logicalOffset ?? 0n) <= start) low = middle + 1;
    else high = middle;
  }
  let first = Math.max(0, low - 1);
  for (let before = first - 1; before >= 0; before--) {
    const extent = ordered[before];
    if (!extent || endOf(extent, blockBytes) <= start) break;
    first = before;
  }
  return first;
}

/**
 * Bytes of an inode's content from `start`, at most `byteLength`, through its extents. What is a hole, has no extent or cannot be read
 * stands as zeros and is named. Core reference 6.6; R7.
 */
export async function readInodeBytes(
  volume: Volume,
  { size, extents }: { size: bigint; extents: readonly InodeExtent[] },
  { start, byteLength }: { start: bigint; byteLength: number },
  signal?: AbortSignal,
): Promise<InodeBytes> {
  const left = size - start;
  const bytes = new Uint8Array(left <= 0n ? 0 : left < BigInt(byteLength) ? Number(left) : byteLength);
  const pieces = mapContent(volume, inFileOrder(extents), { start, end: start + BigInt(bytes.length) });
  for (const [index, piece] of pieces.entries()) {
    if (piece.at === undefined) continue;
    const into = bytes.subarray(Number(piece.start - start), Number(piece.end - start));
    if (!(await readPiece(volume, piece.at, into, signal))) pieces[index] = { ...piece, state: "unread" };
  }
  return { bytes, pieces };
}

/** Fills `into` from byte `at` of the volume; false where a block could not be read. */
async function readPiece(volume: Volume, at: bigint, into: Uint8Array, signal: AbortSignal | undefined): Promise<boolean> {
  const size = BigInt(volume.blockBytes);
  const first = at / size;
  const last = (at + BigInt(into.length) - 1n) / size;
  const blocks = await volume.reader.readRun(first, Number(last - first) + 1, signal);
  let whole = true;
  for (const [index, block] of blocks.entries()) {
    if (!block) {
      whole = false;
      continue;
    }
    const from = Number((first + BigInt(index)) * size - at);
    const part = block.subarray(Math.max(0, -from), Math.min(block.length, into.length - from));
    into.set(part, Math.max(0, from));
  }
  return whole;
}
