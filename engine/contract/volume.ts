import * as z from "zod/mini";
import type { Annotation } from "../base/struct/kind.ts";
import type { Finding, Severity } from "../findings/finding.ts";
import type { PlanApi, PlanRequest, RecoveredView } from "./change.ts";
import type { ModuleHead, ModuleReport, ModulesChecked } from "./code.ts";
import { type ByteRange, blockField, countField, type TaskApi, textField } from "./common.ts";
import type { CopyRows, CopyRowsRequest, CopySet } from "./copies.ts";
import type { ExportRequest, ExportView, ImportSurvey } from "./files.ts";
import type { InodeContent, InodeView } from "./inodes.ts";
import type { IntegrityReport, IntegrityView } from "./integrity.ts";
import type { EntryChange, EntryChangeRequest, JournalsView, LogRecordPage, LogRecordsRequest, RecoveryView } from "./journal.ts";
import type { ModuleChoice, ModulePreflight, StrategyComparison } from "./module.ts";
import type { NewFileApi, NewPlace } from "./new-file.ts";
import type { OverlaysApi } from "./overlay.ts";

import type { Lens, QueueApi, UndoRow } from "./queue.ts";
import type { RaidView } from "./raid.ts";
import type { RegionView, RowsRequest, TablePage } from "./region.ts";
import type { RemapView } from "./remap.ts";
import type { ReplicationView } from "./replication.ts";
import type { Folder } from "./session.ts";
import type { SnapshotNodeRow, SnapshotRowsRequest, SnapshotsMeasured, SnapshotTreeView } from "./snapshot.ts";

export type VolumeId = string;

