import { describe, expect, it } from "vitest";
import { regionCodecs, structureCodecs } from "../../format/regions/index.ts";
import { regionSeeds } from "./region-seeds.ts";
import { fuzzInThreads } from "./region-threads.ts";

const wantedBlocks = 2_000_000;
/** Each kind has at least so many of them. */
const wantedOfKind = 5_000;

describe("changed regions", () => {
  it(`of ${wantedBlocks} blocks are read without a fault`, { timeout: 600_000 }, async () => {
    const result = await fuzzInThreads(regionSeeds(), 2, { seed: 20_260_101, blocks: wantedBlocks });
    expect(result.found.map(({ region, found }) => `${region.kind}: ${found}`)).toEqual([]);
    expect(result.blocks).toBeGreaterThanOrEqual(wantedBlocks);
    for (const kind of [...regionCodecs.keys(), ...structureCodecs.keys()])
      expect(result.blocksOfKind[kind], kind).toBeGreaterThan(wantedOfKind);
  });
});
