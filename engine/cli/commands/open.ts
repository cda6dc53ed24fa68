import { parseCommand, textOption } from "../arguments.ts";
import { imageOptions, overlayHelp } from "../image.ts";
import { openInterface } from "../open-interface.ts";
import { Terminal } from "../terminal.ts";
import type { Command } from "./command.ts";

export const openCommand: Command = {
  name: "open",
  usage: "open IMAGE",
  does: "the window",
  help: `blockscope open IMAGE [--overlay FILE]

Opens the image read-only in the desktop window; where Electron or a display is missing, serves the same interface and prints its address.

${overlayHelp}

Example: blockscope open disk.dwvd
`,
  async run(args, signal) {
    const { values, positionals } = parseCommand(args, { overlay: imageOptions.overlay }, { least: 1, most: 1, names: "IMAGE" });
    await openInterface(positionals[0], { overlay: textOption(values, "overlay"), signal, say: (line) => new Terminal().message(line) });
    return 0;
  },
};