/** One open volume. A panel holds a handle and disposes of it; the volume closes with its last handle or by `close`. */
export interface VolumeApi {
  id(): Promise<VolumeId>;
  overview(): Promise<Overview>;
  layout(): Promise<Layout>;
  /** What the volume is, for the navigator. */
  tree(): Promise<TreeNode[]>;
  findings(): Promise<Finding[]>;
  /** Bytes from `start`, at most 1 MiB; runs that could not be read are named and stand as zeros. */
  bytes(start: bigint, byteLength: number): Promise<ByteRun>;
  /** What lies in `block` (any number within the file), with the meaning of each byte. */
  block(block: bigint): Promise<BlockView>;
  /** Names, regions and seals of up to 4096 blocks from `start`, without fields. */
  blocks(start: bigint, count: number): Promise<BlockHead[]>;
  /** Everything known of a range: the innermost structure and field, who refers to it, which findings concern it. */
  describe(range: ByteRange): Promise<Description>;
  /** The place an expression names: `1041`, `0x1041`, `b1041+0x20`, `end-1`, `MWAL`, `inode 212`, `INOD+17`, `0x34 * 2`. EXPRESSION_NOT_UNDERSTOOD. */
  locate(expression: string): Promise<Place>;
  /** What the region of a slot holds. REGION_NOT_FOUND. */
  region(slot: number): Promise<RegionView>;
  /** Rows of one of its tables, sorted and filtered by the host. REGION_NOT_FOUND, REQUEST_INVALID for an unknown table or column. */
  regionRows(request: RowsRequest): Promise<TablePage>;
  /** The tree of a snapshot table; undefined where the region holds nothing that is decoded. REGION_NOT_FOUND, REQUEST_INVALID for another kind. */
  snapshotTree(slot: number): Promise<SnapshotTreeView | undefined>;
  /** Lines of the tree, parents above their children and otherwise oldest first. REGION_NOT_FOUND, REQUEST_INVALID. */
  snapshotRows(request: SnapshotRowsRequest): Promise<SnapshotNodeRow[]>;
  /** Works out what each snapshot holds alone and what it shares; rows carry it from then on. REGION_NOT_FOUND. */
  measureSnapshots(slot: number): Promise<TaskApi<SnapshotsMeasured>>;
  /** Shards, stripes and rebuilds; undefined where the region holds nothing that is decoded. REGION_NOT_FOUND, REQUEST_INVALID for another kind. */
  raid(slot: number): Promise<RaidView | undefined>;
  /** Replicas, their lag and what is dirty; undefined where the region holds nothing that is decoded. REGION_NOT_FOUND, REQUEST_INVALID for another kind. */
  replication(slot: number): Promise<ReplicationView | undefined>;
  /** The module of a code cache that a byte belongs to, by its record or its own bytes. REGION_NOT_FOUND. */
  moduleAt(slot: number, at: bigint): Promise<ModuleHead | undefined>;
  /** Hashes every module of a code cache. REGION_NOT_FOUND. */
  checkModules(slot: number): Promise<TaskApi<ModulesChecked>>;
  /** Hashes one module and reads the sections of its binary. REGION_NOT_FOUND, REQUEST_INVALID. */
  inspectModule(slot: number, index: number): Promise<TaskApi<ModuleReport>>;
  /** An integrity tree as stored, and what it covers; undefined where none is decoded. REGION_NOT_FOUND, REQUEST_INVALID for another kind. */
  integrity(slot: number): Promise<IntegrityView | undefined>;
  /** Computes an integrity tree anew, down to the blocks. REGION_NOT_FOUND, REQUEST_INVALID for another kind. */
  checkIntegrity(slot: number): Promise<TaskApi<IntegrityReport | undefined>>;
  /** The structures that are stored more than once. */
  copySets(): Promise<CopySet[]>;
  /** The fields of the copies of one structure side by side, differing ones first. REQUEST_INVALID for an unknown set. */
  copyRows(request: CopyRowsRequest): Promise<CopyRows>;
  /** The inode whose record a byte lies in. REGION_NOT_FOUND. */
  inodeAt(slot: number, at: bigint): Promise<InodeView | undefined>;
  /** 64 KiB of an inode's content from `start`. REGION_NOT_FOUND, REQUEST_INVALID for an inode that is not there. */
  inodeContent(slot: number, index: number, start: bigint): Promise<InodeContent>;
  search(request: SearchRequest): Promise<TaskApi<SearchResult>>;
  /** The logs of the volume, with their transactions and what is to be done about the last one. */
  journals(): Promise<JournalsView>;
  /** Records of a log by their place in it. */
  journalRecords(request: LogRecordsRequest): Promise<LogRecordPage>;
  /** What an entry of a log would change of its block. */
  journalChange(request: EntryChangeRequest): Promise<EntryChange>;
  /** Named so because a stub has a `map` of its own. */
  allocationMap(): Promise<MapApi>;
  /** Runs all rules again, reading every metadata block. */
  check(): Promise<TaskApi<CheckSummary>>;
  /** dm-remap metadata of the device; undefined where it has none. */
  remap(): Promise<RemapView | undefined>;
  /** Lets this volume be changed, or stops that. VOLUME_READ_ONLY where it may never be. */
  enableChanges(enabled: boolean): Promise<void>;
  /** Modules of this volume, and why the others cannot be added. */
  moduleChoices(): Promise<ModuleChoice[]>;
  /** The ways to add a module, each planned on this volume. MODULE_UNKNOWN. */
  strategyChoices(module: string): Promise<StrategyComparison>;
  /** What a module needs here, and each check with its result. MODULE_UNKNOWN. */
  preflight(module: string): Promise<ModulePreflight>;
  /** Plans a copy with one module more; writes nothing. MODULE_NOT_ADDABLE, FILE_EXISTS, PATH_OUTSIDE_ROOT. */
  planCopy(module: string, place: NewPlace): Promise<NewFileApi>;
  /** A folder of the volume: paths are those in the volume. ENTRY_NOT_FOUND, NOT_A_DIRECTORY, REGION_NOT_FOUND. */
  files(path: string): Promise<Folder>;
  /** The path of an inode in the tree. FILE_UNREADABLE where none leads to it, REGION_NOT_FOUND. */
  pathOfInode(inodeNumber: bigint): Promise<TaskApi<string>>;
  /** What importing files and folders of the host would take in; they are named as in `plan`. DEVICE_NOT_FOUND, PATH_OUTSIDE_ROOT. */
  surveyImport(paths: string[]): Promise<TaskApi<ImportSurvey>>;
  /** What exporting would write, change and leave out; writes nothing. ENTRY_NOT_FOUND, TARGET_UNUSABLE, PATH_OUTSIDE_ROOT. */
  surveyExport(request: ExportRequest): Promise<TaskApi<ExportView>>;
  /** Copies a file or folder of the volume to a folder of the host. ENTRY_NOT_FOUND, TARGET_UNUSABLE, PATH_OUTSIDE_ROOT. */
  exportFiles(request: ExportRequest): Promise<TaskApi<ExportView>>;
  /** Plans an operation; only reads. REQUEST_INVALID and what the operation refuses. */
  plan(request: PlanRequest): Promise<PlanApi>;
  /** The changes that wait to be made. */
  queue(): Promise<QueueApi>;
  /** Changes that were made to this volume and have an undo bundle, the newest first. */
  undoRows(): Promise<UndoRow[]>;
  /** Plans the undo of one of them. HANDLE_UNKNOWN, BUNDLE_DAMAGED, UNDO_NOT_POSSIBLE. */
  planUndo(id: string): Promise<PlanApi>;
  /** Brings the metadata log to rest. VOLUME_NEEDS_RECOVERY where `decide` is needed. */
  recover(decide?: "replay" | "discard"): Promise<TaskApi<RecoveredView>>;
  /** Shows the volume through another lens, in all panels of all clients. REQUEST_INVALID for one that is not offered. */
  show(lens: Lens): Promise<void>;
  /** Places that the user named, kept with this source in the data folder; they stand in the tree. */
  addBookmark(bookmark: Bookmark): Promise<void>;
  removeBookmark(range: ByteRange): Promise<void>;
  /** Overlays of the image: made, opened, compared, committed and dropped. */
  overlays(): Promise<OverlaysApi>;
  changes(): Promise<ReadableStream<VolumeEvent>>;
  close(): Promise<void>;
}

