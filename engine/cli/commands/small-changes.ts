import { readFile } from "node:fs/promises";
import { imageOfBundle, recoverPath, withVolume } from "../../host/changes.ts";
import {
  commitOverlay,
  describePlan,
  EngineError,
  type OperationPlan,
  type PlanOptions,
  readRecovery,
  systemReason,
  toJson,
  type Volume,
} from "../../host/engine.ts";
import { planOperation, planUndo } from "../../host/operations.ts";
import { planCommit } from "../../host/overlays.ts";
import { levelsOf, parseCommand, UsageError } from "../arguments.ts";
import { changedImageOf, imageOptions } from "../image.ts";
import { carryOut, changeHelp, changeOptions, confirm, nowOption, planOptionsOf, terminalOf } from "./change.ts";
import type { Command } from "./command.ts";
import { applyCreation } from "./create.ts";

/** A command that plans one operation on IMAGE from its arguments. */
function operationCommand(
  about: Omit<Command, "run">,
  operation: string,
  names: string,
  inputsOf: (positionals: string[]) => object,
): Command {
  return {
    ...about,
    async run(args, signal) {
      const { values, positionals } = parseCommand(args, changeOptions, { least: 2, most: names.includes("…") ? 40 : 2, names });
      const [path = "", ...rest] = positionals;
      const options = await planOptionsOf(values, signal);
      const plan = await withVolume(changedImageOf(path, values), (volume) => planOperation(volume, operation, inputsOf(rest), options));
      return carryOut(path, plan, values, signal);
    },
  };
}

export const labelCommand = operationCommand(
  {
    name: "label",
    usage: "label IMAGE TEXT",
    does: "another label",
    help: `blockscope label IMAGE TEXT [--yes | --plan] [--json]

Sets the volume's label: at most 64 bytes in UTF-8.

${changeHelp}

Example: blockscope label disk.dwvd "month end" --yes
`,
  },
  "label",
  "IMAGE TEXT",
  ([label = ""]) => ({ label }),
);

export const configCommand = operationCommand(
  {
    name: "config",
    usage: "config IMAGE MODULE=LEVEL…",
    does: "other levels of active modules",
    help: `blockscope config IMAGE MODULE=LEVEL… [--yes | --plan] [--json]

Sets the level (0 to 15) of modules that are active, by name or abbreviation.

${changeHelp}

Example: blockscope config disk.dwvd Snapshot=2 RAID=1 --yes
`,
  },
  "config",
  "IMAGE MODULE=LEVEL…",
  (pairs) => ({ levels: Object.fromEntries(levelsOf(pairs)) }),
);

export const undoCommand: Command = {
  name: "undo",
  usage: "undo BUNDLE [IMAGE]",
  does: "bring back what an operation changed",
  help: `blockscope undo BUNDLE [IMAGE] [--yes | --plan] [--json]

Brings every block back that an operation changed, while they still hold what it left. Undoing is itself an operation and can be undone.
Without IMAGE it is the file that the bundle was made for.

${changeHelp}

Example: blockscope undo disk.dwvd-label.bsundo --yes
`,
  async run(args, signal) {
    const { values, positionals } = parseCommand(args, changeOptions, { least: 1, most: 2, names: "BUNDLE" });
    const [bundle = "", path = await imageOfBundle(bundle)] = positionals;
    const { plan, close } = await withVolume(changedImageOf(path, values), (volume) =>
      planUndo(volume, bundle, { now: nowOption(values), signal }),
    );
    try {
      return await carryOut(path, plan, values, signal);
    } finally {
      await close();
    }
  },
};

export const recoverCommand: Command = {
  name: "recover",
  usage: "recover IMAGE",
  does: "finish or pass by a pending transaction",
  help: `blockscope recover IMAGE [--replay | --discard] [--overlay FILE] [--yes | --plan] [--json]

Brings the metadata log to rest: replays a committed transaction, passes by one without commit, rebuilds a damaged header. Where the log alone cannot tell
whether a transaction should be replayed, --replay or --discard decides.

  --plan           only show what would be done
  --yes            do it without asking; without a terminal and without it only what would be done is shown
  --overlay FILE   do it in this overlay, which is made if it is missing, and leave IMAGE alone

Example: blockscope recover disk.dwvd --yes
`,
  async run(args, signal) {
    const { values, positionals } = parseCommand(
      args,
      {
        yes: { type: "boolean" },
        plan: { type: "boolean" },
        replay: { type: "boolean" },
        discard: { type: "boolean" },
        overlay: imageOptions.overlay,
      },
      { least: 1, most: 1, names: "IMAGE" },
    );
    if (values.replay && values.discard) throw new UsageError("--replay and --discard exclude each other");
    const [path = ""] = positionals;
    const terminal = terminalOf(values);
    const recovery = await withVolume(changedImageOf(path, values), (volume) => readRecovery(volume));
    if (!recovery) throw new EngineError("VOLUME_READ_ONLY", { reason: "it has no metadata log" });
    const { state, action, reason } = recovery;
    const show = () => terminal.line(action === "none" ? `Nothing to recover. ${reason}` : `Found ${state}; to do: ${action}. ${reason}`);
    const onlyShow = values.plan === true || (values.yes !== true && !process.stdin.isTTY);
    if (onlyShow && terminal.json) terminal.document({ schema: "blockscope.recovery/1", ...(toJson(recovery) as object) });
    else if (values.yes !== true || values.plan === true) show();
    if (onlyShow) return 0;
    if (values.yes !== true && action !== "none") await confirm(`Recover ${path}? Type yes: `, signal);
    const decide = values.replay ? "replay" : values.discard ? "discard" : undefined;
    const recovered = await recoverPath(changedImageOf(path, values), { decide });
    if (terminal.json) terminal.document({ schema: "blockscope.recovered/1", ...(toJson(recovered) as object) });
    else terminal.line(recovered.done.length > 0 ? `${recovered.found}: ${recovered.done.join(", ")}` : "There was nothing to recover.");
    return 0;
  },
};

