import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright/test";
import { violations } from "../support/accessibility.ts";
import { expect, openPage, openPanel, runCommand, test } from "../support/browser-host.ts";

const wizard = (page: Page) => page.getByRole("dialog");
const step = (page: Page) => wizard(page).locator('[aria-current="step"]');

test.describe("the wizard for a new volume", () => {
  test("makes one by the keyboard alone: too small is said with the number that does, then it opens", async ({ page, host }) => {
    await page.goto((await host.serve()).address);
    await page.getByText("Opening changes nothing.").waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("New volume");
    await page.keyboard.press("Enter");
    await expect(wizard(page).getByRole("radio", { name: /Standard/ })).toBeFocused();
    await expect(wizard(page).getByText("Modules 32 to 38 cannot be stored: the manifest on disk has 32 bits.")).toBeVisible();
    await page.keyboard.press("Control+Enter");
    await expect(step(page)).toContainText("Size and place");
    await expect(page.getByLabel("Size", { exact: true })).toBeFocused();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("1024");
    await page.keyboard.press("Tab");
    await page.keyboard.press("b");
    const says = wizard(page).getByText(/^1.024 blocks hold no data region with this profile\. 1.296 is the smallest that does\.$/);
    await expect(says.first()).toBeVisible();
    await expect(wizard(page).getByRole("button", { name: "Preview the plan" })).toBeDisabled();
    expect(await violations(page, ".is-wizard")).toEqual([]);
    await page.emulateMedia({ colorScheme: "light" });
    await expect(page.locator("html")).toHaveClass("bs-light");
    expect(await violations(page, ".is-wizard")).toEqual([]);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect(page.getByLabel("Size", { exact: true })).toHaveValue("1296");
    await page.getByLabel("Size", { exact: true }).focus();
    await expect(wizard(page).getByRole("button", { name: "Preview the plan" })).toBeEnabled();
    await page.keyboard.press("Control+Enter");
    await expect(step(page)).toContainText("Plan");
    await expect(wizard(page).getByText(/16 newly written/)).toBeVisible();
    expect(await violations(page, ".is-wizard")).toEqual([]);
    expect(existsSync(join(host.folder, "new.dwvd"))).toBe(false);
    await page.keyboard.press("Control+Enter");
    await expect(wizard(page).getByText("16 blocks written and verified.")).toBeVisible();
    expect(readFileSync(join(host.folder, "new.dwvd")).length).toBe(1296 * 4096);
    await page.keyboard.press("Control+Enter");
    await expect(page.getByRole("tab", { name: /new\.dwvd/ })).toHaveAttribute("aria-selected", "true");
    await expect(page.getByText("0 errors, 0 warnings").first()).toBeVisible();
    expect(host.problems).toEqual([]);
  });
  test("takes modules of one's own, refuses a name that is taken, and asks before what was entered is lost", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("created-minimal-4k", "new.dwvd"))).address);
    await runCommand(page, "New volume…");
    await page.getByRole("radio", { name: /Modules of your own/ }).check();
    await page.getByRole("checkbox", { name: /Tags/ }).check();
    await expect(page.getByRole("checkbox", { name: /QuorumSeal/ })).toBeDisabled();
    await expect(page.getByRole("img", { name: /TagIndexRegion/ })).toBeVisible();
    await page.getByRole("button", { name: "Size and place" }).click();
    await page.getByRole("button", { name: "Preview the plan" }).click();
    await expect(page.getByRole("alertdialog").getByText(/exists already/)).toBeVisible();
    await page.getByRole("alertdialog").getByRole("button", { name: "Close" }).last().click();
    await page.keyboard.press("Escape");
    await expect(wizard(page).getByText("What you entered here will be lost.")).toBeVisible();
    await page.getByRole("button", { name: "Keep editing" }).click();
    await page.getByLabel("File name").fill("other.dwvd");
    await page.getByRole("button", { name: "Preview the plan" }).click();
    await page.getByRole("button", { name: "Create other.dwvd" }).click();
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await expect(page.getByRole("treeitem", { name: /TagIndexRegion/ })).toBeVisible();
    await runCommand(page, "New volume…");
    await page.keyboard.press("Escape");
    await expect(wizard(page)).toHaveCount(0);
  });
});

