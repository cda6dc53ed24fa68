import { withVolume } from "../../host/changes.ts";
import { listModules, readModuleFacts } from "../../host/engine.ts";
import { planOperation } from "../../host/operations.ts";
import { parseCommand, textOption, UsageError } from "../arguments.ts";
import { carryOut, changeHelp, changeOptions, nowOption, terminalOf } from "./change.ts";
import type { Command } from "./command.ts";

export const moduleCommand: Command = {
  name: "module",
  usage: "module list|add IMAGE [NAME]",
  does: "modules there are and could be; add one",
  help: `blockscope module list IMAGE [--json]
blockscope module add IMAGE NAME [--strategy region|padding|migrate] [--yes | --plan] [--json]

list: all modules, which are active, which can be added to this volume, and each reason against the others.
add: adds a module by name or abbreviation. Without --strategy the one that changes least: its regions alone where it keeps nothing in inodes, its
field in the padding of inodes where that fits, else rewritten inodes. Padding and migrate add the module's regions too.

${changeHelp}

Example: blockscope module add disk.dwvd Tags --yes
`,
  async run([action, ...args], signal) {
    if (action === "list") return list(args, signal);
    if (action === "add") return add(args, signal);
    throw new UsageError(action === undefined ? "list or add is missing" : `there is no module ${JSON.stringify(action)}`);
  },
};

async function list(args: string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseCommand(args, {}, { least: 1, most: 1, names: "IMAGE" });
  const terminal = terminalOf(values);
  const modules = await withVolume(positionals[0] ?? "", async (volume) => listModules(await readModuleFacts(volume, signal)));
  if (terminal.json) terminal.document({ schema: "blockscope.modules/1", modules });
  else
    terminal.table([
      ["Id", "Module", "", "Why not"],
      ...modules.map(({ id, name, abbreviation, active, addable, reasons }) => [
        `${id}`,
        `${name} (${abbreviation})`,
        active ? "active" : addable ? "can be added" : "",
        active ? "" : terminal.safe(reasons.join("; ")),
      ]),
    ]);
  return 0;
}

async function add(args: string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseCommand(
    args,
    { ...changeOptions, strategy: { type: "string" } },
    { least: 2, most: 2, names: "IMAGE NAME" },
  );
  const [path = "", module = ""] = positionals;
  const strategy = textOption(values, "strategy");
  if (strategy !== undefined && !["region", "padding", "migrate"].includes(strategy))
    throw new UsageError(`--strategy is region, padding or migrate, not ${JSON.stringify(strategy)}`);
  const plan = await withVolume(path, (volume) =>
    planOperation(
      volume,
      "module.add",
      { module, ...(strategy !== undefined && { strategy }) },
      { now: nowOption(values), clearSeal: values["clear-seal"] === true, signal },
    ),
  );
  return carryOut(path, plan, values, signal);
}
