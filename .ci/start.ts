import { openInterface } from "../engine/cli/open-interface.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
await openInterface(process.argv[2], {
  signal: stop.signal,
  say: (line) => process.stderr.write(`${line}\n`),
  sample: "populated-showcase",
});
