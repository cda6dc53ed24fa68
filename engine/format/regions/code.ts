import { isAllZero, toHex } from "../../base/bytes.ts";
import { bytes, countedText, type Decoded, enumeration, guid, i32, i64, struct, ticks, u16 } from "../../base/struct/index.ts";
import { trailerBytes } from "../core/index.ts";
import {
  type CountedTextRule,
  type CountedTextTable,
  countedTextBlock,
  readCountedTextTable,
  writeCountedTexts,
} from "./counted-text-table.ts";
import { countedTextLayout } from "./packed-table.ts";
import {
  duplicates,
  headState,
  isCalendarTicks,
  isEmptyGuid,
  type RegionCodec,
  type RegionFacts,
  type RegionPlace,
  type RegionProblem,
  type RegionReading,
  rangeProblem,
  unreadable,
  without,
} from "./region.ts";

const mostNameBytes = 128;
export const abiVersions: Readonly<Record<number, string>> = { 0: "WASI preview 1", 1: "WASI preview 2", 2: "stable" };

/** One module of the code cache, 76 bytes and its entry point's name. Core regions reference 4.1. */
export const moduleEntry = struct("ComputeModuleEntry", {
  moduleHash: bytes(32, { as: "checksum", doc: "SHA-256 of the WASM binary" }),
  moduleId: guid(),
  blockOffset: i64({ as: "pointer", unit: "block", doc: "First block of the binary" }),
  blockCount: i32({ unit: "blocks" }),
  moduleSizeBytes: i32({ unit: "bytes" }),
  abiVersion: enumeration(u16(), abiVersions),
  registeredUtcTicks: ticks(),
  entryPointNameLength: u16({ unit: "bytes", check: (value) => value <= mostNameBytes, expects: "at most 128" }),
  entryPointName: countedText((values) => values.entryPointNameLength as number),
});
export type CodeModule = Omit<Decoded<typeof moduleEntry>, "entryPointNameLength">;

export interface CodeContent {
  generation: number;
  /** As stored. */
  moduleCount: number;
  modules: CodeModule[];
}

export type CodeRule =
  | CountedTextRule<"code">
  | `code.${
      | "hash-empty"
      | "hash-duplicate"
      | "id-empty"
      | "id-duplicate"
      | "count-negative"
      | "size-differs"
      | "range-outside"
      | "ranges-overlap"
      | "abi-unknown"
      | "name-not-utf8"
      | "time-range"}`;

const measures = { fixedBytes: 76, mostTextBytes: mostNameBytes };
const table: CountedTextTable<"code", Decoded<typeof moduleEntry>> = {
  ...measures,
  ...countedTextLayout({
    ...measures,
    tag: "CODE",
    sdkRegion: "Compute Code Cache",
    noun: "name",
    tooLong: (length) => `ComputeModuleEntry entryPointLen ${length} exceeds maximum ${mostNameBytes} or buffer bounds.`,
  }),
  subject: "code",
  countName: "ModuleCount",
  entry: moduleEntry,
  nameOf: ({ moduleHash }) => toHex(moduleHash),
};

const contentOf = (entry: Decoded<typeof moduleEntry>): CodeModule => without(entry, "entryPointNameLength");

/** The compute code cache's directory of modules. Core regions reference 4; parsed as the writer packs (convention R6). */
export const codeCodec: RegionCodec<CodeContent> = {
  tag: table.tag,
  read(blocks, facts = {}): RegionReading<CodeContent> {
    const state = headState(blocks, table.tag);
    if (state !== "readable") return unreadable(blocks, "code", state, "Compute Code Cache block 0");
    const { generation, count, entries, places, isWhole, sdk, problems } = readCountedTextTable(blocks, table);
    const modules = entries.map(contentOf);
    const sdkReads =
      typeof sdk === "object"
        ? {
            moduleCount: sdk.entries.length,
            phantomIndexes: sdk.phantomIndexes,
            lostModuleHashes: sdk.lost.map(({ moduleHash }) => moduleHash),
            modules: sdk.entries.map(contentOf),
          }
        : sdk;
    return {
      content: isWhole ? { generation, moduleCount: count, modules } : undefined,
      sdkReads,
      problems: [...problems, ...judgeModules(modules, places, blocks.blockBytes, facts)],
      places: { modules: (index) => places[index] },
    };
  },
  structureOf: (index, block) => countedTextBlock(table, "CodeCache", index, block),
  write: ({ generation, moduleCount, modules }, blockBytes) => {
    const encoded = modules.map((module) => {
      const nameBytes = module.entryPointName.bytes.length;
      if (nameBytes > mostNameBytes) throw new RangeError("an entry point's name has at most 128 bytes");
      return moduleEntry.encode({ ...module, entryPointNameLength: nameBytes });
    });
    return writeCountedTexts(table, moduleCount, encoded, generation, blockBytes);
  },
};

