import type { BlockHead, ByteRange, Description, Fact, Layout, LayoutRegion, Place, TreeNode } from "../../contract/index.ts";
import { sectorBytes } from "../../format/remap/index.ts";
import {
  type BlockVerdict,
  EngineError,
  type Finding,
  formatSize,
  hexNumber,
  nameImageBlock,
  type RemapCopy,
  type RemapDevice,
} from "../engine.ts";
import { countFindings, findingsOfBlocks, healthOf } from "../finding-counts.ts";
import type { OpenVolume } from "../open-volume.ts";
import { rangeOf, versionOf } from "./view.ts";

const size = BigInt(sectorBytes);
const copyName = (copy: RemapCopy<unknown>): string =>
  `${copy.layout.format} ${copy.layout.format === "DMR4-script" ? "record" : "copy"} ${copy.index}`;
const sectorsOf = (copy: RemapCopy<unknown>): bigint => BigInt(Math.ceil(copy.layout.structBytes / sectorBytes));

const blockStateOf = (copy: RemapCopy<unknown>): BlockHead["state"] =>
  copy.state === "unread" ? "unread" : copy.state === "blank" ? "never-written" : copy.valid ? "valid" : "damaged";

/** Findings whose place lies inside a copy. */
const findingsOfCopy = (findings: readonly Finding[], copy: RemapCopy<unknown>): Finding[] =>
  findingsOfBlocks(findings, copy.sector, copy.sector + sectorsOf(copy)).filter(
    ({ region }) => region === undefined || region === copy.layout.format,
  );

/** The copies as regions on the device's scale; what lies behind the device's end is left out. */
export function remapLayout({ volume, findings }: OpenVolume, remap: RemapDevice): Layout {
  const stored = remap.copies
    .filter((copy) => copy.state !== "missing")
    .map((copy, slot): LayoutRegion => {
      const own = findingsOfCopy(findings, copy);
      const reading = remap.readings.find(({ format }) => format === copy.layout.format);
      const version = reading && versionOf(reading, copy.index)?.version;
      const worst = own.find(({ severity }) => severity === "error") ?? own.find(({ severity }) => severity === "warning");
      return {
        slot,
        name: copyName(copy),
        tag: copy.layout.format,
        kind: copy.layout.format,
        family: "core",
        startBlock: copy.sector,
        blockCount: BigInt(copy.layout.spaceBytes / sectorBytes),
        usedBlocks: sectorsOf(copy),
        flags: 0,
        flagNames: [],
        generation: version === undefined ? "" : `${version}`,
        states: [{ state: blockStateOf(copy), count: Number(sectorsOf(copy)) }],
        witnesses: [],
        findings: countFindings(own),
        problem: copy.verdict.fault ? `It ${copy.verdict.fault}.` : worst?.title,
      };
    });
  return { totalBlocks: volume.totalBlocks, fileBlocks: volume.fileBlocks, planned: [], stored, differences: [] };
}

/** The copies by structure, with their parts. */
export function remapTree({ findings }: OpenVolume, remap: RemapDevice): TreeNode[] {
  return remap.readings.map(({ format, copies, choice }, index) => ({
    // The navigator opens what bears this id from the start.
    id: index === 0 ? "regions" : `copies-${index}`,
    name: format,
    icon: "copies" as const,
    detail: `${copies.length}`,
    health: healthOf(findings.filter(({ region }) => region === format)),
    children: (copies as readonly RemapCopy<unknown>[]).map((copy) => ({
      id: `${format}-${copy.index}`,
      name: `${format === "DMR4-script" ? "record" : "copy"} ${copy.index}${copy.index === choice.index ? " · chosen" : ""}`,
      detail: `${copy.sector}`,
      family: "core" as const,
      health: copy.valid ? healthOf(findingsOfCopy(findings, copy)) : ("error" as const),
      ...(copy.state !== "missing" && { range: rangeOf(copy) }),
      children: partsOf(copy).map(({ name, start, end }) => ({
        id: `${format}-${copy.index}-${name}`,
        name,
        detail: `${end - start} B`,
        health: healthOf(findings.filter(({ byteOffset }) => byteOffset !== undefined && byteOffset >= start && byteOffset < end)),
        range: { start, end },
      })),
    })),
  }));
}

