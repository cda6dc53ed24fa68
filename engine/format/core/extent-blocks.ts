import { viewOf } from "../../base/bytes.ts";
import { array, constant, type Decoded, i64, reservedUntil, struct, u16 } from "../../base/struct/index.ts";
import { blockTrailer, sealBlock, trailerBytes } from "./block-trailer.ts";
import { type InodeExtent, inodeExtent, isEmptyExtent } from "./inode.ts";

const extentTreeMagic = new Uint8Array([0x45, 0x58, 0x54, 0x4e]);
const isLeaf = (values: Record<string, unknown>): boolean => values.level === 0;

const childPointer = struct("ExtentTreeChild", {
  logicalOffset: i64({ unit: "bytes" }),
  childBlockNumber: i64({ as: "pointer", unit: "block" }),
});

/** A block of the B+tree reading of indirect extents. Core reference 6.7. */
export const extentTreeNode = struct("ExtentTreeNode", {
  magic: constant(extentTreeMagic),
  level: u16({ doc: "0 is a leaf" }),
  entryCount: u16(),
  parentBlock: i64({ as: "pointer", unit: "block" }),
  nextSiblingBlock: i64({ as: "pointer", unit: "block" }),
  prevSiblingBlock: i64({ as: "pointer", unit: "block" }),
  entries: array(inodeExtent, (values) => (isLeaf(values) ? (values.entryCount as number) : 0), { leave: trailerBytes }),
  internalEntries: array(childPointer, (values) => (isLeaf(values) ? 0 : (values.entryCount as number)), { leave: trailerBytes }),
  unused: reservedUntil(trailerBytes),
  trailer: blockTrailer,
});
export type ExtentTreeNode = Decoded<typeof extentTreeNode>;

export const isExtentTreeNode = (block: Uint8Array): boolean => extentTreeMagic.every((byte, index) => block[index] === byte);

/** The flat reading: extents up to the first empty one, no header and no trailer. Core reference 6.7. */
export function flatExtents(block: Uint8Array): InodeExtent[] {
  const extents: InodeExtent[] = [];
  for (let at = 0; at + 24 <= block.length; at += 24) {
    const extent = inodeExtent.parse(block.subarray(at, at + 24));
    if (isEmptyExtent(extent)) break;
    extents.push(extent);
  }
  return extents;
}

/** Extents that a block of the flat reading can hold in front of its trailer; whoever reads on finds the list at its end. Core reference 6.7. */
export const flatExtentCapacity = (blockBytes: number): number => Math.floor((blockBytes - trailerBytes) / inodeExtent.leastBytes);
/** Block numbers that a pointer block can hold: one place stays 0, since readers run into the trailer. Core reference 6.7. */
export const extentPointerCapacity = (blockBytes: number): number => Math.floor((blockBytes - trailerBytes) / 8) - 1;

/** A block of the flat reading, sealed as a block of inodes. Core reference 6.7, convention W2. */
export function encodeFlatExtents(extents: readonly InodeExtent[], blockBytes: number): Uint8Array {
  const block = new Uint8Array(blockBytes);
  for (const [index, extent] of extents.entries()) block.set(inodeExtent.encode(extent), index * inodeExtent.leastBytes);
  return sealBlock(block, indirectTag, 1);
}

/** A block of numbers of such blocks. */
export function encodeExtentPointers(blocks: readonly bigint[], blockBytes: number): Uint8Array {
  const block = new Uint8Array(blockBytes);
  const view = viewOf(block);
  for (const [index, pointer] of blocks.entries()) view.setBigInt64(index * 8, pointer, true);
  return sealBlock(block, indirectTag, 1);
}

/** The tag of indirect blocks written here: by it they are told from nodes of an extent tree, whatever they begin with. */
export const indirectTag = "INOD";
