import { describe, expect, it } from "vitest";
import { goldenJson } from "../testing/golden.ts";
import { creationProfiles } from "./creation-profiles.ts";
import { planLayout, smallestTotalBlocks } from "./layout-plan.ts";

interface Case {
  manifest: number;
  blockSize: number;
  totalBlocks: number;
  slots: { name: string; tag: string; start: number; count: number }[];
  metadataBlocks: number;
  dataBlocks: number;
  inodeSize: number;
  inodePadding: number;
}

describe("the creator's layout", () => {
  it.each(
    (goldenJson("layouts").cases as Case[]).map(
      (layout) => [`${layout.manifest.toString(16)} ${layout.blockSize} ${layout.totalBlocks}`, layout] as const,
    ),
  )("is computed as recorded for %s", (_, layout) => {
    const plan = planLayout({ manifest: layout.manifest, blockBytes: layout.blockSize, totalBlocks: BigInt(layout.totalBlocks) });
    expect(
      plan.regions.map(({ name, tag, startBlock, blockCount }) => ({ name, tag, start: Number(startBlock), count: Number(blockCount) })),
    ).toEqual(layout.slots);
    expect([plan.metadataBlocks, plan.dataBlocks, plan.inodeBytes, plan.inodePaddingBytes]).toEqual([
      BigInt(layout.metadataBlocks),
      BigInt(layout.dataBlocks),
      layout.inodeSize,
      layout.inodePadding,
    ]);
  });
  it("has a smallest number of blocks for each profile", () => {
    const smallest = Object.fromEntries(
      creationProfiles.map((profile) => [profile.name, smallestTotalBlocks(profile.manifest, profile.blockBytes)]),
    );
    expect(smallest).toEqual({ minimal: 1100n, standard: 1296n, enterprise: 1552n, "max-security": 2384n, analytics: 1356n });
  });
});
