import { toHex } from "../../../base/bytes.ts";
import { defineRule } from "../../../findings/registry.ts";
import { type CodeModule, codeCodec } from "../../../format/regions/code.ts";
import { checkModule, moduleRange } from "../../code-modules.ts";
import type { CheckContext, RuleSet } from "../context.ts";
import { decodedRegions, elementPlace, freeBlocksIn, regionOver } from "./decoded.ts";

const blocksFree = defineRule<{ module: number; startBlock: bigint; blockCount: number; free: bigint }>({
  id: "code.blocks-free",
  severity: "warning",
  confidence: "certain",
  reference: "core regions reference 4.1; convention W19",
  states: "The blocks of a module are allocated.",
  title: ({ module }) => `Module ${module}: its blocks are marked free`,
  explanation: ({ startBlock, blockCount, free }) =>
    `${free} of the ${blockCount} blocks from block ${startBlock} are free in the bitmap. An allocator that trusts it will overwrite the module.`,
  repair: { id: "bmap.rebuild", risk: "advisory" },
});
const blocksInRegion = defineRule<{ module: number; startBlock: bigint; blockCount: number; region: string }>({
  id: "code.blocks-in-region",
  severity: "warning",
  confidence: "certain",
  reference: "core regions reference 4.5; convention W19",
  states: "The blocks of a module belong to no region but the data region.",
  title: ({ module, region }) => `Module ${module}: its blocks lie in ${region}`,
  explanation: ({ startBlock, blockCount, region }) =>
    `${blockCount} blocks from block ${startBlock} reach into ${region}. Nothing says whether the first block counts from the volume's start; counted so, the module and the region overwrite each other.`,
});
const hashDiffers = defineRule<{ module: number; stored: string; computed: string }>({
  id: "code.hash-differs",
  severity: "error",
  confidence: "likely",
  reference: "core regions reference 4.1; convention W19",
  states: "A module's hash is the SHA-256 of its bytes.",
  title: ({ module }) => `Module ${module} is not what its hash says`,
  explanation: ({ stored, computed }) => `The cache says SHA-256 ${stored}, the bytes in its blocks give ${computed}.`,
});

/** Bytes of modules that a check without `deep` hashes. */
const hashedBytes = 64 * 1_048_576;

/** Modules of the code cache against bitmap, regions and their own bytes. */
export const codeReferences: RuleSet = async (context) => {
  let left = context.deep ? Number.POSITIVE_INFINITY : hashedBytes;
  for (const cache of decodedRegions(context, codeCodec)) {
    for (const [index, module] of cache.content.modules.entries()) {
      const { blockOffset: startBlock, blockCount } = module;
      const isOwnRange = blockCount > 0 && startBlock >= 0n && startBlock + BigInt(blockCount) <= context.volume.totalBlocks;
      if (!isOwnRange) {
        if (blockCount !== 0) context.ownersUnknown.add(codeCodec.tag);
        continue;
      }
      const place = elementPlace(cache, "modules", index);
      const over = regionOver(context, startBlock, BigInt(blockCount));
      const free = freeBlocksIn(context, startBlock, BigInt(blockCount));
      if (over) context.ownersUnknown.add(codeCodec.tag);
      else context.owned.push({ startBlock, blockCount: BigInt(blockCount) });
      if (over) context.report(blocksInRegion({ module: index, startBlock, blockCount, region: over.name }, place));
      else if (free !== undefined && free > 0n) context.report(blocksFree({ module: index, startBlock, blockCount, free }, place));
      else if (module.moduleSizeBytes <= left) {
        left -= module.moduleSizeBytes;
        await judgeHash(context, module, index, place);
      }
    }
  }
};

async function judgeHash(
  { volume, report, signal }: CheckContext,
  module: CodeModule,
  index: number,
  place: ReturnType<typeof elementPlace>,
): Promise<void> {
  if ("problem" in moduleRange(volume, module)) return;
  const { hash, computed } = await checkModule(volume, module, { signal });
  if (hash !== "differs" || !computed) return;
  report(hashDiffers({ module: index, stored: toHex(module.moduleHash), computed: toHex(computed) }, place));
}
