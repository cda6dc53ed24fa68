import { viewOf } from "../base/bytes.ts";
import {
  extentFlag,
  extentTreeNode,
  flatExtents,
  type InodeCore,
  type InodeExtent,
  indirectTag,
  isEmptyExtent,
  isExtentTreeNode,
  judgeTrailer,
} from "../format/core/index.ts";
import type { Volume } from "./volume.ts";

export const isHole = (extent: InodeExtent): boolean => (extent.flags & extentFlag.hole) !== 0;

/** The inline extents that ExtentCount covers, empty ones passed over. Core reference 6.7. */
export const inlineExtents = (inode: Pick<InodeCore, "extents" | "extentCount">): InodeExtent[] =>
  inode.extents.slice(0, Math.max(0, Math.min(inode.extents.length, inode.extentCount))).filter((extent) => !isEmptyExtent(extent));

/** Blocks that one inode's indirection may take: bounds a chain that was damaged into a maze. Convention R7. */
const mostIndirectBlocks = 100_000;

/** The extents behind an inode's indirect blocks in either reading, and the blocks that hold them. Core reference 6.7. */
export async function readIndirectExtents(
  volume: Volume,
  inode: Pick<InodeCore, "indirectExtentBlock" | "doubleIndirectBlock">,
  signal?: AbortSignal,
): Promise<{ extents: InodeExtent[]; blocks: bigint[] }> {
  const extents: InodeExtent[] = [];
  const seen = new Set<bigint>();
  const load = async (block: bigint): Promise<Uint8Array | undefined> => {
    if (block <= 0n || block >= volume.totalBlocks || seen.has(block) || seen.size >= mostIndirectBlocks) return undefined;
    const bytes = await volume.reader.read(block, signal);
    if (bytes) seen.add(block);
    return bytes;
  };
  const queue = [inode.indirectExtentBlock];
  const pointers = await load(inode.doubleIndirectBlock);
  if (pointers) {
    const view = viewOf(pointers);
    for (let at = 0; at + 8 <= pointers.length; at += 8) {
      const block = view.getBigInt64(at, true);
      if (block === 0n) break;
      queue.push(block);
    }
  }
  for (let block = queue.shift(); block !== undefined; block = queue.shift()) {
    const bytes = await load(block);
    if (!bytes) continue;
    // Indirect extents of our own carry the inode table's tag, whatever number they begin with.
    if (!isExtentTreeNode(bytes) || judgeTrailer(bytes).tag === indirectTag) extents.push(...flatExtents(bytes));
    else {
      const node = extentTreeNode.parse(bytes);
      extents.push(...node.entries);
      queue.push(...node.internalEntries.map((child) => child.childBlockNumber));
    }
  }
  return { extents, blocks: [...seen] };
}
