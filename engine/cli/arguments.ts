import { type ParseArgsConfig, parseArgs } from "node:util";
import { parseNumber, parseTicks, ticksToUnixMs } from "../host/engine.ts";

/** Wrong usage: the program says so and ends with 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

type Options = NonNullable<ParseArgsConfig["options"]>;
export interface ParsedArguments {
  values: Record<string, string | boolean | (string | boolean)[] | undefined>;
  positionals: string[];
}

/** Options that every command takes. */
export const commonOptions: Options = {
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  color: { type: "string" },
  progress: { type: "string" },
};

const commonChoices: Readonly<Record<string, readonly string[]>> = { color: ["always", "auto", "never"], progress: ["bar", "plain"] };

/** Parses a command's arguments. UsageError for an unknown option or the wrong number of positionals. */
export function parseCommand(
  args: string[],
  options: Options,
  positionals: { least: number; most: number; names: string },
): ParsedArguments {
  let parsed: ParsedArguments;
  try {
    parsed = parseArgs({ args, options: { ...commonOptions, ...options }, allowPositionals: true, strict: true }) as ParsedArguments;
  } catch (error) {
    throw new UsageError((error as Error).message.split(/\n|\. To specify/)[0]?.replace(/\.$/, "") ?? "unknown option");
  }
  for (const [name, choices] of Object.entries(commonChoices)) {
    const value = parsed.values[name];
    if (value !== undefined && !choices.includes(String(value)))
      throw new UsageError(`--${name} takes ${choices.join(", ")}, not ${JSON.stringify(value)}`);
  }
  const count = parsed.positionals.length;
  if (!parsed.values.help && (count < positionals.least || count > positionals.most))
    throw new UsageError(
      count < positionals.least ? `${positionals.names} is missing` : `one argument too many: ${parsed.positionals.at(-1)}`,
    );
  return parsed;
}

/** The number an option gives; undefined where it was not given. UsageError for anything but a number. */
export function numberOption(
  values: ParsedArguments["values"],
  name: string,
  { units = false }: { units?: boolean } = {},
): bigint | undefined {
  const text = values[name];
  if (typeof text !== "string") return undefined;
  const value = parseNumber(text, { units });
  if (value === undefined) throw new UsageError(`--${name} takes a number, not ${JSON.stringify(text)}`);
  return value;
}

/** Modules and their levels from MODULE=LEVEL. UsageError for anything else. */
export const levelsOf = (pairs: readonly string[]): [module: string, level: number][] =>
  pairs.map((pair) => {
    const at = pair.lastIndexOf("=");
    const level = at > 0 ? parseNumber(pair.slice(at + 1)) : undefined;
    if (level === undefined) throw new UsageError(`MODULE=LEVEL is needed, not ${JSON.stringify(pair)}`);
    if (level > 15n) throw new UsageError(`${level} is no level for ${pair.slice(0, at)}; levels are 0 to 15`);
    return [pair.slice(0, at), Number(level)];
  });

/** Unix seconds of a time given as ISO 8601 or as such a number; undefined where it was not given. UsageError for anything else. */
export function secondsOption(values: ParsedArguments["values"], name: string): bigint | undefined {
  const text = values[name];
  if (typeof text !== "string") return undefined;
  if (/^\d+$/.test(text)) return BigInt(text);
  try {
    return BigInt(Math.floor(ticksToUnixMs(parseTicks(text)) / 1000));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(`--${name} takes a time, such as 2025-11-02T12:00:00Z, not ${JSON.stringify(text)}`);
  }
}

export const textOption = (values: ParsedArguments["values"], name: string): string | undefined => {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
};