test("files go into a volume and come out again byte for byte, through both wizards", async ({ page, host }) => {
  const path = await host.volume("created-standard-4k", "disk.dwvd");
  const files = { "a.jpg": 40_000, "trip/b.jpg": 9000, "trip/empty": 0 };
  mkdirSync(join(host.folder, "photos/trip"), { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(host.folder, "photos", name), Buffer.alloc(bytes, name));
  symlinkSync("/etc/passwd", join(host.folder, "photos/link"));
  await openPage(page, (await host.serve(path)).address);
  await runCommand(page, "Import files and folders…");
  await expect(wizard(page).getByText("Choose at least one file or folder.")).toBeVisible();
  await page.getByRole("checkbox", { name: "Choose photos" }).check();
  await page.getByRole("button", { name: "Look at them" }).click();
  await expect(wizard(page).getByText("3 files, 2 folders, 47.9 KiB", { exact: true })).toBeVisible();
  await expect(wizard(page).getByRole("list", { name: "Left out" })).toContainText("a link, which is not followed");
  await page.getByLabel("Folder in the volume").fill("/archive");
  const before = readFileSync(path);
  await page.getByRole("button", { name: "Preview the plan" }).click();
  await expect(wizard(page).getByText(/Import 3 files and 3 folders/)).toBeVisible();
  await expect(wizard(page).getByRole("button", { name: "Apply to disk.dwvd" })).toBeDisabled();
  expect(readFileSync(path).equals(before)).toBe(true);
  expect(await violations(page, ".is-wizard")).toEqual([]);
  await page.getByRole("button", { name: "Enable changes" }).click();
  await wizard(page).getByRole("button", { name: "Apply to disk.dwvd" }).click();
  await expect(wizard(page).getByText(/blocks written and verified/)).toBeVisible();
  await page.getByRole("button", { name: "Done" }).click();

  await runCommand(page, "Export files and folders…");
  await wizard(page).getByRole("button", { name: "archive" }).click();
  await wizard(page).getByRole("button", { name: "photos" }).click();
  await expect(page.getByLabel("Path in the volume")).toHaveValue("/archive/photos");
  await page.getByRole("button", { name: "Where to" }).click();
  await page.getByLabel("New folder in it").fill("rescued");
  await page.getByRole("button", { name: "Preview the plan" }).click();
  await expect(wizard(page).getByText(/Write 3 files and 1 folder \(47\.9 KiB\)/)).toBeVisible();
  expect(existsSync(join(host.folder, "rescued"))).toBe(false);
  await page.getByRole("button", { name: "Export", exact: true }).click();
  await expect(wizard(page).getByText("Wrote 3 files and 1 folder.")).toBeVisible();
  for (const [name, bytes] of Object.entries(files))
    expect(readFileSync(join(host.folder, "rescued", name)).equals(Buffer.alloc(bytes, name)), name).toBe(true);
  await page.getByRole("button", { name: "Done" }).click();

  // A second time, from its inode, everything is in the way: said beforehand, and nothing is overwritten.
  await openPanel(page, "Inodes");
  await page.getByRole("row", { name: /39\.1 KiB/ }).click();
  await page.getByRole("button", { name: "Export…" }).click();
  await expect(page.getByLabel("Path in the volume")).toHaveValue("/archive/photos/a.jpg");
  await page.getByRole("button", { name: "Where to" }).click();
  await wizard(page).getByRole("button", { name: "rescued" }).click();
  await page.getByRole("button", { name: "Preview the plan" }).click();
  await expect(wizard(page).getByText("There is nothing to export: all of it is left out.")).toBeVisible();
  await expect(wizard(page).getByRole("list", { name: "Would be left out" })).toContainText("something of that name is there already");
  expect(host.problems).toEqual([]);
});

test.describe("the wizard for a module", () => {
  test("checks, compares the ways, plans and applies the one that was chosen", async ({ page, host }) => {
    const path = await host.volume("created-standard-4k", "disk.dwvd");
    const before = readFileSync(path);
    await openPage(page, (await host.serve(path)).address);
    await runCommand(page, "Add a module…");
    await expect(wizard(page).getByText("Choose a module.")).toBeVisible();
    await wizard(page)
      .getByRole("radio", { name: /QuorumSeal/ })
      .check();
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await expect(wizard(page).getByText("No: the manifest on disk has 32 bits, none for module 32.").first()).toBeVisible();
    await expect(wizard(page).getByText("No way is open for QuorumSeal.")).toBeVisible();
    await wizard(page).getByRole("button", { name: "Back" }).click();
    await wizard(page).getByRole("radio", { name: /Query/ }).check();
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await expect(step(page)).toContainText("14 of 14 checks hold");
    await page.getByRole("button", { name: "Compare the ways" }).click();
    await expect(wizard(page).getByRole("radio", { name: "Padding claim" })).toBeChecked();
    await expect(wizard(page).getByRole("radio", { name: "Regions only" })).toBeDisabled();
    await expect(wizard(page).getByRole("row", { name: /^Time on this disk/ })).toContainText(/to|about/);
    await expect(wizard(page).getByRole("img", { name: /^Regions after: .*BTreeIndexForest \(planned\)$/ })).toBeVisible();
    expect(await violations(page, ".is-wizard")).toEqual([]);
    await wizard(page).getByRole("radio", { name: "Inode migration" }).check();
    await page.getByRole("button", { name: "Preview the plan" }).click();
    await expect(wizard(page).getByText("Add Query.")).toBeVisible();
    await expect(wizard(page).getByText(/0 errors, 0 warnings after/)).toBeVisible();
    expect(readFileSync(path).equals(before)).toBe(true);
    await page.getByRole("button", { name: "Enable changes" }).click();
    await wizard(page).getByRole("button", { name: "Apply to disk.dwvd" }).click();
    await expect(wizard(page).getByText(/blocks written and verified/)).toBeVisible();
    await expect(page.getByRole("treeitem", { name: /BTreeIndexForest/ })).toBeVisible();
    await wizard(page).getByRole("button", { name: "Undo…" }).click();
    const plan = page.getByRole("group", { name: "Plan", exact: true });
    await plan.getByRole("button", { name: "Apply to disk.dwvd" }).click();
    await expect(plan.getByText("Done.")).toBeVisible();
    // All that it was, but for what passed through the log.
    const outsideLog = (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 1039 * 4096), bytes.subarray(1103 * 4096)]);
    expect(Buffer.compare(outsideLog(readFileSync(path)), outsideLog(before))).toBe(0);
    expect(host.problems).toEqual([]);
  });
  test("copies the volume with the module, and leaves it as it is", async ({ page, host }) => {
    const path = await host.volume("created-minimal-4k", "disk.dwvd");
    const before = readFileSync(path);
    await openPage(page, (await host.serve(path)).address);
    await runCommand(page, "Add a module…");
    await wizard(page)
      .getByRole("radio", { name: /Consensus/ })
      .check();
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await page.getByRole("button", { name: "Compare the ways" }).click();
    await wizard(page).getByRole("radio", { name: "Copy to a new volume" }).check();
    await expect(page.getByLabel("File name")).toHaveValue("disk-copy.dwvd");
    await page.getByRole("button", { name: "Preview the plan" }).click();
    await page.getByRole("button", { name: "Create disk-copy.dwvd" }).click();
    await expect(wizard(page).getByText("Copied to disk-copy.dwvd with Consensus; every byte was read back.")).toBeVisible();
    expect(readFileSync(path).equals(before)).toBe(true);
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await expect(page.getByRole("treeitem", { name: /ConsensusLogRegion/ })).toBeVisible();
  });
});
