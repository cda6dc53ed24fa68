import * as z from "zod/mini";
import type { BlockChange, PlanApi } from "./change.ts";
import { type ByteRange, textField } from "./common.ts";
import type { VolumeApi } from "./volume.ts";

/** The overlays of one image: files that hold what was changed, while the image stays as it is. They are named by ids, never by paths. */
export interface OverlaysApi {
  /** Those in the data folder and beside the image. */
  rows(): Promise<OverlayRow[]>;
  /** Opens the image through an overlay: a new one in the data folder unless told. HANDLE_UNKNOWN, OVERLAY_BASE_CHANGED, OVERLAY_DAMAGED. */
  open(id?: string): Promise<VolumeApi>;
  /** The image itself, read-only as ever. */
  image(): Promise<VolumeApi>;
  /** Plans to carry an overlay's changes over to the image, of whose volume this must be asked. OVERLAY_BASE_CHANGED, VOLUME_NEEDS_RECOVERY. */
  planCommit(id: string): Promise<PlanApi>;
  /** Throws an overlay away, with what it holds. DEVICE_LOCKED. */
  drop(id: string): Promise<void>;
  /** Compares two overlays of the image, or the image (`imageId`) and one of them. */
  compare(before: string, after: string): Promise<DifferenceApi>;
}

/** Stands for the image itself where an overlay is named. */
export const imageId = "image";

export interface OverlayRow {
  id: string;
  name: string;
  /** The folder it lies in, for people. */
  folder: string;
  byteLength: bigint;
  /** What was done in it, in sentences, the oldest first. */
  changes: string[];
  /** Whether it is what this volume is seen through. */
  current: boolean;
  /** Why it cannot be opened. */
  problem?: string | undefined;
}

/** Two states of an image, block by block. The host holds it until it is let go. */
export interface DifferenceApi {
  view(): Promise<DifferenceView>;
  rows(start: number, count: number): Promise<DifferenceRow[]>;
  /** What differs in the first block of a row, field by field. */
  change(row: number): Promise<BlockChange>;
}
export interface DifferenceView {
  changedBlocks: bigint;
  rowCount: number;
  byteLength: { before: bigint; after: bigint };
  /** What must be known to read it: an image that changed, or that holds the changes already. */
  notes: string[];
}
export interface DifferenceRow {
  block: bigint;
  blockCount: bigint;
  structure: string;
  region?: string | undefined;
  /** First digits of SHA-256; missing for a run of several blocks. */
  before?: string | undefined;
  after?: string | undefined;
  range: ByteRange;
}

export const overlayIdRequest = textField;
export const newOverlayRequest = z.optional(textField);
export const compareRequest = z.object({ before: textField, after: textField });
