import type { Finding } from "../../findings/finding.ts";
import type { BitmapSummary } from "../../volume/bitmap.ts";
import type { InodeTable } from "../../volume/inode-table.ts";
import type { Volume } from "../../volume/volume.ts";

/** What a run of the rules knows and where its findings go. */
export interface CheckContext {
  volume: Volume;
  /** Undefined where the volume has no bitmap inside the file. */
  bitmap: BitmapSummary | undefined;
  /** Undefined where it has no inode table inside the file. */
  inodes: InodeTable | undefined;
  report: (finding: Finding) => void;
  signal: AbortSignal | undefined;
}

export type RuleSet = (context: CheckContext) => void | Promise<void>;
