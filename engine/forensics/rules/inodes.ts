import { defineRule } from "../../findings/registry.ts";
import { inodeCoreBytes, modulesOf, planInodeLayout, sameInodeLayout } from "../../format/core/index.ts";
import { inlineExtents, isHole } from "../../volume/extents.ts";
import { decodePlacedInode } from "../../volume/inode-table.ts";
import type { RuleSet } from "./context.ts";

const descriptor = defineRule<{ text: string; stored: string; expected: string }>({
  id: "inod.descriptor",
  severity: "error",
  confidence: "certain",
  reference: "core reference 6.2",
  states: "The inode layout descriptor is well formed and agrees with superblock and manifest.",
  title: ({ text }) => `Layout descriptor: ${text}`,
  explanation: ({ stored, expected }) => `The descriptor says ${stored}; expected ${expected}.`,
  repair: { id: "inod.rewrite-layout", risk: "advisory" },
});
const layoutDiffers = defineRule<{ stored: number; planned: number }>({
  id: "inod.layout-differs",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 6.1, 8.2; convention W11",
  states: "The stored descriptor is the one the manifest gives.",
  title: () => "The inode layout differs from the manifest's",
  explanation: ({ stored, planned }) =>
    `The descriptor has ${stored} module fields, the manifest gives ${planned}, or their places differ. Records are read by the stored descriptor; whoever recomputes the layout reads other bytes.`,
  repair: { id: "inod.rewrite-layout", risk: "advisory" },
});
const sizeDiffers = defineRule<{ superblock: number; descriptor: number }>({
  id: "inod.size-differs",
  severity: "error",
  confidence: "certain",
  reference: "core reference 6.2, 8.2",
  states: "The superblock's InodeSize is the descriptor's.",
  title: ({ superblock, descriptor }) => `InodeSize is ${superblock} in the superblock, ${descriptor} in the descriptor`,
  explanation: () => "The SDK's region addition recomputes InodeSize for the new manifest and leaves the inode table as it was.",
  repair: { id: "supb.inode-size", risk: "safe" },
});
const noDescriptor = defineRule<Record<string, never>>({
  id: "inod.no-descriptor",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 6.2, 8.1",
  states: "The inode table begins with a layout descriptor.",
  title: () => "The inode table has no layout descriptor",
  explanation: () =>
    "Its first block is all zero, or the portable exporter wrote it, which puts records there. How long a record is has to be guessed.",
});
const recordBytes = defineRule<{ found: number; inodeSize: number }>({
  id: "inod.record-size",
  severity: "warning",
  confidence: "likely",
  reference: "core reference 6.8",
  states: "Inode records have the size that the superblock states.",
  title: ({ found, inodeSize }) => `Inode records have ${found} bytes, InodeSize is ${inodeSize}`,
  explanation: ({ found }) => `The table reads as records of ${found} bytes and as no others.`,
});
const field = defineRule<{ inode: bigint; field: string; value: string; expected: string }>({
  id: "inod.field",
  severity: "error",
  confidence: "certain",
  reference: "core reference 6.3",
  states: "Inode fields lie in their ranges.",
  title: ({ inode, field, value }) => `Inode ${inode}: ${field} is ${value}`,
  explanation: ({ field, value, expected }) => `${field} is ${value}; ${expected}.`,
});
const impossibleNumber = defineRule<{ inode: bigint }>({
  id: "inod.number",
  severity: "warning",
  confidence: "likely",
  reference: "core reference 8.1",
  states: "Inode numbers count records.",
  title: ({ inode }) => `An inode has the number ${inode}`,
  explanation: () =>
    "That is a layout descriptor read as an inode: the portable exporter copies the descriptor's first bytes into the number.",
});
const senseless = defineRule<{ block: bigint }>({
  id: "inod.no-record",
  severity: "error",
  confidence: "likely",
  reference: "core reference 6.8",
  states: "What stands in the inode table behind its first block reads as inodes.",
  title: ({ block }) => `Block ${block} of the inode table holds no inode`,
  explanation: ({ block }) =>
    `Block ${block} has content, but none of the three ways in which writers place records finds an inode in it. It was overwritten, or an inode's number was.`,
});
const extent = defineRule<{ inode: bigint; block: bigint; text: string }>({
  id: "inod.extent",
  severity: "error",
  confidence: "certain",
  reference: "core reference 6.3, 6.6",
  states: "Extents lie in the data region and are in order.",
  title: ({ inode, text }) => `Inode ${inode}: an extent ${text}`,
  explanation: ({ inode, block, text }) => `The extent of inode ${inode} at block ${block} ${text}.`,
});
const overlapsDescriptor = defineRule<{ placement: string }>({
  id: "inod.placement-flat",
  severity: "warning",
  confidence: "likely",
  reference: "core reference 6.8, convention W10",
  states: "Inode records lie behind the descriptor's block and leave trailers alone.",
  title: () => "Inode records share the descriptor's block and run through trailers",
  explanation: () =>
    "Records lie one behind the other from the start of the table, as the SDK's migration and copy engines read them. They overwrite trailers, and the first of them overlaps the descriptor.",
  repair: {
    id: "inod.rewrite-layout",
    risk: "dangerous",
    loses: "nothing that is stored, but the SDK's migration and copy engines, which read records where they lie now, find them no more",
  },
});

