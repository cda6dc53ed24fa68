import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { project, runScript } from "./programs.ts";

const run = (script: string): number =>
  spawnSync(process.execPath, [join(project, script)], { cwd: project, stdio: "inherit" }).status ?? 1;

process.exitCode =
  run("engine/testing/bench/main.ts") || (await runScript("vite", ["build", "--logLevel", "warn"])) || run("e2e/support/frames.ts");
