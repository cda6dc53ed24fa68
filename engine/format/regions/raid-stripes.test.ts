import { describe, expect, it } from "vitest";
import { goldenRegions } from "../../testing/golden-region.ts";
import { type RaidContent, raidCodec } from "./raid.ts";
import { redundancyOf, type StripeUnit, stripeLayout } from "./raid-stripes.ts";

const read = (golden: string): RaidContent => {
  const region = goldenRegions(golden).find(({ tag }) => tag === "RAID");
  const content = region && raidCodec.read(region.blocks).content;
  if (!content) throw new Error("the golden has no RAID metadata");
  return content;
};
/** "D0 D1 P": one group as it is drawn. */
const drawn = (units: readonly StripeUnit[]) =>
  units
    .map((unit) => (unit.kind === "data" ? `D${unit.unit}${"'".repeat(unit.copy)}` : unit.kind === "parity" ? unit.letter : "?"))
    .join(" ");
const groupsOf = (content: RaidContent) => stripeLayout(content).groups.map(({ units }) => drawn(units));

describe("stripes on shards", () => {
  it.each([
    ["filled-raid-none", 1, ["D0"]],
    ["filled-raid-raid0", 4, ["D0 D1 D2 D3"]],
    ["filled-raid-raid1", 1, ["D0 D0'"]],
    ["filled-raid-raid10", 4, ["D0 D0' D1 D1' D2 D2' D3 D3'"]],
  ])("hold no parity in %s", (golden, dataPerStripe, [group]) => {
    const layout = stripeLayout(read(golden));
    expect(layout.dataPerStripe).toBe(dataPerStripe);
    expect(layout.disagreements).toEqual([]);
    expect(groupsOf(read(golden))).toEqual([group, group, group, group]);
    expect(layout.groups.every(({ described }) => described)).toBe(true);
  });
  it.each([
    ["filled-raid-raid5", ["P D0 D1 D2", "D0 D1 D2 P", "D0 D1 P D2", "D0 P D1 D2"]],
    ["filled-raid-raidz1", ["P D0 D1 D2 D3", "D0 D1 D2 D3 P", "D0 D1 D2 P D3", "D0 D1 P D2 D3", "D0 P D1 D2 D3"]],
    ["filled-raid-raid6", ["D0 P Q D1 D2 D3", "P Q D0 D1 D2 D3", "Q D0 D1 D2 D3 P", "D0 D1 D2 D3 P Q"]],
    ["filled-raid-raidz2", ["D0 P Q D1 D2 D3 D4 D5", "P Q D0 D1 D2 D3 D4 D5", "Q D0 D1 D2 D3 D4 D5 P", "D0 D1 D2 D3 D4 D5 P Q"]],
    [
      "filled-raid-raidz3",
      ["D0 D1 P Q R D2 D3 D4 D5 D6 D7", "D0 P Q R D1 D2 D3 D4 D5 D6 D7", "P Q R D0 D1 D2 D3 D4 D5 D6 D7", "Q R D0 D1 D2 D3 D4 D5 D6 D7 P"],
    ],
  ])("hold parity where the descriptors of %s put it", (golden, groups) => {
    const content = read(golden);
    expect(groupsOf(content).slice(0, groups.length)).toEqual(groups);
    const layout = stripeLayout(content);
    expect(layout.disagreements).toEqual([]);
    expect(layout.dataPerStripe).toBe(content.dataShardCount);
    expect(layout.groups.filter(({ described }) => described)).toHaveLength(4);
    // Groups that no descriptor names are drawn by going on in the same rotation, and say so.
    expect(layout.groups).toHaveLength(layout.columns.length);
  });
  it("leave spares out", () => {
    const { columns, spares } = stripeLayout(read("populated-showcase"));
    expect([columns.length, spares.map(({ slot }) => slot)]).toEqual([8, [8]]);
  });
  it("rotate by the strategy where nothing is described", () => {
    const layout = stripeLayout({ ...read("filled-raid-raid6"), parityLayout: [] });
    expect(layout.groups.slice(0, 2).map(({ units, described }) => [drawn(units), described])).toEqual([
      ["D0 D1 D2 D3 Q P", false],
      ["D0 D1 D2 Q P D3", false],
    ]);
  });
  it("are not drawn for a strategy without a name", () => {
    const { groups, disagreements } = stripeLayout(read("filled-raid-truncated-counts"));
    expect(groups).toEqual([]);
    expect(disagreements[0]?.text).toContain("Strategy 200");
  });
  it("stay bounded for the largest region and for wild group numbers", () => {
    const { groups } = stripeLayout(read("filled-raid-maximal"));
    expect(groups.length).toBeGreaterThan(85);
    const wild = {
      ...read("filled-raid-raid5"),
      parityLayout: [{ stripeGroupIndex: 2_147_483_647, parityShardIndex: -5, parityTypeValue: 9 }],
    };
    expect(stripeLayout(wild).groups).toHaveLength(4);
    expect(stripeLayout(wild).disagreements.map(({ text }) => text)).toContainEqual(expect.stringContaining("not drawn"));
  });
});

