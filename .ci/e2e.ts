import { runScript } from "./programs.ts";

const built = await runScript("vite", ["build", "--logLevel", "warn"]);
process.exitCode =
  built === 0 ? await runScript("playwright", ["test", "--config", "e2e/playwright.config.ts", ...process.argv.slice(2)]) : built;