const largestPlausibleNumber = 2n ** 40n;

/** The inode layout descriptor, and each inode by it. */
export const inodeRules: RuleSet = ({ volume, inodes, report }) => {
  if (!inodes) return;
  const held = volume.superblock;
  const { region, descriptor: stored } = inodes;
  const place = { region: "INOD", slot: region.slot, block: region.startBlock, byteOffset: region.startBlock * BigInt(volume.blockBytes) };
  if (!stored) report(noDescriptor({}, place));
  else {
    const bad = (text: string, value: string | number, expected: string | number) =>
      report(descriptor({ text, stored: `${value}`, expected: `${expected}` }, place));
    if (stored.coreFieldsEnd !== inodeCoreBytes) bad("CoreFieldsEnd", stored.coreFieldsEnd, inodeCoreBytes);
    if (stored.reserved !== 0) bad("Reserved", stored.reserved, 0);
    const ids = stored.moduleFields.map((entry) => entry.moduleId);
    // A padding claim appends a field and lists it by id, so ascending ids are asked for and ascending offsets are not.
    if (ids.some((id, index) => index > 0 && id <= (ids[index - 1] ?? -1)))
      bad("entries are not ascending", ids.join(", "), "ascending module ids");
    const manifest = held?.moduleManifest;
    if (manifest !== undefined) {
      const active = new Set(modulesOf(manifest).map((module) => module.id));
      const strangers = ids.filter((id) => !active.has(id));
      if (strangers.length > 0) bad("modules that are not in the manifest", strangers.join(", "), "active modules only");
      const planned = planInodeLayout(manifest);
      if (!sameInodeLayout(stored, planned))
        report(layoutDiffers({ stored: stored.moduleFields.length, planned: planned.moduleFields.length }, place));
    }
    if (held && held.inodeSize !== stored.inodeSize)
      report(sizeDiffers({ superblock: held.inodeSize, descriptor: stored.inodeSize }, place));
  }
  const slots512 = inodes.placement === "slots-of-512";
  if (slots512 && held && held.inodeSize !== 512) report(recordBytes({ found: 512, inodeSize: held.inodeSize }, place));
  if (inodes.placement === "flat") report(overlapsDescriptor({ placement: "flat" }, place));
  for (const block of inodes.senselessBlocks) report(senseless({ block }, { region: "INOD", slot: region.slot, block }));
  for (const placed of inodes.records) {
    const inode = decodePlacedInode(inodes, placed);
    const at = {
      region: "INOD",
      slot: region.slot,
      block: placed.block,
      byteOffset: placed.block * BigInt(volume.blockBytes) + BigInt(placed.offset),
      byteLength: placed.record.length,
    };
    const number = inode.inodeNumber;
    if (number > largestPlausibleNumber) {
      report(impossibleNumber({ inode: number }, at));
      continue;
    }
    const bad = (name: string, value: string | number | bigint, expected: string) =>
      report(field({ inode: number, field: name, value: `${value}`, expected }, at));
    if (number <= 0n) bad("InodeNumber", number, "numbers count from 1");
    if (inode.type > 3) bad("Type", inode.type, "0 to 3 are defined");
    if (inode.flags > 15) bad("Flags", inode.flags, "bits 0 to 3 are defined");
    if (inode.extentCount < 0 || inode.extentCount > 8) bad("ExtentCount", inode.extentCount, "0 to 8 extents fit");
    if (inode.size < 0n) bad("Size", inode.size, "a size is not negative");
    for (const each of inlineExtents(inode)) {
      if (isHole(each)) continue;
      const end = each.startBlock + BigInt(each.blockCount);
      if (each.startBlock < 0n || each.blockCount < 0 || each.logicalOffset < 0n)
        report(extent({ inode: number, block: each.startBlock, text: "has a negative value" }, at));
      else if (end > volume.totalBlocks)
        report(extent({ inode: number, block: each.startBlock, text: `ends past the volume's ${volume.totalBlocks} blocks` }, at));
    }
  }
};
