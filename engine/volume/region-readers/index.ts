import { regionCodecs } from "../../format/regions/index.ts";
import { allocationBitmapReader } from "./allocation-bitmap.ts";
import { codedRegionReader } from "./coded-region.ts";
import { inodeTableReader } from "./inode-table.ts";
import { integrityAnchorReader } from "./integrity-anchor.ts";
import { logReader } from "./log.ts";
import type { RegionReader } from "./region-reader.ts";

/** The one table of region readers, by kind: block views and `inspect` both ask it. */
export const regionReaders: ReadonlyMap<string, RegionReader> = new Map<string, RegionReader>([
  ...[...regionCodecs].map(([tag, codec]): [string, RegionReader] => [tag, codedRegionReader(codec)]),
  ["BMAP", allocationBitmapReader],
  ["IANT", integrityAnchorReader],
  ["INOD", inodeTableReader],
  ["MWAL", logReader],
  ["DWAL", logReader],
]);
