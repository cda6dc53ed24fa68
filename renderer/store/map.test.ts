import { expect, it } from "vitest";
import type { LayoutRegion } from "../../engine/contract/index.ts";
import { mapBands, mapRegions } from "./map.ts";

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
it("colours the data region by its runs and says what none of them covers", () => {
  const regions = mapRegions({ stored: [region("table", 0n, 4n), { ...region("data", 4n, 12n), family: "data" }], planned: [] });
  const sixtyFour = (values: bigint[]) => new Uint8Array(BigUint64Array.from(values).buffer);
  const colouring = {
    by: "owner" as const,
    kinds: ["live" as const, "shared" as const, "snapshots" as const],
    kindOf: Uint8Array.of(2, 0, 1),
    starts: sixtyFour([2n, 6n, 14n]),
    counts: sixtyFour([4n, 2n, 9n]),
    notes: [],
  };
  expect(mapBands(regions, colouring).map(({ id, start, end }) => [id, start, end])).toEqual([
    ["metadata", 0, 4],
    ["snapshots", 4, 6],
    ["live", 6, 8],
    ["neither", 8, 14],
    ["shared", 14, 16],
  ]);
  expect(mapBands(regions, undefined).map(({ id }) => id)).toEqual(["core", "data"]);
  const written = { ...colouring, by: "overlay" as const, kinds: ["written" as const], kindOf: Uint8Array.of(0, 0, 0) };
  expect(mapBands(regions, written).map(({ id, start, end }) => [id, start, end])).toEqual([
    ["metadata", 0, 2],
    ["written", 2, 4],
    ["written", 4, 6],
    ["written", 6, 8],
    ["neither", 8, 14],
    ["written", 14, 16],
  ]);
});
