import * as z from "zod/mini";
import type { DrawnRegion } from "./new-file.ts";

/** A module that there is, or could be, in this volume. */
export interface ModuleChoice {
  id: number;
  name: string;
  abbreviation: string;
  active: boolean;
  /** Whether it can be added to this volume where it is. */
  addable: boolean;
  /** Why not. */
  reasons: string[];
}

/** What a module needs, what is there, and everything that was looked at before it is added. */
export interface ModulePreflight {
  needs: {
    regions: { name: string; kind: string; blocks: bigint }[];
    inodeBytes: number;
    /** Padding in an inode now; missing where the table cannot be read. */
    paddingBytes?: number | undefined;
    freeSlots: number;
  };
  groups: { title: string; checks: { text: string; problem?: string | undefined }[] }[];
}

/** The ways to add a module, compared on this very volume. */
export interface StrategyComparison {
  ways: StrategyChoice[];
  /** How fast the disk that keeps the undo bundles is; missing where it could not be measured. */
  disk?: { syncMs: Span; bytesPerSecond: Span } | undefined;
  /** The layout and an inode record as they are. */
  regions: DrawnRegion[];
  inodeRecord: InodeRecordPart[];
}
export interface Span {
  least: number;
  most: number;
}
export interface InodeRecordPart {
  label: string;
  moduleId?: number | undefined;
  start: number;
  end: number;
}

/** One way to add a module; its figures are missing where it is not available. */
export interface StrategyChoice {
  strategy: string;
  title: string;
  does: string;
  available: boolean;
  recommended: boolean;
  reasons: string[];
  risk: string;
  riskWhy: string;
  worstCase: string;
  freshBlocks?: bigint | undefined;
  changedBlocks?: bigint | undefined;
  bytesWritten?: bigint | undefined;
  freeBlocksTaken?: bigint | undefined;
  freeBlocksAfter?: bigint | undefined;
  inodesWritten?: number | undefined;
  inodesThere?: number | undefined;
  syncs?: number | undefined;
  /** What it would take on the disk that was measured. */
  milliseconds?: Span | undefined;
  /** 0 where no undo bundle is needed. */
  undoBytes?: number | undefined;
  /** Length of the file that a copy makes. */
  byteLength?: bigint | undefined;
  crashPoints: { at: string; leaves: "old" | "new" }[];
  /** The layout as it would be, what is new marked. */
  regions?: DrawnRegion[] | undefined;
  inodeRecord?: InodeRecordPart[] | undefined;
}

export const moduleNameRequest = z.string().check(z.minLength(1), z.maxLength(64));
