import { type Json, toJson } from "../../base/json.ts";
import { judgeTrailer } from "../../format/core/index.ts";
import { regionCodecs } from "../../format/regions/index.ts";
import { loadRegionBlocks, regionFacts } from "../../volume/region-readers/coded-region.ts";
import type { Volume } from "../../volume/volume.ts";

/** A tree of inode n begins so many blocks times n behind the region's start. Regions reference 7.5. */
const blocksPerInode = 2048n;
const mostInodes = 4096n;

/** Integrity trees of single objects that the SDK's verifier wrote behind the MTRK region, where inode 1 and later have theirs. Regions reference 7.5, 7.6. */
export async function readObjectTrees(volume: Volume, signal?: AbortSignal): Promise<Json[]> {
  const region = volume.findRegion("MTRK");
  const codec = regionCodecs.get("MTRK");
  if (!region || !codec || region.startBlock < 0n) return [];
  const trees: Json[] = [];
  for (let inode = 1n; inode <= mostInodes; inode++) {
    const startBlock = region.startBlock + inode * blocksPerInode;
    if (startBlock >= volume.fileBlocks) break;
    const bytes = await volume.reader.read(startBlock, signal);
    const trailer = bytes && judgeTrailer(bytes);
    if (!trailer?.verified || trailer.tag !== "MTRK") continue;
    const slot = { ...region, startBlock, blockCount: blocksPerInode };
    const blocks = await loadRegionBlocks(volume, slot, Number.MAX_SAFE_INTEGER, signal);
    const { content } = codec.read(blocks, regionFacts(volume, slot));
    const tree = content as { layout?: string; inodeNumber?: bigint } | undefined;
    if (tree?.layout === "perObject" && tree.inodeNumber === inode) trees.push(toJson(tree));
  }
  return trees;
}
