import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright/test";
import { expect, openPage, openPanel, runCommand, test } from "../support/browser-host.ts";

/** Fills the form of an operation that is chosen in the palette, and puts it into the queue. */
async function queue(page: Page, command: string, fill: () => Promise<unknown>): Promise<void> {
  await runCommand(page, command);
  await fill();
  await page.getByRole("dialog").getByRole("button", { name: "Add to queue", exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
}
const entries = (page: Page) => page.getByRole("listbox", { name: "Queue" }).getByRole("option");

test.describe("the queue of changes", () => {
  test("is previewed in all views, survives a restart, is applied once and undone from the list", async ({ page, host }) => {
    const image = await host.volume("created-standard-4k", "disk.dwvd");
    const before = readFileSync(image);
    const first = await host.serve(image);
    await openPage(page, first.address);
    const setLabel = (text: string) => queue(page, "Set the label…", () => page.getByRole("textbox", { name: "Label" }).fill(text));
    await setLabel("draft");
    await setLabel("month end");
    await queue(page, "Add a module…", async () => {
      await page.getByRole("radio", { name: /Consensus/ }).check();
      await page.getByRole("button", { name: "Check", exact: true }).click();
      await page.getByRole("button", { name: "Compare the ways" }).click();
      await page.getByRole("button", { name: "Preview the plan" }).click();
    });
    await expect(entries(page)).toHaveCount(3);
    await expect(page.getByRole("table", { name: "After all 3" }).getByRole("row", { name: /^Regions/ })).toContainText("1213");

    // Two labels are not independent, and the reason is said; label and module are.
    await entries(page).nth(1).click();
    await page.keyboard.press("Alt+ArrowUp");
    await expect(
      page.getByText(/Changes 1 and 2 cannot trade places: block \d+ \(SuperblockV2.*would hold something else/).first(),
    ).toBeVisible();
    await page.keyboard.press("Escape");
    await page.getByRole("alertdialog").waitFor({ state: "detached" });
    await entries(page).nth(2).click();
    await page.keyboard.press("Alt+ArrowUp");
    await expect(entries(page).nth(1)).toContainText("Add module Consensus");
    await entries(page).nth(0).click();
    await page.keyboard.press("Delete");
    await expect(entries(page)).toHaveCount(2);
    await expect(page.getByRole("group", { name: "Plan" })).toBeHidden();

    await page.getByRole("button", { name: "Preview in all views" }).click();
    await expect(page.getByText("Shown as after the queue")).toBeVisible();
    await expect(page.getByRole("treeitem", { name: /ConsensusLogRegion/ })).toBeVisible();
    await openPanel(page, "Overview");
    await expect(page.locator(".panel-overview").getByText("month end", { exact: true })).toBeVisible();
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    }
    expect(readFileSync(image).equals(before)).toBe(true);

    await page.reload();
    await page.getByText("Shown as after the queue").waitFor();
    await openPanel(page, "Plan");
    await expect(entries(page)).toHaveCount(2);
    await page.goto("about:blank");
    await first.close();
    await openPage(page, (await host.serve(image)).address);
    await expect(page.getByText("Shown as after the queue")).toHaveCount(0);
    await openPanel(page, "Plan");
    await expect(entries(page)).toHaveCount(2);
    await entries(page).nth(0).click();
    await expect(page.getByRole("group", { name: "Plan" }).getByText(/64 newly written/)).toBeVisible();
    expect((await new AxeBuilder({ page }).include(".panel-plan").analyze()).violations).toEqual([]);

    await page.getByRole("button", { name: "Enable changes" }).click();
    await page.getByRole("button", { name: "Apply 2 changes to disk.dwvd" }).click();
    await expect(page.getByText("2 changes made and verified")).toBeVisible();
    await expect(page.getByRole("treeitem", { name: /ConsensusLogRegion/ })).toBeVisible();
    expect(readFileSync(image).includes("month end")).toBe(true);

    await page.getByRole("radio", { name: "Undo 2" }).click({ force: true });
    await page.getByRole("button", { name: "Undo Set the label…" }).click();
    const plan = page.getByRole("group", { name: "Plan" });
    await plan.getByRole("button", { name: "Apply to disk.dwvd" }).click();
    await expect(plan.getByText("Done.")).toBeVisible();
    await page.getByRole("button", { name: "Undo Add module Consensus…" }).click();
    await plan.getByRole("button", { name: "Apply to disk.dwvd" }).click();
    await expect(page.getByRole("treeitem", { name: /ConsensusLogRegion/ })).toHaveCount(0);
    expect(
      readFileSync(image)
        .subarray(0, 10 * 4096)
        .equals(before.subarray(0, 10 * 4096)),
    ).toBe(true);
    expect(host.problems).toEqual([]);
  });
});
