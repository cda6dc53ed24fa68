import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectAccessible, violations } from "../support/accessibility.ts";
import { expect, openPage, panelTab, test } from "../support/browser-host.ts";

test.describe("the interface in the browser", () => {
  test("leads from the overview to the damaged byte, and changes nothing", async ({ page, host }) => {
    const path = await host.volume("orchestrated-tags-option3-combined-on-minimal", "ledger.dwvd");
    const before = { bytes: readFileSync(path), times: statSync(path, { bigint: true }) };
    await openPage(page, (await host.serve(path)).address);
    await expect(page.getByText("6 errors, 3 warnings")).toBeVisible();
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

  test("shows the damaged byte also where the bytes' panel arrives after it was selected", async ({ page, host }) => {
    const arrived = Promise.withResolvers<void>();
    await page.route(/\/HexPanel-[^/]*\.js$/, async (route) => {
      await arrived.promise;
      await route.continue();
    });
    await openPage(page, (await host.serve(await host.volume("orchestrated-tags-option3-combined-on-minimal", "ledger.dwvd"))).address);
    await page.getByRole("button", { name: "Show findings" }).click();
    await page.getByRole("option", { name: /trailer of bitmap block 10/ }).click();
    await page.getByRole("button", { name: "Open in hex" }).first().click();
    await expect(page.locator(".panel-hex .is-loading")).toBeVisible();
    arrived.resolve();
    await expect(page.locator(".hex-grid")).toContainText("0000 aff0");
    await expect(page.locator("#hex-caret")).toBeInViewport();
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

  test("loses no key that is typed right after the one that opens a box, and gives the focus back", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("created-standard-4k", "standard.dwvd"))).address);
    const grid = page.getByRole("grid", { name: /Bytes of/ });
    await page.keyboard.press("g");
    await page.keyboard.press("h");
    await expect(grid).toBeFocused();
    await page.keyboard.press("Control+g");
    await page.keyboard.type("b1+0x40");
    await expect(page.locator(".crumb-edit input")).toHaveValue("b1+0x40");
    await page.keyboard.press("Enter");
    await expect(page.locator(".crumb-rest")).toContainText("0x1040");
    await expect(grid).toBeFocused();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("Go Layout");
    await expect(page.getByRole("combobox")).toHaveValue("Go Layout");
    await page.keyboard.press("Escape");
    await expect(grid).toBeFocused();
    await page.keyboard.press("Control+,");
    await expect(page.getByRole("dialog", { name: "Settings" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(grid).toBeFocused();
    expect(host.problems).toEqual([]);
  });

  test("reaches every pane by F6 and moves in each by keys", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("orchestrated-tags-option3-combined-on-minimal", "ledger.dwvd"))).address);
    const pane = () => page.evaluate(() => document.activeElement?.closest("[data-pane]")?.getAttribute("data-pane"));
    const reached: (string | null | undefined)[] = [];
    for (const _ of Array.from({ length: 9 })) {
      await page.keyboard.press("F6");
      reached.push(await pane());
    }
    expect(reached).toEqual(["menu", "tabs", "location", "strip", "navigator", "overview", "layout", "inspector", "status"]);
    await page.keyboard.press("Shift+F6");
    expect(await pane()).toBe("inspector");
    const rest = page.locator(".crumb-rest");
    await page.locator(".strip-bar").focus();
    await page.keyboard.press("End");
    await expect(rest).toContainText("1\u2009099–");
    await page.keyboard.press("Home");
    await expect(rest).toContainText("blocks 0–3 (4)");
    await page.getByRole("grid", { name: "Regions" }).focus();
    await page.keyboard.press("ArrowDown");
    await expect(rest).toContainText("blocks 4–7 (4)");
    await page.keyboard.press("Alt+ArrowUp");
    await expect(rest).toContainText("blocks 0–2\u2009047");
    await page.keyboard.press("Alt+ArrowLeft");
    await expect(rest).toContainText("blocks 4–7 (4)");
    await page.keyboard.press("g");
    await page.keyboard.press("m");
    const map = page.getByRole("img", { name: /2\s048 blocks/ });
    await expect(map).toBeFocused();
    await expect(page.getByRole("button", { name: /^damaged/ })).toContainText("6");
    await page.keyboard.press("0");
    await page.keyboard.press("F8");
    await expect(rest).toContainText("block 5 ");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Shift+ArrowRight");
    await expect(rest).toContainText("blocks");
    await page.keyboard.press("g");
    await page.keyboard.press("h");
    await expect(page.getByRole("grid", { name: /Bytes of/ })).toBeFocused();
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("Control+f");
    await page.keyboard.type("4c41574d");
    await page.keyboard.press("Enter");
    await expect(rest).toContainText("0x10a0–0x10a3");
    await page.keyboard.press("Escape");
    await expect(page.getByRole("grid", { name: /Bytes of/ })).toBeFocused();
    await page.keyboard.press("F3");
    await expect(rest).toContainText("0x50a0–0x50a3");
    await page.keyboard.press("Shift+F3");
    await expect(rest).toContainText("0x10a0–0x10a3");
    expect(host.problems).toEqual([]);
  });

  for (const { width, height, drawers } of [
    { width: 1024, height: 700, drawers: true },
    { width: 360, height: 225, drawers: false },
  ])
    test(`is whole in a window of ${width} by ${height}`, async ({ page, host }) => {
      await page.setViewportSize({ width, height });
      await openPage(page, (await host.serve(await host.volume("orchestrated-tags-option3-combined-on-minimal", "ledger.dwvd"))).address);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      await page.getByRole("button", { name: "Navigator" }).click();
      await page.getByRole("treeitem", { name: /MetadataWAL/ }).click();
      await page.getByRole("button", { name: "Navigator" }).click();
      if (drawers) {
        await page.getByRole("button", { name: "Inspector" }).click();
        await expect(page.getByRole("group", { name: "Inspector" })).toContainText("MetadataWAL");
        await page.getByRole("button", { name: "Inspector" }).click();
        await expect(page.getByRole("group", { name: "Inspector" })).toHaveCount(0);
      } else {
        await page.keyboard.press("Control+k");
        await page.keyboard.type("Go Hex");
        await page.keyboard.press("Enter");
        await expect(page.getByRole("grid", { name: /Bytes of/ })).toBeVisible();
        const box = await page.getByRole("grid", { name: /Bytes of/ }).boundingBox();
        expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThan(100);
      }
      expect(await violations(page)).toEqual([]);
      expect(host.problems).toEqual([]);
    });

  test("takes its colours from the theme on the map too, and follows when it changes", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("created-minimal-4k", "minimal.dwvd"))).address);
    await panelTab(page, "Map").click();
    // A free block in the seventh row of the picture.
    const freeCell = () =>
      page.getByRole("img", { name: /2\s048 blocks/ }).evaluate((element) => {
        const copy = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
        copy?.drawImage(element as HTMLCanvasElement, -300, -13);
        const [red = 0, green = 0, blue = 0] = copy?.getImageData(0, 0, 1, 1).data ?? [];
        return Math.max(red, green, blue) - Math.min(red, green, blue) > 60 ? "coloured" : red > 128 ? "light" : "dark";
      });
    const free = () => page.getByRole("button", { name: /^free/ });
    await expect(free()).toContainText("949");
    await page.getByRole("button", { name: "Rows" }).click();
    await expect.poll(freeCell).toBe("dark");
    await page.emulateMedia({ colorScheme: "light" });
    await expect.poll(freeCell).toBe("light");
    expect(host.problems).toEqual([]);
  });

  test("shows a file that holds no volume as its bytes, and an empty one as empty", async ({ page, host }) => {
    writeFileSync(join(host.folder, "notes.txt"), "Hello, this is a text file.\n".repeat(400));
    writeFileSync(join(host.folder, "empty.dwvd"), "");
    await page.goto((await host.serve(join(host.folder, "notes.txt"))).address);
    await expect(page.getByText("No structure is known here.")).toBeVisible();
    await panelTab(page, "Hex").click();
    await expect(page.locator(".hex-grid")).toContainText("Hello, this is a");
    await expect(page.locator(".strip-scale")).toContainText("2");
    await page.keyboard.press("Control+o");
    await page.getByRole("button", { name: /empty\.dwvd/ }).click();
    await expect(page.getByRole("tab", { name: /empty\.dwvd/ })).toHaveAttribute("aria-selected", "true");
    await panelTab(page, "Hex").click();
    await expect(page.getByText("The file is empty: there are no bytes to show.")).toBeVisible();
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
      await expectAccessible(page);
    });
  }
});
