import { open } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, openPage, openPanel, test } from "../support/browser-host.ts";

const thin = "\u2009";

test.describe("structures of a volume in the browser", () => {
  test("key slots are told by their states, and their bytes only when asked for", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("filled-polv-encr-typical", "keys.dwvd"))).address);
    await openPanel(page, "Security");
    const panel = page.locator(".panel-security");
    await expect(panel).toContainText("Tamper response");
    await expect(panel).toContainText("not verified: its key is not in the volume");
    await panel.getByRole("combobox", { name: "Region" }).selectOption({ label: "EncryptionHeader at block 12" });
    await expect(panel.getByRole("grid", { name: /^Key slots,/ })).toContainText("AES-256-GCM");
    await expect(panel.getByRole("grid", { name: /^Key slots,/ })).toContainText("hidden");
    expect(await panel.innerText()).not.toMatch(/[0-9a-f]{64}/);
    await panel.getByRole("button", { name: "Show secret bytes" }).click();
    await expect(panel.getByText(/^[0-9a-f]{64,}$/).first()).toBeVisible();
    await panel.getByRole("button", { name: "Hide secret bytes" }).click();
    await expect(panel.getByText(/^[0-9a-f]{64,}$/)).toHaveCount(0);
    await panel.getByRole("gridcell", { name: /^Slot 0:/ }).click();
    await expect(page.locator(".crumb-rest")).toContainText("124 bytes");
    expect(host.problems).toEqual([]);
  });

  test("modules of the code cache are hashed, and their binaries told section by section", async ({ page, host }) => {
    const path = await host.volume("populated-showcase", "showcase.dwvd");
    const file = await open(path, "r+");
    await file.write(Uint8Array.of(99), 0, 1, 1478 * 4096 + 8);
    await file.close();
    await openPage(page, (await host.serve(path)).address);
    await openPanel(page, "Code cache");
    const panel = page.locator(".panel-code");
    await panel.getByRole("button", { name: "Check hashes" }).click();
    await expect(panel).toContainText("4 modules match, 1 differ");
    await panel
      .getByRole("grid", { name: /^Modules that do not match/ })
      .getByText("add")
      .click();
    await expect(panel.getByRole("alert")).toContainText("there is no section 99");
    await panel
      .getByRole("grid", { name: /^Modules,/ })
      .getByText("map_rows")
      .click();
    const module = panel.getByRole("region", { name: "Module 4" });
    await expect(module).toContainText("is the one in its record");
    await module.getByRole("tab", { name: "Exports 2" }).click();
    await expect(module.getByRole("grid", { name: /^Exports/ })).toContainText("map_rows");
    await module.getByRole("tab", { name: "Sections 7" }).click();
    await module.getByRole("grid", { name: /^Sections/ }).focus();
    await page.keyboard.press("Home");
    await expect(page.locator(".crumb-rest")).toContainText("0x5c9008");
    await page.keyboard.press("Enter");
    await expect(page.locator(".hex-grid")).toBeVisible();
    expect(host.problems).toEqual([]);
  });

  test("the integrity tree leads from a changed block's leaf to the block", async ({ page, host }) => {
    const path = await host.volume("populated-showcase", "showcase.dwvd");
    const file = await open(path, "r+");
    await file.write(Uint8Array.of(1, 2, 3), 0, 3, 1523 * 4096 + 7);
    await file.close();
    await openPage(page, (await host.serve(path)).address);
    await openPanel(page, "Integrity tree");
    const panel = page.locator(".panel-integrity");
    await expect(panel).toContainText("Each of the data region's 625 blocks has a leaf.");
    await expect(panel).toContainText("Not held against the blocks yet.");
    await panel.getByRole("button", { name: "Check against blocks" }).click();
    await expect(panel).toContainText("1 of 625 leaves differ");
    await expect(panel.getByRole("img", { name: /11 levels over 625 leaves/ })).toBeVisible();
    await panel.getByRole("grid", { name: /^Nodes that do not hold/ }).focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await expect(page.locator(".crumb-rest")).toContainText(`block 1${thin}523`);
    expect(host.problems).toEqual([]);
  });

  test("copies of the superblock show what differs, which one is believed and why", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("damaged-mirror-older", "older.dwvd"))).address);
    await openPanel(page, "Copies");
    const panel = page.locator(".panel-copies");
    await expect(panel).toContainText("The copies differ in 4 of 45 fields.");
    const table = panel.getByRole("grid", { name: /^Copies of superblock/ });
    await expect(table).toContainText("Primary, block 0 · believed");
    await expect(table).toContainText("CheckpointSequence 5 of the primary is the higher");
    await table.getByText("volumeLabel").click();
    await expect(page.getByRole("group", { name: "Inspector" })).toContainText("volumeLabel");
    await page.keyboard.press("ArrowRight");
    await expect(page.locator(".crumb-rest")).toContainText("0x40");
    await panel.getByText("Differing only").click();
    await expect(panel.getByRole("row")).toHaveCount(6);
    await panel.getByRole("combobox", { name: "Structure" }).selectOption("region-tables");
    await expect(panel.getByRole("grid", { name: /^Copies of region tables/ })).toContainText("Mirror table, block 5");
    expect(host.problems).toEqual([]);
  });

  test("inodes show their content, their extents and, of a directory, its names", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("populated-showcase", "showcase.dwvd"))).address);
    await page.keyboard.press("g");
    await page.keyboard.press("i");
    const panel = page.locator(".panel-inodes");
    const inodes = panel.getByRole("grid", { name: /^Inodes,/ });
    await inodes.focus();
    await page.keyboard.press("Home");
    const names = panel.getByRole("grid", { name: /^Names/ });
    await expect(names).toContainText("README.txt");
    await names.focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    const readme = panel.getByRole("region", { name: "Inode 2" });
    await expect(readme.getByLabel("Content as text")).toBeVisible();
    await readme.getByText("Hex", { exact: true }).click();
    await expect(readme.getByLabel("Content as hex")).toContainText("00000000  ");
    await readme.getByRole("tab", { name: "Extents 1" }).click();
    await readme.getByRole("grid", { name: /^Extents/ }).focus();
    await page.keyboard.press("Home");
    await expect(page.locator(".crumb-rest")).toContainText(`block 1${thin}472`);
    await expect(readme).toBeVisible();
    expect(host.problems).toEqual([]);
  });

  for (const colorScheme of ["dark", "light"] as const) {
    test(`have panels without an accessibility violation, ${colorScheme}`, async ({ page, host }) => {
      await page.emulateMedia({ colorScheme });
      await openPage(page, (await host.serve(await host.volume("populated-showcase", "showcase.dwvd"))).address);
      const found: string[] = [];
      for (const [title, act] of [
        ["Security", undefined],
        ["Code cache", ".panel-code [role=row]:nth-child(1) [role=gridcell]"],
        ["Integrity tree", ".panel-integrity .task-button, .panel-integrity .integrity-tree .bp6-button"],
        ["Copies", ".panel-copies [role=gridcell]"],
        ["Inodes", ".panel-inodes [role=gridcell]"],
      ] as const) {
        await openPanel(page, title);
        if (act) await page.locator(act).first().click();
        await page.waitForTimeout(600);
        const { violations } = await new AxeBuilder({ page }).analyze();
        found.push(
          ...violations.map(
            ({ id, nodes }) =>
              `${title}: ${id}: ${nodes
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
