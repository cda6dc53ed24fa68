import { type SpawnOptions, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const project = fileURLToPath(new URL("../", import.meta.url));

/** Scripts of packages, started with the Node that runs this one. */
export const scripts = {
  tsc: "node_modules/typescript/bin/tsc",
  biome: "node_modules/@biomejs/biome/bin/biome",
  vitest: "node_modules/vitest/vitest.mjs",
  vite: "node_modules/vite/bin/vite.js",
  playwright: "node_modules/playwright/cli.js",
  builder: "node_modules/electron-builder/cli.js",
} as const;

/** Runs a package's script to its end, its output passed through. */
export function runScript(name: keyof typeof scripts, args: readonly string[], options: SpawnOptions = {}): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(project, scripts[name]), ...args], { cwd: project, stdio: "inherit", ...options });
    child.once("error", () => resolve(1));
    child.once("close", (code) => resolve(code ?? 1));
  });
}

/** The Chromium that the journeys use; undefined for Playwright's own. */
export function chromiumPath(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (named && existsSync(named)) return named;
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])
      if (existsSync(join(folder, name))) return join(folder, name);
  }
  return undefined;
}
