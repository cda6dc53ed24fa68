import { describe, expect, it } from "vitest";
import { isAllZero } from "../../base/bytes.ts";
import { blocksOfRow, type VerdictRow, verdictRows } from "../../testing/reader-verdicts.ts";
import { type OpjrContent, opjrCodec } from "./opjr.ts";
import type { UnusedRegion } from "./unused-region.ts";
import { isUnused } from "./unused-region.ts";
import { retainedEpoch, type WalsContent, walsCodec } from "./wals.ts";
import { type ZnsmContent, znsmCodec } from "./znsm.ts";

/** A reading as the SDK sees it, an unused region as `unused`. */
function seen<Content extends object>(
  { content, sdkReads }: { content?: Content | UnusedRegion | undefined; sdkReads?: unknown },
  unused: Content,
): Content | string {
  if (typeof sdkReads === "string") return sdkReads;
  const stored = !content || isUnused(content) ? unused : content;
  return { ...stored, ...(sdkReads as Partial<Content> | undefined) };
}

const withoutMark = (verdict: string): string => verdict.replace(/, sha256 \w+$/, "");

describe("damage before the SDK's reader of the operations journal", () => {
  const none: OpjrContent = {
    ...{ activeOperations: 0, totalOperations: 0, oldestActiveId: 0n, newestId: 0n, lastCheckpointUtc: 0n },
    operations: [],
  };
  const verdict = (row: VerdictRow): string => {
    const view = seen(opjrCodec.read(blocksOfRow(row)), none);
    if (typeof view === "string") return view;
    const { operations, activeOperations, totalOperations, oldestActiveId, newestId } = view;
    const [active, recovery] = [operations.filter(({ state }) => state < 3 || state > 5), operations.filter(({ state }) => state === 1)];
    return `ok: ${operations.length} operations, active ${activeOperations}, total ${totalOperations}, oldest ${oldestActiveId}, newest ${newestId}, computed active ${active.length}, recovery ${recovery.length}, next id ${BigInt.asUintN(64, newestId + 1n)}`;
  };
  it.each(verdictRows(["OPJR"]))("$case", (row) => expect(verdict(row)).toBe(withoutMark(row.sdk)));
});

describe("damage before the SDK's reader of subscriber cursors", () => {
  const none: WalsContent = { framing: "none", cursorCount: 0, cursors: [] };
  const verdict = (row: VerdictRow): string => {
    const view = seen(walsCodec.read(blocksOfRow(row)), none);
    if (typeof view === "string") return view;
    const active = view.cursors.filter(({ flags }) => (flags & 1n) !== 0n);
    return `ok: ${view.cursors.length} cursors, ${active.length} active, oldest epoch ${retainedEpoch(view.cursors) ?? 2n ** 64n - 1n}`;
  };
  it.each(verdictRows(["WALS"]))("$case", (row) => expect(verdict(row)).toBe(row.sdk));
});

describe("damage before the SDK's reader of the zone map", () => {
  const verdict = (row: VerdictRow): string => {
    const blocks = blocksOfRow(row);
    const { content, sdkReads } = znsmCodec.read(blocks);
    const { rows } = !content || isUnused(content) ? { rows: [] } : (content as ZnsmContent);
    const stored = rows.filter(({ epochId, zoneId, state, flags }) => epochId !== 0n || zoneId || state || flags);
    const view = (sdkReads ?? { rowCount: 256, rowsNotZero: stored.length, phantomRows: [] }) as {
      rowCount: number;
      rowsNotZero: number;
      phantomRows: { epochId: bigint }[];
    };
    expect(isAllZero(blocks.block(0)?.subarray(-16) ?? new Uint8Array(0))).toBe(view.phantomRows.length === 0);
    return `ok: ${view.rowCount} rows, ${view.rowsNotZero} not all zero, last epoch ${view.phantomRows[0]?.epochId ?? 0}`;
  };
  it.each(verdictRows(["ZNSM"]))("$case", (row) => expect(verdict(row)).toBe(row.sdk));
});
