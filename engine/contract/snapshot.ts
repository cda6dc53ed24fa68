import * as z from "zod/mini";
import type { Severity } from "../findings/finding.ts";
import { type ByteRange, countField } from "./common.ts";
import { slotRequest } from "./region.ts";

/** The snapshot tree as a whole; its lines are asked for by range. */
export interface SnapshotTreeView {
  slot: number;
  /** Lines, the live state not counted: it is `here`. */
  rowCount: number;
  snapshots: number;
  tombstones: number;
  depth: number;
  missing: number;
  cycles: number;
  /** Lanes in use at most; those past `drawnLanes` are only counted. */
  lanes: number;
  drawnLanes: number;
  /** The live state, below all lines. */
  here: SnapshotNodeRow;
  /** Why it is not known which snapshot the live state descends from. */
  hereUnknown?: string | undefined;
  blockBytes: number;
}

export interface SnapshotNodeRow {
  row: number;
  kind: "snapshot" | "missing" | "cycle" | "here";
  /** Line of the parent. */
  parentRow?: number | undefined;
  children: number;
  lane: number;
  /** Lanes that run past, and lanes that begin here for further children, a bit each. */
  through: number;
  opens: number;
  up: boolean;
  down: boolean;
  /** Lanes past the drawn ones that are in use here. */
  beyond: number;
  /** What the table says of it; of a missing parent only the id is known. */
  entry?: SnapshotEntryRow | undefined;
  missingId?: string | undefined;
  size?: OwnedSizeRow | undefined;
}

export interface SnapshotEntryRow {
  index: number;
  id: string;
  /** Missing for a root. */
  parentId?: string | undefined;
  label: string;
  createdTicks: bigint;
  isTombstone: boolean;
  flags: string[];
  inodeTableBlock: bigint;
  inodeTableBlocks: bigint;
  /** Bytes of the frozen inode table, where it lies in the volume. */
  inodeTableRange?: ByteRange | undefined;
  /** As stored. */
  dataBlocks: bigint;
  range?: ByteRange | undefined;
  severity?: Severity | undefined;
}

/** What is referred to by one owner alone, and by others too; `unknown` says why that cannot be told. */
export interface OwnedSizeRow {
  exclusiveBlocks?: bigint | undefined;
  sharedBlocks?: bigint | undefined;
  unknown?: string | undefined;
  /** The exclusive blocks may be fewer: other owners are not known. */
  atMost: boolean;
  /** Blocks of the frozen inode table, and those whose trailer verifies. */
  table?: { blocks: number; verified: number } | undefined;
}

export interface SnapshotsMeasured {
  known: number;
  unknown: number;
  /** The first reasons why sizes are not known, with how many snapshots each concerns. */
  reasons: { text: string; snapshots: number }[];
  /** Why the live state's blocks are not known. */
  liveUnknown?: string | undefined;
  overlapping: number;
}

export const snapshotRowsRequest = z.object({ slot: slotRequest, start: countField, count: z.int().check(z.gte(1), z.lte(500)) });
export type SnapshotRowsRequest = z.input<typeof snapshotRowsRequest>;
