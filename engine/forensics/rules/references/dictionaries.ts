import { toHex } from "../../../base/bytes.ts";
import { defineRule } from "../../../findings/registry.ts";
import { trailerBytes } from "../../../format/core/index.ts";
import { type DictionaryRecord, dictCodec } from "../../../format/regions/dict.ts";
import { findDictionary, mostDictionaryBytes } from "../../../format/regions/trained-dictionary.ts";
import { isUnused } from "../../../format/regions/unused-region.ts";
import type { CheckContext, RuleSet } from "../context.ts";
import { decodedRegions, elementPlace } from "./decoded.ts";

const contentDiffers = defineRule<{ dictionary: number; startBlock: bigint; blockCount: number; stored: string }>({
  id: "dict.content-differs",
  severity: "warning",
  confidence: "likely",
  reference: "other regions reference 4",
  states: "A dictionary's hash is the SHA-256 of its bytes.",
  title: ({ dictionary }) => `Dictionary ${dictionary} is not what its hash says`,
  explanation: ({ startBlock, blockCount, stored }) =>
    `The region says SHA-256 ${stored}. Neither the ${blockCount} blocks from block ${startBlock} as they are, nor their payloads, nor a dictionary record in them gives it; which of these a writer uses is not specified.`,
});

/** Bytes of dictionaries that a check without `deep` hashes. */
const hashedBytes = 64 * 1_048_576;

/** Compression dictionaries against the bytes in their blocks. */
export const dictionaryReferences: RuleSet = async (context) => {
  let left = context.deep ? Number.POSITIVE_INFINITY : hashedBytes;
  for (const region of decodedRegions(context, dictCodec)) {
    if (isUnused(region.content)) continue;
    for (const [index, dictionary] of region.content.dictionaries.entries()) {
      const { dictId, blockOffset: startBlock, blockCount, dictionarySizeBytes, contentHash } = dictionary;
      if (!isReadable(context, dictionary) || dictionarySizeBytes > left) continue;
      left -= dictionarySizeBytes;
      if (await holds(context, dictionary)) continue;
      const found = { dictionary: dictId, startBlock, blockCount, stored: toHex(contentHash) };
      context.report(contentDiffers(found, elementPlace(region, "dictionaries", index)));
    }
  }
};

/** Whether a dictionary's blocks are blocks of the volume that can hold its bytes; what is wrong otherwise is said by other rules. */
const isReadable = ({ volume }: CheckContext, { blockOffset, blockCount, dictionarySizeBytes }: DictionaryRecord): boolean =>
  blockOffset > 0n &&
  blockCount > 0 &&
  blockOffset + BigInt(blockCount) <= volume.totalBlocks &&
  dictionarySizeBytes > 0 &&
  dictionarySizeBytes <= mostDictionaryBytes &&
  dictionarySizeBytes <= blockCount * volume.blockBytes;

/** Whether one of the framings gives a dictionary's hash; unread blocks decide nothing. */
async function holds({ volume, signal }: CheckContext, dictionary: DictionaryRecord): Promise<boolean> {
  const { blockOffset, blockCount, dictionarySizeBytes, contentHash } = dictionary;
  const payloadBytes = volume.blockBytes - trailerBytes;
  // A record's header and name lie before the bytes; more blocks than that cannot be the dictionary's.
  const needed = Math.min(blockCount, Math.ceil(dictionarySizeBytes / payloadBytes) + 2);
  const blocks: Uint8Array[] = [];
  for (let index = 0; index < needed; index++) {
    const block = await volume.reader.read(blockOffset + BigInt(index), signal);
    if (!block) return true;
    blocks.push(block);
  }
  return findDictionary(blocks, dictionarySizeBytes, contentHash, payloadBytes) !== undefined;
}
