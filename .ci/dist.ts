import { runScript } from "./programs.ts";

// Only the unpacked folder is made without a network; archives and installers let electron-builder fetch its tools.
const built = await runScript("vite", ["build"]);
process.exitCode =
  built === 0
    ? await runScript("builder", ["--config", "electron-builder.json", ...(process.argv.length > 2 ? process.argv.slice(2) : ["--dir"])])
    : built;
