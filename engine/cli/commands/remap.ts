import { candidatesOf } from "../../host/candidates.ts";
import {
  type Candidate,
  checkImage,
  type DeviceMatch,
  EngineError,
  type Image,
  isEngineError,
  matchDevices,
  matchWords,
  planReassembly,
  type RemapDevice,
  remapDocument,
  remapNotation,
  toJson,
  type Validation,
  validateRemap,
  validationLevels,
} from "../../host/engine.ts";
import { type ParsedArguments, parseCommand, secondsOption, textOption, UsageError } from "../arguments.ts";
import { printFindings } from "../findings.ts";
import { imageOptions, openNamed } from "../image.ts";
import { printReading, printRemap } from "../remap.ts";
import { Terminal } from "../terminal.ts";
import type { Command } from "./command.ts";

type Action = (positionals: string[], values: ParsedArguments["values"], terminal: Terminal, signal: AbortSignal) => Promise<number>;

export const remapCommand: Command = {
  name: "remap",
  usage: "remap scan|show|validate|match …",
  does: "dm-remap metadata: find it, show it, validate it, match devices",
  help: `blockscope remap scan DEVICE… [--json]
blockscope remap show DEVICE [--json]
blockscope remap validate DEVICE [--level LEVEL] [--device DEVICE]… [--json]
blockscope remap match DEVICE CANDIDATE… [--json]

dm-remap metadata of images and devices. Reads only.

  scan          which of the devices carry metadata, of which structures, with how many valid copies
  show          every copy with its verdict, which is believed and why, the devices, how the target is put together again
  validate      at one of four levels; ends with 1 where the result is not OK
  match         which candidate each stored device is now, and how sure that is

  --level LEVEL    basic, integrity (unless told), complete or forensic
  --device DEVICE  a device that is here now, for complete and forensic; may be given several times
  --offset BYTES   the metadata's device begins inside a larger image
  --overlay FILE   see IMAGE through this overlay
  --now TIME       the time that times are judged against, ISO 8601 or Unix seconds

Example: blockscope remap match spare.img /dev/sdb /dev/sdc
`,
  async run(args, signal) {
    const [name, ...rest] = args;
    const action = name === undefined ? undefined : actions[name];
    if (!action)
      throw new UsageError(name === undefined ? "scan, show, validate or match is missing" : `there is no remap ${JSON.stringify(name)}`);
    const { values, positionals } = parseCommand(
      rest,
      { level: { type: "string" }, device: { type: "string", multiple: true }, ...imageOptions, now: { type: "string" } },
      {
        least: name === "match" ? 2 : 1,
        most: name === "scan" || name === "match" ? 4096 : 1,
        names: name === "match" ? "CANDIDATE" : "DEVICE",
      },
    );
    return action(positionals, values, new Terminal({ json: values.json === true, color: textOption(values, "color") }), signal);
  },
};

const actions: Readonly<Record<string, Action>> = { scan, show, validate, match };

const openAt = (path: string, values: ParsedArguments["values"], signal: AbortSignal): Promise<Image> =>
  openNamed(path, values, { now: secondsOption(values, "now"), anything: true, signal });

/** Runs `use` on a device that carries metadata, and closes it. NOT_DM_REMAP. */
async function withRemap<Result>(
  path: string,
  values: ParsedArguments["values"],
  signal: AbortSignal,
  use: (remap: RemapDevice, image: Image) => Promise<Result>,
): Promise<Result> {
  const image = await openAt(path, values, signal);
  try {
    if (!image.remap) throw new EngineError("NOT_DM_REMAP", { path });
    return await use(image.remap, image);
  } finally {
    await image.volume.sourceDevice.close();
  }
}

/** One device that cannot be read does not end the scan; it ends with 3 where none could be. */
async function scan(paths: string[], values: ParsedArguments["values"], terminal: Terminal, signal: AbortSignal): Promise<number> {
  const devices: object[] = [];
  let read = 0;
  for (const path of paths) {
    try {
      const image = await openAt(path, values, signal);
      try {
        read++;
        devices.push(scanned(path, image));
        if (!terminal.json) printScanned(terminal, path, image);
      } finally {
        await image.volume.sourceDevice.close();
      }
    } catch (error) {
      if (!isEngineError(error)) throw error;
      devices.push({ path, error: { code: error.code, data: toJson(error.data), message: error.message } });
      if (!terminal.json) terminal.message(`${terminal.safe(path)}: ${terminal.safe(error.message)}`);
    }
  }
  if (terminal.json) terminal.document({ schema: "blockscope.remap-scan/1", devices });
  return read === 0 ? 3 : 0;
}

