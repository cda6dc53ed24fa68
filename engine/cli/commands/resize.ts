import { withVolume } from "../../host/changes.ts";
import { planOperation } from "../../host/operations.ts";
import { numberOption, parseCommand, UsageError } from "../arguments.ts";
import { changedImageOf } from "../image.ts";
import { carryOut, changeHelp, changeOptions, planOptionsOf } from "./change.ts";
import type { Command } from "./command.ts";

export const resizeCommand: Command = {
  name: "resize",
  usage: "resize IMAGE --blocks N",
  does: "more or fewer blocks",
  help: `blockscope resize IMAGE --blocks N [--yes | --plan] [--json]

Gives the volume and its file N blocks: more than it has, or fewer down to the last one in use. Where N cannot be had it says which number can.
Regions behind the data region move with the end, and a bitmap that must become longer goes there. A recovery footer stays the last block.

${changeHelp}

Example: blockscope resize disk.dwvd --blocks 131072 --yes
`,
  async run(args, signal) {
    const { values, positionals } = parseCommand(
      args,
      { ...changeOptions, blocks: { type: "string" } },
      { least: 1, most: 1, names: "IMAGE" },
    );
    const [path = ""] = positionals;
    const blocks = numberOption(values, "blocks");
    if (blocks === undefined) throw new UsageError("--blocks is missing");
    const options = await planOptionsOf(values, signal);
    const plan = await withVolume(changedImageOf(path, values), (volume) =>
      planOperation(volume, "resize", { blocks: `${blocks}` }, options),
    );
    return carryOut(path, plan, values, signal);
  },
};
