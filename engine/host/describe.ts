import type { ByteRange, Description, Place } from "../contract/index.ts";
import { describeBlock } from "./blocks.ts";
import { EngineError, formatSize, hexNumber, nameBlock, regionMeaning } from "./engine.ts";
import { findingsOfBlocks } from "./finding-counts.ts";
import type { OpenVolume } from "./open-volume.ts";
import { describeRemapRange } from "./remap/places.ts";

/** Everything known of a range: the innermost field, its block and region, and the findings there. BLOCK_OUT_OF_RANGE. */
export async function describeRange(opened: OpenVolume, range: ByteRange): Promise<Description> {
  const { volume, findings } = opened;
  const size = BigInt(volume.blockBytes);
  const block = range.start / size;
  if (range.end <= range.start) throw new EngineError("REQUEST_INVALID", { call: "describe", problem: "the range is empty" });
  if (opened.remap) return describeRemapRange(opened, opened.remap, range);
  const view = await describeBlock(opened, block);
  const field = view.fields
    .filter((each) => each.start <= range.start && each.end >= range.end)
    .sort((a, b) => Number(a.end - a.start - (b.end - b.start)))[0];
  const region = volume.regionOf(block);
  const name = nameBlock(volume, volume.judge(block, view.bytes));
  const end = (range.end + size - 1n) / size;
  const trail: Place[] = [{ label: opened.source.name, range: { start: 0n, end: volume.device.byteLength } }];
  if (region)
    trail.push({ label: region.name, range: { start: region.startBlock * size, end: (region.startBlock + region.blockCount) * size } });
  trail.push({ label: `Block ${block}`, range: { start: block * size, end: (block + 1n) * size } });
  if (field) trail.push({ label: field.path, range: { start: field.start, end: field.end }, path: field.path });
  const holding = trail.filter((place) => place.range.start <= range.start && place.range.end >= range.end);
  const isRegion =
    region !== undefined && range.start === region.startBlock * size && range.end === (region.startBlock + region.blockCount) * size;
  const blocks = end - block > 1n ? `Blocks ${block}–${end - 1n}` : `Block ${block} · ${name}`;
  const own = findingsOfBlocks(findings, block, end).filter(
    (finding) => finding.byteOffset === undefined || !field || overlaps(finding.byteOffset, finding.byteLength ?? 1, range),
  );
  return {
    range,
    title: field?.path ?? (isRegion ? region.name : blocks),
    family: view.family,
    state: view.state,
    trail: holding,
    facts: [
      { label: "Address", value: hexNumber(range.start), title: `byte ${range.start}`, mono: true },
      { label: "Length", value: formatSize(range.end - range.start), title: `${range.end - range.start} bytes` },
      { label: "Block", value: `${block} + ${hexNumber(range.start % size)}` },
      ...(field
        ? [
            { label: "Type", value: field.type },
            { label: "Value", value: field.text, mono: true },
          ]
        : []),
      { label: "Seal", value: view.generation === undefined ? view.state : `${view.tag} generation ${view.generation}` },
      ...(view.allocated === undefined ? [] : [{ label: "Bitmap", value: view.allocated ? "allocated" : "free" }]),
    ],
    field,
    checkedAgainst: await mirrorOf(opened, block, field),
    meaning: field?.doc ?? (region && regionMeaning(region.kind)),
    referencedFrom: referrers(opened, block),
    findings: own,
  };
}

const overlaps = (start: bigint, byteLength: number, range: ByteRange): boolean =>
  start < range.end && start + BigInt(byteLength) > range.start;

/** The same field in the other copy of the superblock group. */
async function mirrorOf(opened: OpenVolume, block: bigint, field: Description["field"]): Promise<Description["checkedAgainst"]> {
  if (!field || block >= 8n || opened.volume.kind === "unknown") return [];
  const other = block < 4n ? block + 4n : block - 4n;
  if (other >= opened.volume.fileBlocks) return [];
  const twin = (await describeBlock(opened, other)).fields.find((each) => each.path === field.path);
  if (!twin) return [];
  return [
    {
      name: block < 4n ? "Mirror" : "Primary",
      value: twin.text,
      agrees: twin.text === field.text,
      range: { start: twin.start, end: twin.end },
    },
  ];
}

/** Slots of the region tables that point at the block's region. */
function referrers({ volume }: OpenVolume, block: bigint): Place[] {
  const region = volume.regionOf(block);
  if (!region) return [];
  const slotBytes = 32n;
  return volume.tables.tables.flatMap(({ source, block: tableBlock, table }) => {
    const pointer = table?.slots[region.slot];
    if (!pointer || pointer.startBlock !== region.startBlock || source === "directory") return [];
    const start = BigInt(tableBlock) * BigInt(volume.blockBytes) + slotBytes * BigInt(region.slot);
    return [
      { label: `${source === "table" ? "Pointer table" : "Mirror table"} slot ${region.slot}`, range: { start, end: start + slotBytes } },
    ];
  });
}