const scanned = (path: string, { volume, remap }: Image): object => ({
  path,
  bytes: toJson(volume.sourceDevice.byteLength),
  found: remap !== undefined,
  structures: (remap?.readings ?? []).map(({ format, copies, choice }) => ({
    format,
    validCopies: copies.filter((copy) => copy.valid).length,
    chosenCopy: choice.index ?? null,
    choiceReason: choice.reason,
  })),
  sightings: (remap?.sightings ?? []).map(({ sector, name, isExpected }) => ({ sector: Number(sector), name, isExpected })),
});

function printScanned(terminal: Terminal, path: string, { remap }: Image): void {
  terminal.line(terminal.style("bold", terminal.safe(path)));
  if (!remap) terminal.line("  no dm-remap metadata");
  for (const reading of remap?.readings ?? []) printReading(terminal, reading);
  for (const { sector, name, format } of remap?.sightings ?? []) if (format === undefined) terminal.line(`  Sector ${sector}: ${name}`);
  terminal.line();
}

async function show([path = ""]: string[], values: ParsedArguments["values"], terminal: Terminal, signal: AbortSignal): Promise<number> {
  return withRemap(path, values, signal, async (remap, image) => {
    const findings = await checkImage(image, { signal });
    if (terminal.json)
      terminal.document({
        schema: "blockscope.remap/1",
        image: { path, bytes: toJson(image.volume.sourceDevice.byteLength) },
        ...remapDocument(remap),
        reassembly: toJson(planReassembly(remap)),
        findings: findings.map(toJson),
      });
    else {
      printRemap(terminal, remap);
      printFindings(terminal, findings, "sector");
    }
    return findings.some(({ severity }) => severity === "error") ? 1 : 0;
  });
}

async function validate(
  [path = ""]: string[],
  values: ParsedArguments["values"],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const wanted = (textOption(values, "level") ?? "integrity").toUpperCase();
  const level = validationLevels.find((each) => each === wanted);
  if (!level) throw new UsageError("--level takes basic, integrity, complete or forensic");
  return withRemap(path, values, signal, async (remap) => {
    const given = Array.isArray(values.device) ? values.device.map(String) : undefined;
    const validation = validateRemap(remap, level, given && (await candidates(given, remap.now)));
    if (!validation) throw new EngineError("NOT_DM_REMAP", { path });
    if (terminal.json) terminal.document({ schema: "blockscope.remap-validation/1", path, format: remap.primary?.format, ...validation });
    else printValidation(terminal, validation);
    return validation.result === "OK" ? 0 : 1;
  });
}

const candidates = async (paths: readonly string[], now: bigint): Promise<Candidate[]> =>
  (await Promise.all(paths.map((path) => candidatesOf(path, now)))).flat();

const marks = { ok: "green", failed: "red", warning: "yellow", "not-run": "dim" } as const;

function printValidation(terminal: Terminal, { level, result, code, checks }: Validation): void {
  terminal.line(terminal.style("bold", `${level}: ${result} (${code})`));
  for (const { name, state, text } of checks)
    terminal.line(`  ${terminal.style(marks[state], state.padEnd(7))}  ${terminal.safe(name)}: ${terminal.safe(text)}`);
}

async function match(
  [path = "", ...paths]: string[],
  values: ParsedArguments["values"],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  return withRemap(path, values, signal, async (remap) => {
    const reading = remap.find("DMRM");
    const value = reading?.copies[reading.choice.index ?? -1]?.value;
    const found = await candidates(paths, remap.now);
    const matches = value ? matchDevices(value, found) : [];
    if (terminal.json)
      terminal.document({
        schema: "blockscope.remap-match/1",
        path,
        devices: matches.map(matchDocument),
        ...(value === undefined && { reason: "no chosen copy stores fingerprints" }),
      });
    else if (value === undefined) terminal.line("No chosen copy stores fingerprints, so nothing can be matched.");
    else
      terminal.table([
        ["Device", "Stored path", "Seen now as", "Match", "Confidence"],
        ...matches.map(({ role, slot, stored, candidate, level, confidence }) => [
          role === "main" ? "main" : `spare ${slot}`,
          terminal.safe(stored.device_path.text),
          candidate ? terminal.safe(candidate.name) : "not found",
          matchWords[level],
          `${confidence}`,
        ]),
      ]);
    return matches.every(({ confidence }) => confidence > 0) && value !== undefined ? 0 : 1;
  });
}

const matchDocument = ({ role, slot, stored, candidate, level, confidence }: DeviceMatch): object => ({
  role,
  ...(slot !== undefined && { slot }),
  stored: remapNotation(stored),
  candidate: candidate ? { name: candidate.name, fingerprint: remapNotation(candidate.fingerprint) } : null,
  match: matchWords[level],
  confidence,
});
