import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createGunzip } from "node:zlib";
import { chromium, type Page } from "playwright";
import { chromiumPath } from "../../.ci/programs.ts";
import { serveInterface } from "../../engine/web/serve.ts";

/** Makes the pictures of README from the built interface, all or those that are named: `node e2e/support/screenshots.ts [NAME…]`. */
const wanted = process.argv.slice(2);
const samples = fileURLToPath(new URL("../../assets/samples/", import.meta.url));
const pictures = fileURLToPath(new URL("../../assets/screenshots/", import.meta.url));
const sound = "populated-showcase.dwvd";
const remapped = "dmrm-d-version-conflict.img";
const damaged = "orchestrated-tags-option3-combined-on-minimal.dwvd";

const tab = (page: Page, name: string) => page.locator(".dv-tab", { hasText: name }).first().click();
/** Opens a panel by the palette in the layout that gives it the room. */
async function panel(page: Page, title: string): Promise<void> {
  await page.getByRole("radio", { name: "Operate" }).click();
  await page.keyboard.press("Control+k");
  await page.keyboard.type(title);
  await page.getByRole("option", { name: title }).first().click();
}

type Scheme = "dark" | "light";
const both: readonly Scheme[] = ["dark", "light"];
const dark: readonly Scheme[] = ["dark"];
interface Shot {
  name: string;
  image: string;
  /** Both unless told. */
  schemes?: readonly Scheme[];
  act: (page: Page) => Promise<void>;
}
const panelShot = (name: string, title: string, image = sound): Shot => ({
  name,
  image,
  schemes: dark,
  act: (page) => panel(page, title),
});
const shots: readonly Shot[] = [
  { name: "overview", image: sound, act: (page) => page.getByRole("row", { name: /ReplicationState/ }).click() },
  { name: "layout", image: damaged, act: (page) => page.getByRole("row", { name: /TagIndexRegion/ }).click() },
  { name: "map", image: sound, act: (page) => tab(page, "Map") },
  {
    name: "hex",
    image: sound,
    act: async (page) => {
      await page.getByRole("radio", { name: "Operate" }).click();
      await tab(page, "Hex");
      await page.locator(".hex-byte").nth(64).click();
    },
  },
  {
    name: "findings",
    image: damaged,
    act: async (page) => {
      await page.getByRole("radio", { name: "Forensics" }).click();
      await page.getByRole("option", { name: /mirror pointer table/i }).click();
    },
  },
  panelShot("snapshots", "Snapshots"),
  panelShot("replication", "Replication"),
  panelShot("raid", "RAID"),
  panelShot("code", "Code cache"),
  panelShot("security", "Security"),
  panelShot("integrity", "Integrity tree"),
  panelShot("inodes", "Inodes"),
  panelShot("journals", "Journals", damaged),
  panelShot("copies", "Copies", damaged),
  {
    name: "contents",
    image: sound,
    schemes: dark,
    act: async (page) => {
      await page.getByRole("treeitem", { name: /SnapshotTable/ }).click();
      await panel(page, "Contents");
    },
  },
  { name: "remap", image: remapped, schemes: dark, act: (page) => page.waitForTimeout(500) },
  {
    name: "plan",
    image: sound,
    schemes: both,
    act: async (page) => {
      await page.getByRole("radio", { name: "Operate" }).click();
      await page.keyboard.press("Control+k");
      await page.keyboard.type("Set the label…");
      await page.getByRole("option", { name: "Set the label…" }).first().click();
      await page.getByRole("textbox", { name: "Label" }).fill("month end");
      await page.getByRole("button", { name: "Preview the plan" }).click();
      await page
        .getByRole("dialog")
        .getByRole("row", { name: /SuperblockV2/ })
        .last()
        .click();
    },
  },
  {
    name: "module",
    image: sound,
    schemes: dark,
    act: async (page) => {
      await page.keyboard.press("Control+k");
      await page.keyboard.type("Add a module…");
      await page.getByRole("option", { name: "Add a module…" }).first().click();
      await page.getByRole("radio", { name: /Query/ }).check();
      await page.getByRole("button", { name: "Check", exact: true }).click();
      await page.getByRole("button", { name: "Compare the ways" }).click();
      await page.getByText("Recommended").waitFor();
    },
  },
  {
    name: "new-volume",
    image: sound,
    schemes: dark,
    act: async (page) => {
      await page.keyboard.press("Control+k");
      await page.keyboard.type("New volume…");
      await page.getByRole("option", { name: "New volume…" }).first().click();
      await page.getByText("Layout as it would be").waitFor();
    },
  },
];

mkdirSync(pictures, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), "blockscope-pictures-"));
const executablePath = chromiumPath();
const browser = await chromium.launch({
  ...(executablePath && { executablePath }),
  chromiumSandbox: process.getuid?.() !== 0,
  args: ["--disable-gpu"],
});
try {
  for (const colorScheme of both) {
    for (const { name, image, schemes = both, act } of shots) {
      if (!schemes.includes(colorScheme) || (wanted.length > 0 && !wanted.includes(name))) continue;
      const path = join(folder, image);
      await pipeline(createReadStream(`${samples}${image}.gz`), createGunzip(), createWriteStream(path));
      const served = await serveInterface({ image: path, root: folder, port: 0, dataFolder: join(folder, `${name}-${colorScheme}`) });
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme });
      await page.goto(served.address);
      await page
        .getByText(/\d+ errors?, \d+ warnings?/)
        .first()
        .waitFor();
      await act(page);
      await page.waitForTimeout(800);
      await page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`) });
      await page.close();
      await served.close();
    }
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