function judgeModules(
  modules: readonly CodeModule[],
  places: readonly RegionPlace[],
  blockBytes: number,
  { totalBlocks }: RegionFacts,
): RegionProblem<CodeRule>[] {
  const problems: RegionProblem<CodeRule>[] = [];
  const add = (rule: CodeRule, index: number, found: string, expected: string): void => {
    const place = places[index] ?? { block: 0, start: 0, byteLength: 0 };
    problems.push({ rule, subject: `module ${index}`, found, expected, ...place });
  };
  for (const [index, module] of modules.entries())
    judgeModule(module, blockBytes, totalBlocks, (rule, ...words) => add(rule, index, ...words));
  for (const [first, again] of duplicates(modules, ({ moduleHash }) => (isAllZero(moduleHash) ? undefined : toHex(moduleHash))))
    add("code.hash-duplicate", again, `the hash of module ${first}`, "one entry for each binary");
  for (const [first, again] of duplicates(modules, ({ moduleId }) => (isEmptyGuid(moduleId) ? undefined : moduleId)))
    add("code.id-duplicate", again, `the id of module ${first}`, "an id of its own");
  for (const [index, other] of overlaps(modules))
    add("code.ranges-overlap", index, `blocks that module ${other} has too`, "blocks of its own");
  return problems;
}

function judgeModule(
  module: CodeModule,
  blockBytes: number,
  totalBlocks: bigint | undefined,
  add: (rule: CodeRule, found: string, expected: string) => void,
): void {
  const { blockCount, moduleSizeBytes } = module;
  if (isAllZero(module.moduleHash)) add("code.hash-empty", "a hash of zeros", "SHA-256 of the binary");
  if (isEmptyGuid(module.moduleId)) add("code.id-empty", "an id of zeros", "an id of its own");
  if (blockCount < 0 || moduleSizeBytes < 0) add("code.count-negative", `${blockCount} blocks, ${moduleSizeBytes} bytes`, "not negative");
  else if (
    blockCount !== Math.ceil(moduleSizeBytes / blockBytes) &&
    blockCount !== Math.ceil(moduleSizeBytes / (blockBytes - trailerBytes))
  )
    add("code.size-differs", `${moduleSizeBytes} bytes in ${blockCount} blocks of ${blockBytes}`, "as many blocks as the binary fills");
  const range = rangeProblem(module.blockOffset, BigInt(Math.max(0, blockCount)), totalBlocks);
  if (range) add("code.range-outside", range, "blocks of the volume");
  if (module.abiVersion > 2) add("code.abi-unknown", `AbiVersion ${module.abiVersion}`, "0, 1 or 2");
  if (!module.entryPointName.isUtf8) add("code.name-not-utf8", "a name that is not UTF-8", "UTF-8");
  if (!isCalendarTicks(module.registeredUtcTicks)) add("code.time-range", `${module.registeredUtcTicks}`, "a time a calendar holds");
}

/** Modules whose blocks begin before those of the one below end, with that one. */
function overlaps(modules: readonly CodeModule[]): [index: number, other: number][] {
  const ordered = modules
    .map(({ blockOffset, blockCount }, index) => ({ index, start: blockOffset, end: blockOffset + BigInt(blockCount) }))
    .filter(({ start, end }) => start >= 0n && end > start)
    .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : a.index - b.index));
  const found: [number, number][] = [];
  let furthest = ordered[0];
  for (const each of ordered.slice(1)) {
    if (!furthest || each.start >= furthest.end) furthest = each;
    else {
      found.push([each.index, furthest.index]);
      if (each.end > furthest.end) furthest = each;
    }
  }
  return found;
}
