import { defineRule } from "../../findings/registry.ts";
import {
  isActiveSlot,
  isFreeSlot,
  moduleOfKind,
  modulesOf,
  regionDirectoryHeader,
  regionFlags,
  regionKind,
  slotCount,
  tagText,
} from "../../format/core/index.ts";
import type { VolumeRegion } from "../../volume/volume.ts";
import type { RuleSet } from "./context.ts";

const header = defineRule<{ field: string; value: string; expected: string }>({
  id: "rd.header",
  severity: "error",
  confidence: "certain",
  reference: "core reference 2.8",
  states: "The directory's header block fits its slot block.",
  title: ({ field, value }) => `Block 9: ${field} is ${value}`,
  explanation: ({ field, value, expected }) => `${field} is ${value}; ${expected}.`,
  repair: { id: "rd.rewrite", risk: "safe" },
});
const directoryGeneration = defineRule<{ generation: number }>({
  id: "rd.generation-zero",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 2.8, 8.1",
  states: "The directory's generation is at least 1.",
  title: () => "The region directory has generation 0",
  explanation: () => "Only the SDK's portable exporter writes directories of generation 0.",
  repair: { id: "rd.rewrite", risk: "safe" },
});
const usedDiffers = defineRule<{ slots: string }>({
  id: "rpt.used-blocks-differ",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 8.1, 8.2",
  states: "Directory and pointer table agree in UsedBlocks.",
  title: () => "Directory and pointer table differ in UsedBlocks",
  explanation: ({ slots }) =>
    `Slots ${slots} have another UsedBlocks in block 8 than in block 1. The exporter and the defragmenter leave that.`,
  repair: { id: "rd.rewrite", risk: "advisory" },
});
const full = defineRule<{ slots: number }>({
  id: "rd.full",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 2.8",
  states: "The directory has a free slot.",
  title: () => "The region directory is full",
  explanation: ({ slots }) => `All ${slots} slots are in use; no region can be added.`,
});
const flagged = defineRule<{ slot: number; flags: number }>({
  id: "slot.unknown-flags",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 2.5",
  states: "Only defined region flags are set.",
  title: ({ slot }) => `Slot ${slot} has unknown flags`,
  explanation: ({ flags }) => `Flags are 0x${flags.toString(16)}; bits 0 to 5 are defined.`,
});
const halfFree = defineRule<{ slot: number; text: string }>({
  id: "slot.half-free",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 2.5",
  states: "A slot is free or active.",
  title: ({ slot, text }) => `Slot ${slot}: ${text}`,
  explanation: ({ slot }) => `Slot ${slot} is neither free nor active; the SDK neither finds a region in it nor uses it for a new one.`,
});
const range = defineRule<{ region: string; text: string }>({
  id: "slot.range",
  severity: "error",
  confidence: "certain",
  reference: "core reference 1.7, 2.5; convention W28",
  states: "A region has blocks and lies inside the volume.",
  title: ({ region, text }) => `${region} ${text}`,
  explanation: ({ region, text }) => `${region} ${text}. Reading it fails or gives other blocks than were meant.`,
});
const pastFile = defineRule<{ region: string; end: bigint; fileBlocks: bigint }>({
  id: "slot.past-file",
  severity: "error",
  confidence: "certain",
  reference: "core reference 1.7",
  states: "A region lies inside the file.",
  title: ({ region }) => `${region} ends past the end of the file`,
  explanation: ({ region, end, fileBlocks }) => `${region} ends before block ${end}; the file has ${fileBlocks} whole blocks.`,
});
const used = defineRule<{ region: string; usedBlocks: bigint; blockCount: bigint }>({
  id: "slot.used-blocks",
  severity: "error",
  confidence: "certain",
  reference: "core reference 2.5",
  states: "UsedBlocks lies between 0 and BlockCount.",
  title: ({ region, usedBlocks }) => `${region} uses ${usedBlocks} blocks`,
  explanation: ({ usedBlocks, blockCount }) => `UsedBlocks is ${usedBlocks}, BlockCount ${blockCount}.`,
});
const overlap = defineRule<{ first: string; second: string; block: bigint; blockCount: bigint }>({
  id: "region.overlap",
  severity: "error",
  confidence: "certain",
  reference: "core reference 1.2, 8.2; convention W23",
  states: "Regions do not overlap.",
  title: ({ first, second, block }) => `${first} and ${second} overlap at block ${block}`,
  explanation: ({ blockCount }) =>
    `${blockCount} blocks belong to both. Whatever writes one destroys the other; the SDK's addition gives two regions of one module the same start.`,
  repair: { id: "region.move", risk: "advisory" },
});
const insideData = defineRule<{ region: string; block: bigint; blockCount: bigint }>({
  id: "region.inside-data",
  severity: "info",
  confidence: "certain",
  reference: "core reference 8.2, convention W23",
  states: "No region lies inside the data region's slot.",
  title: ({ region, block }) => `${region} lies inside the DATA slot at block ${block}`,
  explanation: ({ region, blockCount }) =>
    `The SDK's online addition put ${region} (${blockCount} blocks) into free space and left the DATA slot as it was. The bitmap keeps them apart where its bits are right.`,
  repair: { id: "region.move", risk: "advisory" },
});
const withoutRegion = defineRule<{ module: string; region: string }>({
  id: "module.without-region",
  severity: "error",
  confidence: "certain",
  reference: "core reference 5.1",
  states: "Each active module has its regions.",
  title: ({ module, region }) => `${module} is active and has no ${region}`,
  explanation: ({ module, region }) => `The manifest bit of ${module} is set, but no table names a region ${region}.`,
});
const withoutModule = defineRule<{ module: string; region: string }>({
  id: "region.without-module",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 5.1",
  states: "Each region's module is active.",
  title: ({ module, region }) => `${region} is there and ${module} is not active`,
  explanation: ({ module, region }) => `A table names ${region}, but the manifest bit of ${module} is clear.`,
});
const noDataRegion = defineRule<Record<string, never>>({
  id: "region.no-data-region",
  severity: "error",
  confidence: "certain",
  reference: "core reference 1.7",
  states: "The volume has a data region.",
  title: () => "There is no data region",
  explanation: () =>
    "No table names a region for data. The SDK's creator makes such volumes when asked for so few blocks that the metadata regions take them all.",
});
const noLog = defineRule<Record<string, never>>({
  id: "mwal.missing",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 8.1",
  states: "The volume has a metadata log.",
  title: () => "There is no metadata log",
  explanation: () => "No table names an MWAL region. The portable exporter writes such volumes; no change can be journaled in them.",
});
const layoutDiffers = defineRule<{ regions: string }>({
  id: "layout.differs",
  severity: "info",
  confidence: "certain",
  reference: "core reference 1.2",
  states: "Regions lie where the creator puts them for this manifest.",
  title: () => "Regions do not lie where the creator would put them",
  explanation: ({ regions }) => `Added, moved or missing since creation: ${regions}.`,
});
const fallbackTag = defineRule<{ region: string; block: bigint }>({
  id: "region.data-tag",
  severity: "info",
  confidence: "certain",
  reference: "core reference 1.3, convention R5",
  states: "A module's region carries the module's tag.",
  title: ({ region }) => `${region} is tagged DATA`,
  explanation: ({ region, block }) =>
    `${region} at block ${block} has no tag of its own in the SDK's creator and is tagged DATA. "The first DATA slot" is therefore not the data region.`,
});

