import { parseCommand } from "../arguments.ts";
import { openInterface } from "../open-interface.ts";
import { Terminal } from "../terminal.ts";
import type { Command } from "./command.ts";

export const openCommand: Command = {
  name: "open",
  usage: "open IMAGE",
  does: "the window",
  help: `blockscope open IMAGE

Opens the image read-only in the desktop window; where Electron or a display is missing, serves the same interface and prints its address.

Example: blockscope open disk.dwvd
`,
  async run(args, signal) {
    const { positionals } = parseCommand(args, {}, { least: 1, most: 1, names: "IMAGE" });
    await openInterface(positionals[0], { signal, say: (line) => new Terminal().message(line) });
    return 0;
  },
};
