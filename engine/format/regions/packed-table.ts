import { isAllZero, viewOf } from "../../base/bytes.ts";
import { judgeTrailer, sealBlock, tagNumber, trailerBytes } from "../core/index.ts";
import { blockOrZeros, type RegionBlocks, type RegionPlace, sdkOutOfRange, sdkTrailerFailure } from "./region.ts";

/** Bytes before the first entry of block 0: the count and reserved bytes. */
export const packedHeaderBytes = 16;

/** Why an entry cannot be decoded: in words, and as the SDK's reader puts it. */
export interface BrokenEntry {
  found: string;
  sdk: string;
}

/** How entries of a table lie one behind the other behind a header of 16 bytes; none straddles a block. */
export interface PackedLayout {
  readonly tag: string;
  /** What the SDK calls the region in its messages. */
  readonly sdkRegion: string;
  /** Fewest bytes of the entry at `index`: fewer left in a block end it. */
  leastBytes(index: number): number;
  /** The same for the SDK's reader, where it goes on with fewer. */
  sdkLeastBytes?(index: number): number;
  /** Bytes of the entry at `index` that begins at `start`, in a block whose entries end at `end`. */
  measure(block: Uint8Array, start: number, index: number, end: number): number | BrokenEntry;
  /** Whether the entry at `index` cannot be all zero, so that a rest of zeros always ends a block before it. */
  neverZero?(index: number): boolean;
  /** Whether a block with the region's tag is not of the table. */
  readonly isOther?: (block: Uint8Array) => boolean;
  /** The SDK's writer may leave the last block without a trailer. */
  readonly lastMayLackTrailer?: boolean;
}

/** The layout of SNAP and CODE: a fixed part whose last two bytes count the text behind it. Core regions reference 3.2, 4.1. */
export function countedTextLayout(text: {
  tag: string;
  sdkRegion: string;
  fixedBytes: number;
  mostTextBytes: number;
  /** What the text is: "label". */
  noun: string;
  tooLong: (length: number) => string;
  isOther?: (block: Uint8Array) => boolean;
}): PackedLayout {
  const { tag, sdkRegion, fixedBytes, mostTextBytes, noun, tooLong, isOther } = text;
  return {
    ...(isOther && { isOther }),
    tag,
    sdkRegion,
    leastBytes: () => fixedBytes,
    measure(block, start, _, end) {
      const textBytes = viewOf(block).getUint16(start + fixedBytes - 2, true);
      if (textBytes <= mostTextBytes && start + fixedBytes + textBytes <= end) return fixedBytes + textBytes;
      return { found: `a ${noun} of ${textBytes} bytes`, sdk: `InvalidDataException: ${tooLong(textBytes)}` };
    },
  };
}

export interface PackedWalk {
  places: RegionPlace[];
  /** The entry that is longer than allowed or leaves the payload; nothing behind it is read. */
  broken?: RegionPlace & BrokenEntry;
  /** Blocks ran out before the count was reached. */
  ranOut: boolean;
}

/** Walks entries one behind the other. `leaves` says whether the rest of a block that could hold an entry is passed over. */
function walk(
  blocks: RegionBlocks,
  layout: Pick<PackedLayout, "leastBytes" | "measure">,
  count: number,
  leaves: (block: Uint8Array, index: number, start: number, entry: number) => boolean,
  end: number,
): PackedWalk {
  const places: RegionPlace[] = [];
  const payload = blocks.blockBytes - trailerBytes;
  let start = packedHeaderBytes;
  for (let index = 0; index < blocks.blockCount && places.length < count; index++, start = 0) {
    const block = blocks.block(index);
    if (!block) break;
    while (places.length < count && start + layout.leastBytes(places.length) <= payload && !leaves(block, index, start, places.length)) {
      const byteLength = layout.measure(block, start, places.length, end);
      if (typeof byteLength !== "number") {
        const broken = { block: index, start, byteLength: Math.min(layout.leastBytes(places.length), payload - start), ...byteLength };
        return { places, broken, ranOut: false };
      }
      places.push({ block: index, start, byteLength });
      start += byteLength;
    }
  }
  return { places, ranOut: places.length < count };
}

/** As the SDK's reader parses: an entry wherever its fixed part fits, filled or not; texts may reach into the trailer. Core regions reference 3.3. */
export const walkAsReader = (blocks: RegionBlocks, layout: PackedLayout, count: number): PackedWalk =>
  walk(blocks, { measure: layout.measure, leastBytes: layout.sdkLeastBytes ?? layout.leastBytes }, count, () => false, blocks.blockBytes);

/** Whether a block is sealed as one of the table. */
export function isOfTable(blocks: RegionBlocks, layout: PackedLayout, index: number): boolean {
  const block = blocks.block(index);
  if (!block) return false;
  const trailer = judgeTrailer(block);
  if (layout.lastMayLackTrailer && trailer.zero) return !isAllZero(block);
  return trailer.verified && trailer.blockTypeTag === tagNumber(layout.tag) && !layout.isOther?.(block);
}

const restIsZero = (block: Uint8Array, start: number): boolean =>
  block[start] === 0 && isAllZero(block.subarray(start, block.length - trailerBytes));

