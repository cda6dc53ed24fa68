import { isAllZero, viewOf } from "../../base/bytes.ts";
import { judgeTrailer, sealBlock, tagNumber, trailerBytes } from "../core/index.ts";
import { blockOrZeros, type RegionBlocks, type RegionPlace, sdkOutOfRange, sdkTrailerFailure } from "./region.ts";

/** Bytes before the first entry of block 0: the count and reserved bytes. */
export const packedHeaderBytes = 16;

/** How entries of SNAP and CODE are laid out: a fixed part whose last two bytes count the text behind it. Core regions reference 3.2, 4.1. */
export interface PackedLayout {
  readonly tag: string;
  readonly fixedBytes: number;
  readonly mostTextBytes: number;
  /** What the SDK calls the region, an entry and the text's length in its messages. */
  readonly sdk: { region: string; tooLong: (length: number) => string };
}

export interface PackedWalk {
  places: RegionPlace[];
  /** The entry whose text is longer than allowed or leaves the payload; nothing behind it is read. */
  broken?: RegionPlace & { textBytes: number };
  /** Blocks ran out before the count was reached. */
  ranOut: boolean;
}

const textBytesAt = (block: Uint8Array, start: number, layout: PackedLayout): number =>
  viewOf(block).getUint16(start + layout.fixedBytes - 2, true);

/** Walks entries one behind the other. `leaves` says whether the rest of a block that could hold an entry is passed over. */
function walk(
  blocks: RegionBlocks,
  layout: PackedLayout,
  count: number,
  leaves: (block: Uint8Array, index: number, start: number) => boolean,
  end: number,
): PackedWalk {
  const places: RegionPlace[] = [];
  const payload = blocks.blockBytes - trailerBytes;
  let start = packedHeaderBytes;
  for (let index = 0; index < blocks.blockCount && places.length < count; index++, start = 0) {
    const block = blocks.block(index);
    if (!block) break;
    while (places.length < count && start + layout.fixedBytes <= payload && !leaves(block, index, start)) {
      const textBytes = textBytesAt(block, start, layout);
      const byteLength = layout.fixedBytes + textBytes;
      const place = { block: index, start, byteLength };
      if (textBytes > layout.mostTextBytes || start + byteLength > end)
        return { places, broken: { ...place, byteLength: layout.fixedBytes, textBytes }, ranOut: false };
      places.push(place);
      start += byteLength;
    }
  }
  return { places, ranOut: places.length < count };
}

/** As the SDK's reader parses: an entry wherever its fixed part fits, filled or not; texts may reach into the trailer. Core regions reference 3.3. */
export const walkAsReader = (blocks: RegionBlocks, layout: PackedLayout, count: number): PackedWalk =>
  walk(blocks, layout, count, () => false, blocks.blockBytes);

/** As the writer packs (convention R6); the reader's way where that does not find `count` entries by the writer's own rule. */
export function walkAsWriter(blocks: RegionBlocks, layout: PackedLayout, count: number): PackedWalk {
  const payload = blocks.blockBytes - trailerBytes;
  const continues = (index: number): boolean => {
    const block = blocks.block(index);
    if (!block) return false;
    const trailer = judgeTrailer(block);
    return trailer.verified && trailer.blockTypeTag === tagNumber(layout.tag);
  };
  const leaves = (block: Uint8Array, index: number, start: number): boolean =>
    block[start] === 0 && isAllZero(block.subarray(start, payload)) && continues(index + 1);
  const found = walk(blocks, layout, count, leaves, payload);
  return !found.ranOut && isFirstFit(found, payload) ? found : walkLiterally(blocks, layout, count, found);
}

function walkLiterally(blocks: RegionBlocks, layout: PackedLayout, count: number, asWriter: PackedWalk): PackedWalk {
  const literal = walk(blocks, layout, count, () => false, blocks.blockBytes - trailerBytes);
  return literal.ranOut || literal.broken ? withoutZeroTail(blocks, asWriter) : literal;
}

/** A count that is too large makes entries of the zeros behind the last one: they are none. */
function withoutZeroTail(blocks: RegionBlocks, walked: PackedWalk): PackedWalk {
  if (!walked.ranOut) return walked;
  const last = walked.places.findLastIndex(
    ({ block, start, byteLength }) => !isAllZero(blockOrZeros(blocks, block).subarray(start, start + byteLength)),
  );
  return { ...walked, places: walked.places.slice(0, last + 1) };
}

