import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { applyToPath } from "../../host/changes.ts";
import { describePlan, type OperationPlan, parseTicks, toJson, unixMsToTicks } from "../../host/engine.ts";
import { type ParsedArguments, textOption, UsageError } from "../arguments.ts";
import { changedImageOf, imageOptions } from "../image.ts";
import { sealKeyOption } from "../keys.ts";
import { Terminal } from "../terminal.ts";

/** Options that every writing command takes. */
export const changeOptions = {
  yes: { type: "boolean" },
  plan: { type: "boolean" },
  "undo-dir": { type: "string" },
  now: { type: "string" },
  "seal-key": { type: "string" },
  "clear-seal": { type: "boolean" },
  overlay: imageOptions.overlay,
} as const;
export const changeHelp = `  --plan            only show the plan
  --yes             apply without asking; without a terminal and without it only the plan is shown
  --undo-dir DIR    where the undo bundle goes (default: the user's data folder)
  --now ISO         time of the change, up to seven fractional digits
  --seal-key FILE   key of the header seal, raw or as hex digits: a sealed volume is sealed again with it
  --clear-seal      clear a header seal whose key is not known
  --overlay FILE    write to this overlay, which is made if it is missing, and leave IMAGE alone`;

type Values = ParsedArguments["values"];

/** The time that `--now` gives, else the present, in ticks. UsageError. */
export function nowOption(values: Values): bigint {
  const iso = textOption(values, "now");
  if (iso === undefined) return unixMsToTicks(Date.now());
  try {
    return parseTicks(iso);
  } catch {
    throw new UsageError(`--now takes an ISO 8601 time, not ${JSON.stringify(iso)}`);
  }
}

/** What a command plans with: time, seal and cancelling. UsageError, and what reading the seal's key throws. */
export async function planOptionsOf(
  values: Values,
  signal: AbortSignal,
): Promise<{ now: bigint; sealKey: Uint8Array | undefined; clearSeal: boolean; signal: AbortSignal }> {
  const clearSeal = values["clear-seal"] === true;
  if (clearSeal && values["seal-key"] !== undefined) throw new UsageError("--seal-key and --clear-seal exclude each other");
  return { now: nowOption(values), sealKey: await sealKeyOption(values), clearSeal, signal };
}

export const terminalOf = (values: Values): Terminal =>
  new Terminal({ json: values.json === true, color: textOption(values, "color"), progress: textOption(values, "progress") });

/** Asks on the terminal; rejects with an AbortError unless the answer is yes. */
export async function confirm(question: string, signal: AbortSignal): Promise<void> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    if ((await prompt.question(question, { signal })).trim().toLowerCase() !== "yes") throw new DOMException("Cancelled", "AbortError");
  } finally {
    prompt.close();
  }
}

/** Shows a plan, asks, and applies it: what every writing command does once it has planned. Gives the exit code. */
export async function carryOut(path: string, plan: OperationPlan, values: Values, signal: AbortSignal): Promise<number> {
  const terminal = terminalOf(values);
  const image = changedImageOf(path, values);
  const onlyShow = values.plan === true || (values.yes !== true && !process.stdin.isTTY);
  if (onlyShow) {
    if (terminal.json)
      terminal.document({
        ...((await describePlan(plan)) as object),
        image: resolve(path),
        ...(image.overlay !== undefined && { overlay: resolve(image.overlay) }),
      });
    else printPlan(terminal, plan);
    return 0;
  }
  if (values.yes !== true) {
    printPlan(terminal, plan);
    await confirm(`Apply to ${image.overlay ?? path}? Type yes: `, signal);
  }
  const applied = await applyToPath(image, plan, {
    undoFolder: textOption(values, "undo-dir"),
    signal,
    onProgress: (progress) => terminal.progress(progress),
  });
  terminal.clearProgress();
  if (terminal.json) terminal.document({ schema: "blockscope.applied/1", ...(toJson(applied) as object), warnings: plan.warnings });
  else {
    if (values.yes === true) for (const warning of plan.warnings) terminal.message(`Warning: ${terminal.safe(warning)}`);
    terminal.line(`${terminal.safe(applied.summary)}`);
    terminal.line(
      `${applied.blocksWritten} blocks written${image.overlay === undefined ? "" : " to the overlay"} and verified. Undo: ${terminal.safe(applied.undoBundle ?? "none")}`,
    );
  }
  return 0;
}

function printPlan(terminal: Terminal, plan: OperationPlan): void {
  for (const sentence of plan.sentences) terminal.line(terminal.safe(sentence));
  const warn = () => {
    for (const warning of plan.warnings) terminal.line(`Warning: ${terminal.safe(warning)}`);
  };
  if (plan.steps.length === 0) {
    warn();
    return;
  }
  const blocks = plan.steps.flatMap(({ changes }) => [
    ...changes.fresh.map(({ block, blockCount, reason }) => [blockCount > 1n ? `${block}–${block + blockCount - 1n}` : `${block}`, reason]),
    ...changes.images.map(({ block, reason }) => [`${block}`, reason]),
  ]);
  if (blocks.length > 0)
    terminal.table([["Block", "Why"], ...blocks.slice(0, mostRows).map((row) => row.map((cell) => terminal.safe(cell)))], { indent: 2 });
  if (blocks.length > mostRows) terminal.line(`  first ${mostRows} of ${blocks.length}`);
  terminal.line(`Free blocks: ${plan.freeBlocks.before} before, ${plan.freeBlocks.after} after`);
  warn();
  terminal.line(terminal.safe(plan.worstCase));
  terminal.line(plan.notUndone === undefined ? "Can be undone." : `Undo does not bring back: ${terminal.safe(plan.notUndone)}`);
}
const mostRows = 60;
