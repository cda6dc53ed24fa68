import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { refuseExisting } from "../../host/copy-volume.ts";
import { createAtPath, inputsOfModules, inputsOfProfile } from "../../host/create-volume.ts";
import {
  type CreateVolumePlan,
  creationProfiles,
  EngineError,
  firstUnstorableModule,
  formatSize,
  hashOfRun,
  isGuidText,
  modules,
  planCreateVolume,
  requireModule,
  toJson,
} from "../../host/engine.ts";
import { levelsOf, numberOption, type ParsedArguments, parseCommand, textOption, UsageError } from "../arguments.ts";
import type { Terminal } from "../terminal.ts";
import { confirm, nowOption, terminalOf } from "./change.ts";
import type { Command } from "./command.ts";

const zeroHash = (byteLength: bigint): string => `zero, ${byteLength} bytes`;

export const createCommand: Command = {
  name: "create",
  usage: "create IMAGE --profile NAME --blocks N",
  does: "a new volume",
  help: `blockscope create IMAGE --profile NAME | --modules A,B,… | --manifest 0x… --blocks N
    [--block-size N] [--level MODULE=N]… [--label TEXT] [--uuid U] [--now ISO] [--yes | --plan] [--json]

Makes a new volume, byte for byte as the DataWarehouse SDK's creator does where that is right. Refuses a file that exists, and a number of blocks that
leaves no data region, naming the smallest that does. Shows its plan and asks; without a terminal it only shows the plan unless --yes is given.

  --profile NAME    ${creationProfiles.map((profile) => profile.name).join(", ")}
  --modules A,B     modules by name or abbreviation, at level 1
  --manifest 0x…    the manifest itself, at level 0
  --level M=N       level 0 to 15 of a module
  --now ISO         creation time, up to seven fractional digits

Modules: ${modules
    .slice(0, firstUnstorableModule)
    .map((module) => `${module.name} (${module.abbreviation})`)
    .join(", ")}

Example: blockscope create new.dwvd --profile standard --blocks 65536 --yes
`,
  async run(args, signal) {
    const text = { type: "string" } as const;
    const { values, positionals } = parseCommand(
      args,
      {
        profile: text,
        modules: text,
        manifest: text,
        blocks: text,
        "block-size": text,
        level: { type: "string", multiple: true },
        label: text,
        uuid: text,
        now: text,
        yes: { type: "boolean" },
        plan: { type: "boolean" },
        "undo-dir": text,
      },
      { least: 1, most: 1, names: "IMAGE" },
    );
    return carryOutCreation(positionals[0] ?? "", planFrom(values), values, signal);
  },
};

/** Shows the plan of a new volume, asks, and makes it. Gives the exit code. What `createAtPath` throws. */
async function carryOutCreation(
  path: string,
  plan: CreateVolumePlan,
  values: ParsedArguments["values"],
  signal: AbortSignal,
): Promise<number> {
  const terminal = terminalOf(values);
  if (values.plan || (!values.yes && !process.stdin.isTTY)) {
    await refuseExisting(path);
    if (terminal.json) terminal.document({ ...(await describePlan(plan)), image: resolve(path) });
    else printPlan(terminal, path, plan);
    return 0;
  }
  if (!values.yes) {
    printPlan(terminal, path, plan);
    await confirm(`Create ${path}? Type yes: `, signal);
  }
  const { blocksWritten } = await createAtPath(path, plan, { signal, onProgress: (progress) => terminal.progress(progress) });
  terminal.clearProgress();
  if (terminal.json)
    terminal.document({
      schema: "blockscope.applied/1",
      operation: "volume.create",
      blocksWritten: toJson(blocksWritten),
      undoBundle: null,
      verified: true,
      summary: `Created ${path}`,
    });
  else
    terminal.line(
      `Created ${terminal.safe(path)}: ${plan.inputs.totalBlocks} blocks of ${plan.inputs.blockBytes} bytes, ${blocksWritten} written, verified`,
    );
  return 0;
}

