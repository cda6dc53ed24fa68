import { toHex } from "../../../base/bytes.ts";
import { defineRule } from "../../../findings/registry.ts";
import { type MtrkContent, mtrkCodec } from "../../../format/regions/mtrk.ts";
import type { VolumeRegion } from "../../../volume/volume.ts";
import { readObjectTrees } from "../../inspect/object-trees.ts";
import { checkTree, leafBlocks, strideFor } from "../../integrity-tree.ts";
import type { CheckContext, JudgedRegion, RuleSet } from "../context.ts";
import { decodedRegions, elementPlace } from "./decoded.ts";

const leafMismatch = defineRule<{ leaf: number; block: bigint; stored: string; computed: string }>({
  id: "mtrk.leaf-mismatch",
  severity: "error",
  confidence: "likely",
  reference: "core regions reference 7; convention W13",
  states: "A leaf that is set is the hash of its block.",
  title: ({ block }) => `Block ${block} is not what the integrity tree says`,
  explanation: ({ leaf, stored, computed }) =>
    `Leaf ${leaf} holds SHA-256 ${stored}, its block gives ${computed}: the block changed since, or the leaf.`,
});
const coverage = defineRule<{ leaves: number; covered: number; subject: bigint; stride: bigint }>({
  id: "mtrk.coverage",
  severity: "info",
  confidence: "certain",
  reference: "conventions W13, W25",
  states: "The integrity tree covers every block of the data region.",
  title: ({ covered, subject }) => `The integrity tree covers ${covered} of ${subject} blocks of the data region`,
  explanation: ({ stride }) => `Each leaf stands for one block in ${stride}; the tree says nothing about the others.`,
});
const unknownMapping = defineRule<{ leaves: number; expected: bigint; differs: number }>({
  id: "mtrk.mapping-unknown",
  severity: "info",
  confidence: "likely",
  reference: "core regions reference 7.1; convention W13",
  states: "The leaves stand for the blocks of the data region.",
  title: () => "What the leaves of the integrity tree stand for is not known",
  explanation: ({ leaves, expected, differs }) =>
    `The tree has ${leaves} leaves; over this data region it would have ${expected}. ${differs > 0 ? `None of the ${differs} leaves that are set is the hash of its block. ` : ""}The format leaves the choice to whoever writes it, so no block can be verified.`,
});
const treeOutside = defineRule<{ inode: number | string; block: number | string }>({
  id: "mtrk.object-tree-outside",
  severity: "warning",
  confidence: "certain",
  reference: "core regions reference 7.5, 7.6",
  states: "Trees of objects lie in the integrity tree's region.",
  title: ({ inode }) => `The tree of inode ${inode} lies outside the integrity tree's region`,
  explanation: ({ block }) =>
    `It begins at block ${block}. The SDK's verifier gives each inode 2048 blocks behind the region's start and minds neither the region's end nor the bitmap: it overwrote what was there, and will be overwritten.`,
});

/** Bytes of blocks that a check without `deep` hashes for one tree. */
const hashedBytes = 64 * 1_048_576;

/** Integrity trees against the blocks that they cover. */
export const treeReferences: RuleSet = async (context) => {
  for (const tree of decodedRegions(context, mtrkCodec)) await judgeLeaves(context, tree);
  const region = context.volume.findRegion("MTRK");
  for (const tree of await readObjectTrees(context.volume, context.signal)) {
    const { inodeNumber, headerBlock } = tree as { inodeNumber: number | string; headerBlock: number | string };
    const block = BigInt(headerBlock);
    if (region && block < region.startBlock + region.blockCount) continue;
    context.report(treeOutside({ inode: inodeNumber, block: headerBlock }, { region: "MTRK", slot: region?.slot, block }));
  }
};

/** Leaves that a tree over so many blocks has by convention W13. */
function leavesByConvention(dataBlocks: bigint, region: VolumeRegion, blockBytes: number): bigint {
  const stride = strideFor(dataBlocks, region, blockBytes);
  return (dataBlocks + stride - 1n) / stride;
}

async function judgeLeaves(context: CheckContext, tree: JudgedRegion & { content: MtrkContent }): Promise<void> {
  const { volume, report, signal, deep } = context;
  const { region, blocks, content } = tree;
  const place = { region: region.tag, slot: region.slot, block: region.startBlock };
  const mapped = await leafBlocks(volume, region, content, signal);
  const { mapping, stride, subjectBlocks, coveredBlocks } = mapped;
  if (mapping === "unknown" || mapping === "assumed") {
    if (mapping === "assumed")
      report(
        unknownMapping(
          { leaves: content.leafCount, expected: leavesByConvention(subjectBlocks, region, volume.blockBytes), differs: 0 },
          place,
        ),
      );
    return;
  }
  if (mapping === "as-built" && stride > 1n)
    report(coverage({ leaves: content.leafCount, covered: coveredBlocks, subject: subjectBlocks, stride }, place));
  if (!deep && coveredBlocks * volume.blockBytes > hashedBytes) return;
  const { leaves, failingLeaves } = await checkTree(volume, region, { blocks, content }, { ...(signal && { signal }) });
  // Not one leaf that fits: whoever wrote the tree meant other blocks.
  if (leaves.matches === 0 && leaves.differs > 1) {
    report(unknownMapping({ leaves: content.leafCount, expected: BigInt(content.leafCount), differs: leaves.differs }, place));
    return;
  }
  for (const { leaf, block, state, stored, computed } of failingLeaves)
    if (state === "differs" && computed)
      report(
        leafMismatch({ leaf, block, stored: toHex(stored), computed: toHex(computed) }, { ...elementPlace(tree, "leaves", leaf), block }),
      );
}
