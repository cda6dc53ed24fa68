import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { expect, openPage, runCommand, test } from "../support/browser-host.ts";

test.describe("an overlay over an image", () => {
  test("takes a change at once, shows what differs, is committed by a plan of the image, and dropped", async ({ page, host }) => {
    const image = await host.volume("created-standard-4k", "disk.dwvd");
    const before = readFileSync(image);
    await openPage(page, (await host.serve(image)).address);
    await runCommand(page, "Open with overlay…");
    await page.getByRole("button", { name: "Open with a new overlay" }).click();
    await expect(page.getByRole("tab", { name: /disk\.dwvd · overlay 1/ })).toHaveAttribute("aria-selected", "true");
    await expect(page.getByRole("button", { name: "Overlay", exact: true })).toBeVisible();

    await runCommand(page, "Set the label…");
    await page.getByRole("textbox", { name: "Label" }).fill("month end");
    await page.getByRole("button", { name: "Preview the plan" }).click();
    await page.getByRole("button", { name: "Apply to overlay" }).click();
    await expect(page.getByText(/10 blocks written and verified/)).toBeVisible();
    await page.getByRole("button", { name: "Done" }).click();
    await expect(page.getByText("0 B written")).toBeVisible();
    expect(readFileSync(image).equals(before)).toBe(true);

    await page.getByRole("button", { name: "Overlay", exact: true }).click();
    await page.getByRole("button", { name: "Show difference" }).click();
    const difference = page.getByRole("group", { name: "Difference" });
    await expect(difference.getByText(/\d+ blocks differ\./)).toBeVisible();
    await difference
      .getByRole("row", { name: /SuperblockV2/ })
      .first()
      .click();
    await expect(difference.getByRole("cell", { name: "volumeLabel" })).toBeVisible();
    await expect(difference.getByRole("cell", { name: "month end" })).toBeVisible();
    const found = await new AxeBuilder({ page }).include(".panel-difference").include("nav.tabs").analyze();
    expect(found.violations).toEqual([]);

    await runCommand(page, "Commit overlay to image…");
    await expect(page.getByRole("tab", { name: /disk\.dwvd$/ })).toHaveAttribute("aria-selected", "true");
    const commit = page.getByRole("group", { name: "Plan" });
    await expect(commit.getByText(/Keep the overlay .* until it is dropped\./)).toBeVisible();
    expect(readFileSync(image).equals(before)).toBe(true);
    await commit.getByRole("button", { name: "Enable changes" }).click();
    await commit.getByRole("button", { name: "Apply to disk.dwvd" }).click();
    await expect(commit.getByText(/10 blocks written and verified/)).toBeVisible();
    expect(
      readFileSync(image)
        .subarray(0x98, 0x98 + 9)
        .toString(),
    ).toBe("month end");

    await runCommand(page, "Open with overlay…");
    await page.getByRole("button", { name: "Drop overlay 1…" }).click();
    await expect(page.getByRole("dialog").getByText(/to "month end"/)).toBeVisible();
    await page.getByRole("button", { name: "Drop overlay 1", exact: true }).click();
    await expect(page.getByRole("tab", { name: /overlay 1/ })).toHaveCount(0);
    expect(host.problems).toEqual([]);
  });
  test("takes a plan that is only to be tried", async ({ page, host }) => {
    const image = await host.volume("created-standard-4k", "disk.dwvd");
    const before = readFileSync(image);
    await openPage(page, (await host.serve(image)).address);
    await runCommand(page, "Set the label…");
    await page.getByRole("textbox", { name: "Label" }).fill("tried");
    await page.getByRole("button", { name: "Preview the plan" }).click();
    await page.getByRole("button", { name: "Try on overlay" }).click();
    await expect(page.getByRole("tab", { name: /overlay 1/ })).toHaveAttribute("aria-selected", "true");
    await expect(page.getByRole("group", { name: "Difference" }).getByText(/\d+ blocks differ\./)).toBeVisible();
    expect(readFileSync(image).equals(before)).toBe(true);
    expect(readdirSync(join(host.folder, ".data", "overlays"))).toEqual(["disk.dwvd overlay 1.bsoverlay"]);
    expect(host.problems).toEqual([]);
  });
});
