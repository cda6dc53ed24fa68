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
  const end = start + BigInt(bytes.length);
  const blockBytes = BigInt(volume.blockBytes);
  const ordered = extents.toSorted((a, b) => (a.logicalOffset < b.logicalOffset ? -1 : a.logicalOffset > b.logicalOffset ? 1 : 0));
  const pieces: ContentPiece[] = [];
  let at = start;
  for (const extent of ordered) {
    if (at >= end) break;
    const extentEnd = extent.logicalOffset + BigInt(Math.max(0, extent.blockCount)) * blockBytes;
    if (extentEnd <= at || extent.logicalOffset >= end) continue;
    if (extent.logicalOffset > at) pieces.push({ start: at, end: extent.logicalOffset, state: "uncovered" });
    if (extent.logicalOffset > at) at = extent.logicalOffset;
    const stop = extentEnd < end ? extentEnd : end;
    const place = extent.startBlock * blockBytes + (at - extent.logicalOffset);
    const into = bytes.subarray(Number(at - start), Number(stop - start));
    pieces.push(await readPiece(volume, extent, { start: at, end: stop, at: place }, into, signal));
    at = stop;
  }
  if (at < end) pieces.push({ start: at, end, state: "uncovered" });
  return { bytes, pieces };
}

async function readPiece(
  volume: Volume,
  extent: InodeExtent,
  piece: { start: bigint; end: bigint; at: bigint },
  into: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<ContentPiece> {
  const range = { start: piece.start, end: piece.end };
  if (isHole(extent)) return { ...range, state: "hole" };
  if (extent.startBlock < 0n || piece.at + BigInt(into.length) > volume.device.byteLength) return { ...range, state: "outside" };
  const size = BigInt(volume.blockBytes);
  let state: ContentPiece["state"] = (extent.flags & encodedFlags) !== 0 ? "encoded" : "data";
  const first = piece.at / size;
  const last = (piece.at + BigInt(into.length) - 1n) / size;
  const blocks = await volume.reader.readRun(first, Number(last - first) + 1, signal);
  for (const [index, block] of blocks.entries()) {
    if (!block) {
      state = "unread";
      continue;
    }
    const from = Number((first + BigInt(index)) * size - piece.at);
    const part = block.subarray(Math.max(0, -from), Math.min(block.length, into.length - from));
    into.set(part, Math.max(0, from));
  }
  return { ...piece, state };
}
