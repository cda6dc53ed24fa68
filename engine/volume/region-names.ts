import { hasModule, modulesOf, type RegionPointer, regionKind, regionNameOfTag, regionTag, tagText } from "../format/core/index.ts";
import { addedRegionBlocks, type LayoutPlan, planLayout } from "./layout-plan.ts";

export interface NamedSlot {
  name: string;
  kind: string;
}
export interface SlotPointer extends RegionPointer {
  slot: number;
}

interface Inputs {
  slots: readonly SlotPointer[];
  manifest: number | undefined;
  blockBytes: number;
  totalBlocks: bigint;
}

/** Modules whose region the creator tags DATA; Compliance has one such region beside a tagged one. Core reference 1.3. */
const fallbackModules = [1, 21, 23, 28];
const unnamed: NamedSlot = { name: "unnamed DATA region", kind: "DATA" };

/** Names of all slots in order: DATA slots by re-computing the creator's layout, or as additions after it. Convention R5. */
export function nameSlots({ slots, manifest, blockBytes, totalBlocks }: Inputs): NamedSlot[] {
  const names = slots.map((slot) => nameByTag(slot));
  const original = manifest === undefined ? undefined : findOriginal(slots, manifest, blockBytes, totalBlocks);
  if (original) {
    for (const [index, region] of original.plan.regions.entries()) {
      const slot = slots.findIndex(
        (candidate) => tagText(candidate.regionTypeId) === region.tag && candidate.startBlock === region.startBlock,
      );
      if (slot >= 0 && (slots[slot]?.blockCount === region.blockCount || index === original.plan.regions.length - 1))
        names[slot] = { name: region.name, kind: region.kind };
    }
  }
  // DATA slots behind the creator's are additions: one for each fallback region of the modules that were not there before.
  const before = original?.manifest ?? 0;
  const added = modulesOf(manifest ?? 0)
    .filter((module) => !hasModule(before, module.id))
    .flatMap((module) => module.regionNames.filter((name) => regionTag(name) === "DATA"));
  const spans = slots.filter((slot) => tagText(slot.regionTypeId) === "DATA");
  for (const [index, slot] of slots.entries()) {
    if (tagText(slot.regionTypeId) !== "DATA" || names[index]?.name !== unnamed.name) continue;
    const name = original && slot.blockCount === addedRegionBlocks(totalBlocks) ? added.shift() : undefined;
    if (name) names[index] = { name, kind: regionKind(name) };
    else if (!original && spans.every((span) => span.blockCount <= slot.blockCount)) names[index] = { name: "DataRegion", kind: "DATA" };
  }
  return names;
}

function nameByTag(slot: SlotPointer): NamedSlot {
  const tag = tagText(slot.regionTypeId);
  if (tag === "DATA") return unnamed;
  if (tag === "SUPB") return { name: slot.startBlock === 4n ? "MirrorSuperblock" : "PrimarySuperblock", kind: tag };
  return { name: regionNameOfTag(tag), kind: tag };
}

/** The manifest the volume was created with, and its layout: the one whose slots the first slots are. */
function findOriginal(
  slots: readonly SlotPointer[],
  manifest: number,
  blockBytes: number,
  totalBlocks: bigint,
): { manifest: number; plan: LayoutPlan } | undefined {
  const matches = (candidate: number, dataSlot?: number): LayoutPlan | undefined => {
    const plan = planLayout({ manifest: candidate, blockBytes, totalBlocks });
    if (dataSlot !== undefined && plan.regions.length - 1 !== dataSlot) return undefined;
    const fits = plan.regions.every((region, index) => {
      const slot = slots.find((each) => each.slot === index);
      if (!slot || tagText(slot.regionTypeId) !== region.tag) return false;
      // A rewritten inode table lies elsewhere, in its old slot.
      if (region.name === "InodeTable") return true;
      if (slot.startBlock !== region.startBlock) return false;
      return region.name === "DataRegion" || slot.blockCount === region.blockCount;
    });
    return fits ? plan : undefined;
  };
  const whole = matches(manifest);
  if (whole) return { manifest, plan: whole };
  for (const last of slots.filter((slot) => tagText(slot.regionTypeId) === "DATA").reverse()) {
    const tags = new Set(slots.filter((slot) => slot.slot < last.slot).map((slot) => tagText(slot.regionTypeId)));
    const present = modulesOf(manifest).filter((module) => !fallbackModules.includes(module.id) || module.id === 1);
    const base = present
      .filter((module) => module.regionNames.every((name) => regionTag(name) === "DATA" || tags.has(regionTag(name))))
      .reduce((mask, module) => (mask | (1 << module.id)) >>> 0, 0);
    const optional = fallbackModules.filter((id) => id !== 1 && hasModule(manifest, id));
    for (let choice = 0; choice < 1 << optional.length; choice++) {
      const candidate = optional.reduce((mask, id, bit) => ((choice >> bit) & 1 ? (mask | (1 << id)) >>> 0 : mask), base);
      const plan = matches(candidate, last.slot);
      if (plan) return { manifest: candidate, plan };
    }
  }
  return undefined;
}