export interface Bookmark {
  name: string;
  range: ByteRange;
}

export type Health = "ok" | "info" | "warning" | "error" | "not-run" | "running";

export interface Overview {
  id: VolumeId;
  name: string;
  folder: string;
  kind: "dwvd" | "dm-remap" | "unknown";
  /** What blocks are called here: a dm-remap device counts sectors of 512 bytes. */
  blockNoun: "block" | "sector";
  byteLength: bigint;
  writeState: "read-only" | "overlay" | "changes" | "locked";
  /** Why nothing may be written, for people. */
  writeStateReason: string;
  /** Why changes cannot be enabled; undefined where they can. */
  lockedReason?: string | undefined;
  bytesWritten: bigint;
  /** The overlay that the volume is seen and changed through; the source itself is only read then. */
  overlay?: { id: string } | undefined;
  /** Label and value rows, in order; `title` says it exactly. */
  identity: Fact[];
  geometry: Fact[];
  blockBytes: number;
  /** Blocks the superblock counts; whole blocks of the file where it is not known. */
  totalBlocks: bigint;
  fileBlocks: bigint;
  /** First block of the data region, if there is one: the strip splits here. */
  dataStart?: bigint | undefined;
  health: HealthCheck[];
  findings: { [severity in Severity]: number };
  /** The one thing to know first. */
  headline: string;
  /** What is pending in the metadata log; missing where nothing is. */
  pending?: RecoveryView | undefined;
  /** What the panels show, and what they could. */
  lens: Lens;
  lenses: Lens[];
  modules: ModuleRow[];
  space: SpacePart[];
}
export interface Fact {
  label: string;
  value: string;
  title?: string | undefined;
  mono?: boolean | undefined;
  range?: ByteRange | undefined;
}
export interface HealthCheck {
  id: string;
  name: string;
  state: Health;
  text: string;
  /** Findings of this check, by rule prefix. */
  rules: string[];
}
export interface ModuleRow {
  id: number;
  name: string;
  abbreviation: string;
  state: "active" | "inactive" | "not-storable";
  level: number;
  regions: string[];
  inodeBytes: number;
}
export interface SpacePart {
  kind: string;
  label: string;
  blocks: bigint;
}

