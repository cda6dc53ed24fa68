import { toJson } from "../../base/json.ts";
import { array, reservedUntil, type Struct, struct } from "../../base/struct/index.ts";
import { blockTrailer, inodeLayoutBlock, inodeV2, trailerBytes } from "../../format/core/index.ts";
import { decodeExtendedInode, decodeInode, readInodeTable } from "../inode-table.ts";
import type { Volume } from "../volume.ts";
import type { RegionContent, RegionReader } from "./region-reader.ts";

/** A block of packed inode records; undefined where the superblock's InodeSize is none. Convention W10. */
function inodeBlock(volume: Volume, byteLength: number): Struct<unknown> | undefined {
  const inodeBytes = volume.superblock?.inodeSize ?? 0;
  if (inodeBytes < 320 || inodeBytes % 64 !== 0) return undefined;
  const planned = volume.plan?.inodeBytes === inodeBytes ? volume.plan.inodePaddingBytes : 0;
  const perBlock = Math.floor((byteLength - trailerBytes) / inodeBytes);
  return struct("InodeBlock", {
    inodes: array(inodeV2(inodeBytes, planned), perBlock),
    unused: reservedUntil(trailerBytes),
    trailer: blockTrailer,
  }) as unknown as Struct<unknown>;
}

/** The inode table: layout descriptor in the first block, records where they are found. Core reference 6, convention W10. */
export const inodeTableReader: RegionReader = {
  structureOf: (volume, region, block, bytes) =>
    block === region.startBlock ? (inodeLayoutBlock as unknown as Struct<unknown>) : inodeBlock(volume, bytes.length),
  async read(volume, region, { limitBytes, signal }) {
    const { descriptor, placement, records } = await readInodeTable(volume, region, limitBytes, signal);
    const content: NonNullable<RegionContent["content"]> = {};
    if (descriptor) content.layoutDescriptor = toJson(descriptor);
    if (placement === "slots-of-512" || !descriptor) {
      if (records.length > 0) content.extendedInodes = records.map((placed) => toJson(decodeExtendedInode(placed)));
    } else if (records.length > 0) content.inodes = records.map((placed) => toJson(decodeInode(placed, descriptor)));
    if (placement) content.recordPlacement = placement;
    return { content, findings: [] };
  },
};
