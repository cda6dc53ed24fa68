import { breathe } from "../base/breathe.ts";
import type { OwnedBlocks } from "./owned-blocks.ts";

/** Blocks in a row with the same owners: the live inodes alone, they and snapshots, or snapshots alone. */
export interface OwnedRun {
  start: bigint;
  count: bigint;
  owner: "live" | "shared" | "snapshots";
}

const bothOwners = { live: 1, snapshot: 2 } as const;
const owners: readonly (OwnedRun["owner"] | undefined)[] = [undefined, "live", "snapshots", "shared"];
const piece = 65_536;

/** Owned blocks as runs in ascending order that do not overlap; past `most` borders the rest is left out and `isWhole` says so. */
export async function ownedRuns(
  owned: AsyncIterable<OwnedBlocks>,
  { within, most = 1_000_000 }: { within: bigint; most?: number },
): Promise<{ runs: OwnedRun[]; isWhole: boolean }> {
  const borders: { at: bigint; of: OwnedBlocks["of"]; step: 1 | -1 }[] = [];
  let isWhole = true;
  for await (const { startBlock, blockCount, of } of owned) {
    const start = startBlock < 0n ? 0n : startBlock;
    const end = startBlock + blockCount < within ? startBlock + blockCount : within;
    if (start >= end) continue;
    if (borders.length + 2 > most) {
      isWhole = false;
      break;
    }
    borders.push({ at: start, of, step: 1 }, { at: end, of, step: -1 });
    if (borders.length % piece === 0) await breathe();
  }
  borders.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const held = { live: 0, snapshot: 0 };
  const runs: OwnedRun[] = [];
  let since = 0n;
  for (const { at, of, step } of borders) {
    const owner = owners[(held.live > 0 ? bothOwners.live : 0) | (held.snapshot > 0 ? bothOwners.snapshot : 0)];
    const last = runs.at(-1);
    if (owner && at > since) {
      if (last?.owner === owner && last.start + last.count === since) last.count += at - since;
      else runs.push({ start: since, count: at - since, owner });
    }
    held[of] += step;
    since = at;
  }
  return { runs, isWhole };
}