/** Makes the volume of an exported plan. UsageError where its inputs are none, PLAN_STALE where they no longer give its blocks. */
export async function applyCreation(
  path: string,
  { inputs, blocks }: { inputs: unknown; blocks: readonly object[] },
  values: ParsedArguments["values"],
  signal: AbortSignal,
): Promise<number> {
  const { manifest, levels, blockBytes, totalBlocks, label, uuid, now } = (inputs ?? {}) as Record<string, unknown>;
  const whole = (value: unknown) => (/^\d{1,19}$/.test(`${value}`) ? BigInt(`${value}`) : undefined);
  const [numbers, blockCount, time] = [whole(manifest), whole(totalBlocks), whole(now)];
  const isWhole =
    typeof uuid === "string" && isGuidText(uuid) && typeof label === "string" && typeof levels === "object" && levels !== null;
  if (!isWhole || numbers === undefined || numbers >= 2n ** 32n || blockCount === undefined || time === undefined)
    throw new UsageError("the plan's inputs are not those of a new volume");
  const plan = planCreateVolume({
    manifest: Number(numbers),
    levels: new Map(Object.entries(levels).map(([name, level]) => [requireModule(name).id, Number(level)])),
    blockBytes: Number(blockBytes),
    totalBlocks: blockCount,
    label,
    uuid,
    now: time,
  });
  const planned = (await describePlan(plan)).blocks;
  const index = planned.findIndex((row, at) => JSON.stringify(row) !== JSON.stringify(blocks[at]));
  if (index >= 0 || planned.length !== blocks.length)
    throw new EngineError("PLAN_STALE", { block: plan.blocks[Math.max(0, index)]?.block ?? 0n, blockBytes: plan.inputs.blockBytes });
  return carryOutCreation(path, plan, values, signal);
}

function planFrom(values: ParsedArguments["values"]): CreateVolumePlan {
  const [profileName, moduleNames, manifestValue] = [
    textOption(values, "profile"),
    textOption(values, "modules"),
    numberOption(values, "manifest"),
  ];
  if ([profileName, moduleNames, manifestValue].filter((value) => value !== undefined).length !== 1)
    throw new UsageError("one of --profile, --modules and --manifest is needed");
  const totalBlocks = numberOption(values, "blocks");
  if (totalBlocks === undefined) throw new UsageError("--blocks N is missing");
  let manifest = 0;
  let levels = new Map<number, number>();
  let blockBytes = 4096;
  if (profileName !== undefined) {
    const profile = inputsOfProfile(profileName);
    if (!profile) throw new UsageError(`there is no profile ${JSON.stringify(profileName)}`);
    ({ manifest, blockBytes } = profile);
    levels = new Map(profile.levels);
  } else if (moduleNames !== undefined) {
    const names = moduleNames.split(",").map((each) => each.trim());
    ({ manifest, levels } = inputsOfModules(names.filter(Boolean)));
  } else if (manifestValue !== undefined) {
    if (manifestValue >= 2n ** 32n)
      throw new EngineError("MODULE_NOT_STORABLE", { module: modules[firstUnstorableModule]?.name ?? "", id: firstUnstorableModule });
    manifest = Number(manifestValue);
  }
  for (const [name, level] of levelsOf(Array.isArray(values.level) ? values.level.map(String) : []))
    levels.set(requireModule(name).id, level);
  const uuid = textOption(values, "uuid") ?? randomUUID();
  if (!isGuidText(uuid)) throw new UsageError(`--uuid takes a UUID, not ${JSON.stringify(uuid)}`);
  return planCreateVolume({
    manifest,
    levels,
    blockBytes: Number(numberOption(values, "block-size", { units: true }) ?? blockBytes),
    totalBlocks,
    label: textOption(values, "label") ?? "",
    uuid: uuid.toLowerCase(),
    now: nowOption(values),
  });
}

async function describePlan(plan: CreateVolumePlan) {
  const { inputs, blocks, dataBlocks } = plan;
  const size = BigInt(inputs.blockBytes);
  return {
    schema: "blockscope.plan/1",
    operation: "volume.create",
    inputs: toJson({
      ...inputs,
      levels: Object.fromEntries([...inputs.levels].map(([id, level]) => [modules[id]?.name ?? id, level])),
      logCreated: undefined,
    }),
    blocks: await Promise.all(
      blocks.map(async (run) => ({
        block: toJson(run.block),
        blockCount: toJson(run.blockCount),
        reason: run.reason,
        before: zeroHash(run.blockCount * size),
        after: await hashOfRun(run, inputs.blockBytes),
      })),
    ),
    freeBlocks: { before: 0, after: toJson(dataBlocks) },
    warnings: [],
    worstCase: "If this goes wrong in every way we know, you lose nothing: the file is new, and it is taken away again.",
    undoable: true,
    planId: `create-${inputs.uuid}`,
  };
}

function printPlan(terminal: Terminal, path: string, plan: CreateVolumePlan): void {
  const { inputs, regions } = plan;
  terminal.line(
    `Create ${terminal.safe(path)}: ${inputs.totalBlocks} blocks of ${inputs.blockBytes} bytes (${formatSize(plan.byteLength)}), ${plan.metadataBlocks} metadata, ${plan.dataBlocks} data`,
  );
  terminal.table(
    [["Region", "Start", "Blocks"], ...regions.map((region) => [region.name, `${region.startBlock}`, `${region.blockCount}`])],
    { indent: 2 },
  );
}
