import type { BlockDevice } from "../device/block-device.ts";
import type { Finding } from "../findings/finding.ts";

/** What a block's bytes say of themselves (convention R2); `raw` where no trailer is expected, `unread` where reading failed. */
export type BlockState = "never-written" | "empty" | "valid" | "damaged" | "misplaced" | "unsealed" | "raw" | "unread";

/** Where the value of a superblock-group block was taken from (convention R3). */
export type GroupSource = "primary" | "mirror" | "stored";

/** One region as the tables give it after they were compared (convention R4). Blocks are absolute. */
export interface VolumeRegion {
  readonly slot: number;
  /** Tag in the table; "" for 0. */
  readonly tag: string;
  /** The registry's tag where the table says DATA (convention R5). */
  readonly kind: string;
  /** The creator's name for it: "InodeTable"; "unnamed DATA region" where nothing fits. */
  readonly name: string;
  readonly startBlock: bigint;
  readonly blockCount: bigint;
  readonly usedBlocks: bigint;
  readonly flags: number;
}

/** An open volume: what could be read, from which copy, and what was wrong with it. */
export interface Volume {
  /** Begins at the volume's block 0, behind a preamble or offset. */
  readonly device: BlockDevice;
  readonly volumeOffset: bigint;
  readonly blockBytes: number;
  /** The superblock's count; whole blocks of the device where there is none. */
  readonly totalBlocks: bigint;
  /** Whole blocks of the device. */
  readonly fileBlocks: bigint;
  readonly regions: readonly VolumeRegion[];
  /** What opening found. `checkVolume` adds the rest. */
  readonly findings: readonly Finding[];
}
