import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expectAccessible } from "../support/accessibility.ts";
import { panelTab } from "../support/browser-host.ts";
import { expect, test } from "../support/desktop-host.ts";

const damaged = "orchestrated-tags-option3-combined-on-minimal";

test.describe("the desktop application", () => {
  test("opens on the bundled sample", async ({ desktop }) => {
    const page = await (await desktop.launch()).page;
    await expect(page.getByRole("tab", { name: /populated-showcase\.dwvd/ })).toBeVisible();
  });

  test("leads from the overview to the damaged byte, and changes nothing", async ({ desktop }) => {
    const path = await desktop.volume(damaged, "ledger.dwvd");
    const before = { bytes: readFileSync(path), times: statSync(path, { bigint: true }) };
    const app = await desktop.launch({ args: [path] });
    const page = await app.page;
    await expect(page.getByText("6 errors, 3 warnings")).toBeVisible();
    await page.getByRole("button", { name: "Show findings" }).click();
    await page.getByRole("option", { name: /trailer of bitmap block 10/ }).click();
    await page.getByRole("button", { name: "Open in hex" }).first().click();
    await expect(page.locator(".hex-grid")).toContainText("0000 aff0");
    await expect(page.getByText("0 B written")).toBeVisible();
    const after = statSync(path, { bigint: true });
    expect(readFileSync(path).equals(before.bytes)).toBe(true);
    expect([after.mtimeNs, after.ctimeNs]).toEqual([before.times.mtimeNs, before.times.ctimeNs]);
    expect(app.record.problems).toEqual([]);
  });

  test("opens what its dialog chose as a further tab, and finds both again after a reload", async ({ desktop }) => {
    const wiped = await desktop.volume("damaged-both-superblocks-zeroed", "wiped.dwvd");
    const app = await desktop.launch({ args: [await desktop.volume("created-minimal-4k", "minimal.dwvd")] });
    const page = await app.page;
    await expect(page.getByRole("tab", { name: /minimal\.dwvd/ })).toBeVisible();
    app.chosenFiles.push([wiped]);
    app.click("File", "Open volume…");
    await expect(page.getByRole("tab", { name: /wiped\.dwvd/ })).toHaveAttribute("aria-selected", "true");
    await app.window.contents.reload();
    await expect(page.getByRole("tab", { name: /minimal\.dwvd/ })).toBeVisible();
    await expect(page.getByRole("tab", { name: /wiped\.dwvd/ })).toBeVisible();
    expect(app.record.problems).toEqual([]);
  });

  test("makes a new volume where its dialog says", async ({ desktop }) => {
    const app = await desktop.launch({ args: [await desktop.volume("created-minimal-4k", "minimal.dwvd")] });
    const page = await app.page;
    await expect(page.getByRole("tab", { name: /minimal\.dwvd/ })).toBeVisible();
    app.click("File", "New volume…");
    await page.getByRole("button", { name: "Size and place" }).click();
    await expect(page.getByText("Choose where the file goes.")).toBeVisible();
    app.chosenFiles.push([join(desktop.folder, "made.dwvd")]);
    await page.getByRole("button", { name: "Choose…" }).click();
    await page.getByRole("button", { name: "Preview the plan" }).click();
    await page.getByRole("button", { name: "Create made.dwvd" }).click();
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await expect(page.getByRole("tab", { name: /made\.dwvd/ })).toHaveAttribute("aria-selected", "true");
    expect(statSync(join(desktop.folder, "made.dwvd")).size).toBe(64 * 1_048_576);
  });

  test("imports and exports what its dialogs chose", async ({ desktop }) => {
    const app = await desktop.launch({ args: [await desktop.volume("created-standard-4k", "disk.dwvd")] });
    const page = await app.page;
    await expect(page.getByText("0 errors, 0 warnings").first()).toBeVisible();
    mkdirSync(join(desktop.folder, "notes"));
    writeFileSync(join(desktop.folder, "notes", "one.txt"), "one");
    app.click("File", "Import files and folders…");
    app.chosenFiles.push([join(desktop.folder, "notes")]);
    await page.getByRole("button", { name: "Add folders…" }).click();
    await page.getByRole("button", { name: "Look at them" }).click();
    await page.getByRole("button", { name: "Preview the plan" }).click();
    await page.getByRole("button", { name: "Enable changes" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Apply to disk.dwvd" }).click();
    await page.getByRole("button", { name: "Done" }).click();
    app.click("File", "Export files and folders…");
    await page.getByRole("button", { name: "Where to" }).click();
    app.chosenFiles.push([desktop.folder]);
    await page.getByRole("button", { name: "Choose a folder…" }).click();
    await page.getByLabel("New folder in it").fill("rescued");
    await page.getByRole("button", { name: "Preview the plan" }).click();
    await page.getByRole("button", { name: "Export", exact: true }).click();
    await expect(page.getByText("Wrote 1 file and 1 folder.")).toBeVisible();
    expect(readFileSync(join(desktop.folder, "rescued", "notes", "one.txt"), "utf8")).toBe("one");
  });

  test("opens files that are dropped on it", async ({ desktop }) => {
    const path = await desktop.volume("created-enterprise-4k", "enterprise.dwvd");
    const app = await desktop.launch();
    const page = await app.page;
    await expect(page.getByRole("tab", { name: /populated-showcase\.dwvd/ })).toBeVisible();
    await app.window.contents.setPaths({ "enterprise.dwvd": path });
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File([], "enterprise.dwvd"));
      for (const type of ["dragenter", "dragover", "drop"])
        document.querySelector("#root > *")?.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data }));
    });
    await expect(page.getByRole("tab", { name: /enterprise\.dwvd/ })).toHaveAttribute("aria-selected", "true");
    await expect(page.getByRole("row", { name: /AuditLogRegion/ })).toBeVisible();
  });

  test("shows an image that a second start names, relative to where it was started", async ({ desktop }) => {
    const app = await desktop.launch();
    const page = await app.page;
    await expect(page.getByRole("tab", { name: /populated-showcase\.dwvd/ })).toBeVisible();
    await desktop.volume("created-minimal-4k", "minimal.dwvd");
    app.startAgain(["minimal.dwvd"], desktop.folder);
    await expect(page.getByRole("tab", { name: /minimal\.dwvd/ })).toHaveAttribute("aria-selected", "true");
    expect(app.record.lifecycle).toContain("window focused");
  });

  test("shows a file that the system hands over", async ({ desktop }) => {
    const app = await desktop.launch();
    const page = await app.page;
    await expect(page.getByRole("tab", { name: /populated-showcase\.dwvd/ })).toBeVisible();
    app.openFile(await desktop.volume("created-minimal-4k", "minimal.dwvd"));
    await expect(page.getByRole("tab", { name: /minimal\.dwvd/ })).toHaveAttribute("aria-selected", "true");
  });

  test("shows an image through the overlay that the command line names", async ({ desktop }) => {
    const image = await desktop.volume("created-standard-4k", "disk.dwvd");
    const overlay = join(desktop.folder, "trial.bsoverlay");
    const words = ["label", image, "tried", "--overlay", overlay, "--undo-dir", desktop.folder, "--yes"];
    execFileSync(process.execPath, [fileURLToPath(new URL("../../engine/cli/main.ts", import.meta.url)), ...words], { stdio: "pipe" });
    const app = await desktop.launch({ args: [`--overlay=${overlay}`, image] });
    const page = await app.page;
    await expect(page.getByRole("button", { name: "Overlay", exact: true })).toBeVisible();
    await expect(page.locator(".panel-overview").getByText("tried", { exact: true })).toBeVisible();
  });

  test("says in words why a file cannot be opened, and starts all the same", async ({ desktop }) => {
    const app = await desktop.launch({ args: ["missing.dwvd"] });
    await expect((await app.page).locator("#root")).not.toBeEmpty();
    expect(app.record.errorBoxes).toHaveLength(1);
  });

  test("runs the page's commands from its own menu", async ({ desktop }) => {
    const app = await desktop.launch();
    const page = await app.page;
    await expect(page.getByRole("tab", { name: /\.dwvd/ }).first()).toBeVisible();
    app.click("Help", "About Blockscope");
    await expect(page.getByRole("dialog")).toContainText("desktop host");
  });

  test("is used by keyboard alone: go to a place, walk findings, open panels", async ({ desktop }) => {
    const app = await desktop.launch({ args: [await desktop.volume(damaged, "ledger.dwvd")] });
    const page = await app.page;
    const inspector = page.getByRole("group", { name: "Inspector" });
    await expect(page.getByText("6 errors, 3 warnings")).toBeVisible();
    await page.keyboard.press("Control+g");
    await page.keyboard.type("MWAL");
    await expect(page.locator(".crumb-edit output")).not.toBeEmpty();
    await page.keyboard.press("Enter");
    await expect(inspector).toContainText("MetadataWAL");
    await page.keyboard.press("F8");
    await expect(page.locator(".crumb-rest")).toContainText("0x");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("Go Hex");
    await page.keyboard.press("Enter");
    await expect(panelTab(page, "Hex")).toHaveClass(/dv-active-tab/);
    await page.keyboard.press("Alt+ArrowLeft");
    await expect(inspector).toContainText("MetadataWAL");
    expect(app.record.problems).toEqual([]);
  });

  for (const colorScheme of ["dark", "light"] as const) {
    test(`has no accessibility violation on any panel, ${colorScheme}`, async ({ desktop }) => {
      const page = await (await desktop.launch({ args: [await desktop.volume(damaged, "ledger.dwvd")] })).page;
      await page.emulateMedia({ colorScheme });
      await expect(page.getByText("6 errors, 3 warnings")).toBeVisible();
      await expectAccessible(page);
    });
  }
});
