import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, openPage, test } from "../support/browser-host.ts";

test.describe("the journals", () => {
  test("say what is pending on all panels, and field by field what a replay would change", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("wal-cut-after-09-directory-slots-applied", "cut.dwvd"))).address);
    const banner = page.getByRole("region", { name: "Pending transaction" });
    await expect(banner).toContainText("4 of 6 blocks still hold the state before it");
    await banner.getByRole("button", { name: "Open journals" }).click();
    await expect(page.getByRole("region", { name: "State of the log" })).toContainText("Replay it");
    await expect(page.getByRole("option", { name: /pending/ })).toHaveAttribute("aria-selected", "true");
    await page.getByRole("button", { name: /block 0 · SuperblockV2/ }).click();
    const changes = page.getByRole("region", { name: "What it changes" });
    await expect(changes).toContainText("After a replay");
    await changes.getByRole("button", { name: "freeBlocks" }).click();
    await expect(page.locator(".crumb-rest")).toContainText("0x40");
    await page.getByText(/^Records \d+/).click();
    await page
      .getByRole("grid", { name: /^Records/ })
      .getByRole("row", { name: /commit/ })
      .click();
    await expect(page.locator(".crumb-rest")).toContainText("28 bytes");
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    }
    expect(host.problems).toEqual([]);
  });

  test("leave the choice between the volume as stored and as after replay, and the file as it is", async ({ page, host }) => {
    const image = await host.volume("wal-cut-after-09-directory-slots-applied", "cut.dwvd");
    const before = readFileSync(image);
    await openPage(page, (await host.serve(image)).address);
    const banner = page.getByRole("region", { name: "Pending transaction" });
    await expect(banner).toContainText("Shown as after replay");
    await expect(page.locator(".status-selection")).toContainText("after replay");
    const freeBlocks = page.locator(".panel-overview").getByText("885", { exact: true }).first();
    await expect(freeBlocks).toBeVisible();
    await banner.getByRole("radio", { name: "As stored" }).click({ force: true });
    await expect(banner).toContainText("All panels show the volume as stored");
    await expect(page.locator(".status-selection")).not.toContainText("after replay");
    await expect(freeBlocks).toHaveCount(0);
    await banner.getByRole("radio", { name: "After replay" }).click({ force: true });
    await expect(freeBlocks).toBeVisible();
    expect(readFileSync(image).equals(before)).toBe(true);
    expect(host.problems).toEqual([]);
  });

  test("are opened by keyboard, and say so where nothing was ever logged", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("created-standard-4k", "standard.dwvd"))).address);
    await expect(page.getByRole("region", { name: "Pending transaction" })).toHaveCount(0);
    await page.keyboard.press("g");
    await page.keyboard.press("j");
    await expect(page.getByText("Nothing was ever written into this log")).toBeVisible();
    await expect(page.getByRole("region", { name: "State of the log" })).toContainText("Nothing is pending");
    expect(host.problems).toEqual([]);
  });

  test("lie among the rules that anyone can look up, by severity and by words", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("created-standard-4k", "standard.dwvd"))).address);
    await page
      .getByRole("menuitem", { name: "Help" })
      .or(page.getByRole("button", { name: "Help" }))
      .first()
      .click();
    await page.getByText("Rules", { exact: true }).click();
    const rules = page.getByRole("list", { name: "Rules" });
    await expect(rules.getByText("mwal.pending-committed")).toBeVisible();
    await page.getByRole("textbox", { name: "Filter rules" }).fill("walh.");
    await expect(rules.getByRole("listitem").first()).toContainText("operations reference 10");
    await page.getByRole("combobox", { name: "Severity" }).selectOption("info");
    await expect(rules.getByRole("listitem")).toHaveCount(1);
    await expect(rules).toContainText("walh.open-transaction");
    expect(host.problems).toEqual([]);
  });
});
