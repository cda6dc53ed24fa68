import { isAllZero, toHex } from "../../base/bytes.ts";
import {
  array,
  bytes,
  countedText,
  type Decoded,
  enumeration,
  guid,
  i32,
  i64,
  reserved,
  reservedUntil,
  struct,
  ticks,
  u16,
} from "../../base/struct/index.ts";
import { blockTrailer, judgeTrailer, trailerBytes } from "../core/index.ts";
import {
  blocksUsed,
  compareWalks,
  countedTextLayout,
  entriesInBlock,
  type PackedWalk,
  packEntries,
  sdkWalk,
  sealedBlocks,
  slackByte,
  walkAsWriter,
} from "./packed-table.ts";
import {
  anyStruct,
  type BlockRule,
  blockOrZeros,
  duplicates,
  headState,
  isCalendarTicks,
  isEmptyGuid,
  judgeBlocks,
  type RegionBlocks,
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
const abiVersions = { 0: "WASI preview 1", 1: "WASI preview 2", 2: "stable" };

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
  | BlockRule<"code">
  | `code.${
      | "count-differs"
      | "entry-broken"
      | "reserved-not-zero"
      | "slack-not-zero"
      | "sdk-loses-entries"
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

const layout = countedTextLayout({
  tag: "CODE",
  fixedBytes: 76,
  mostTextBytes: mostNameBytes,
  noun: "name",
  sdkRegion: "Compute Code Cache",
  tooLong: (length) => `ComputeModuleEntry entryPointLen ${length} exceeds maximum ${mostNameBytes} or buffer bounds.`,
});

const tableHeader = struct("CodeCacheHeader", {
  moduleCount: i32({ check: (value) => value >= 0, expects: "not negative" }),
  reserved: reserved(12),
});

const moduleAt = (blocks: RegionBlocks, { block, start, byteLength }: RegionPlace): CodeModule =>
  without(moduleEntry.parse(blockOrZeros(blocks, block).subarray(start, start + byteLength)), "entryPointNameLength");

/** The compute code cache's directory of modules. Core regions reference 4; parsed as the writer packs (convention R6). */
export const codeCodec: RegionCodec<CodeContent> = {
  tag: layout.tag,
  read(blocks, facts = {}): RegionReading<CodeContent> {
    const state = headState(blocks, layout.tag);
    if (state !== "readable") return unreadable(blocks, "code", state, "Compute Code Cache block 0");
    const first = blockOrZeros(blocks, 0);
    const { moduleCount } = tableHeader.parse(first);
    const walked = walkAsWriter(blocks, layout, Math.max(0, moduleCount));
    const modules = walked.places.map((place) => moduleAt(blocks, place));
    const content = { generation: judgeTrailer(first).generationNumber, moduleCount, modules };
    const sdk = sdkReading(blocks, content, walked);
    const whole = !walked.broken && (!walked.ranOut || modules.length > 0);
    return {
      content: whole ? content : undefined,
      sdkReads: sdk.reads,
      problems: [...judge(blocks, content, walked, facts), ...sdk.problems],
      places: { modules: (index) => walked.places[index] },
    };
  },
  structureOf: (index, block) => {
    const entries = array(moduleEntry, entriesInBlock(block, index, layout));
    const rest = { entries, unused: reservedUntil(trailerBytes), trailer: blockTrailer };
    return anyStruct(index === 0 ? struct("CodeCache", { header: tableHeader, ...rest }) : struct("CodeCacheBlock", rest));
  },
  write: ({ generation, moduleCount, modules }, blockBytes) => {
    const encoded = modules.map((module) => {
      const nameBytes = module.entryPointName.bytes.length;
      if (nameBytes > mostNameBytes) throw new RangeError("an entry point's name has at most 128 bytes");
      return moduleEntry.encode({ ...module, entryPointNameLength: nameBytes });
    });
    return packEntries(encoded, tableHeader.encode({ moduleCount }), layout.tag, generation, blockBytes);
  },
};

function sdkReading(
  blocks: RegionBlocks,
  { moduleCount, modules }: CodeContent,
  walked: PackedWalk,
): { reads: RegionReading<CodeContent>["sdkReads"]; problems: RegionProblem<CodeRule>[] } {
  const given = walked.ranOut || walked.broken ? sealedBlocks(blocks) : blocksUsed(walked);
  const sdk = sdkWalk(blocks, layout, moduleCount, given);
  if (typeof sdk === "string") return { reads: sdk, problems: [] };
  const { phantoms, lost } = compareWalks(walked, sdk);
  if (phantoms.length === 0 && lost.length === 0) return { reads: undefined, problems: [] };
  const lostModuleHashes = lost.flatMap((index) => modules[index]?.moduleHash ?? []);
  const reads = {
    moduleCount: sdk.places.length,
    phantomIndexes: phantoms,
    lostModuleHashes,
    modules: sdk.places.map((place) => moduleAt(blocks, place)),
  };
  const problem: RegionProblem<CodeRule> = {
    rule: "code.sdk-loses-entries",
    subject: "the SDK's reader",
    found: `${lost.length} entries lost (${lostModuleHashes.slice(0, 4).map(toHex).join(", ")}${lost.length > 4 ? ", …" : ""})`,
    expected: "less than 76 bytes left at the end of each full block",
    block: walked.places[lost[0] ?? 0]?.block ?? 0,
  };
  return { reads, problems: lost.length > 0 ? [problem] : [] };
}

function judge(
  blocks: RegionBlocks,
  { moduleCount, modules }: CodeContent,
  walked: PackedWalk,
  { totalBlocks }: RegionFacts,
): RegionProblem<CodeRule>[] {
  const used = blocksUsed(walked);
  const problems: RegionProblem<CodeRule>[] = [...judgeBlocks(blocks, "code", used)];
  if (moduleCount < 0 || walked.ranOut)
    problems.push({
      rule: "code.count-differs",
      subject: "ModuleCount",
      found: `${moduleCount}`,
      expected: moduleCount < 0 ? "not negative" : `${modules.length} entries are there`,
      block: 0,
      start: 0,
      byteLength: 4,
    });
  if (walked.broken)
    problems.push({
      rule: "code.entry-broken",
      ...without(walked.broken, "found", "sdk"),
      subject: `entry ${walked.places.length}`,
      found: walked.broken.found,
      expected: "at most 128, inside the block",
    });
  if (tableHeader.parse(blockOrZeros(blocks, 0)).reserved)
    problems.push({
      rule: "code.reserved-not-zero",
      subject: "header",
      found: "bytes 4 to 15 are in use",
      expected: "zero",
      block: 0,
      start: 4,
      byteLength: 12,
    });
  for (let index = 0; index < (walked.broken || moduleCount < 0 ? 0 : used); index++) {
    const start = slackByte(blocks, index, walked);
    if (start !== undefined)
      problems.push({
        rule: "code.slack-not-zero",
        subject: `block ${index} of the region`,
        found: `byte ${start} is not zero`,
        expected: "zeros behind the last entry",
        block: index,
        start,
        byteLength: 1,
      });
  }
  const add = (rule: CodeRule, index: number, found: string, expected: string): void => {
    const place = walked.places[index] ?? { block: 0, start: 0, byteLength: 0 };
    problems.push({ rule, subject: `module ${index}`, found, expected, ...place });
  };
  for (const [index, module] of modules.entries())
    judgeModule(module, blocks.blockBytes, totalBlocks, (rule, ...words) => add(rule, index, ...words));
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
