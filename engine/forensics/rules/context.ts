import type { Finding } from "../../findings/finding.ts";
import type { RegionBlocks, RegionReading } from "../../format/regions/index.ts";
import type { BitmapSummary, BlockRun } from "../../volume/bitmap.ts";
import type { InodeTable } from "../../volume/inode-table.ts";
import type { Volume, VolumeRegion } from "../../volume/volume.ts";

/** A region as its codec read it. */
export interface JudgedRegion {
  region: VolumeRegion;
  blocks: RegionBlocks;
  reading: RegionReading<unknown>;
}

/** What a run of the rules knows and where its findings go. */
export interface CheckContext {
  volume: Volume;
  /** Undefined where the volume has no bitmap inside the file. */
  bitmap: BitmapSummary | undefined;
  /** Undefined where it has no inode table inside the file. */
  inodes: InodeTable | undefined;
  /** Regions that a codec read, in slot order; filled by the rules on regions, for the rules behind them. */
  judged: JudgedRegion[];
  /** Blocks that entries of regions own: modules, frozen inode tables and their extents; filled with the rules on references. */
  owned: BlockRun[];
  /** Allocated blocks that nothing owns; filled by the rules on the bitmap. */
  unowned: BlockRun[];
  /** Kinds of regions of which some entry's blocks are not known. */
  ownersUnknown: Set<string>;
  /** Whether everything is to be read, however long it takes. */
  deep: boolean;
  report: (finding: Finding) => void;
  signal: AbortSignal | undefined;
}

export type RuleSet = (context: CheckContext) => void | Promise<void>;
