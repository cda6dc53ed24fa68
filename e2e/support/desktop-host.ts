import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base } from "playwright/test";
import { Desktop, type StandInOptions } from "./electron/stand-in.ts";
import { unpackGolden } from "./volumes.ts";

/** The desktop application on a throwaway folder, and volumes unpacked into it. */
export interface DesktopHost {
  folder: string;
  /** Unpacks a golden image under a name; gives its path. */
  volume(golden: string, name: string): Promise<string>;
  launch(options?: Partial<StandInOptions>): Promise<Desktop>;
}

export const test = base.extend<{ desktop: DesktopHost }>({
  desktop: async ({ context }, use) => {
    const folder = mkdtempSync(join(tmpdir(), "blockscope-desktop-"));
    const launched: Desktop[] = [];
    await use({
      folder,
      volume: (golden, name) => unpackGolden(golden, join(folder, name)),
      async launch(options) {
        const desktop = await Desktop.launch({ context, dataFolder: join(folder, ".data"), ...options });
        launched.push(desktop);
        return desktop;
      },
    });
    for (const desktop of launched) await desktop.quit();
    rmSync(folder, { recursive: true, force: true });
  },
});
export { expect } from "playwright/test";
