import { isAllZero, viewOf } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { type Decoded, type Kind, struct, u32, xxh64 } from "../../base/struct/index.ts";
import { tagMeaning, tagNumber, tagText } from "./block-tags.ts";

export const trailerBytes = 16;

/** A tag field: a number on disk, shown as its letters. */
export const tagField = (doc?: string): Kind<number> => ({
  ...u32({
    as: "constant",
    doc,
    show: (tag) => (tagText(tag) ? `${tagText(tag)}${tagMeaning(tagText(tag)) ? ` · ${tagMeaning(tagText(tag))}` : ""}` : "none"),
  }),
});

/** Last 16 bytes of a metadata block. The hash covers the payload alone, not tag and generation. Core reference 2.3. */
export const blockTrailer = struct("UniversalBlockTrailer", {
  blockTypeTag: tagField("What kind of block this is"),
  generationNumber: u32({ doc: "Raised with each rewrite of the structure" }),
  xxHash64Checksum: xxh64({ over: (at) => [0, at - 8], doc: "XXH64, seed 0, of the payload" }),
});
export type BlockTrailer = Decoded<typeof blockTrailer>;

export interface TrailerVerdict extends BlockTrailer {
  tag: string;
  /** The stored hash is the computed one, whatever the tag. */
  verified: boolean;
  /** All 16 bytes are zero. */
  zero: boolean;
  computed: bigint;
}

/** Judges the trailer of a whole block of at least 16 bytes. */
export function judgeTrailer(block: Uint8Array): TrailerVerdict {
  const view = viewOf(block);
  const at = block.length - trailerBytes;
  const blockTypeTag = view.getUint32(at, true);
  const generationNumber = view.getUint32(at + 4, true);
  const xxHash64Checksum = view.getBigUint64(at + 8, true);
  const computed = checksum.xxh64(block.subarray(0, at));
  return {
    blockTypeTag,
    tag: tagText(blockTypeTag),
    generationNumber,
    xxHash64Checksum,
    verified: computed === xxHash64Checksum,
    zero: isAllZero(block.subarray(at)),
    computed,
  };
}

/** Writes tag, generation and the hash of the payload into the last 16 bytes of `block`; gives `block` back. */
export function sealBlock(block: Uint8Array, tag: string | number, generation: number): Uint8Array {
  const at = block.length - trailerBytes;
  const view = viewOf(block);
  view.setUint32(at, typeof tag === "string" ? tagNumber(tag) : tag, true);
  view.setUint32(at + 4, generation, true);
  view.setBigUint64(at + 8, checksum.xxh64(block.subarray(0, at)), true);
  return block;
}
