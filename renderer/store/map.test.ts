import { expect, it } from "vitest";
import type { LayoutRegion } from "../../engine/contract/index.ts";
import { mapRegions } from "./map.ts";

const region = (name: string, startBlock: bigint, blockCount: bigint): LayoutRegion => ({
  slot: 0,
  name,
  tag: "",
  kind: "",
  family: "core",
  startBlock,
  blockCount,
  usedBlocks: 0n,
  flags: 0,
  flagNames: [],
  generation: "",
  states: [],
  witnesses: [],
  findings: { error: 0, warning: 0, info: 0 },
});

it("orders regions by block and lets none overlap", () => {
  const stored = [region("b", 6n, 10n), region("a", 0n, 8n), region("inside", 2n, 2n)];
  expect(mapRegions({ stored, planned: [] }).map(({ name, start, end }) => [name, start, end])).toEqual([
    ["a", 0n, 8n],
    ["b", 8n, 16n],
  ]);
});
it("falls back to the plan where nothing is stored", () => {
  expect(mapRegions({ stored: [], planned: [region("a", 1n, 1n)] })).toHaveLength(1);
});
