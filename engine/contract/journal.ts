import * as z from "zod/mini";
import { type ByteRange, countField } from "./common.ts";
import { slotRequest } from "./region.ts";
import type { Fact, Health, RegionFamily } from "./volume.ts";

/** The logs of a volume, with what is to be done about the one that changes are journaled in. */
export interface JournalsView {
  logs: LogView[];
  /** Regions that keep a journal of another kind and are shown by their own tables. */
  others: { slot: number; name: string; kind: string; family: RegionFamily; range: ByteRange }[];
}

export interface LogView {
  slot: number;
  name: string;
  /** MWAL or DWAL. */
  kind: string;
  range: ByteRange;
  header: Fact[];
  headerHealth: Health;
  /** Missing where nothing judges it: the SDK writes no transactions into a data log. */
  recovery?: RecoveryView | undefined;
  recordCount: number;
  /** Newest place in the log last. */
  transactions: TransactionView[];
  /** Transactions left out beyond the limit. */
  moreTransactions: number;
  /** Bytes of the log that were not looked at. */
  unreadBytes: bigint;
}

/** What stands at the end of a log, and what has to be done before anything else may be written. */
export interface RecoveryView {
  state: "none" | "uncommitted" | "pending-committed" | "applied-header-lost" | "overrun" | "unread" | "header-damaged";
  action: "none" | "discard" | "replay" | "ask" | "advance-header" | "refuse" | "rebuild-header";
  health: Health;
  /** "A committed transaction was not applied". */
  title: string;
  /** What to do, in words. */
  advice: string;
  reason: string;
  range: ByteRange;
}

export type TransactionState = "pending" | "applied" | "header-lost" | "overrun" | "uncommitted" | "discarded";

export interface TransactionView {
  /** Place in the log. */
  id: string;
  state: TransactionState;
  /** Missing where no marker was found: entries carry none. */
  sequence?: bigint | undefined;
  /** Entries that its commit counts; those found where there is none. */
  entryCount: number;
  /** What is to be said besides the state. */
  note?: string | undefined;
  range: ByteRange;
  targets: TransactionTarget[];
  /** Targets left out beyond the limit. */
  moreTargets: number;
}
export interface TransactionTarget {
  /** Byte of the log where the entry begins: names it in `journalChange`. */
  offset: bigint;
  block: bigint;
  /** What stands there: "SuperblockV2 (mirror)". */
  name: string;
  /** The block's bytes. */
  range: ByteRange;
  /** Whether the block holds the image now. */
  isApplied: boolean;
}

export interface LogRecordRow {
  offset: bigint;
  kind: "entry" | "commit" | "completion";
  byteLength: number;
  targetBlock?: bigint | undefined;
  /** What the target is. */
  target?: string | undefined;
  /** Name of the structure of the image. */
  structure?: string | undefined;
  sequence?: bigint | undefined;
  entryCount?: number | undefined;
  range: ByteRange;
}
export interface LogRecordPage {
  start: number;
  rows: LogRecordRow[];
  total: number;
}

/** An entry's image against the block as it is stored now, field by field. */
export interface EntryChange {
  block: bigint;
  name: string;
  structure: string;
  differingBytes: number;
  /** False where the block cannot be read: then nothing is compared. */
  isRead: boolean;
  fields: { path: string; stored: string; image: string; range: ByteRange; imageRange: ByteRange }[];
  /** Fields left out beyond the limit. */
  more: number;
}

export const logRecordsRequest = z.object({ slot: slotRequest, start: countField, count: z.int().check(z.gte(1), z.lte(500)) });
export type LogRecordsRequest = z.infer<typeof logRecordsRequest>;
export const entryChangeRequest = z.object({ slot: slotRequest, offset: z.bigint().check(z.gte(0n), z.lt(2n ** 63n)) });
export type EntryChangeRequest = z.infer<typeof entryChangeRequest>;
