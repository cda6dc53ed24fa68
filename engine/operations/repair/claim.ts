import { concatBytes, equalBytes, viewOf } from "../../base/bytes.ts";
import {
  judgeTrailer,
  moduleConfigs,
  moduleLevel,
  modules,
  modulesOf,
  regionKind,
  superblock,
  tagText,
  trailerBytes,
} from "../../format/core/index.ts";
import { isPaddingClaimScratch } from "../../volume/superblock-group.ts";
import type { Volume } from "../../volume/volume.ts";
import type { VolumeEdit } from "../../volume/volume-edit.ts";
import type { Repair } from "./mending.ts";

/** The record that a padding claim left in block 7 and nine bytes of block 8, and the image it saved. Operations reference 5.3. */
interface Scratch {
  target: number;
  isCommitted: boolean;
  saved: Uint8Array;
}

function scratchOf({ head }: Volume): Scratch | undefined {
  const [block7, block8] = [head[7]?.bytes, head[8]?.bytes];
  if (!block7 || !block8 || !isPaddingClaimScratch(block7)) return undefined;
  const saved = concatBytes([block7.subarray(headBytes), block8.subarray(0, headBytes)]);
  return { target: viewOf(block7).getInt32(0, true), isCommitted: viewOf(block7).getUint8(8) === 2, saved };
}
const headBytes = 9;
const manifestAt = 0x20;

/**
 * Undoes the damage of a padding claim: blocks 7 and 8 follow from 3 and 1 by being written anew, block 2 comes from its mirror or from
 * the saved image. The claim itself stays where the module is whole; a module whose regions do not exist is taken out of the manifest
 * again. Operations reference 5.5, 15.3.
 */
export const claimRepair: Repair = {
  ids: ["claim.restore-blocks"],
  mend: async ({ volume, edit, findings, say }) => {
    const scratch = scratchOf(volume);
    if (findings.some(({ rule }) => rule === "claim.descriptor-in-block-2") || (scratch?.target === 2 && !isSealed(volume, 2))) {
      const mirror = volume.head[6];
      const saved = scratch?.target === 2 && judgeTrailer(scratch.saved).verified ? scratch.saved : undefined;
      const image = mirror?.trailer.verified ? mirror.bytes : saved;
      if (!image) return false;
      edit.groupImages.set(2, image);
      say(`Bring the extended metadata in block 2 back from ${image === saved ? "the image that the claim saved" : "block 6"}.`);
    }
    if (scratch?.target === 0 && !restoreSuperblock(volume, edit, scratch.saved, say)) return false;
    if (scratch) say("Write block 7 anew from block 3, and the start of block 8 from block 1.");
    withdrawModules(volume, edit, scratch, say);
    return true;
  },
};

const isSealed = ({ head }: Volume, block: number): boolean => head[block]?.trailer.verified === true;

/** A claim changes the manifest in block 0 and nothing else; where more differs from the saved image, that one is taken if it verifies. */
function restoreSuperblock(volume: Volume, edit: VolumeEdit, saved: Uint8Array, say: (sentence: string) => void): boolean {
  const stored = volume.head[0];
  if (!stored || stored.trailer.verified || stored.trailer.zero || volume.group.superblock.block !== 0) return true;
  const rest = (image: Uint8Array) =>
    concatBytes([image.subarray(0, manifestAt), image.subarray(manifestAt + 4, image.length - trailerBytes)]);
  if (equalBytes(rest(stored.bytes), rest(saved))) return true;
  if (!judgeTrailer(saved).verified) return false;
  edit.groupImages.set(0, saved);
  Object.assign(edit.superblock, superblock.parse(saved));
  say("Bring the superblock back from the image that the claim saved.");
  return true;
}

/** Takes the bits out of the manifest that a claim set for modules whose regions do not exist, with their levels. */
function withdrawModules(volume: Volume, edit: VolumeEdit, scratch: Scratch | undefined, say: (sentence: string) => void): void {
  const manifestOf = (image: Uint8Array | undefined) => (image ? superblock.parse(image).moduleManifest : edit.superblock.moduleManifest);
  const saved = scratch?.target === 0 ? scratch.saved : undefined;
  const before = manifestOf(saved) & manifestOf(isSealed(volume, 4) ? volume.head[4]?.bytes : undefined);
  const kinds = new Set(volume.regions.map(({ kind }) => kind));
  for (const module of modulesOf((edit.superblock.moduleManifest & ~before) >>> 0)) {
    if (module.regionNames.every((name) => kinds.has(regionKind(name)))) continue;
    withdrawModule(edit, module.id);
    say(`Take ${module.name} out of the manifest again: the claim set its bit, and it has no ${module.regionNames.join(" and no ")}.`);
  }
}

/** Clears the bit of a module in the manifest and its level. */
export function withdrawModule(edit: VolumeEdit, id: number): void {
  edit.superblock.moduleManifest = (edit.superblock.moduleManifest & ~(1 << id)) >>> 0;
  clearLevels(edit, (module) => module === id);
}

/** Sets the level of some modules to 0. */
export function clearLevels(edit: VolumeEdit, isCleared: (id: number) => boolean): void {
  const { moduleConfig, moduleConfigExt } = edit.superblock;
  const levels = new Map(
    modules.slice(0, 32).map(({ id }): [number, number] => [id, isCleared(id) ? 0 : moduleLevel(moduleConfig, moduleConfigExt, id)]),
  );
  Object.assign(edit.superblock, moduleConfigs(levels));
}

/** The tag of a slot as it will be. */
export const slotTag = (edit: VolumeEdit, slot: number): string => tagText(edit.slots[slot]?.regionTypeId ?? 0);
