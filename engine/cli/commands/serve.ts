import { serveInterface } from "../../web/serve.ts";
import { numberOption, parseCommand, textOption } from "../arguments.ts";
import { buildInterface } from "../build-interface.ts";
import { imageOptions, overlayHelp } from "../image.ts";
import { Terminal } from "../terminal.ts";
import type { Command } from "./command.ts";

export const serveCommand: Command = {
  name: "serve",
  usage: "serve [IMAGE]",
  does: "the interface on loopback, in the browser",
  help: `blockscope serve [IMAGE] [--overlay FILE] [--root DIR] [--port N]

Serves the interface on this machine alone and prints the address to open. It opens files below --root, the present folder unless told.

${overlayHelp}

Example: blockscope serve disk.dwvd --port 8080
`,
  async run(args, signal) {
    const { values, positionals } = parseCommand(
      args,
      { root: { type: "string" }, port: { type: "string" }, overlay: imageOptions.overlay },
      { least: 0, most: 1, names: "IMAGE" },
    );
    const terminal = new Terminal({ json: values.json === true });
    await buildInterface((line) => terminal.message(line));
    const served = await serveInterface({
      image: positionals[0],
      overlay: textOption(values, "overlay"),
      root: textOption(values, "root") ?? process.cwd(),
      port: Number(numberOption(values, "port") ?? 0n),
      report: (problem) => terminal.message(problem),
    });
    if (terminal.json) terminal.document({ schema: "blockscope.serve/1", address: served.address });
    else terminal.line(`Blockscope is served at ${served.address}`);
    await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve(), { once: true })));
    await served.close();
    return 0;
  },
};
