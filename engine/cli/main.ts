#!/usr/bin/env node
import { runCommandLine } from "./run.ts";

// A reader that goes away, such as `head`, ends the output; it is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});
process.exitCode = await runCommandLine(process.argv.slice(2));
