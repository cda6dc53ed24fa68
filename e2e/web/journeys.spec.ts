import { readFileSync, statSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, openPage, panelTab, test } from "../support/browser-host.ts";

test.describe("the interface in the browser", () => {
  test("leads from the overview to the damaged byte, and changes nothing", async ({ page, host }) => {
    const path = await host.volume("orchestrated-tags-option3-combined-on-minimal", "ledger.dwvd");
    const before = { bytes: readFileSync(path), times: statSync(path, { bigint: true }) };
    await openPage(page, (await host.serve(path)).address);
    await expect(page.getByText("6 errors, 4 warnings")).toBeVisible();
    await page.getByRole("button", { name: "Show findings" }).click();
    await page.getByRole("option", { name: /trailer of bitmap block 10/ }).click();
    await expect(page.getByRole("region", { name: "Evidence" })).toContainText("Stored XXH64");
    await page.getByRole("button", { name: "Open in hex" }).first().click();
    await expect(page.locator(".hex-grid")).toContainText("0000 aff0");
    await expect(page.locator(".crumb-rest")).toContainText("0xaff0");
    await expect(page.getByText("0 B written")).toBeVisible();
    const after = statSync(path, { bigint: true });
    expect(readFileSync(path).equals(before.bytes)).toBe(true);
    expect([after.mtimeNs, after.ctimeNs]).toEqual([before.times.mtimeNs, before.times.ctimeNs]);
    expect(host.problems).toEqual([]);
  });

  test("keeps one selection for navigator, layout, hex and inspector, with back and forward", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("created-standard-4k", "standard.dwvd"))).address);
    await page.getByRole("treeitem", { name: /IntegrityTree/ }).click();
    await expect(page.getByRole("row", { name: /IntegrityTree/ })).toHaveAttribute("aria-selected", "true");
    await expect(page.getByRole("group", { name: "Inspector" })).toContainText("IntegrityTree");
    await page.getByRole("row", { name: /SnapshotTable/ }).click();
    await expect(page.getByRole("treeitem", { name: /SnapshotTable/ })).toHaveAttribute("aria-selected", "true");
    await page.getByRole("button", { name: "Back" }).click();
    await expect(page.getByRole("group", { name: "Inspector" })).toContainText("IntegrityTree");
    await page.getByRole("button", { name: "Forward" }).click();
    await expect(page.getByRole("group", { name: "Inspector" })).toContainText("SnapshotTable");
    expect(host.problems).toEqual([]);
  });

  test("is used by keyboard alone: go to a place, walk findings, open panels", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("orchestrated-tags-option3-combined-on-minimal", "ledger.dwvd"))).address);
    await page.keyboard.press("Control+g");
    await expect(page.getByRole("textbox", { name: "Block, byte or expression" })).toBeFocused();
    await page.keyboard.type("MWAL");
    await expect(page.locator(".crumb-edit output")).toContainText("1035");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("group", { name: "Inspector" })).toContainText("MetadataWAL");
    await page.keyboard.press("F8");
    await expect(page.locator(".crumb-rest")).toContainText("0x");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("Go Hex");
    await page.keyboard.press("Enter");
    await expect(panelTab(page, "Hex")).toHaveClass(/dv-active-tab/);
    await page.keyboard.press("Alt+ArrowLeft");
    await expect(page.getByRole("group", { name: "Inspector" })).toContainText("MetadataWAL");
    await page.keyboard.press("g");
    await page.keyboard.press("m");
    await expect(panelTab(page, "Map")).toHaveClass(/dv-active-tab/);
    await page.keyboard.press("g");
    await page.keyboard.press("h");
    await expect(panelTab(page, "Hex")).toHaveClass(/dv-active-tab/);
    await page.keyboard.press("Alt+ArrowUp");
    await expect(page.locator(".crumb-rest")).toContainText("blocks 1\u2009035–1\u2009098 (64)");
    await page.keyboard.press("F6");
    expect(await page.evaluate(() => document.activeElement !== document.body)).toBe(true);
    expect(host.problems).toEqual([]);
  });

  test("shows several volumes as tabs, finds them again after a reload, and closes them", async ({ page, host }) => {
    await host.volume("damaged-both-superblocks-zeroed", "wiped.dwvd");
    await openPage(page, (await host.serve(await host.volume("created-minimal-4k", "minimal.dwvd"))).address);
    await page.keyboard.press("Control+o");
    await page.getByRole("button", { name: /wiped\.dwvd/ }).click();
    await expect(page.getByRole("tab", { name: /wiped\.dwvd/ })).toHaveAttribute("aria-selected", "true");
    await expect(page.getByText("No superblock survives").first()).toBeVisible();
    await page.reload();
    await expect(page.getByRole("tab", { name: /minimal\.dwvd/ })).toBeVisible();
    await expect(page.getByRole("tab", { name: /wiped\.dwvd/ })).toBeVisible();
    await page.getByRole("tab", { name: /wiped\.dwvd/ }).click();
    await page.getByRole("button", { name: "Close wiped.dwvd" }).click();
    await expect(page.getByRole("tab", { name: /wiped\.dwvd/ })).toHaveCount(0);
    expect(host.problems).toEqual([]);
  });

  test("opens a file of the page's computer without a path", async ({ page, host }) => {
    const path = await host.volume("created-enterprise-4k", "enterprise.dwvd");
    await page.goto((await host.serve()).address);
    await page.getByText("Opening changes nothing.").waitFor();
    await page.getByRole("button", { name: "choose a file" }).click();
    await page.getByLabel("A file of this computer").setInputFiles(path);
    await expect(page.getByRole("tab", { name: /enterprise\.dwvd/ })).toBeVisible();
    await expect(page.getByRole("row", { name: /AuditLogRegion/ })).toBeVisible();
    expect(host.problems).toEqual([]);
  });

  test("follows a file that changes under it", async ({ page, host }) => {
    const path = await host.volume("created-minimal-4k", "minimal.dwvd");
    await openPage(page, (await host.serve(path)).address);
    await expect(page.getByText("0 errors, 0 warnings")).toBeVisible();
    const { open } = await import("node:fs/promises");
    const file = await open(path, "r+");
    await file.write(new Uint8Array(4096), 0, 4096, 0);
    await file.close();
    await expect(page.getByText(/[1-9]\d* errors?/).first()).toBeVisible({ timeout: 15_000 });
  });

  for (const colorScheme of ["dark", "light"] as const) {
    test(`has no accessibility violation on any panel, ${colorScheme}`, async ({ page, host }) => {
      await page.emulateMedia({ colorScheme });
      await openPage(page, (await host.serve(await host.volume("orchestrated-tags-option3-combined-on-minimal", "ledger.dwvd"))).address);
      const found: string[] = [];
      for (const name of ["Overview", "Map", "Layout", "Hex", "Findings", "Tasks"]) {
        await panelTab(page, name).click();
        await page.waitForTimeout(300);
        const { violations } = await new AxeBuilder({ page }).analyze();
        found.push(
          ...violations.map(
            ({ id, nodes }) =>
              `${name}: ${id}: ${nodes
                .slice(0, 4)
                .map((node) => node.target.join(" "))
                .join(", ")}`,
          ),
        );
      }
      expect(found).toEqual([]);
    });
  }
});
