import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { serveInterface } from "../web/serve.ts";
import { buildInterface } from "./build-interface.ts";

const project = fileURLToPath(new URL("../../", import.meta.url));
const startsWithinMs = 3000;

export interface OpenOptions {
  signal: AbortSignal;
  say: (line: string) => void;
  /** The overlay that the image is seen through. */
  overlay?: string | undefined;
  /** Bundled sample to show where no image is given. */
  sample?: string | undefined;
}

/** Electron's program; undefined where its binary was not installed. Never downloads it. */
function electronProgram(): string | undefined {
  const own = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const folder = own ?? join(project, "node_modules", "electron", "dist");
  const names = { darwin: "Electron.app/Contents/MacOS/Electron", win32: "electron.exe" } as Record<string, string>;
  const named = join(project, "node_modules", "electron", "path.txt");
  const program = join(folder, existsSync(named) ? readFileSync(named, "utf8").trim() : (names[process.platform] ?? "electron"));
  return existsSync(program) ? program : undefined;
}

const hasDisplay = (): boolean =>
  process.platform === "darwin" || process.platform === "win32" || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);

/**
 * Opens the desktop window on an image, or on the sample. Where Electron's binary or a display is missing, or Electron does not start, says so in one
 * line, serves the same interface and prints its address. Resolves when the window is closed or the signal aborts.
 */
export async function openInterface(image: string | undefined, { signal, say, overlay, sample }: OpenOptions): Promise<void> {
  await buildInterface(say);
  const program = electronProgram();
  let reason = program === undefined ? "Electron's binary is not installed" : hasDisplay() ? undefined : "there is no display";
  if (program !== undefined && reason === undefined) {
    const args = [...(overlay === undefined ? [] : [`--overlay=${resolve(overlay)}`]), ...(image === undefined ? [] : [resolve(image)])];
    reason = await runElectron(program, args, signal);
    if (reason === undefined) return;
  }
  say(`No desktop window: ${reason}. The same interface is served in the browser instead.`);
  const served = await serveInterface({
    image,
    overlay,
    ...(image === undefined && sample !== undefined && { sample }),
    root: process.cwd(),
    port: 0,
    report: say,
  });
  process.stdout.write(`Blockscope is served at ${served.address}\n`);
  await new Promise<void>((ended) => (signal.aborted ? ended() : signal.addEventListener("abort", () => ended(), { once: true })));
  await served.close();
}

/** Runs the desktop application to its end; gives the reason where it ended at once with a failure. */
async function runElectron(program: string, args: string[], signal: AbortSignal): Promise<string | undefined> {
  const started = performance.now();
  const child = spawn(program, [project, ...args], { stdio: "inherit" });
  signal.addEventListener("abort", () => child.kill(), { once: true });
  const code = await new Promise<number | null>((ended) => {
    child.once("error", () => ended(-1));
    child.once("close", ended);
  });
  if (code === 0 || signal.aborted || performance.now() - started > startsWithinMs) return undefined;
  return `Electron did not start (it ended with ${code})`;
}
