import * as z from "zod/mini";
import type { FindingTotals, PlanBlockRow } from "./change.ts";
import { blockField, type TaskApi, textField } from "./common.ts";
import type { RegionFamily, VolumeId } from "./volume.ts";

/** A new volume that was planned and is held by the host: a client sees it, and can have it made or drop it, and nothing else. */
export interface NewFileApi {
  view(): Promise<NewFileView>;
  /** Rows of the table of blocks. */
  blocks(start: number, count: number): Promise<PlanBlockRow[]>;
  /** Makes the file, whole or not at all, and opens it. FILE_EXISTS, DEVICE_ACCESS_DENIED; PLAN_STALE for a copy whose source changed. */
  create(): Promise<TaskApi<CreatedFile>>;
}

export interface NewFileView {
  name: string;
  folder: string;
  /** What will happen, in sentences that begin with a verb. */
  sentences: string[];
  /** Rows of the table of blocks; none for a copy. */
  rowCount: number;
  byteLength: bigint;
  /** Blocks that are written, and the bytes of all of them. */
  writtenBlocks: bigint;
  writtenBytes: bigint;
  freeBlocks: bigint;
  worstCase: string;
  ifPowerFails: string;
  undo: string;
  /** The same on the command line. */
  command: string;
}

export interface CreatedFile {
  /** Open in this session. */
  id: VolumeId;
  name: string;
  summary: string;
  bytesWritten: bigint;
  freeBlocks: bigint;
  findings: FindingTotals;
}

/** What a new volume can be made of. */
export interface VolumeChoices {
  profiles: { name: string; blockBytes: number; modules: { id: number; level: number }[] }[];
  modules: NewVolumeModule[];
}
export interface NewVolumeModule {
  id: number;
  name: string;
  abbreviation: string;
  regions: string[];
  inodeBytes: number;
  /** Why a volume cannot have it; undefined where it can. */
  problem?: string | undefined;
}

/** The layout that a new volume would have, and what stands against it. */
export interface NewVolumeLayout {
  /** Why it cannot be made, in sentences; undefined where it can. */
  problem?: string | undefined;
  /** The smallest number of blocks that leaves a data region; 0 where the block size cannot be used. */
  fewestBlocks: bigint;
  blockBytes: number;
  totalBlocks: bigint;
  byteLength: bigint;
  metadataBlocks: bigint;
  dataBlocks: bigint;
  inodeBytes: number;
  inodePaddingBytes: number;
  /** In order; empty where the block size cannot be used. */
  regions: DrawnRegion[];
}

/** A region as a bar of the layout draws it. */
export interface DrawnRegion {
  name: string;
  /** The registry's tag. */
  kind: string;
  family: RegionFamily;
  startBlock: bigint;
  blockCount: bigint;
  /** Not there yet. */
  isNew?: boolean | undefined;
}

export const newVolumeRequest = z.object({
  /** One of the SDK's profiles; else the modules, at level 1. */
  profile: z.optional(z.string().check(z.maxLength(64))),
  modules: z._default(z.array(z.string().check(z.maxLength(64))).check(z.maxLength(64)), []),
  blockBytes: z.int().check(z.gte(1), z.lte(0x7fff_ffff)),
  blocks: blockField,
  label: z._default(z.string().check(z.maxLength(1024)), ""),
});
export type NewVolumeRequest = z.input<typeof newVolumeRequest>;

export const fileNameRequest = z.string().check(z.maxLength(255));
/** Where a file that is not there yet is to be: a name in a folder below the host's root, or what the host's own dialog chose. */
export const newPlaceRequest = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("folder"), path: textField, name: fileNameRequest }),
  z.object({ kind: z.literal("grant"), id: textField }),
]);
export type NewPlace = z.infer<typeof newPlaceRequest>;
