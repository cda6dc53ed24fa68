import { hexNumber } from "../../base/bytes.ts";
import { array, type Decoded, flags, i64, reserved, reservedUntil, struct, u16, u32, u64 } from "../../base/struct/index.ts";
import { blockTrailer, tagField, trailerBytes } from "./block-trailer.ts";

export const slotCount = 127;
export const regionFlags = { 0: "Active", 1: "Encrypted", 2: "Compressed", 3: "Worm", 4: "ReadOnly", 5: "Migrating" };
export const activeFlag = 1;

/** One slot of a region table. Core reference 2.5. */
export const regionPointer = struct("RegionPointer", {
  regionTypeId: tagField("What the region holds"),
  flags: flags(u32(), regionFlags),
  startBlock: i64({ as: "pointer", unit: "block" }),
  blockCount: i64({ unit: "blocks" }),
  usedBlocks: i64({ unit: "blocks" }),
});
export type RegionPointer = Decoded<typeof regionPointer>;

/** Flags 0 and type 0. A slot can be neither free nor active. */
export const isFreeSlot = (slot: RegionPointer): boolean => slot.flags === 0 && slot.regionTypeId === 0;
export const isActiveSlot = (slot: RegionPointer): boolean => (slot.flags & activeFlag) !== 0;
export const emptySlot: RegionPointer = { regionTypeId: 0, flags: 0, startBlock: 0n, blockCount: 0n, usedBlocks: 0n };

/** Block 1 and its mirror, block 5; block 8 of the region directory has the same shape. Core reference 2.5, 2.8. */
export const regionTable = struct("RegionPointerTable", {
  slots: array(regionPointer, slotCount),
  unused: reservedUntil(trailerBytes),
  trailer: blockTrailer,
});
export type RegionTable = Decoded<typeof regionTable>;

/** Block 9. Core reference 2.8. */
export const regionDirectoryHeader = struct("RegionDirectoryHeader", {
  version: u16({ oneOf: [1] }),
  slotCount: u16({ oneOf: [slotCount] }),
  activeCount: u16({ doc: "Slots with the Active flag" }),
  reserved: reserved(2),
  block0Hash: u64({ as: "checksum", show: (value) => hexNumber(value, 16), doc: "XXH64 of the payload of the slot block before it" }),
  unused: reservedUntil(trailerBytes),
  trailer: blockTrailer,
});
export type RegionDirectoryHeader = Decoded<typeof regionDirectoryHeader>;
