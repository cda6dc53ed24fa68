import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StoredText } from "../base/stored-text.ts";
import { type Snapshot, snapCodec } from "../format/regions/index.ts";
import { goldenRegions } from "../testing/golden-region.ts";
import { drawnLanes, type SnapshotTree, snapshotTree } from "./snapshot-tree.ts";

const id = (number: number) => `${`${number}`.padStart(8, "0")}-0000-0000-0000-000000000000`;
const snapshot = (number: number, parent = 0, { at = number, flags = 1 } = {}): Snapshot => ({
  snapshotId: id(number),
  parentSnapshotId: id(parent),
  createdUtcTicks: BigInt(at),
  inodeTableBlockOffset: 0n,
  inodeTableBlockCount: 0n,
  dataBlockCount: 0n,
  flags,
  label: StoredText.of(`${number}`),
});
const readGolden = (golden: string): Snapshot[] => {
  const region = goldenRegions(golden).find(({ tag }) => tag === "SNAP");
  return (region && snapCodec.read(region.blocks).content?.snapshots) ?? [];
};
/** "0 base": lane and label of each line. */
const linesOf = (snapshots: readonly Snapshot[]) =>
  snapshotTree(snapshots).nodes.map(
    ({ kind, snapshot, lane }) => `${lane} ${kind === "snapshot" ? snapshots[snapshot ?? -1]?.label.text : kind}`,
  );

/** Every lane that leaves a line at its lower edge arrives at the next one's upper edge, and the other way round. */
function holdsTogether({ nodes }: SnapshotTree): void {
  const bit = (lane: number) => (lane < drawnLanes ? 1 << lane : 0);
  let above = 0;
  for (const { lane, through, opens, up, down } of nodes) {
    expect(through | (up ? bit(lane) : 0)).toBe(above);
    expect(through & bit(lane)).toBe(0);
    expect(opens & (through | bit(lane))).toBe(0);
    above = through | opens | (down ? bit(lane) : 0);
  }
  expect(above).toBe(0);
}

describe("the tree of snapshots", () => {
  it("stands oldest first, each branch in a lane", () => {
    expect(linesOf(readGolden("filled-snap-tree"))).toEqual([
      "0 base",
      "1 monday",
      "1 tuesday",
      "0 experiment",
      "0 experiment 2",
      "0 second root",
      "0 here",
    ]);
  });
  it("keeps the lane for the branch that the live state descends from", () => {
    const snapshots = [snapshot(1), snapshot(2, 1, { flags: 0x101 }), snapshot(3, 1)];
    expect(linesOf(snapshots)).toEqual(["0 1", "0 2", "1 3", "0 here"]);
    const tree = snapshotTree(snapshots);
    expect(tree.hereUnknown).toBeUndefined();
    expect(tree.nodes.at(-1)).toMatchObject({ kind: "here", parent: 1, up: true });
  });
  it("says why it is not known where the live state belongs", () => {
    expect(snapshotTree([snapshot(1)])).toMatchObject({ hereUnknown: expect.stringContaining("no snapshot carries flag 0x0100") });
    const two = snapshotTree([snapshot(1, 0, { flags: 0x101 }), snapshot(2, 0, { flags: 0x101 })]);
    expect(two.hereUnknown).toContain("2 snapshots carry flag 0x0100");
    expect(two.nodes.at(-1)).toMatchObject({ kind: "here", up: false, parent: undefined });
  });
  it("puts parents above children that are older", () => {
    expect(linesOf([snapshot(1, 2, { at: 1 }), snapshot(2, 0, { at: 9 })])).toEqual(["0 2", "0 1", "0 here"]);
  });
  it("shows missing parents once each, cycles cut open, and entries without an id", () => {
    const snapshots = readGolden("filled-snap-odd-ids");
    const tree = snapshotTree(snapshots);
    expect(tree).toMatchObject({ missing: 1, cycles: 2 });
    const kinds = tree.nodes.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "snapshot")).toHaveLength(5);
    for (const [line, { kind }] of tree.nodes.entries())
      if (kind === "missing" || kind === "cycle") expect(tree.nodes.some(({ parent }) => parent === line)).toBe(true);
    holdsTogether(tree);
    expect(snapshotTree([snapshot(1, 9), snapshot(2, 9)]).missing).toBe(1);
  });
  it("counts depth and tombstones", () => {
    expect(snapshotTree(readGolden("populated-showcase"))).toMatchObject({ tombstones: 1, missing: 0, cycles: 0, depth: 10 });
    expect(snapshotTree([])).toMatchObject({ depth: 0, lanes: 1, nodes: [{ kind: "here" }] });
  });
  it("holds every entry once and draws lines that meet, whatever the parents are", () => {
    const table = fc.array(fc.record({ parent: fc.nat(14), at: fc.nat(6), twice: fc.boolean(), flags: fc.constantFrom(0, 2, 0x100) }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(table, (entries) => {
        const snapshots = entries.map(({ parent, at, twice, flags }, index) => snapshot(twice ? 1 : index + 1, parent, { at, flags }));
        const tree = snapshotTree(snapshots);
        const held = tree.nodes.flatMap(({ kind, snapshot: each }) => (kind === "snapshot" ? [each ?? -1] : []));
        expect(held.sort((a, b) => a - b)).toEqual(snapshots.map((_, index) => index));
        for (const [line, { parent }] of tree.nodes.entries()) if (parent !== undefined) expect(parent).toBeLessThan(line);
        expect(tree.nodes.at(-1)?.kind).toBe("here");
        holdsTogether(tree);
      }),
    );
  });
  it("counts lanes beyond those that are drawn", () => {
    const star = [snapshot(1), ...Array.from({ length: 60 }, (_, index) => snapshot(index + 2, 1))];
    const tree = snapshotTree(star);
    expect(tree.lanes).toBe(60);
    expect(tree.nodes[1]?.beyond).toBeGreaterThan(30);
    expect(tree.nodes.at(-1)?.beyond).toBe(0);
  });
  it("lays out 100 000 snapshots at once, in a chain and in a star", () => {
    const started = performance.now();
    const chain = Array.from({ length: 100_000 }, (_, index) => snapshot(index + 1, index));
    const star = Array.from({ length: 100_000 }, (_, index) => snapshot(index + 1, index === 0 ? 0 : 1));
    expect(snapshotTree(chain)).toMatchObject({ depth: 100_000 });
    expect(snapshotTree(star).nodes).toHaveLength(100_001);
    expect(performance.now() - started).toBeLessThan(15_000);
  });
  it("has no parent for the empty id", () => {
    expect(snapshotTree([snapshot(0, 0)]).nodes[0]).toMatchObject({ parent: undefined });
  });
});