/** Families of the palette, 1 to 9 (design tokens). */
export type RegionFamily = "core" | "journal" | "inode" | "security" | "replica" | "snapshot" | "integrity" | "service" | "data";
export type BlockState = "never-written" | "empty" | "valid" | "damaged" | "misplaced" | "unsealed" | "raw" | "unread";

export interface Layout {
  totalBlocks: bigint;
  fileBlocks: bigint;
  planned: LayoutRegion[];
  stored: LayoutRegion[];
  /** Where planned and stored differ, in a sentence each. */
  differences: { name: string; text: string }[];
}
export interface LayoutRegion {
  slot: number;
  name: string;
  /** Tag in the table; "" for 0. */
  tag: string;
  /** The registry's tag where the table says DATA. */
  kind: string;
  family: RegionFamily;
  startBlock: bigint;
  blockCount: bigint;
  usedBlocks: bigint;
  flags: number;
  flagNames: string[];
  /** Generations found, e.g. "1" or "1–96". */
  generation: string;
  /** Blocks looked at, by state; what was not looked at is missing. */
  states: { state: BlockState; count: number }[];
  /** What the table, its mirror, and the tag found say of it. */
  witnesses: {
    source: string;
    startBlock?: bigint | undefined;
    blockCount?: bigint | undefined;
    tag?: string | undefined;
    agrees: boolean;
  }[];
  module?: { id: number; name: string; level: number } | undefined;
  findings: { [severity in Severity]: number };
  problem?: string | undefined;
}

export interface TreeNode {
  id: string;
  name: string;
  detail?: string | undefined;
  family?: RegionFamily | undefined;
  icon?: "group" | "regions" | "inodes" | "snapshots" | "journals" | "copies" | "bookmarks" | "file" | "folder" | undefined;
  health: Health;
  /** Kind of the region that the node stands for. */
  kind?: string | undefined;
  range?: ByteRange | undefined;
  children?: TreeNode[] | undefined;
  /** Children left out beyond the limit. */
  more?: number | undefined;
}

export interface ByteRun {
  start: bigint;
  bytes: Uint8Array;
  unread: { start: bigint; end: bigint; reason: string }[];
  holes: ByteRange[];
}

export interface BlockHead {
  block: bigint;
  /** "SuperblockV2", "IntegrityTree block 3". */
  name: string;
  region?: string | undefined;
  slot?: number | undefined;
  tag: string;
  generation?: number | undefined;
  state: BlockState;
  family?: RegionFamily | undefined;
  allocated?: boolean | undefined;
}
export interface BlockView extends BlockHead {
  byteOffset: bigint;
  bytes: Uint8Array;
  /** Covers every byte exactly once. */
  fields: Annotation[];
  findings: Finding[];
}

export interface Description {
  range: ByteRange;
  /** What it is: "FreeBlocks", "Block 17 · InodeTable". */
  title: string;
  family?: RegionFamily | undefined;
  state?: BlockState | undefined;
  /** Volume › region › block › structure › field, each a place. */
  trail: Place[];
  facts: Fact[];
  field?: Annotation | undefined;
  /** Copies and recomputed values that this one was held against. */
  checkedAgainst: { name: string; value: string; agrees: boolean; range?: ByteRange | undefined }[];
  meaning?: string | undefined;
  reference?: string | undefined;
  referencedFrom: Place[];
  findings: Finding[];
}
export interface Place {
  label: string;
  range: ByteRange;
  path?: string | undefined;
}

