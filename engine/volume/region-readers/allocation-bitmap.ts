import { toJson } from "../../base/json.ts";
import { bytes, type Struct, struct } from "../../base/struct/index.ts";
import { blockTrailer, trailerBytes } from "../../format/core/index.ts";
import { AllocationBitmap } from "../bitmap.ts";
import type { RegionReader } from "./region-reader.ts";

const bitmapBlock = struct("BitmapBlock", {
  bits: bytes((_, left) => left - trailerBytes, { as: "flags", doc: "One bit per block, least significant first; 1 is allocated" }),
  trailer: blockTrailer,
});

/** The allocation bitmap; all of it is counted, whatever the limit. Core reference 3. */
export const allocationBitmapReader: RegionReader = {
  structureOf: () => bitmapBlock as unknown as Struct<unknown>,
  async read(volume, region, { signal }) {
    const totalBlocks = volume.superblock && volume.superblock.totalBlocks >= 0n ? volume.superblock.totalBlocks : undefined;
    const { allocatedBlocks, bitsPastEnd, allocatedRanges } = await new AllocationBitmap(region, volume.reader).summarise(totalBlocks, {
      signal,
    });
    const content = {
      allocatedBlocks: toJson(allocatedBlocks),
      ...(totalBlocks !== undefined && { bitsAtOrPastTotalBlocks: toJson(bitsPastEnd) }),
      allocatedRanges: allocatedRanges.map(toJson),
    };
    return { content, findings: [] };
  },
};
