import { randomUUID } from "node:crypto";
import { withVolume } from "../../host/changes.ts";
import { copyToPath, refuseExisting } from "../../host/copy-volume.ts";
import { type ApplyOptions, isGuidText, listModules, planCopyWithModule, readModuleFacts, toJson } from "../../host/engine.ts";
import { planOperation } from "../../host/operations.ts";
import { type ParsedArguments, parseCommand, textOption, UsageError } from "../arguments.ts";
import { changedImageOf, imageOf, imageOptions } from "../image.ts";
import { carryOut, changeHelp, changeOptions, confirm, planOptionsOf, terminalOf } from "./change.ts";
import type { Command } from "./command.ts";

export const moduleCommand: Command = {
  name: "module",
  usage: "module list|add IMAGE [NAME]",
  does: "modules there are and could be; add one",
  help: `blockscope module list IMAGE [--overlay FILE] [--json]
blockscope module add IMAGE NAME [--strategy region|padding|migrate|copy] [--to FILE] [--yes | --plan] [--json]

list: all modules, which are active, which can be added to this volume, and each reason against the others.
add: adds a module by name or abbreviation. Without --strategy the one that changes least: its regions alone where it keeps nothing in inodes, its
field in the padding of inodes where that fits, else rewritten inodes. Padding and migrate add the module's regions too. copy leaves IMAGE alone and
makes the new file --to, longer where the regions find no room, with an id of its own (--uuid).

${changeHelp}

Example: blockscope module add disk.dwvd Tags --yes
`,
  async run([action, ...args], signal) {
    if (action === "list") return list(args, signal);
    if (action === "add") return add(args, signal);
    throw new UsageError(action === undefined ? "list or add is missing" : `module takes list or add, not ${JSON.stringify(action)}`);
  },
};

async function list(args: string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseCommand(args, { overlay: imageOptions.overlay }, { least: 1, most: 1, names: "IMAGE" });
  const terminal = terminalOf(values);
  const modules = await withVolume(imageOf(positionals[0] ?? "", values), async (volume) =>
    listModules(await readModuleFacts(volume, signal)),
  );
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
    { ...changeOptions, strategy: { type: "string" }, to: { type: "string" }, uuid: { type: "string" } },
    { least: 2, most: 2, names: "IMAGE NAME" },
  );
  const [path = "", module = ""] = positionals;
  const strategy = textOption(values, "strategy");
  if (strategy !== undefined && !["region", "padding", "migrate", "copy"].includes(strategy))
    throw new UsageError(`--strategy is region, padding, migrate or copy, not ${JSON.stringify(strategy)}`);
  const to = textOption(values, "to");
  if ((strategy === "copy") !== (to !== undefined)) throw new UsageError("--strategy copy needs --to FILE, and no other strategy takes it");
  if (to !== undefined) return copy(path, to, module, values, signal);
  const options = await planOptionsOf(values, signal);
  const inputs = { module, ...(strategy !== undefined && { strategy }) };
  const plan = await withVolume(changedImageOf(path, values), (volume) => planOperation(volume, "module.add", inputs, options));
  return carryOut(path, plan, values, signal);
}

async function copy(path: string, to: string, module: string, values: ParsedArguments["values"], signal: AbortSignal): Promise<number> {
  const terminal = terminalOf(values);
  const uuid = textOption(values, "uuid") ?? randomUUID();
  if (!isGuidText(uuid)) throw new UsageError(`--uuid takes a UUID, not ${JSON.stringify(uuid)}`);
  const inputs = { module, uuid: uuid.toLowerCase() };
  const options = await planOptionsOf(values, signal);
  await refuseExisting(to);
  const plan = await withVolume(imageOf(path, values), (volume) => planCopyWithModule(volume, inputs, options));
  const show = () => {
    for (const sentence of plan.sentences) terminal.line(terminal.safe(sentence));
    terminal.line(
      `${to}: ${plan.totalBlocks} blocks, ${plan.byteLength} bytes, ${plan.freeBlocks.after} blocks free. ${path} is only read.`,
    );
  };
  if (values.plan === true || (values.yes !== true && !process.stdin.isTTY)) {
    if (!terminal.json) show();
    else
      terminal.document({
        schema: "blockscope.plan/1",
        operation: "module.copy",
        inputs: { ...inputs, to, now: toJson(options.now) },
        blocks: [],
        freeBlocks: toJson(plan.freeBlocks),
        warnings: [],
        worstCase:
          "If this goes wrong in every way we know, you lose nothing: the volume is only read, and the copy appears when it is whole.",
        undoable: true,
        planId: `copy-${inputs.uuid}`,
        sentences: plan.sentences,
      });
    return 0;
  }
  if (values.yes !== true) {
    show();
    await confirm(`Copy to ${to}? Type yes: `, signal);
  }
  const onProgress: ApplyOptions["onProgress"] = (progress) => terminal.progress(progress);
  const { bytesWritten } = await copyToPath(imageOf(path, values), to, plan, inputs, { ...options, onProgress });
  terminal.clearProgress();
  const summary = `Copied to ${to}. ${plan.sentences.join(" ")}`;
  const blocksWritten = toJson((plan.copiedBytes + plan.changedBytes) / (plan.byteLength / plan.totalBlocks));
  if (terminal.json)
    terminal.document({
      schema: "blockscope.applied/1",
      operation: "module.copy",
      blocksWritten,
      undoBundle: null,
      verified: true,
      summary,
      bytesWritten: toJson(bytesWritten),
    });
  else terminal.line(terminal.safe(summary));
  return 0;
}
