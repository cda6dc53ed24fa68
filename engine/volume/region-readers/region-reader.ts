import type { Json } from "../../base/json.ts";
import type { Struct } from "../../base/struct/index.ts";
import type { Finding } from "../../findings/finding.ts";
import type { Volume, VolumeRegion } from "../volume.ts";

/** What a region holds, in the documents' notation, and what is wrong with it. */
export interface RegionContent {
  content: { [key: string]: Json } | undefined;
  /** What the SDK's own reader sees, where that is something else than what is stored. */
  sdkReads?: Json;
  findings: readonly Finding[];
}

export interface ReadRegionOptions {
  /** The most bytes of the region that are read. */
  limitBytes: number;
  signal?: AbortSignal | undefined;
}

/** How regions of one kind are read: the structure of each block, and the content of the whole. */
export interface RegionReader {
  /** The structure in a block of the region; undefined where the block's state alone tells it. */
  structureOf(volume: Volume, region: VolumeRegion, block: bigint, bytes: Uint8Array): Struct<unknown> | undefined;
  /** The region's content. Never throws for damage; the region begins inside the file. */
  read(volume: Volume, region: VolumeRegion, options: ReadRegionOptions): Promise<RegionContent>;
}
