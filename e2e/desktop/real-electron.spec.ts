import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { _electron, expect, test } from "playwright/test";

const project = fileURLToPath(new URL("../../", import.meta.url));
const electron = join(project, "node_modules", "electron");

/** Electron's program where its binary was installed. Its package is not imported: that would download it. */
function electronProgram(): string | undefined {
  const named = join(electron, "path.txt");
  if (!existsSync(named)) return undefined;
  const program = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(electron, "dist"), readFileSync(named, "utf8").trim());
  return existsSync(program) ? program : undefined;
}

const program = electronProgram();
const hasDisplay = process.platform !== "linux" || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
// Electron refuses to run as root with its sandbox, and it is never run without.
const mayRun = program !== undefined && hasDisplay && process.getuid?.() !== 0;

if (mayRun) {
  test("real Electron opens the sample in a page that reaches nothing of Node", async () => {
    const dataFolder = mkdtempSync(join(tmpdir(), "blockscope-electron-"));
    const app = await _electron.launch({
      executablePath: program,
      args: [project],
      env: { ...(process.env as Record<string, string>), BLOCKSCOPE_DATA_DIR: dataFolder },
    });
    const page = await app.firstWindow();
    await expect(page.getByRole("tab", { name: /populated-showcase\.dwvd/ })).toBeVisible();
    expect(await page.evaluate(() => location.href)).toBe("app://blockscope/");
    expect(await page.evaluate(() => ["require", "process", "module"].filter((name) => name in window))).toEqual([]);
    await app.close();
    rmSync(dataFolder, { recursive: true, force: true });
  });
}
