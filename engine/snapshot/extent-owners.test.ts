import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExtentOwners } from "./extent-owners.ts";

describe("owners of extents", () => {
  it("share identical extents, and own the others alone", () => {
    const owners = new ExtentOwners(100);
    for (const [table, weight, start, count] of [
      [0, 1, 10n, 5],
      [1, 1, 10n, 5],
      [1, 1, 20n, 3],
      [2, 2, 30n, 7],
    ] as const)
      expect(owners.add(table, weight, start, count)).toBe("new");
    expect(owners.add(2, 2, 30n, 7)).toBe("held");
    // Table 2 stands for two owners: what it holds is shared by them.
    expect(owners.exclusive(3)).toEqual({ blocks: [0n, 3n, 0n], overlapping: 0 });
  });
  it("count extents that overlap only in part as shared", () => {
    const owners = new ExtentOwners(100);
    owners.add(0, 1, 10n, 10);
    owners.add(1, 1, 15n, 2);
    owners.add(1, 1, 19n, 4);
    owners.add(1, 1, 23n, 1);
    expect(owners.exclusive(2)).toEqual({ blocks: [0n, 1n], overlapping: 3 });
  });
  it("are bounded, in all and for one start", () => {
    const few = new ExtentOwners(2);
    expect([few.add(0, 1, 1n, 1), few.add(0, 1, 2n, 1), few.add(0, 1, 3n, 1), few.add(1, 1, 1n, 1)]).toEqual([
      "new",
      "new",
      "left-out",
      "new",
    ]);
    const lengths = new ExtentOwners(1000);
    const added = Array.from({ length: 200 }, (_, index) => lengths.add(0, 1, 5n, index + 1));
    expect(added.filter((each) => each === "new").length).toBeLessThanOrEqual(65);
  });
  it("agree with a count of every block where extents are identical or apart", () => {
    const runs = fc.array(fc.record({ table: fc.nat(4), slot: fc.nat(20) }), { maxLength: 60 });
    fc.assert(
      fc.property(runs, (added) => {
        const owners = new ExtentOwners(1000);
        const byBlock = new Map<number, Set<number>>();
        for (const { table, slot } of added) {
          const count = (slot % 3) + 1;
          owners.add(table, 1, BigInt(slot * 4), count);
          for (let at = 0; at < count; at++) byBlock.set(slot * 4 + at, (byBlock.get(slot * 4 + at) ?? new Set()).add(table));
        }
        const expected = [0n, 0n, 0n, 0n, 0n];
        for (const tables of byBlock.values())
          if (tables.size === 1) for (const table of tables) expected[table] = (expected[table] ?? 0n) + 1n;
        expect(owners.exclusive(5)).toEqual({ blocks: expected, overlapping: 0 });
      }),
    );
  });
});