const nameOf = (region: VolumeRegion): string => (region.name.startsWith("unnamed") ? `slot ${region.slot} (DATA)` : region.name);

/** The region tables: their frame, each slot, and the slots against each other and the manifest. */
export const tableRules: RuleSet = ({ volume, report }) => {
  const block9 = volume.head[9];
  const directory = volume.tables.tables.find((table) => table.source === "directory");
  if (block9 && !block9.allZero && directory?.table) {
    const stored = regionDirectoryHeader.parse(block9.bytes);
    const block8 = volume.head[8];
    const at = (byteOffset: number) => ({ block: 9n, byteOffset: BigInt(9 * volume.blockBytes + byteOffset) });
    if (stored.version === 1) {
      const active = directory.table.slots.filter(isActiveSlot).length;
      if (stored.slotCount !== slotCount)
        report(header({ field: "SlotCount", value: `${stored.slotCount}`, expected: "127 slots fit a table" }, at(2)));
      if (stored.activeCount !== active)
        report(header({ field: "ActiveCount", value: `${stored.activeCount}`, expected: `${active} slots of block 8 are active` }, at(4)));
      if (block8 && stored.block0Hash !== block8.trailer.computed)
        report(
          header({ field: "Block0Hash", value: `${stored.block0Hash}`, expected: `block 8 hashes to ${block8.trailer.computed}` }, at(8)),
        );
      if (stored.reserved || stored.unused)
        // Bytes of unknown meaning are kept by every rewrite (convention W3), so none mends this.
        report({
          ...header({ field: "reserved", value: "not zero", expected: "reserved bytes are zero" }, at(stored.reserved ? 6 : 16)),
          repair: undefined,
        });
      if (block8?.trailer.verified && block9.trailer.verified && block9.trailer.generationNumber !== block8.trailer.generationNumber) {
        report(
          header(
            {
              field: "generation",
              value: `${block9.trailer.generationNumber}`,
              expected: `block 8 has generation ${block8.trailer.generationNumber}`,
            },
            at(volume.blockBytes - 12),
          ),
        );
      }
    }
    if (directory.holds && directory.table.trailer.generationNumber === 0) report(directoryGeneration({ generation: 0 }, { block: 8n }));
  }
  const table = volume.tables.tables.find((each) => each.source === "table");
  if (directory?.holds && directory.table && table?.holds && table.table) {
    const slots = directory.table.slots.flatMap((slot, index) =>
      slot.usedBlocks === table.table?.slots[index]?.usedBlocks ? [] : [index],
    );
    if (slots.length > 0) report(usedDiffers({ slots: slots.join(", ") }, { block: 8n, slot: slots[0] }));
  }
  for (const [slot, pointer] of volume.tables.slots.entries()) {
    const place = { slot, block: 8n, byteOffset: BigInt(8 * volume.blockBytes + 32 * slot), byteLength: 32 };
    const known = Object.keys(regionFlags).length;
    if (pointer.flags >>> known) report(flagged({ slot, flags: pointer.flags }, place));
    if (!isFreeSlot(pointer) && pointer.flags === 0) report(halfFree({ slot, text: "type set but no flags" }, place));
    if (!isFreeSlot(pointer) && tagText(pointer.regionTypeId) === "") report(halfFree({ slot, text: "flags set but no type" }, place));
  }
  if (volume.tables.slots.length === slotCount && volume.tables.slots.every((slot) => !isFreeSlot(slot)))
    report(full({ slots: slotCount }, { block: 8n }));
  const sound = [...volume.regions, ...volume.disbelievedRegions].filter((region) =>
    judgeRange(region, volume.totalBlocks, volume.fileBlocks, report),
  );
  judgeOverlaps(sound, report);
  judgeModules(volume.regions, volume.superblock?.moduleManifest, report);
  if (volume.plan && volume.tables.source !== "none") judgeLayout(volume.regions, volume.plan.regions, report);
  if (volume.regions.length > 0 && !volume.findRegion("MWAL")) report(noLog({}));
  const hasRegions = volume.tables.source !== "none" && volume.regions.length > 0;
  // Module regions may carry the tag DATA: where the creator's layout leaves no data region, only the name tells.
  const isData = (region: VolumeRegion) => (volume.plan?.dataBlocks === 0n ? region.name === "DataRegion" : region.tag === "DATA");
  if (hasRegions && !volume.regions.some(isData)) report(noDataRegion({}));
};

