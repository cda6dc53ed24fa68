import { spawn } from "node:child_process";
import { join } from "node:path";
import { project, runScript, scripts } from "./programs.ts";

const first = await runScript("vite", ["build", "--logLevel", "warn"]);
if (first !== 0) process.exit(first);
const watcher = spawn(process.execPath, [join(project, scripts.vite), "build", "--watch", "--logLevel", "warn"], {
  cwd: project,
  stdio: "inherit",
});
const host = spawn(process.execPath, ["--watch-path=engine", join(project, "engine/web/main.ts"), ...process.argv.slice(2)], {
  cwd: project,
  stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    watcher.kill();
    host.kill();
  });
}