/** Parts of a structure: what its fields are gathered under. */
function partsOf(copy: RemapCopy<unknown>): { name: string; start: bigint; end: bigint }[] {
  const parts: { name: string; start: bigint; end: bigint }[] = [];
  for (const { path, start, end } of copy.rows) {
    const name = /^[^.[]+(?=[.[])/.exec(path)?.[0];
    if (name === undefined) continue;
    const last = parts.at(-1);
    if (last?.name === name) last.end = end;
    else parts.push({ name, start, end });
  }
  return parts;
}

/** How a sector stands: by the copy whose bytes it holds. */
export function remapHead({ volume }: OpenVolume, remap: RemapDevice, verdict: BlockVerdict): BlockHead {
  const copy = remap.copyAt(verdict.block * size);
  return {
    block: verdict.block,
    name: nameImageBlock({ volume, remap }, verdict),
    region: copy && copyName(copy),
    tag: copy?.layout.format ?? "",
    state: verdict.state === "unread" ? "unread" : copy ? blockStateOf(copy) : verdict.state,
    family: copy && "core",
  };
}

/** Everything known of a range on a dm-remap device: copy, part, field, and the same field in the other copies. BLOCK_OUT_OF_RANGE. */
export async function describeRemapRange(opened: OpenVolume, remap: RemapDevice, range: ByteRange): Promise<Description> {
  const { volume, findings, source } = opened;
  const [first, end] = [range.start / size, (range.end + size - 1n) / size];
  if (first >= volume.fileBlocks) throw new EngineError("BLOCK_OUT_OF_RANGE", { block: first, count: 1n, blocks: volume.fileBlocks });
  const copy = remap.copyAt(range.start);
  const holds = (each: ByteRange) => each.start <= range.start && each.end >= range.end;
  const field = copy?.rows.find((row) => holds(row) && row.path !== "slack");
  const part = copy && partsOf(copy).find(holds);
  const trail: Place[] = [{ label: source.name, range: { start: 0n, end: volume.device.byteLength } }];
  if (copy) trail.push({ label: copyName(copy), range: rangeOf(copy) });
  if (part) trail.push({ label: part.name, range: { start: part.start, end: part.end } });
  if (field) trail.push({ label: field.path, range: { start: field.start, end: field.end }, path: field.path });
  const isWhole = (each: ByteRange | undefined) => each?.start === range.start && each.end === range.end;
  const sectors = end - first > 1n ? `Sectors ${first}–${end - 1n}` : `Sector ${first}`;
  const title = field?.path ?? (copy && isWhole(rangeOf(copy)) ? copyName(copy) : part && isWhole(part) ? part.name : sectors);
  return {
    range,
    title,
    family: copy && "core",
    state: copy ? blockStateOf(copy) : undefined,
    trail: trail.filter((place) => holds(place.range)),
    facts: [
      { label: "Address", value: hexNumber(range.start), title: `byte ${range.start}`, mono: true },
      { label: "Length", value: formatSize(range.end - range.start), title: `${range.end - range.start} bytes` },
      { label: "Sector", value: `${first} + ${hexNumber(range.start % size)}` },
      ...(copy ? [{ label: "In the structure", value: `byte ${range.start - copy.byteOffset} of copy ${copy.index}` }] : []),
      ...(field ? fieldFacts(field) : []),
      ...(copy ? [{ label: "Verdict", value: verdictText(remap, copy) }] : []),
    ],
    field,
    checkedAgainst: copy && field ? twinsOf(remap, copy, field.path, field.text) : [],
    meaning: field?.doc,
    referencedFrom: [],
    findings: findingsOfBlocks(findings, first, end).filter(
      ({ byteOffset, byteLength }) =>
        byteOffset === undefined || (byteOffset < range.end && byteOffset + BigInt(byteLength ?? 1) > range.start),
    ),
  };
}

const fieldFacts = (field: NonNullable<Description["field"]>): Fact[] => [
  { label: "Type", value: field.type },
  { label: "Value", value: field.text === "" ? "empty" : field.text, mono: true },
  ...(field.problem === undefined ? [] : [{ label: "Problem", value: field.problem }]),
];

function verdictText(remap: RemapDevice, copy: RemapCopy<unknown>): string {
  const reading = remap.readings.find(({ format }) => format === copy.layout.format);
  if (reading?.choice.index === copy.index) return "valid, chosen";
  return copy.valid ? "valid" : (copy.verdict.fault ?? "not valid");
}

/** The same field in the other copies of the structure. */
function twinsOf(remap: RemapDevice, copy: RemapCopy<unknown>, path: string, text: string): Description["checkedAgainst"] {
  return remap.copies
    .filter((other) => other.layout === copy.layout && other !== copy)
    .flatMap((other) => {
      const twin = other.rows.find((row) => row.path === path);
      if (!twin) return [];
      return [{ name: `Copy ${other.index}`, value: twin.text, agrees: twin.text === text, range: { start: twin.start, end: twin.end } }];
    });
}
