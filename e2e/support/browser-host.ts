import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, type Page } from "playwright/test";
import { type Served, serveInterface } from "../../engine/web/serve.ts";
import { unpackGolden } from "./volumes.ts";

/** The browser host on a throwaway folder, and volumes unpacked into it. */
export interface BrowserHost {
  folder: string;
  /** Unpacks a golden image under a name; gives its path. */
  volume(golden: string, name: string): Promise<string>;
  serve(image?: string): Promise<Served>;
  /** Every console error, warning and page error since the test began. */
  problems: string[];
}

export const test = base.extend<{ host: BrowserHost }>({
  host: async ({ page }, use) => {
    const folder = mkdtempSync(join(tmpdir(), "blockscope-journey-"));
    const served: Served[] = [];
    const problems: string[] = [];
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(error.message));
    await use({
      folder,
      problems,
      async volume(golden, name) {
        return unpackGolden(golden, join(folder, name));
      },
      async serve(image) {
        const host = await serveInterface({
          image,
          root: folder,
          port: 0,
          dataFolder: join(folder, ".data"),
          report: (problem) => problems.push(problem),
        });
        served.push(host);
        return host;
      },
    });
    await page.close();
    for (const host of served) await host.close();
    rmSync(folder, { recursive: true, force: true });
  },
});
export { expect } from "playwright/test";

/** Opens the interface and waits until the check has ended. */
export async function openPage(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page
    .getByText(/\d+ errors?, \d+ warnings?/)
    .first()
    .waitFor();
}

export const panelTab = (page: Page, name: string) => page.locator(".dv-tab", { hasText: name }).first();

/** Opens a panel by the palette, as no layout shows every one. */
export async function openPanel(page: Page, title: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.keyboard.type(`Go ${title}`);
  await page.keyboard.press("Enter");
  await panelTab(page, title).waitFor();
}

/** Runs a command of the palette by its name. */
export async function runCommand(page: Page, name: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.keyboard.type(name);
  await page.getByRole("option", { name }).first().click();
}
