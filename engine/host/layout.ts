import type { Layout, LayoutRegion } from "../contract/index.ts";
import { moduleLevel, moduleOfKind, regionFlags, tagText, type Volume, type VolumeRegion } from "./engine.ts";
import { familyOf } from "./families.ts";
import { countFindings, findingsOfRegion } from "./finding-counts.ts";
import type { OpenVolume } from "./open-volume.ts";
import { remapLayout } from "./remap/places.ts";

/** Blocks looked at in each region; what lies behind is left out of the states. */
const mostBlocksRead = 64;

/** All regions, as the creator would place them and as the tables have them. Reads at most 64 blocks of each. */
export async function describeLayout(opened: OpenVolume): Promise<Layout> {
  const { volume, remap } = opened;
  if (remap) return remapLayout(opened, remap);
  const stored: LayoutRegion[] = [];
  for (const region of volume.regions) stored.push(await describeRegion(opened, region));
  const planned = (volume.plan?.regions ?? []).map(
    (region, slot): LayoutRegion => plannedRegion({ ...region, slot, usedBlocks: 0n, flags: 0 }),
  );
  return { totalBlocks: volume.totalBlocks, fileBlocks: volume.fileBlocks, planned, stored, differences: differences(volume) };
}

const plannedRegion = (region: VolumeRegion): LayoutRegion => ({
  ...region,
  family: familyOf(region.kind),
  flagNames: [],
  generation: "",
  states: [],
  witnesses: [],
  findings: { error: 0, warning: 0, info: 0 },
});

async function describeRegion(opened: OpenVolume, region: VolumeRegion): Promise<LayoutRegion> {
  const { volume } = opened;
  const states = new Map<LayoutRegion["states"][number]["state"], number>();
  const generations: number[] = [];
  let tagFound: string | undefined;
  const isInside = region.startBlock >= 0n && region.startBlock < volume.fileBlocks;
  const count = region.blockCount < BigInt(mostBlocksRead) ? Math.max(0, Number(region.blockCount)) : mostBlocksRead;
  const isData = region.name === "DataRegion";
  const blocks = isInside && !isData ? await volume.reader.readRun(region.startBlock, count) : [];
  for (const [index, bytes] of blocks.entries()) {
    const { state, trailer } = volume.judge(region.startBlock + BigInt(index), bytes);
    states.set(state, (states.get(state) ?? 0) + 1);
    if (trailer?.verified) {
      tagFound ??= trailer.tag;
      generations.push(trailer.generationNumber);
    }
  }
  const own = findingsOfRegion(opened.findings, region);
  const module = moduleOfKind(region.kind);
  const { superblock } = volume;
  return {
    ...region,
    family: familyOf(region.kind),
    flagNames: Object.entries(regionFlags).flatMap(([bit, name]) => ((region.flags >>> Number(bit)) & 1 ? [name] : [])),
    generation: spanText(generations),
    states: [...states].map(([state, blocksOfState]) => ({ state, count: blocksOfState })),
    witnesses: [
      ...tableWitnesses(volume, region),
      ...(tagFound === undefined
        ? []
        : [
            { source: `Trailer of block ${region.startBlock}`, tag: tagFound, agrees: tagFound === region.tag || tagFound === region.kind },
          ]),
    ],
    module: module && {
      id: module.id,
      name: module.name,
      level: superblock ? moduleLevel(superblock.moduleConfig, superblock.moduleConfigExt, module.id) : 0,
    },
    findings: countFindings(own),
    problem: (own.find((finding) => finding.severity === "error") ?? own.find((finding) => finding.severity === "warning"))?.title,
  };
}

function tableWitnesses(volume: Volume, region: VolumeRegion): LayoutRegion["witnesses"] {
  const names = { directory: "Directory, block 8", table: "Pointer table, block 1", mirror: "Mirror table, block 5" };
  return volume.tables.tables.flatMap(({ source, table }) => {
    const pointer = table?.slots[region.slot];
    if (!pointer) return [];
    const { startBlock, blockCount } = pointer;
    const tag = tagText(pointer.regionTypeId);
    return [
      {
        source: names[source],
        startBlock,
        blockCount,
        tag,
        agrees: startBlock === region.startBlock && blockCount === region.blockCount && tag === region.tag,
      },
    ];
  });
}

function spanText(generations: readonly number[]): string {
  if (generations.length === 0) return "";
  const least = Math.min(...generations);
  const most = Math.max(...generations);
  return least === most ? `${least}` : `${least}–${most}`;
}

function differences(volume: Volume): Layout["differences"] {
  const planned = volume.plan?.regions ?? [];
  const found: Layout["differences"] = [];
  for (const region of planned) {
    const stored = volume.regions.find((each) => each.name === region.name);
    if (!stored) found.push({ name: region.name, text: `${region.name} is planned at block ${region.startBlock} and stands in no table.` });
    else if (stored.startBlock !== region.startBlock || stored.blockCount !== region.blockCount)
      found.push({
        name: region.name,
        text: `${region.name} lies at ${stored.startBlock} + ${stored.blockCount}; planned is ${region.startBlock} + ${region.blockCount}.`,
      });
  }
  for (const region of volume.regions)
    if (planned.length > 0 && !planned.some((each) => each.name === region.name))
      found.push({
        name: region.name,
        text: `${region.name} at ${region.startBlock} + ${region.blockCount} is not planned by the manifest.`,
      });
  return found;
}
