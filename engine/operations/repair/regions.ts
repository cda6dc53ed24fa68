import { isAllZero } from "../../base/bytes.ts";
import {
  emptySlot,
  inodeLayoutBlock,
  isKnownTag,
  judgeTrailer,
  moduleOfKind,
  planInodeLayout,
  sealBlock,
  tagNumber,
  trailerBytes,
} from "../../format/core/index.ts";
import { isPlausibleInode } from "../../volume/inode-table.ts";
import type { Volume, VolumeRegion } from "../../volume/volume.ts";
import type { VolumeEdit } from "../../volume/volume-edit.ts";
import { resizeDataRegion } from "../modules/data-end.ts";
import { freshRegionImages } from "../modules/fresh-region.ts";
import { slotTag, withdrawModule } from "./claim.ts";
import type { Mending, Repair } from "./mending.ts";

const firstGeneration = 1;

/** Whether a region's blocks inside the file are all zero. */
async function isUntouched(volume: Volume, { startBlock, blockCount }: VolumeRegion): Promise<boolean> {
  let found = false;
  await volume.reader.walk(startBlock, startBlock + blockCount, (_, bytes) => {
    found = bytes === undefined || !isAllZero(bytes);
    return !found;
  });
  return !found;
}

/** What stands in a region's blocks while nothing is written to it. Convention W4. */
const freshImages = ({ volume, now }: Pick<Mending, "volume" | "now">, { kind, blockCount }: VolumeRegion) =>
  freshRegionImages({ kind, blockCount, blockBytes: volume.blockBytes, now });

/** Writes a region that was never written: all its blocks sealed, empty. Only where nothing else stands in it. Convention W4, operations reference 3.7. */
export const formatRepair: Repair = {
  ids: ["region.format"],
  mend: async (mending) => {
    const { volume, edit, context, findings, say, warn, postpone, writeSoon } = mending;
    let isChanged = false;
    for (const finding of findings) {
      const { slot = -1 } = finding;
      const region = volume.regions.find((each) => each.slot === slot);
      // What this change moves or takes out is formatted at its new place, or not at all.
      if (!region || edit.slots[slot]?.startBlock !== region.startBlock) continue;
      if (region.startBlock < 10n || region.startBlock + region.blockCount > volume.fileBlocks || !isKnownTag(region.kind)) continue;
      if (isShared(volume, region)) {
        warn(`${region.name} is not formatted: another region has the same blocks.`);
        continue;
      }
      if (listsOwned.has(region.kind) && context.unowned.length > 0) {
        postpone(finding);
        warn(
          `${region.name} is formatted only where no allocated block is without owner: such blocks may be what it listed before it was lost.`,
        );
        continue;
      }
      if (region.kind === "INOD" && (await writeLostDescriptor(mending, region))) {
        isChanged = true;
        continue;
      }
      if (!(await isUntouched(volume, region))) {
        warn(`${region.name} is not formatted: behind its first block it holds something, so that block was lost and not left unwritten.`);
        continue;
      }
      const tag = slotTag(edit, slot);
      if (region.kind === "INOD") {
        await edit.put(region.startBlock, descriptorBlock(edit, tag), `Format ${region.name}`);
        edit.superblock.inodeSize = planInodeLayout(edit.superblock.moduleManifest).inodeSize;
      } else if (region.kind === "DWAL") {
        await edit.put(region.startBlock, freshImages(mending, region)(0n), `Format ${region.name}`);
      } else if (region.kind !== "MWAL" && region.kind !== "BMAP") {
        const image = freshImages(mending, region);
        for (let index = 0n; index < region.blockCount; index++)
          await writeSoon({ block: region.startBlock + index, image: image(index), reason: `Format ${region.name}` });
      } else continue;
      say(`Format ${region.name} at block ${region.startBlock}, which was never written.`);
      isChanged = true;
    }
    return isChanged;
  },
};

/** Regions whose entries name blocks of the data region that nothing else names. */
const listsOwned = new Set(["SNAP", "CODE", "DICT", "COLR", "WORM"]);

/** The inode table's first block with the layout that the manifest gives. */
function descriptorBlock({ superblock, volume }: VolumeEdit, tag: string): Uint8Array {
  const layoutDescriptor = planInodeLayout(superblock.moduleManifest);
  const trailer = { blockTypeTag: 0, generationNumber: 0, xxHash64Checksum: 0n };
  return sealBlock(inodeLayoutBlock.encode({ layoutDescriptor, trailer }, { byteLength: volume.blockBytes }), tag, firstGeneration);
}

/**
 * Writes the descriptor of an inode table whose first block was lost: where InodeSize is that of the manifest's layout and every block behind
 * verifies and holds whole inodes of that length, there is no other. Convention W10, W11.
 */