export interface SearchResult {
  hits: { start: bigint; byteLength: number; context: Uint8Array; contextStart: bigint; where: string }[];
  /** True where the limit ended the search. */
  limited: boolean;
  searchedBytes: bigint;
}

/** The allocation bitmap as a pyramid: a cell of level L stands for 4^L consecutive blocks (on a Hilbert curve a square). */
export interface MapApi {
  summary(): Promise<MapSummary>;
  /** 65 536 consecutive cells of `level` from `index · 65536`: 0 all free, 255 all allocated, 1 to 254 in between, never rounded to an end. */
  tile(level: number, index: bigint): Promise<MapTile>;
  counts(start: bigint, count: bigint): Promise<{ allocated: bigint; free: bigint; counted: boolean }>;
  /** Runs of equal state from `start`, at most `limit`. */
  ranges(start: bigint, limit: number): Promise<{ start: bigint; count: bigint; allocated: boolean }[]>;
  /** What else the blocks can be coloured by: who owns them, whether replication has them as dirty, or what was written in the overlay. */
  colouring(by: MapColouring["by"]): Promise<TaskApi<MapColouring>>;
}
/** Runs in ascending order that do not overlap. What no run covers has none of the kinds. */
export interface MapColouring {
  by: "owner" | "dirty" | "overlay";
  /** First blocks of the runs, and how many each has: 64 bits little-endian, one behind the other. */
  starts: Uint8Array;
  counts: Uint8Array;
  /** For each run the place of its kind in `kinds`. */
  kindOf: Uint8Array;
  kinds: ("live" | "shared" | "snapshots" | "dirty" | "clean" | "written")[];
  /** What is left out or not known, in sentences. */
  notes: string[];
}
export interface MapSummary {
  totalBlocks: bigint;
  levels: number;
  allocated: bigint;
  free: bigint;
  /** Blocks whose bits were counted so far. */
  counted: bigint;
  complete: boolean;
  problem?: string | undefined;
}
export interface MapTile {
  level: number;
  index: bigint;
  cells: Uint8Array;
  /** False where the bitmap under it is not counted yet or cannot be read: cells are then 0. */
  counted: boolean;
}

export interface CheckSummary {
  error: number;
  warning: number;
  info: number;
  rules: number;
  blocks: bigint;
}

export type VolumeEvent =
  | { type: "source.changed"; byteLength: bigint }
  | { type: "findings.changed" }
  | { type: "bookmarks.changed" }
  | { type: "map.changed" }
  | { type: "queue.changed" }
  | { type: "source.lost"; reason: string };

export const bytesRequest = z.object({ start: blockField, byteLength: z.int().check(z.gte(1), z.lte(1_048_576)) });
export const blockRequest = blockField;
export const blocksRequest = z.object({ start: blockField, count: z.int().check(z.gte(1), z.lte(4096)) });
export const rangeRequest = z.object({ start: blockField, end: blockField });
export const bookmarkRequest = z.object({ name: z.string().check(z.minLength(1), z.maxLength(200)), range: rangeRequest });
export const expressionRequest = textField;
export const searchRequest = z.object({
  /** Hex with ?? for any byte, or text in UTF-8 (or UTF-16 where `wide`). */
  pattern: z.string().check(z.minLength(1), z.maxLength(1024)),
  as: z.enum(["bytes", "text"]),
  wide: z._default(z.boolean(), false),
  ignoreCase: z._default(z.boolean(), false),
  start: z._default(blockField, 0n),
  end: z.optional(blockField),
  limit: z._default(z.int().check(z.gte(1), z.lte(10_000)), 1000),
});
export type SearchRequest = z.input<typeof searchRequest>;
export const colouringRequest = z.enum(["owner", "dirty", "overlay"]);
export const tileRequest = z.object({ level: z.int().check(z.gte(0), z.lte(31)), index: blockField });
export const countsRequest = z.object({ start: blockField, count: blockField });
export const rangesRequest = z.object({ start: blockField, limit: countField.check(z.lte(10_000)) });
