import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright";
import { chromiumPath } from "../../.ci/programs.ts";
import { serveInterface } from "../../engine/web/serve.ts";
import { writeHugeTables } from "./huge.ts";
import { unpackGolden } from "./volumes.ts";

/** Time between frames while the map is zoomed and panned and the bytes are scrolled, against a window that rests: `npm run bench`. */
const measuredMs = 3000;
const wheelEveryMs = 16;

const quantile = (sorted: readonly number[], share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;

/** Times between frames, ascending, while `act` is repeated. */
async function intervals(page: Page, act: () => Promise<unknown>): Promise<number[]> {
  const measured = page.evaluate(
    (forMs) =>
      new Promise<number[]>((resolve) => {
        const times: number[] = [];
        let last: number | undefined;
        const end = performance.now() + forMs;
        const frame = (now: number) => {
          if (last !== undefined) times.push(now - last);
          last = now;
          if (now < end) requestAnimationFrame(frame);
          else resolve(times.sort((a, b) => a - b));
        };
        requestAnimationFrame(frame);
      }),
    measuredMs,
  );
  let done = false;
  void measured.finally(() => {
    done = true;
  });
  while (!done) {
    await act();
    await page.waitForTimeout(wheelEveryMs);
  }
  return measured;
}

const folder = mkdtempSync(join(tmpdir(), "blockscope-frames-"));
const executablePath = chromiumPath();
const browser = await chromium.launch({
  ...(executablePath && { executablePath }),
  chromiumSandbox: process.getuid?.() !== 0,
  args: ["--disable-gpu"],
});
const served = await serveInterface({
  image: await unpackGolden("created-bitmap-3-blocks", join(folder, "volume.dwvd")),
  root: folder,
  port: 0,
  dataFolder: join(folder, "data"),
});
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(served.address);
  await page
    .getByText(/\d+ errors?, \d+ warnings?/)
    .first()
    .waitFor();
  const resting = await intervals(page, async () => {});
  const told = (name: string, times: readonly number[]) => {
    const [median, slow] = [quantile(times, 0.5) / quantile(resting, 0.5), quantile(times, 0.95) / quantile(resting, 0.5)];
    console.log(`  ${name}, against a window that rests: median ${median.toFixed(2)} ×, 95th percentile ${slow.toFixed(2)} ×`);
  };
  console.log("Frames");
  await page.locator(".dv-tab", { hasText: "Map" }).first().click();
  await page.locator(".block-map canvas").hover();
  let turn = 0;
  told("zooming the map", await intervals(page, () => page.mouse.wheel(0, turn++ % 60 < 30 ? -40 : 40)));
  await page.mouse.down({ button: "middle" });
  told("panning the map", await intervals(page, () => page.mouse.move(500 + (turn++ % 40) * 4, 300 + (turn % 20) * 4)));
  await page.mouse.up({ button: "middle" });
  await page.locator(".dv-tab", { hasText: "Hex" }).first().click();
  await page.locator(".hex-rows").hover();
  told("scrolling the bytes", await intervals(page, () => page.mouse.wheel(0, 240)));
  await page.close();

  const huge = await serveInterface({
    image: await writeHugeTables(join(folder, "huge.dwvd"), 100_000),
    root: folder,
    port: 0,
    dataFolder: join(folder, "huge"),
  });
  const tables = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await tables.goto(huge.address);
  await tables
    .getByText(/\d+ errors?, \d+ warnings?/)
    .first()
    .waitFor();
  for (const [place, panel] of [
    ["ALOG", "Contents"],
    ["TAGI", "Contents"],
    ["SNAP", "Snapshots"],
  ] as const) {
    await tables.keyboard.press("Control+g");
    await tables.keyboard.type(place);
    await tables.keyboard.press("Enter");
    await tables.keyboard.press("Control+k");
    await tables.keyboard.type(panel);
    await tables.getByRole("option", { name: panel }).first().click();
    await tables.locator(`[data-pane="${panel.toLowerCase()}"] [role="grid"]`).last().hover();
    told(`scrolling 100 000 rows of ${place}`, await intervals(tables, () => tables.mouse.wheel(0, 480)));
  }
  await huge.close();
} finally {
  await browser.close();
  await served.close();
  rmSync(folder, { recursive: true, force: true });
}