/** As the writer packs (convention R6); the reader's way where that does not find `count` entries by the writer's own rule. */
export function walkAsWriter(blocks: RegionBlocks, layout: PackedLayout, count: number): PackedWalk {
  const payload = blocks.blockBytes - trailerBytes;
  const leaves = (block: Uint8Array, index: number, start: number, entry: number): boolean =>
    restIsZero(block, start) && (layout.neverZero?.(entry) || isOfTable(blocks, layout, index + 1));
  const found = walk(blocks, layout, count, leaves, payload);
  return !found.ranOut && isFirstFit(found, payload) ? found : walkLiterally(blocks, layout, count, found);
}

function walkLiterally(blocks: RegionBlocks, layout: PackedLayout, count: number, asWriter: PackedWalk): PackedWalk {
  const leaves = (block: Uint8Array, _: number, start: number, entry: number): boolean =>
    layout.neverZero?.(entry) === true && restIsZero(block, start);
  const literal = walk(blocks, layout, count, leaves, blocks.blockBytes - trailerBytes);
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

/** Entries that begin a block though they fitted the one before. Core regions reference 3.3; other regions reference 6.1, 9, 10. */
export function misplacedEntries({ places }: PackedWalk, payload: number): number[] {
  return places.flatMap((place, index) => {
    const before = places[index - 1] ?? { block: 0, start: packedHeaderBytes, byteLength: 0 };
    if (before.block === place.block) return [];
    const fitted = place.block > before.block + 1 || before.start + before.byteLength + place.byteLength <= payload;
    return fitted ? [index] : [];
  });
}

const isFirstFit = (walked: PackedWalk, payload: number): boolean => misplacedEntries(walked, payload).every((index) => index === 0);

/** Blocks that the entries reach; 1 for an empty table. */
export const blocksUsed = ({ places, broken }: PackedWalk): number => Math.max(0, places.at(-1)?.block ?? 0, broken?.block ?? 0) + 1;

/** What the SDK's reader makes of the first `count` blocks: its exception, or where it sees entries. */
export function sdkWalk(blocks: RegionBlocks, layout: PackedLayout, entries: number, count: number): string | PackedWalk {
  const failure = sdkTrailerFailure(blocks, count, (index) => `${layout.sdkRegion} block ${index}`);
  if (failure) return failure;
  const limited: RegionBlocks = {
    blockBytes: blocks.blockBytes,
    startBlock: blocks.startBlock,
    blockCount: count,
    block: (index) => blocks.block(index),
  };
  const found = walkAsReader(limited, layout, entries);
  if (found.broken) return found.broken.sdk;
  return found.ranOut ? sdkOutOfRange : found;
}

/** Entries of a reading beside those of the other: phantoms are places that hold none, lost ones were never reached. */
export function compareWalks(stored: PackedWalk, sdk: PackedWalk): { phantoms: number[]; lost: number[] } {
  const agree = (place: RegionPlace, index: number): boolean => {
    const other = sdk.places[index];
    return place.block === other?.block && place.start === other.start;
  };
  if (stored.places.length === sdk.places.length && stored.places.every(agree)) return { phantoms: [], lost: [] };
  const key = (place: RegionPlace): string => `${place.block}:${place.start}`;
  const real = new Set(stored.places.map(key));
  const seen = new Set(sdk.places.map(key));
  return {
    phantoms: sdk.places.flatMap((place, index) => (real.has(key(place)) ? [] : [index])),
    lost: stored.places.flatMap((place, index) => (seen.has(key(place)) ? [] : [index])),
  };
}

/** Where the entries of each block end; the header's end or 0 in a block without. */
export function endsOfEntries({ places }: PackedWalk, used: number): number[] {
  const ends = Array.from({ length: used }, (_, index): number => (index === 0 ? packedHeaderBytes : 0));
  for (const { block, start, byteLength } of places) ends[block] = start + byteLength;
  return ends;
}

/** Entries that the bytes of one block hold by themselves: to show a block without the table around it. */
export function entriesInBlock(block: Uint8Array, index: number, layout: PackedLayout): number {
  const payload = block.length - trailerBytes;
  let start = index === 0 ? packedHeaderBytes : 0;
  let count = 0;
  while (start + layout.leastBytes(count) <= payload && !isAllZero(block.subarray(start, payload))) {
    const byteLength = layout.measure(block, start, count, payload);
    if (typeof byteLength !== "number") break;
    start += byteLength;
    count++;
  }
  return count;
}

/** Packs encoded entries first-fit behind the header of 16 bytes, as the SDK's writer does, and seals the blocks. Core regions reference 3.2. */
export function packEntries(
  entries: readonly Uint8Array[],
  header: Uint8Array,
  tag: string,
  generation: number,
  blockBytes: number,
): Uint8Array[] {
  const payload = blockBytes - trailerBytes;
  let block = new Uint8Array(blockBytes);
  const packed = [block];
  block.set(header);
  let start = packedHeaderBytes;
  for (const entry of entries) {
    if (entry.length > payload) throw new RangeError(`an entry of ${entry.length} bytes does not fit a block of ${blockBytes}`);
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
