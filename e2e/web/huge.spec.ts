import { join } from "node:path";
import { expect, openPage, test } from "../support/browser-host.ts";
import { writeHugeTables } from "../support/huge.ts";

const records = 100_000;
/** What the page may hold at most while tables of 100 000 rows are shown: rows come and go. */
const mostHeapBytes = 256 * 1_048_576;
const mostRowsInDocument = 200;

test("a volume with 100 000 snapshots, audit entries and tags opens, and its tables go to their last row", async ({ page, host }) => {
  test.setTimeout(300_000);
  const image = await writeHugeTables(join(host.folder, "huge.dwvd"), records);
  await openPage(page, (await host.serve(image)).address);
  const go = async (place: string, panel: string) => {
    await page.keyboard.press("Control+g");
    await page.keyboard.type(place);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Control+k");
    await page.keyboard.type(panel);
    await page.getByRole("option", { name: panel }).first().click();
  };
  for (const [place, panel, table, last] of [
    ["ALOG", "Contents", /Entries, 100\s?000 rows/, "99\u2009999"],
    ["TAGI", "Contents", /Tags, 100\s?000 rows/, "tag-0099999"],
    ["SNAP", "Snapshots", /100\s?000/, /nightly 99\d{3}|You are here/],
  ] as const) {
    await go(place, panel);
    const pane = page.locator(`[data-pane="${panel.toLowerCase()}"]`);
    if (place === "TAGI") await pane.getByRole("tab", { name: /Tags/ }).click();
    // The sizes of snapshots are worked out first; the tree is asked anew with them.
    if (place === "SNAP") await expect(pane.getByText(/sizes of .* are not known/)).toBeVisible();
    const grid = pane.getByRole("grid", { name: table }).first();
    await grid.focus();
    await page.keyboard.press("End");
    const lastRow = grid.getByRole("row").last();
    await expect(lastRow).toContainText(last);
    expect(Number(await lastRow.getAttribute("aria-rowindex"))).toBeGreaterThan(records);
    expect(await pane.getByRole("row").count()).toBeLessThan(mostRowsInDocument);
  }
  const heap = await page.evaluate(() => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize);
  expect(heap).toBeLessThan(mostHeapBytes);
  expect(host.problems).toEqual([]);
});