async function writeLostDescriptor({ volume, edit, say }: Mending, region: VolumeRegion): Promise<boolean> {
  const { inodeSize, paddingBytes } = planInodeLayout(edit.superblock.moduleManifest);
  if (edit.superblock.inodeSize !== inodeSize) return false;
  let isWhole = true;
  let records = 0;
  await volume.reader.walk(region.startBlock + 1n, region.startBlock + region.blockCount, (_, bytes) => {
    if (!bytes) isWhole = false;
    else if (!isAllZero(bytes)) {
      const { verified, tag } = judgeTrailer(bytes);
      isWhole &&= verified && tag === "INOD";
      for (let at = 0; at + inodeSize <= bytes.length - trailerBytes; at += inodeSize) {
        const record = bytes.subarray(at, at + inodeSize);
        if (isAllZero(record)) continue;
        records++;
        isWhole &&= isPlausibleInode(record) && isAllZero(record.subarray(inodeSize - paddingBytes));
      }
    }
    return isWhole;
  });
  if (!isWhole || records === 0) return false;
  await edit.put(region.startBlock, descriptorBlock(edit, "INOD"), "Write the inode layout descriptor");
  say(
    `Write the inode layout descriptor in block ${region.startBlock}, which was lost: the manifest gives it, and ${records} inodes fit it.`,
  );
  return true;
}

const overlaps = (a: VolumeRegion, b: VolumeRegion): boolean =>
  a.startBlock < b.startBlock + b.blockCount && b.startBlock < a.startBlock + a.blockCount;

/** Whether another region than the data region has blocks of this one. */
const isShared = (volume: Volume, region: VolumeRegion): boolean =>
  volume.regions.some((other) => other.slot !== region.slot && other.slot !== volume.dataRegion?.slot && overlaps(region, other));

/** A region with more content is not moved: it is held in memory until the plan is applied. */
const mostMovedBytes = 268_435_456n;

/** Kinds whose content holds block numbers of its own region, or a stream that does; moved only while they are empty. */
const placeBound = new Set(["BTRE", "TAGI", "DWAL", "STRE", "WORM", "COLR", "ZMAP", "MVCC"]);

/**
 * Moves regions out of the data region's slot to its far end, and apart from each other: the slot shrinks, its start stays. Convention W23,
 * operations reference 3.7, 15.3.
 */
export const moveRepair: Repair = {
  ids: ["region.move"],
  mend: async (mending) => {
    const { volume, edit, findings, say, warn, postpone, clearEnd } = mending;
    const data = volume.dataRegion;
    if (!data) return false;
    const dataEnd = data.startBlock + data.blockCount;
    const inside = volume.regions
      .filter((region) => region.slot !== data.slot && moduleOfKind(region.kind) !== undefined)
      .filter(({ startBlock, blockCount }) => startBlock >= data.startBlock && startBlock + blockCount <= dataEnd && blockCount > 0n)
      .filter(({ slot }) => edit.slots[slot]?.regionTypeId !== 0)
      .sort((a, b) => (a.startBlock < b.startBlock ? 1 : a.startBlock > b.startBlock ? -1 : b.slot - a.slot));
    // A table that this change rewrites took its blocks from the end already.
    const slot = edit.slots[data.slot];
    const endNow = slot && slot.blockCount < data.blockCount ? slot.startBlock + slot.blockCount : dataEnd;
    let end = endNow;
    const moved: VolumeRegion[] = [];
    for (const region of inside) {
      const isAtEnd = moved.length === 0 && region.startBlock + region.blockCount === end && !isShared(volume, region);
      if (isAtEnd) end = region.startBlock;
      else moved.push(region);
    }
    const owners = new Map<number, boolean>();
    for (const region of moved) {
      const keeps = await keepsContent(volume, region);
      const reason =
        keeps === undefined
          ? "whose content its blocks hold is not certain"
          : keeps && placeBound.has(region.kind)
            ? "what it holds names its own blocks"
            : keeps && region.blockCount * BigInt(volume.blockBytes) > mostMovedBytes
              ? "it holds more than is moved at once"
              : undefined;
      if (keeps === undefined || reason !== undefined) {
        warn(`${region.name} stays inside the data region's slot: ${reason}.`);
        continue;
      }
      owners.set(region.slot, keeps);
    }
    const movable = moved.filter(({ slot }) => owners.has(slot));
    const needed = movable.reduce((sum, { blockCount }) => sum + blockCount, 0n);
    let isFree = end - needed > data.startBlock;
    for (let block = end - needed; isFree && block < end; block++) isFree = !(await edit.isAllocated(block));
    if (!isFree && movable.length > 0) {
      for (const finding of findings) postpone(finding);
      clearEnd({ dataStart: data.startBlock, end, blockCount: needed });
      return false;
    }
    if (end - needed === endNow) return false;
    for (const region of movable) {
      end -= region.blockCount;
      await moveRegion(mending, region, end, owners.get(region.slot) === true);
    }
    for (const region of movable) await releaseOld(mending, region, movable);
    for (const sentence of await resizeDataRegion(edit, end - data.startBlock)) warn(sentence);
    say(`End the data region at block ${end - 1n}; its start stays.`);
    return true;
  },
};