describe("descriptors and strategy that disagree", () => {
  const raid5 = read("filled-raid-raid5");
  const textsOf = (content: RaidContent) => stripeLayout(content).disagreements.map(({ text }) => text);
  it("are told for parity that a strategy does not have", () => {
    expect(textsOf({ ...read("filled-raid-raid0"), parityLayout: raid5.parityLayout }).join()).toContain("Raid0 has no parity");
  });
  it("are told for too many or twofold descriptors of a group", () => {
    const [first, ...others] = raid5.parityLayout;
    const twice = first ? [first, first, ...others] : [];
    expect(textsOf({ ...raid5, parityLayout: twice })).toEqual([
      "Group 0 has 2 parity descriptors; Raid5 has 1 parity shard.",
      "Group 0 names one shard twice.",
    ]);
  });
  it("are told for parity on a spare or on a slot that is not in use", () => {
    const on = (parityShardIndex: number) => ({ ...raid5, parityLayout: [{ stripeGroupIndex: 0, parityShardIndex, parityTypeValue: 0 }] });
    expect(textsOf(on(4))).toEqual(["Group 0 puts parity on slot 4, a spare."]);
    expect(textsOf(on(40))).toEqual(["Group 0 puts parity on slot 40, which is not in use."]);
  });
  it("are told for counts and an order that differ", () => {
    expect(textsOf({ ...raid5, parityShardCount: 2 }).length).toBe(2);
    const turned = raid5.shards.map((shard) => (shard.status === 4 ? shard : { ...shard, stripeIndex: 3 - shard.stripeIndex }));
    expect(textsOf({ ...raid5, shards: turned })).toEqual(["StripeIndex orders the shards otherwise (3, 2, 1, 0); drawn by slot."]);
  });
});

describe("what an array withstands", () => {
  it.each([
    ["filled-raid-raid0", { state: "none", gone: 0, survives: 0 }],
    ["filled-raid-raid1", { state: "whole", gone: 0, survives: 1 }],
    ["filled-raid-raid10", { state: "whole", gone: 0, survives: 1 }],
    ["filled-raid-raidz3", { state: "whole", gone: 0, survives: 3 }],
    ["populated-showcase", { state: "degraded", gone: 1, survives: 1 }],
    ["filled-raid-quorum-edge-readable", { state: "degraded", gone: 2, survives: 0 }],
    ["filled-raid-quorum-lost", { state: "lost", gone: 3, survives: 0 }],
    ["filled-raid-truncated-counts", { state: "unknown", gone: 0, survives: 0 }],
  ])("is told for %s", (golden, expected) => {
    expect(redundancyOf(read(golden))).toEqual(expected);
  });
  it("is the worst pair's in Raid10", () => {
    const raid10 = read("filled-raid-raid10");
    const offline = (...slots: number[]) => ({
      ...raid10,
      shards: raid10.shards.map((shard) => (slots.includes(shard.slot) ? { ...shard, status: 2 } : shard)),
    });
    expect(redundancyOf(offline(0, 2))).toEqual({ state: "degraded", gone: 2, survives: 0 });
    expect(redundancyOf(offline(0, 1))).toEqual({ state: "lost", gone: 2, survives: 0 });
  });
});
