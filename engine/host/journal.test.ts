import { describe, expect, it } from "vitest";
import { goldenDevice } from "../testing/golden.ts";
import { describeEntryChange, describeJournals, describeLogRecords } from "./journal.ts";
import { OpenVolume } from "./open-volume.ts";
import { describeOverview } from "./overview.ts";

async function withVolume<Result>(golden: string, act: (opened: OpenVolume) => Promise<Result>): Promise<Result> {
  const opened = await OpenVolume.open({ key: golden, name: golden, folder: "", device: await goldenDevice(golden) }, () => {});
  try {
    return await act(opened);
  } finally {
    await opened.close();
  }
}
const logOf = async (opened: OpenVolume) => {
  const log = (await describeJournals(opened)).logs[0];
  if (!log) throw new TypeError("the golden has a metadata log");
  return log;
};

describe("the journals of a volume", () => {
  it.each([
    ["wal-cut-after-07-committed", "pending", "pending-committed", "replay"],
    ["wal-cut-after-14-header-lost", "header-lost", "applied-header-lost", "advance-header"],
    ["wal-cut-after-03-entries", "uncommitted", "uncommitted", "discard"],
    ["migration-cut-bitmap-committed", "overrun", "overrun", "refuse"],
    ["wal-wrap-committed", "pending", "pending-committed", "replay"],
    ["wal-mixed-transactions", "pending", "pending-committed", "ask"],
  ])("of %s have a transaction that is %s", async (golden, state, recoveryState, action) => {
    await withVolume(golden, async (opened) => {
      const log = await logOf(opened);
      expect(log.recovery).toMatchObject({ state: recoveryState, action });
      expect(log.transactions.filter((transaction) => transaction.state === state)).toHaveLength(1);
      expect((await describeOverview(opened)).pending).toMatchObject({ state: recoveryState, action });
    });
  });
  it("are empty in a fresh log, and nothing is pending", async () => {
    await withVolume("created-minimal-4k", async (opened) => {
      expect(await logOf(opened)).toMatchObject({ recordCount: 0, transactions: [], recovery: { state: "none" }, headerHealth: "ok" });
      expect((await describeOverview(opened)).pending).toBeUndefined();
    });
  });
  it("tell a damaged header from a lost transaction", async () => {
    await withVolume("wal-torn-log-header", async (opened) => {
      expect(await logOf(opened)).toMatchObject({
        headerHealth: "error",
        recovery: { state: "header-damaged" },
        transactions: [{ state: "applied" }],
      });
    });
  });
  it("keep the transactions of older turns of the log, the wrapped one joined", async () => {
    await withVolume("added-twelve-log-wrapped", async (opened) => {
      const log = await logOf(opened);
      const sequences = log.transactions.flatMap((each) => (each.state === "applied" ? [Number(each.sequence)] : []));
      expect(sequences).toEqual(expect.arrayContaining([10, 11, 12]));
    });
  });
});

describe("the records of a log", () => {
  it("come page by page with what they are for", async () => {
    await withVolume("wal-cut-after-07-committed", async (opened) => {
      const { slot } = await logOf(opened);
      const page = await describeLogRecords(opened, { slot, start: 1, count: 3 });
      expect(page).toMatchObject({ start: 1, total: 7 });
      expect(page.rows.map((row) => [row.targetBlock, row.target, row.structure])).toEqual([
        [8n, "RegionDirectory slots", "RegionPointerTable"],
        [9n, "RegionDirectory header", "RegionDirectoryHeader"],
        [1n, "RegionPointerTable", "RegionPointerTable"],
      ]);
    });
  });
  it("say field by field what a replay would change", async () => {
    await withVolume("wal-cut-after-07-committed", async (opened) => {
      const log = await logOf(opened);
      const targets = log.transactions.at(-1)?.targets ?? [];
      const superblock = targets.find((target) => target.block === 0n);
      const change = await describeEntryChange(opened, { slot: log.slot, offset: superblock?.offset ?? 0n });
      expect(change).toMatchObject({ block: 0n, isRead: true, more: 0 });
      const fields = new Map(change.fields.map((field) => [field.path, field]));
      expect(fields.get("freeBlocks")).toMatchObject({ stored: "949 blocks", image: "885 blocks" });
      expect(fields.has("volumeUuid")).toBe(false);
      const free = fields.get("freeBlocks");
      expect([free?.range.start, (free?.imageRange.start ?? 0n) - (superblock?.offset ?? 0n) - 12n]).toEqual([0x40n, 0x40n]);
    });
  });
  it("refuse a slot that is no log, and a place where no entry begins", async () => {
    await withVolume("wal-cut-after-07-committed", async (opened) => {
      const { slot } = await logOf(opened);
      await expect(describeLogRecords(opened, { slot: 0, start: 0, count: 1 })).rejects.toMatchObject({ code: "REGION_NOT_FOUND" });
      await expect(describeEntryChange(opened, { slot, offset: 3n })).rejects.toMatchObject({ code: "BLOCK_OUT_OF_RANGE" });
    });
  });
});