/** Whether what stands in a region is its own: false where nothing stands there or it is another's; undefined where that is not certain. */
async function keepsContent(volume: Volume, region: VolumeRegion): Promise<boolean | undefined> {
  const tags = new Set<string>();
  let isUnknown = false;
  await volume.reader.walk(region.startBlock, region.startBlock + region.blockCount, (_, bytes) => {
    if (!bytes) isUnknown = true;
    else if (!isAllZero(bytes)) {
      const trailer = judgeTrailer(bytes);
      if (trailer.verified && isAllZero(bytes.subarray(0, -trailerBytes))) return;
      tags.add(trailer.verified ? trailer.tag : "");
    }
  });
  if (isUnknown) return undefined;
  if (tags.size === 0) return false;
  if (!isShared(volume, region)) return true;
  if (tags.has(region.kind) || tags.has(region.tag)) return tags.size === 1 ? true : undefined;
  const others = volume.regions.filter((other) => other.slot !== region.slot && overlaps(region, other)).map(({ kind }) => kind);
  return [...tags].every((tag) => others.includes(tag)) ? false : undefined;
}

async function moveRegion(mending: Mending, region: VolumeRegion, startBlock: bigint, keepsItsContent: boolean): Promise<void> {
  const { volume, edit, say } = mending;
  const { slot, kind, blockCount } = region;
  const pointer = edit.slots[slot];
  if (!pointer) return;
  // A region that the SDK tagged DATA is found by its place alone; at another place it needs its own tag. Convention W6.
  edit.slots[slot] = { ...pointer, regionTypeId: tagNumber(kind), startBlock };
  const fresh = freshImages(mending, region);
  // Held until the plan is applied: by then the volume that it was made on may be closed.
  const stored = new Map<bigint, Uint8Array>();
  if (keepsItsContent)
    await volume.reader.walk(region.startBlock, region.startBlock + blockCount, (block, bytes) => {
      if (bytes && !isAllZero(bytes)) stored.set(block - region.startBlock, bytes.slice());
    });
  await edit.fill({
    block: startBlock,
    blockCount,
    reason: keepsItsContent ? `Copy ${region.name}` : `Format ${region.name}`,
    // Blocks that are not written stay so: sealing them would hide that one was lost.
    image: (index) => (keepsItsContent ? (stored.get(index) ?? new Uint8Array(volume.blockBytes)) : fresh(index)),
  });
  await edit.mark(startBlock, blockCount, true);
  say(`Move ${region.name} from block ${region.startBlock} to block ${startBlock}.`);
}

/** Frees the blocks that a moved region had, but for those of a region that stays. */
async function releaseOld({ volume, edit }: Mending, region: VolumeRegion, moved: readonly VolumeRegion[]): Promise<void> {
  const stay = volume.regions.filter(
    (other) => other.slot !== volume.dataRegion?.slot && !moved.includes(other) && overlaps(region, other),
  );
  await edit.mark(region.startBlock, region.blockCount, false);
  for (const { startBlock, blockCount } of stay) await edit.mark(startBlock, blockCount, true);
}

/**
 * Takes a module's region that lies outside the volume out again: slot, manifest bit, level; the module's other regions too where nothing
 * was ever written to them. Convention W28.
 */
export const removeRepair: Repair = {
  ids: ["region.remove"],
  mend: async ({ volume, edit, findings, say, warn }) => {
    let isChanged = false;
    const slots = new Set(findings.flatMap(({ slot }) => (slot === undefined ? [] : [slot])));
    for (const slot of slots) {
      const region = volume.regions.find((each) => each.slot === slot);
      const module = region && moduleOfKind(region.kind);
      if (!region || !module || edit.slots[slot]?.regionTypeId === 0) continue;
      const isOutside = region.startBlock >= volume.totalBlocks && region.startBlock >= volume.fileBlocks;
      const others = volume.regions.filter((other) => other.slot !== slot && moduleOfKind(other.kind)?.id === module.id);
      const inside = others.filter(({ startBlock }) => startBlock >= 0n && startBlock < volume.fileBlocks);
      const untouched = await Promise.all(inside.map((other) => isUntouched(volume, other)));
      if (!isOutside || untouched.includes(false)) {
        warn(
          `${region.name} stays in the tables: ${isOutside ? `${module.name} has another region with content` : "part of it lies inside the volume"}.`,
        );
        continue;
      }
      for (const gone of [region, ...others]) edit.slots[gone.slot] = { ...emptySlot };
      for (const other of inside) await edit.mark(other.startBlock, other.blockCount, false);
      withdrawModule(edit, module.id);
      say(`Take ${region.name} out: block ${region.startBlock} is outside the volume. ${module.name} is no longer active.`);
      isChanged = true;
    }
    return isChanged;
  },
};