type Report = Parameters<RuleSet>[0]["report"];

function judgeRange(region: VolumeRegion, totalBlocks: bigint, fileBlocks: bigint, report: Report): boolean {
  if ((region.flags & 1) === 0) return false;
  const place = {
    region: region.tag,
    slot: region.slot,
    block: region.startBlock < 0n ? 0n : region.startBlock,
    ...(region.blockCount > 0n && { blockCount: region.blockCount }),
  };
  const end = region.startBlock + region.blockCount;
  const name = nameOf(region);
  // A module's region outside the volume is taken out again; anything else that leaves it has no one right answer. Convention W28.
  const isOutside = moduleOfKind(region.kind) !== undefined && region.startBlock >= totalBlocks && region.startBlock >= fileBlocks;
  const repair = isOutside ? { repair: { id: "region.remove", risk: "advisory" as const } } : {};
  if (region.usedBlocks < 0n || region.usedBlocks > region.blockCount)
    report(used({ region: name, usedBlocks: region.usedBlocks, blockCount: region.blockCount }, place));
  let text: string | undefined;
  if (region.startBlock < 0n) text = `starts before block 0, at ${region.startBlock}`;
  else if (region.blockCount <= 0n) text = `has ${region.blockCount} blocks`;
  else if (region.startBlock >= totalBlocks) text = `at block ${region.startBlock} is outside the volume of ${totalBlocks} blocks`;
  else if (end > totalBlocks) text = `ends past the volume's ${totalBlocks} blocks, before block ${end}`;
  if (text) report({ ...range({ region: name, text }, place), ...repair });
  if (region.startBlock >= 0n && region.blockCount > 0n && end > fileBlocks)
    report({ ...pastFile({ region: name, end, fileBlocks }, place), ...repair });
  return region.startBlock >= 0n && region.blockCount > 0n;
}

