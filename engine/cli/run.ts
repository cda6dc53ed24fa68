import { CancelledChange } from "../host/changes.ts";
import { type ErrorCode, isAbort, isEngineError, toJson } from "../host/engine.ts";
import { UsageError } from "./arguments.ts";
import { checkCommand } from "./commands/check.ts";
import type { Command } from "./commands/command.ts";
import { createCommand } from "./commands/create.ts";
import { catCommand, exportCommand, importCommand, lsCommand } from "./commands/files.ts";
import { hexCommand } from "./commands/hex.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { logCommand } from "./commands/log.ts";
import { moduleCommand } from "./commands/module.ts";
import { openCommand } from "./commands/open.ts";
import { overlayCommand } from "./commands/overlay.ts";
import { remapCommand } from "./commands/remap.ts";
import { repairCommand } from "./commands/repair.ts";
import { resizeCommand } from "./commands/resize.ts";
import { serveCommand } from "./commands/serve.ts";
import { applyCommand, configCommand, labelCommand, recoverCommand, undoCommand } from "./commands/small-changes.ts";
import { Terminal } from "./terminal.ts";

const commands: readonly Command[] = [
  inspectCommand,
  hexCommand,
  checkCommand,
  remapCommand,
  lsCommand,
  catCommand,
  importCommand,
  exportCommand,
  createCommand,
  labelCommand,
  configCommand,
  moduleCommand,
  resizeCommand,
  applyCommand,
  recoverCommand,
  repairCommand,
  undoCommand,
  overlayCommand,
  logCommand,
  openCommand,
  serveCommand,
];

export const exitCodes = { fine: 0, findings: 1, usage: 2, cannotRead: 3, refused: 4, cancelled: 130 } as const;
/** Errors that mean: not done, for a reason the plan states. */
const planned: readonly ErrorCode[] = [
  "VOLUME_TOO_SMALL",
  "VOLUME_TOO_LARGE",
  "MODULE_NOT_STORABLE",
  "MODULE_NOT_ADDABLE",
  "CHANGE_NOT_POSSIBLE",
  "LOG_TOO_SMALL",
  "SPACE_NEEDED",
  "INODE_TABLE_FULL",
  "ENTRY_EXISTS",
  "NAME_NOT_STORABLE",
  "DIRECTORY_DAMAGED",
  "FILE_TOO_FRAGMENTED",
  "NOTHING_TO_IMPORT",
];
const wrongUsage: readonly ErrorCode[] = [
  "BLOCK_OUT_OF_RANGE",
  "REGION_NOT_FOUND",
  "INODE_NOT_FOUND",
  "ENTRY_NOT_FOUND",
  "NOT_A_FILE",
  "NOT_A_DIRECTORY",
  "MODULE_UNKNOWN",
  "MODULE_LEVEL_OUT_OF_RANGE",
  "BLOCK_SIZE_UNSUPPORTED",
  "LABEL_TOO_LONG",
  "MODULE_NOT_ACTIVE",
];
const protecting: readonly ErrorCode[] = [
  "FILE_EXISTS",
  "DEVICE_READ_ONLY",
  "VOLUME_READ_ONLY",
  "VOLUME_NEEDS_RECOVERY",
  "VOLUME_NEEDS_REPAIR",
  "SEAL_KEY_NEEDED",
  "PLAN_STALE",
  "SOURCE_CHANGED",
  "UNDO_NOT_POSSIBLE",
  "BUNDLE_DAMAGED",
  "OVERLAY_BASE_CHANGED",
  "OVERLAY_OTHER_IMAGE",
  "VERIFY_FAILED",
];

/** What asks the program to end, a closed terminal too: it breaks off in order, and a second one ends it at once. */
const interrupts = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs one command and resolves to the exit code; never rejects for what a user or an image can cause. */
export async function runCommandLine(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  const json = args.includes("--json");
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  for (const signal of interrupts) process.once(signal, onInterrupt);
  try {
    if (name === undefined || name === "--help" || name === "-h" || name === "help") {
      process.stdout.write(overview());
      return name === undefined ? exitCodes.usage : exitCodes.fine;
    }
    const command = commands.find((each) => each.name === name);
    if (!command) throw new UsageError(`there is no command ${JSON.stringify(name)}`);
    if (rest.includes("--help") || rest.includes("-h")) {
      process.stdout.write(command.help);
      return exitCodes.fine;
    }
    return await command.run(rest, stop.signal);
  } catch (error) {
    return fail(error, json, name);
  } finally {
    for (const signal of interrupts) process.off(signal, onInterrupt);
  }
}

function overview(): string {
  const width = Math.max(...commands.map((command) => command.usage.length));
  return `blockscope: look into virtual-disk volumes\n\n${commands.map((command) => `  ${command.usage.padEnd(width)}  ${command.does}`).join("\n")}\n\nblockscope COMMAND --help tells more, with an example.\n`;
}

function fail(error: unknown, json: boolean, name: string | undefined): number {
  const terminal = new Terminal({ json });
  const describe = (code: string, data: unknown, message: string) => {
    if (json) terminal.document({ error: { code, data: toJson(data), message } });
    else terminal.message(`blockscope: ${terminal.safe(message)}`);
  };
  if (isAbort(error)) {
    const { message, data = {} } = error instanceof CancelledChange ? error : { message: "Cancelled." };
    describe("CANCELLED", data, message);
    return exitCodes.cancelled;
  }
  if (error instanceof UsageError) {
    describe("USAGE", {}, `${error.message}. See blockscope ${commands.some((command) => command.name === name) ? `${name} ` : ""}--help.`);
    return exitCodes.usage;
  }
  if (!isEngineError(error)) throw error;
  describe(error.code, error.data, error.message);
  if (planned.includes(error.code)) return exitCodes.findings;
  if (wrongUsage.includes(error.code)) return exitCodes.usage;
  return protecting.includes(error.code) ? exitCodes.refused : exitCodes.cannotRead;
}
