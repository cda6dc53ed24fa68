import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { expect, openPage, runCommand, test } from "../support/browser-host.ts";

test.describe("changing a volume in the window", () => {
  test("plans a label, shows every block, writes nothing before changes are enabled, then applies it", async ({ page, host }) => {
    const image = await host.volume("created-standard-4k", "disk.dwvd");
    const before = readFileSync(image);
    await openPage(page, (await host.serve(image)).address);
    await runCommand(page, "Set the label…");
    await page.getByRole("textbox", { name: "Label" }).fill("month end");
    await page.getByRole("button", { name: "Preview the plan" }).click();
    const plan = page.getByRole("dialog", { name: "Set the label" });
    await expect(plan.getByText(/Set the label from .* to "month end"/)).toBeVisible();
    await expect(plan.getByText("10 changed, 0 newly written")).toBeVisible();
    await plan
      .getByRole("row", { name: /SuperblockV2/ })
      .last()
      .click();
    await expect(plan.getByRole("cell", { name: "volumeLabel" })).toBeVisible();
    await expect(plan.getByRole("button", { name: "Apply to disk.dwvd" })).toBeDisabled();
    expect(readFileSync(image).equals(before)).toBe(true);
    const found = await new AxeBuilder({ page }).include(".is-wizard").analyze();
    expect(found.violations).toEqual([]);

    await plan.getByRole("button", { name: "Enable changes" }).click();
    await plan.getByRole("button", { name: "Apply to disk.dwvd" }).click();
    await expect(plan.getByText(/10 blocks written and verified/)).toBeVisible();
    await expect(page.getByText(/^[1-9][\d\u2009]* B written$/)).toBeVisible();
    await expect(page.getByRole("button", { name: "Changes enabled" })).toBeVisible();
    expect(readFileSync(image).equals(before)).toBe(false);
    expect(host.problems).toEqual([]);
  });
  test("repairs what the SDK's region addition left behind", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("added-snapshot-on-minimal", "disk.dwvd"))).address);
    await runCommand(page, "Findings");
    await page.getByRole("option", { name: /Block 1 has content and an all-zero trailer/ }).click();
    await page.getByRole("button", { name: "Repair…" }).click();
    const dialog = page.getByRole("dialog", { name: "Repair" });
    await expect(dialog.getByRole("checkbox", { name: /all-zero trailer/ })).toBeChecked();
    await expect(dialog.getByRole("checkbox", { checked: true })).toHaveCount(1);
    await page.keyboard.press("Escape");

    await runCommand(page, "Repair…");
    await expect(dialog.getByRole("group", { name: "Safe" }).getByRole("checkbox", { checked: false })).toHaveCount(0);
    const advisory = dialog.getByRole("group", { name: "Advisory" }).getByRole("checkbox");
    await expect(advisory.first()).not.toBeChecked();
    for (const box of await advisory.all()) await box.check({ force: true });
    expect((await new AxeBuilder({ page }).include(".bp6-dialog").analyze()).violations).toEqual([]);
    await dialog.getByRole("button", { name: "Preview the plan" }).click();
    await expect(dialog.getByText(/0 errors, 0 warnings after/)).toBeVisible();
    await dialog.getByRole("button", { name: "Enable changes" }).click();
    await dialog.getByRole("button", { name: "Apply to disk.dwvd" }).click();
    await expect(dialog.getByText(/written and verified/)).toBeVisible();
    await expect(dialog.getByText("0 errors, 0 warnings")).toBeVisible();
    await dialog.getByRole("button", { name: "Done" }).click();
    await expect(page.getByText("0 errors, 0 warnings").first()).toBeVisible();
  });
  test("says in a sentence what a form cannot take", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("created-standard-4k", "disk.dwvd"))).address);
    await runCommand(page, "Set the label…");
    await page.getByRole("textbox", { name: "Label" }).fill("ä".repeat(33));
    await expect(page.getByText("Label is 66 bytes in UTF-8; 64 fit.")).toBeVisible();
    await expect(page.getByRole("button", { name: "Preview the plan" })).toBeDisabled();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Discard it" }).click();
    await runCommand(page, "Set a module's level…");
    await expect(page.getByText("That is its level already.")).toBeVisible();
  });
});
