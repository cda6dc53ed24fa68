#!/usr/bin/env node
import { exitCodes, runCommandLine } from "./run.ts";

// Results are written before anything is changed or once it is whole, so that the process may end where they cannot be. A reader that goes
// away, such as `head`, ends the output; it is no failure.
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
  if (code === "EPIPE") process.exit();
  process.stderr.write(`blockscope: the output cannot be written (${code}). What was done is done; ask for it again.\n`);
  process.exit(exitCodes.cannotRead);
});
// Progress that nobody reads any more is no reason to break off a change.
process.stderr.on("error", () => {});
process.exitCode = await runCommandLine(process.argv.slice(2));
