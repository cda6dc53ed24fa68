import * as z from "zod/mini";
import { type ByteRange, blockField, countField } from "./common.ts";
import { slotRequest } from "./region.ts";
import type { Fact } from "./volume.ts";

/** One inode with everything that its record says. */
export interface InodeView {
  /** Place among the table's used records. */
  index: number;
  inodeNumber: bigint;
  type: string;
  isDirectory: boolean;
  size: bigint;
  /** The record's bytes. */
  range: ByteRange;
  facts: Fact[];
  /** What modules keep in the record, each field at its bytes. */
  moduleFields: Fact[];
  extents: InodeExtentRow[];
  moreExtents: number;
  /** Blocks that hold the indirect extents. */
  indirectBlocks: bigint[];
}
export interface InodeExtentRow {
  startBlock: bigint;
  blockCount: number;
  logicalOffset: bigint;
  flags: string;
  source: "inline" | "indirect";
  /** Its blocks; missing for a hole and for what the volume does not have. */
  range?: ByteRange | undefined;
}

/** A run of an inode's content. */
export interface InodeContent {
  start: bigint;
  size: bigint;
  bytes: Uint8Array;
  pieces: {
    start: bigint;
    end: bigint;
    state: "data" | "encoded" | "hole" | "uncovered" | "outside" | "unread";
    range?: ByteRange | undefined;
  }[];
  /** Of a directory, its names; the first so many. */
  entries?: DirectoryRow[] | undefined;
  moreEntries: number;
  /** Where the content ceases to be a directory. */
  directoryProblem?: string | undefined;
}
export interface DirectoryRow {
  name: string;
  type: string;
  inodeNumber: bigint;
  problem?: string | undefined;
}

export const inodeAtRequest = z.object({ slot: slotRequest, at: blockField });
export const inodeContentRequest = z.object({ slot: slotRequest, index: countField, start: blockField });
