import { spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("../../", import.meta.url));
const sources = ["renderer", "engine", "electron", "package.json", "vite.config.ts"];
const leftOut = new Set(["node_modules", "testing", "reference"]);

function newest(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  return readdirSync(path)
    .filter((name) => !leftOut.has(name))
    .reduce((most, name) => Math.max(most, newest(join(path, name))), 0);
}

/** Builds the page where it is missing or older than its sources; says so first. Throws an Error with the builder's output where that fails. */
export async function buildInterface(say: (line: string) => void): Promise<void> {
  const built = statSync(join(project, "dist", "renderer", "index.html"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built > Math.max(...sources.map((path) => newest(join(project, path))))) return;
  say("Building the interface…");
  const vite = join(project, "node_modules", "vite", "bin", "vite.js");
  const child = spawn(process.execPath, [vite, "build", "--logLevel", "warn"], {
    cwd: dirname(join(project, "package.json")),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`The interface could not be built:\n${output}`);
}