export const applyCommand: Command = {
  name: "apply",
  usage: "apply PLAN.json [IMAGE]",
  does: "carry out an exported plan",
  help: `blockscope apply PLAN.json [IMAGE] [--yes | --plan] [--json]

Plans again from the inputs of an exported plan (which carry time and ids) and refuses where a block's hash differs from the plan's; else applies it.
Without IMAGE it is the file that the plan was made for, and without --overlay the overlay, if any.

${changeHelp}

Example: blockscope label disk.dwvd "month end" --plan --json > plan.json && blockscope apply plan.json --yes
`,
  async run(args, signal) {
    const { values, positionals } = parseCommand(args, changeOptions, { least: 1, most: 2, names: "PLAN.json" });
    const [planPath = ""] = positionals;
    const exported = await readPlan(planPath);
    const path = positionals[1] ?? exported.image;
    if (exported.overlay !== undefined) values.overlay ??= exported.overlay;
    if (path === undefined) throw new UsageError("the plan names no image; IMAGE is needed");
    if (exported.operation === "volume.create") return applyCreation(path, exported, values, signal);
    if (exported.operation === "module.copy")
      throw new UsageError("a copy is made by its own command: module add --strategy copy, with the plan's --uuid and --now");
    const options = await planOptionsOf(values, signal);
    const { plan, close } = await withVolume(changedImageOf(path, values), (volume) => planAgain(volume, exported, options));
    try {
      await assertSame(plan, exported);
      return await carryOut(path, plan, values, signal);
    } finally {
      await close();
    }
  },
};

async function planAgain(
  volume: Volume,
  { operation, inputs }: ExportedPlan,
  options: PlanOptions,
): Promise<{ plan: OperationPlan; close: () => Promise<void> }> {
  const { overlay, now } = (inputs ?? {}) as { overlay?: unknown; now?: unknown };
  if (operation === commitOverlay.name && typeof overlay === "string")
    return planCommit(volume, overlay, { ...options, now: /^\d{1,19}$/.test(`${now}`) ? BigInt(`${now}`) : options.now });
  return { plan: await planOperation(volume, operation, inputs, options), close: async () => {} };
}

interface ExportedPlan {
  /** The file that it was made for. */
  image?: string | undefined;
  /** The overlay that it was to be applied to. */
  overlay?: string | undefined;
  operation: string;
  inputs: unknown;
  blocks: { block: unknown; before: unknown; after: unknown }[];
}

async function readPlan(path: string): Promise<ExportedPlan> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") throw new EngineError("DEVICE_NOT_FOUND", { path }, { cause });
    throw new EngineError("DEVICE_NOT_SUPPORTED", { path, reason: systemReason(cause) }, { cause });
  });
  let document: Partial<ExportedPlan>;
  try {
    document = JSON.parse(text) as Partial<ExportedPlan>;
  } catch {
    throw new UsageError(`${path} is no JSON document`);
  }
  const { operation, inputs, blocks, image, overlay } = document;
  if (typeof operation !== "string" || !Array.isArray(blocks)) throw new UsageError(`${path} is no exported plan`);
  return { operation, inputs, blocks, image: textOf(image), overlay: textOf(overlay) };
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** PLAN_STALE at the first block that the exported plan saw or wanted otherwise. */
async function assertSame(plan: OperationPlan, exported: ExportedPlan): Promise<void> {
  const { blocks } = (await describePlan(plan)) as unknown as ExportedPlan;
  const words = ({ block, before, after }: ExportedPlan["blocks"][number]) => JSON.stringify([block, before, after]);
  const index = blocks.findIndex((row, at) => exported.blocks[at] === undefined || words(row) !== words(exported.blocks[at]));
  if (index < 0 && blocks.length === exported.blocks.length) return;
  throw new EngineError("PLAN_STALE", { block: BigInt(String(blocks[Math.max(0, index)]?.block ?? 0)), blockBytes: plan.blockBytes });
}
