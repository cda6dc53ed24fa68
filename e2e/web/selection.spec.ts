import { readFileSync } from "node:fs";
import { violations } from "../support/accessibility.ts";
import { expect, openPage, panelTab, test } from "../support/browser-host.ts";

test.describe("the menu of what is selected", () => {
  test.use({ permissions: ["clipboard-read", "clipboard-write"] });

  test("selects what was pointed at, opens it elsewhere and copies its bytes", async ({ page, host }) => {
    const path = await host.volume("created-standard-4k", "standard.dwvd");
    await openPage(page, (await host.serve(path)).address);
    await page.getByRole("treeitem", { name: /RegionPointerTable 1/ }).click({ button: "right" });
    const menu = page.getByRole("menu", { name: "Selection" });
    await expect(menu).toContainText("Copy 4.00 KiB as");
    expect(await violations(page)).toEqual([]);
    await menu.getByRole("menuitem", { name: "Hex bytes" }).click();
    await expect(menu).toBeHidden();
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await expect.poll(copied).toMatch(/^([0-9a-f]{2} ){15}[0-9a-f]{2}\n/);
    expect(Buffer.from((await copied()).replaceAll(/\s/g, ""), "hex").equals(readFileSync(path).subarray(4096, 8192))).toBe(true);
    await page.getByRole("treeitem", { name: /IntegrityTree/ }).click({ button: "right" });
    await menu.getByRole("menuitem", { name: "Byte range" }).click();
    await expect.poll(copied).toMatch(/^0x[0-9a-f]+–0x[0-9a-f]+$/);
    await page.getByRole("treeitem", { name: /IntegrityTree/ }).click({ button: "right" });
    await menu.getByRole("menuitem", { name: "Integrity tree" }).click();
    await expect(panelTab(page, "Integrity tree")).toHaveClass(/dv-active-tab/);
    expect(host.problems).toEqual([]);
  });

  test("is used by keys, and a bookmark made there is found again after a restart", async ({ page, host }) => {
    const path = await host.volume("created-standard-4k", "standard.dwvd");
    const before = readFileSync(path);
    const served = await host.serve(path);
    await openPage(page, served.address);
    await page
      .getByRole("treeitem", { name: /MetadataWAL/ })
      .first()
      .click();
    await page.keyboard.press("Shift+F10");
    const menu = page.getByRole("menu", { name: "Selection" });
    await expect(menu).toBeVisible();
    await page.keyboard.press("ArrowUp");
    await expect(menu.getByRole("menuitem", { name: "Bookmark…" })).toBeFocused();
    await page.keyboard.press("Enter");
    await page.getByRole("textbox", { name: "Name" }).fill("<b>old tail</b>");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("treeitem", { name: "<b>old tail</b>" })).toBeVisible();
    await served.close();
    await openPage(page, (await host.serve(path)).address);
    await page.getByRole("treeitem", { name: "<b>old tail</b>" }).click();
    await expect(page.getByRole("group", { name: "Inspector" })).toContainText("MetadataWAL");
    await page.keyboard.press("Shift+F10");
    await menu.getByRole("menuitem", { name: "Remove bookmark" }).click();
    await expect(page.getByRole("treeitem", { name: "Bookmarks" })).toBeHidden();
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("stands beside the card of the map's cell that the pointer rests on", async ({ page, host }) => {
    const path = await host.volume("orchestrated-tags-option3-combined-on-minimal", "ledger.dwvd");
    await openPage(page, (await host.serve(path)).address);
    await panelTab(page, "Map").click();
    const map = page.getByRole("img", { name: /2\s048 blocks, 1\s163 allocated/ });
    await map.hover({ position: { x: 5, y: 5 } });
    const card = page.getByRole("tooltip");
    await expect(card).toContainText("Block 0 has content and an all-zero trailer");
    await expect(card).toContainText("PrimarySuperblock");
    await map.click({ button: "right", position: { x: 5, y: 5 } });
    await page.getByRole("menuitem", { name: "Hex", exact: true }).click();
    await expect(panelTab(page, "Hex")).toHaveClass(/dv-active-tab/);
    await expect(card).toBeHidden();
    expect(host.problems).toEqual([]);
  });

  test("tells on the map who owns the data and what is dirty", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("populated-showcase", "showcase.dwvd"))).address);
    await panelTab(page, "Map").click();
    const panel = page.getByRole("region", { name: "Map", exact: true });
    await panel.getByRole("button", { name: "Owner", exact: true }).click();
    await expect(panel.getByRole("button", { name: "live and snapshots" })).toContainText(/^live and snapshots[1-9]/);
    await expect(panel.getByRole("button", { name: "snapshots only" })).toContainText("28");
    await panel.getByRole("button", { name: "Dirty", exact: true }).click();
    await expect(panel.locator(".legend").getByRole("button", { name: "dirty" })).toContainText("7");
    expect(await violations(page)).toEqual([]);
    await panel.getByRole("button", { name: "Kind", exact: true }).click();
    await expect(panel.getByRole("button", { name: "inode" })).toContainText("1\u2009024");
    expect(host.problems).toEqual([]);
  });
});
