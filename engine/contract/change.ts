import * as z from "zod/mini";
import { type ByteRange, countField, type TaskApi, textField } from "./common.ts";

/** An operation that was planned and is held by the host: a client sees it, and can carry it out or drop it, and nothing else. */
export interface PlanApi {
  view(): Promise<PlanView>;
  /** Rows of the table of blocks. */
  blocks(start: number, count: number): Promise<PlanBlockRow[]>;
  /** What changes in one block, field by field. */
  change(row: number): Promise<BlockChange>;
  /** The `blockscope.plan/1` document, as JSON text. */
  json(): Promise<string>;
  /** Carries it out. PLAN_STALE, DEVICE_LOCKED, VOLUME_READ_ONLY where changes are not enabled. */
  apply(): Promise<TaskApi<AppliedView>>;
}

export interface PlanView {
  operation: string;
  planId: string;
  /** What will happen, in sentences that begin with a verb. */
  sentences: string[];
  steps: { title: string; changed: number; written: bigint }[];
  /** Rows of the table of blocks. */
  rowCount: number;
  changedBlocks: number;
  writtenBlocks: bigint;
  freeBlocks: { before: bigint; after: bigint };
  warnings: string[];
  worstCase: string;
  /** What undo does not bring back; undefined where it brings back everything. */
  notUndone?: string | undefined;
  /** Findings of the volume as it would be, against now. */
  findings: { before: FindingTotals; after: FindingTotals };
  /** The same on the command line. */
  command: string;
}
export interface FindingTotals {
  error: number;
  warning: number;
  info: number;
}

export interface PlanBlockRow {
  block: bigint;
  blockCount: bigint;
  /** What stands there: "SuperblockV2". */
  structure: string;
  reason: string;
  /** First digits of SHA-256; missing for blocks that were free. */
  before?: string | undefined;
  after: string;
  range: ByteRange;
}
export interface BlockChange {
  block: bigint;
  structure: string;
  differingBytes: number;
  fields: { path: string; before: string; after: string; range: ByteRange }[];
  /** Fields left out beyond the limit. */
  more: number;
}

export interface AppliedView {
  operation: string;
  blocksWritten: bigint;
  undoBundle?: string | undefined;
  summary: string;
}
export interface RecoveredView {
  done: string[];
}

export const planRequest = z.object({
  operation: textField,
  /** JSON text: what the operation takes, as on the command line. */
  inputs: z.string().check(z.maxLength(1_048_576)),
  clearSeal: z._default(z.boolean(), false),
});
export type PlanRequest = z.input<typeof planRequest>;
export const planRowsRequest = z.object({ start: countField, count: z.int().check(z.gte(1), z.lte(500)) });
export const enableRequest = z.boolean();
export const recoverRequest = z.optional(z.enum(["replay", "discard"]));