function judgeOverlaps(regions: VolumeRegion[], report: Report): void {
  const ordered = [...regions].sort((a, b) => (a.startBlock < b.startBlock ? -1 : a.startBlock > b.startBlock ? 1 : a.slot - b.slot));
  const open: VolumeRegion[] = [];
  for (const region of ordered) {
    const still = open.filter((before) => before.startBlock + before.blockCount > region.startBlock);
    for (const before of still) {
      const end = [before, region].map((each) => each.startBlock + each.blockCount).reduce((a, b) => (a < b ? a : b));
      const blockCount = end - region.startBlock;
      const data = [before, region].find((each) => each.name === "DataRegion");
      const other = data === before ? region : before;
      const place = { region: other.tag, slot: other.slot, block: region.startBlock, blockCount };
      const accepted = data !== undefined && other.startBlock >= data.startBlock;
      if (accepted) report(insideData({ region: nameOf(other), block: region.startBlock, blockCount }, place));
      else report(overlap({ first: nameOf(before), second: nameOf(region), block: region.startBlock, blockCount }, place));
    }
    open.splice(0, open.length, ...still, region);
  }
}

function judgeModules(regions: readonly VolumeRegion[], manifest: number | undefined, report: Report): void {
  if (manifest === undefined || regions.length === 0) return;
  const active = modulesOf(manifest);
  const kinds = new Set(regions.map((region) => region.kind));
  for (const module of active) {
    for (const name of module.regionNames) {
      if (!kinds.has(regionKind(name))) report(withoutRegion({ module: module.name, region: name }, { block: 0n }));
    }
  }
  for (const region of regions) {
    const module = moduleOfKind(region.kind);
    if (module && region.kind !== "DATA" && !active.includes(module))
      report(
        withoutModule(
          { module: module.name, region: region.name },
          { region: region.tag, slot: region.slot, block: region.startBlock < 0n ? 0n : region.startBlock },
        ),
      );
    if (region.tag === "DATA" && region.kind !== "DATA")
      report(
        fallbackTag({ region: region.name, block: region.startBlock }, { region: region.tag, slot: region.slot, block: region.startBlock }),
      );
  }
}

function judgeLayout(
  regions: readonly VolumeRegion[],
  planned: readonly { name: string; startBlock: bigint; blockCount: bigint }[],
  report: Report,
): void {
  const differing = planned
    .filter(
      (plan) =>
        !regions.some(
          (region) => region.name === plan.name && region.startBlock === plan.startBlock && region.blockCount === plan.blockCount,
        ),
    )
    .map((plan) => plan.name);
  const extra = regions.filter((region) => !planned.some((plan) => plan.name === region.name)).map((region) => nameOf(region));
  const names = [...new Set([...differing, ...extra])];
  if (names.length > 0) report(layoutDiffers({ regions: names.join(", ") }));
}