/** Whether each entry that begins a block did not fit the one before. Core regions reference 3.3. */
function isFirstFit({ places }: PackedWalk, payload: number): boolean {
  return places.every((place, index) => {
    const before = places[index - 1];
    if (!before || before.block === place.block) return true;
    return place.block === before.block + 1 && before.start + before.byteLength + place.byteLength > payload;
  });
}

/** Blocks that the entries reach; 1 for an empty table. */
export const blocksUsed = ({ places, broken }: PackedWalk): number => Math.max(0, places.at(-1)?.block ?? 0, broken?.block ?? 0) + 1;

/** Blocks of the region from its first that carry a trailer at all: what a reader is given at most. */
export function sealedBlocks(blocks: RegionBlocks): number {
  let count = 1;
  while (count < blocks.blockCount) {
    const block = blocks.block(count);
    if (!block || judgeTrailer(block).zero) break;
    count++;
  }
  return count;
}

/** What the SDK's reader makes of the first `count` blocks: its exception, or where it sees entries. */
export function sdkWalk(blocks: RegionBlocks, layout: PackedLayout, entries: number, count: number): string | PackedWalk {
  const failure = sdkTrailerFailure(blocks, count, (index) => `${layout.sdk.region} block ${index}`);
  if (failure) return failure;
  const limited: RegionBlocks = {
    blockBytes: blocks.blockBytes,
    startBlock: blocks.startBlock,
    blockCount: count,
    block: (index) => blocks.block(index),
  };
  const found = walkAsReader(limited, layout, entries);
  if (found.broken) return `InvalidDataException: ${layout.sdk.tooLong(found.broken.textBytes)}`;
  return found.ranOut ? sdkOutOfRange : found;
}

/** Entries of a reading beside those of the other: phantoms are places that hold none, lost ones were never reached. */
export function compareWalks(stored: PackedWalk, sdk: PackedWalk): { phantoms: number[]; lost: number[] } {
  const key = (place: RegionPlace): string => `${place.block}:${place.start}`;
  const real = new Set(stored.places.map(key));
  const seen = new Set(sdk.places.map(key));
  return {
    phantoms: sdk.places.flatMap((place, index) => (real.has(key(place)) ? [] : [index])),
    lost: stored.places.flatMap((place, index) => (seen.has(key(place)) ? [] : [index])),
  };
}

/** The first byte behind the entries of a block that is not zero; undefined where all are. */
export function slackByte(blocks: RegionBlocks, index: number, walked: PackedWalk): number | undefined {
  const last = walked.places.findLast((place) => place.block === index);
  const from = last ? last.start + last.byteLength : index === 0 ? packedHeaderBytes : 0;
  const rest = blockOrZeros(blocks, index).subarray(from, blocks.blockBytes - trailerBytes);
  const at = isAllZero(rest) ? -1 : rest.findIndex((byte) => byte !== 0);
  return at < 0 ? undefined : from + at;
}

/** Entries that the bytes of one block hold by themselves: to show a block without the table around it. */
export function entriesInBlock(block: Uint8Array, index: number, layout: PackedLayout): number {
  const payload = block.length - trailerBytes;
  let start = index === 0 ? packedHeaderBytes : 0;
  let count = 0;
  while (start + layout.fixedBytes <= payload && !isAllZero(block.subarray(start, payload))) {
    const textBytes = textBytesAt(block, start, layout);
    if (textBytes > layout.mostTextBytes || start + layout.fixedBytes + textBytes > payload) break;
    start += layout.fixedBytes + textBytes;
    count++;
  }
  return count;
}

/** Packs encoded entries first-fit behind the header, as the SDK's writer does, and seals the blocks. Core regions reference 3.2. */
export function packEntries(
  entries: readonly Uint8Array[],
  count: number,
  tag: string,
  generation: number,
  blockBytes: number,
): Uint8Array[] {
  const payload = blockBytes - trailerBytes;
  let block = new Uint8Array(blockBytes);
  const packed = [block];
  viewOf(block).setInt32(0, count, true);
  let start = packedHeaderBytes;
  for (const entry of entries) {
    if (start + entry.length > payload) {
      block = new Uint8Array(blockBytes);
      packed.push(block);
      start = 0;
    }
    block.set(entry, start);
    start += entry.length;
  }
  return packed.map((each) => sealBlock(each, tag, generation));
}
