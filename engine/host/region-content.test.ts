import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenDevice } from "../testing/golden.ts";
import { OpenVolume } from "./open-volume.ts";

describe("what a region holds", () => {
  let opened: OpenVolume;
  const slotOf = (kind: string) => opened.volume.findRegion(kind)?.slot ?? -1;
  beforeAll(async () => {
    const device = await goldenDevice("populated-showcase");
    opened = await OpenVolume.open({ key: "showcase", name: "showcase", folder: "", device }, () => {});
  });
  afterAll(() => opened.close());

  it("is told with its facts and its tables", async () => {
    const view = await opened.contents.view(slotOf("SNAP"));
    expect(view).toMatchObject({ kind: "SNAP", state: "decoded", unreadBlocks: 0n });
    expect(view.tables.map(({ id, rowCount }) => [id, rowCount])).toContainEqual(["snapshots", 12]);
  });
  it("is handed out row by row, each with its bytes", async () => {
    const { rows, total } = await opened.contents.rows({ slot: slotOf("SNAP"), table: "snapshots", start: 10, count: 50 });
    expect([rows.length, total]).toEqual([2, 12]);
    const start = opened.volume.findRegion("SNAP")?.startBlock ?? 0n;
    for (const { range } of rows) expect(range && range.start / 4096n >= start && range.end > range.start).toBe(true);
  });
  it("is sorted and filtered by the host", async () => {
    const request = { slot: slotOf("SNAP"), table: "snapshots", start: 0, count: 50 };
    const column = (await opened.contents.view(request.slot)).tables[0]?.columns.findIndex(({ id }) => id === "createdUtcTicks") ?? -1;
    const down = await opened.contents.rows({ ...request, sort: { column: "createdUtcTicks", descending: true } });
    const times = down.rows.map(({ cells }) => cells[column] as bigint);
    expect(times).toEqual(times.toSorted((a, b) => (a > b ? -1 : 1)));
    const id = `${down.rows[0]?.cells[0]}`;
    const found = await opened.contents.rows({ ...request, filter: id.toUpperCase() });
    expect(found.rows.some(({ cells }) => cells[0] === id)).toBe(true);
    expect(found.total).toBeLessThan(12);
  });
  it("refuses slots, tables and columns that are not there", async () => {
    await expect(opened.contents.view(99)).rejects.toMatchObject({ code: "REGION_NOT_FOUND" });
    const request = { slot: slotOf("SNAP"), table: "snapshots", start: 0, count: 1 };
    await expect(opened.contents.rows({ ...request, table: "x" })).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    await expect(opened.contents.rows({ ...request, sort: { column: "x", descending: false } })).rejects.toMatchObject({
      code: "REQUEST_INVALID",
    });
  });
});
