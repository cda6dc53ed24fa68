import * as z from "zod/mini";
import {
  addModule,
  EngineError,
  importFiles,
  type Operation,
  type OperationPlan,
  openFileDevice,
  openVolume,
  type PlanOptions,
  readUndoBundle,
  repair,
  repairFrom,
  resize,
  setConfig,
  setLabel,
  undoOperation,
  type Volume,
} from "./engine.ts";
import { folderSource } from "./import-source.ts";
import { parse } from "./requests.ts";

/** An operation as it is asked for from outside: inputs that are JSON, and how they become what the engine takes. */
interface NamedOperation {
  /** The inputs with paths of this system in place of what a client calls its files. */
  resolve?(inputs: unknown, resolvePath: (path: string) => string | Promise<string>): Promise<object>;
  plan(volume: Volume, inputs: unknown, options: PlanOptions): Promise<OperationPlan>;
}

const named = <Inputs extends object, Schema extends z.ZodMiniType>(
  operation: Operation<Inputs>,
  schema: Schema,
  read: (inputs: z.output<Schema>, volume: Volume, options: PlanOptions) => Inputs | Promise<Inputs>,
): NamedOperation => ({
  plan: async (volume, inputs, options) =>
    operation.plan(volume, await read(parse(schema, operation.name, inputs), volume, options), options),
});

const label = z.object({ label: z.string().check(z.maxLength(1024)) });
const levels = z.object({ levels: z.record(z.string().check(z.maxLength(64)), z.int().check(z.gte(0), z.lte(15))) });
const added = z.object({
  module: z.string().check(z.maxLength(64)),
  strategy: z.optional(z.enum(["region", "padding", "migrate"])),
});
const blocks = z.object({ blocks: z.union([z.int().check(z.gte(0)), z.string().check(z.regex(/^\d{1,19}$/))]) });

/** Files of this system by path; read where the host runs, when it is planned and again when it is applied. */
const files = z.object({
  paths: z.array(z.string().check(z.minLength(1), z.maxLength(4096))).check(z.minLength(1), z.maxLength(10_000)),
  to: z._default(z.string().check(z.maxLength(4096)), "/"),
});

const repairs = z.object({
  risk: z.optional(z.enum(["safe", "advisory", "dangerous"])),
  rules: z.optional(z.array(z.string().check(z.maxLength(128))).check(z.maxLength(1000))),
});

const otherImage = z.extend(repairs, { from: z.string().check(z.minLength(1), z.maxLength(4096)) });

/** Every operation by its name: the command line, `apply` and the window plan through this one table. */
export const operations: Readonly<Record<string, NamedOperation>> = {
  [setLabel.name]: named(setLabel, label, (inputs) => inputs),
  [setConfig.name]: named(setConfig, levels, (inputs) => inputs),
  [addModule.name]: named(addModule, added, (inputs) => inputs),
  [importFiles.name]: {
    ...named(importFiles, files, async ({ paths, to }, volume, { signal }) => {
      const { source: exclude } = await volume.sourceDevice.identify();
      return { source: await folderSource(paths, { exclude, signal }), to };
    }),
    resolve: async (inputs, resolvePath) => {
      const { paths, to } = parse(files, importFiles.name, inputs);
      return { paths: await Promise.all(paths.map(resolvePath)), to };
    },
  },
  [repair.name]: named(repair, repairs, (inputs) => inputs),
  [repairFrom.name]: {
    resolve: async (inputs, resolvePath) => ({ from: await resolvePath(parse(otherImage, repairFrom.name, inputs).from) }),
    // The other image is read while the plan is made, and never again: the plan holds what it takes from it.
    plan: async (volume, inputs, options) => {
      const { from, risk, rules } = parse(otherImage, repairFrom.name, inputs);
      const device = await openFileDevice(from);
      try {
        return await repairFrom.plan(volume, { source: await openVolume(device, { signal: options.signal }), from, risk, rules }, options);
      } finally {
        await device.close();
      }
    },
  },
  [resize.name]: named(resize, blocks, (inputs) => ({ blocks: BigInt(inputs.blocks) })),
};

const time = z.object({ now: z.optional(z.union([z.int(), z.string().check(z.regex(/^\d{1,19}$/))])) });

/** The operation of a name. REQUEST_INVALID for an unknown one. */
function requireOperation(name: string): NamedOperation {
  const operation = operations[name];
  if (!operation || !Object.hasOwn(operations, name))
    throw new EngineError("REQUEST_INVALID", { call: "plan", problem: `there is no operation ${JSON.stringify(name)}` });
  return operation;
}

/** A client's inputs with paths of this system in them. What `resolvePath` throws for a file that the client may not name, REQUEST_INVALID. */
export const resolveInputs = async (
  name: string,
  inputs: unknown,
  resolvePath: (path: string) => string | Promise<string>,
): Promise<unknown> => requireOperation(name).resolve?.(inputs, resolvePath) ?? inputs;

/** Plans an operation from inputs that came from outside. REQUEST_INVALID for an unknown one or inputs that do not fit. */
export async function planOperation(volume: Volume, name: string, inputs: unknown, options: PlanOptions): Promise<OperationPlan> {
  const operation = requireOperation(name);
  const { now } = parse(time, name, inputs);
  return operation.plan(volume, inputs, { ...options, now: now === undefined ? options.now : BigInt(now) });
}

/** Plans the undo of a bundle's operation. BUNDLE_DAMAGED, UNDO_NOT_POSSIBLE. */
export async function planUndo(
  volume: Volume,
  bundlePath: string,
  options: PlanOptions,
): Promise<{ plan: OperationPlan; close: () => Promise<void> }> {
  const device = await openFileDevice(bundlePath);
  try {
    return { plan: await undoOperation.plan(volume, { bundle: await readUndoBundle(device) }, options), close: () => device.close() };
  } catch (error) {
    await device.close();
    throw error;
  }
}
