import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OwnedBlocks } from "./owned-blocks.ts";
import { ownedRuns } from "./owned-runs.ts";

async function* each(blocks: readonly OwnedBlocks[]) {
  yield* blocks;
}
const live = (startBlock: bigint, blockCount: bigint): OwnedBlocks => ({ of: "live", startBlock, blockCount });
const frozen = (startBlock: bigint, blockCount: bigint): OwnedBlocks => ({ of: "snapshot", startBlock, blockCount });

describe("runs of owned blocks", () => {
  it("tell the live inodes' own from what they share with snapshots and what only snapshots hold", async () => {
    const { runs, isWhole } = await ownedRuns(each([live(10n, 10n), frozen(15n, 10n), frozen(30n, 2n), live(-5n, 7n)]), { within: 31n });
    expect(isWhole).toBe(true);
    expect(runs).toEqual([
      { start: 0n, count: 2n, owner: "live" },
      { start: 10n, count: 5n, owner: "live" },
      { start: 15n, count: 5n, owner: "shared" },
      { start: 20n, count: 5n, owner: "snapshots" },
      { start: 30n, count: 1n, owner: "snapshots" },
    ]);
  });
  it("say block by block what the extents say, in order and without a gap between equals", async () => {
    const extent = fc.record({
      of: fc.constantFrom("live" as const, "snapshot" as const),
      startBlock: fc.bigInt(-3n, 60n),
      blockCount: fc.bigInt(0n, 20n),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(extent, { maxLength: 12 }), async (extents) => {
        const { runs } = await ownedRuns(each(extents), { within: 50n });
        const holds = (of: OwnedBlocks["of"], block: bigint) =>
          extents.some((each) => each.of === of && each.startBlock <= block && block < each.startBlock + each.blockCount);
        for (let block = 0n; block < 50n; block++) {
          const wanted = holds("live", block)
            ? holds("snapshot", block)
              ? "shared"
              : "live"
            : holds("snapshot", block)
              ? "snapshots"
              : undefined;
          expect(runs.find(({ start, count }) => start <= block && block < start + count)?.owner).toBe(wanted);
        }
        for (const [index, run] of runs.entries()) {
          const before = runs[index - 1];
          if (before) expect(before.start + before.count < run.start || before.owner !== run.owner).toBe(true);
        }
      }),
    );
  });
  it("stop at the most that is held, and say so", async () => {
    expect((await ownedRuns(each([live(0n, 1n), live(2n, 1n)]), { within: 9n, most: 2 })).isWhole).toBe(false);
  });
});
