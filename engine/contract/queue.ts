import * as z from "zod/mini";
import type { ErrorCode, ErrorData } from "../errors/catalogue.ts";
import type { AppliedView, FindingTotals, PlanApi, PlanRequest } from "./change.ts";
import type { TaskApi } from "./common.ts";

/** What the panels show of a volume: what is stored, that with the pending transaction of its log replayed, or that with the queue applied. */
export type Lens = "stored" | "replay" | "queue";
export const lensRequest = z.enum(["stored", "replay", "queue"]);

/** The changes that wait to be made to one volume, one after the other. They are kept across restarts; nothing is written before `apply`. */
export interface QueueApi {
  view(): Promise<QueueView>;
  /** Adds an operation behind the others. What it would be refused for is said at once, and then it is not added. VOLUME_READ_ONLY, REQUEST_INVALID and what the operation refuses. */
  add(request: PlanRequest): Promise<void>;
  /** Lets a change trade places with its neighbour. QUEUE_ORDER_MATTERS where they are not independent. */
  move(id: string, to: QueueMove): Promise<void>;
  remove(id: string): Promise<void>;
  clear(): Promise<void>;
  /** The plan of one change, on the volume as those before it leave it. What planning it throws. */
  plan(id: string): Promise<PlanApi>;
  /**
   * Makes the changes one after the other, each planned anew in its turn, with an undo bundle of its own and verified. `shown` are the
   * plans that were looked at, in their order. What was made leaves the queue; what failed stays first. Cancelling stops behind the change
   * that is being made. QUEUE_STALE, VOLUME_READ_ONLY and what applying throws.
   */
  apply(shown: string[]): Promise<TaskApi<QueueApplied>>;
}
export type QueueMove = "up" | "down";

export interface QueueView {
  entries: QueueEntryView[];
  /** The volume now, and as all planned changes leave it. */
  figures: { label: string; before: bigint; after: bigint }[];
  findings: { before: FindingTotals; after: FindingTotals };
  transactions: number;
  /** Blocks that are rewritten, each counted once. */
  changedBlocks: number;
  writtenBlocks: bigint;
  worstCase: string;
  notUndone: string[];
  /** The change that is being made now. */
  applying?: string | undefined;
  /** What became of a queue that could not be read. */
  problem?: string | undefined;
}

export interface QueueEntryView {
  id: string;
  operation: string;
  title: string;
  /** What will happen, in a sentence; missing where it is not planned. */
  detail?: string | undefined;
  state: "planned" | "failed" | "waiting";
  planId?: string | undefined;
  changed: number;
  written: bigint;
  /** Why it cannot be made as it stands. */
  failure?: Failed | undefined;
}
/** A failure with its data: its words are made where it is shown. */
export interface Failed {
  code: ErrorCode;
  data: ErrorData<ErrorCode>;
}
export interface QueueApplied {
  applied: AppliedView[];
  /** Changes that are left. */
  left: number;
}

/** A change of this volume that was made and has an undo bundle. */
export interface UndoRow {
  id: string;
  operation: string;
  title: string;
  detail: string;
  file: string;
  /** When the bundle was written. */
  writtenMs: number;
  byteLength: bigint;
  /** Why it cannot be undone now; missing where it can. */
  problem?: string | undefined;
}

export const queueIdRequest = z.string().check(z.minLength(1), z.maxLength(64));
export const queueMoveRequest = z.enum(["up", "down"]);
export const queueShownRequest = z.array(z.string().check(z.maxLength(64))).check(z.maxLength(1000));
