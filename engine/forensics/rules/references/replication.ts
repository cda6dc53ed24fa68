import { defineRule } from "../../../findings/registry.ts";
import { replCodec } from "../../../format/regions/repl.ts";
import type { RuleSet } from "../context.ts";
import { decodedRegions } from "./decoded.ts";

const coverage = defineRule<{ tracked: number; dataBlocks: bigint }>({
  id: "repl.coverage",
  severity: "info",
  confidence: "certain",
  reference: "core regions reference 1.1; conventions W14, W25",
  states: "The dirty bitmap tracks every block of the data region.",
  title: ({ tracked, dataBlocks }) => `The dirty bitmap tracks ${tracked} blocks, the data region has ${dataBlocks}`,
  explanation: ({ tracked, dataBlocks }) =>
    BigInt(tracked) < dataBlocks
      ? `Changes to the other ${dataBlocks - BigInt(tracked)} blocks are not seen, so a delta by this bitmap leaves them out.`
      : `${BigInt(tracked) - dataBlocks} bits stand for no block of the data region; what they count is not stored.`,
});

/** The replication state against the data region. */
export const replicationReferences: RuleSet = (context) => {
  const data = context.volume.dataRegion;
  if (!data || data.blockCount <= 0n) return;
  for (const { region, content } of decodedRegions(context, replCodec)) {
    if (BigInt(content.trackedBlockCount) === data.blockCount) continue;
    const place = { region: region.tag, slot: region.slot, block: region.startBlock, byteLength: 4 };
    const byteOffset = region.startBlock * BigInt(context.volume.blockBytes) + 2n;
    context.report(coverage({ tracked: content.trackedBlockCount, dataBlocks: data.blockCount }, { ...place, byteOffset }));
  }
};
