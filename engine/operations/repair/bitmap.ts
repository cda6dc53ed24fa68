import type { Finding } from "../../findings/finding.ts";
import { hasModule, isFreeSlot } from "../../format/core/index.ts";
import { AllocationBitmap, type BlockRun } from "../../volume/bitmap.ts";
import { clearLevels } from "./claim.ts";
import type { Mending, Repair } from "./mending.ts";

/** The run that must be allocated by a finding: a region where its slot will point to, or the blocks that are named. */
function ownedRuns({ volume, edit, context }: Mending, { rule, slot, block, blockCount = 1n, evidence }: Finding): BlockRun[] {
  const pointer = rule === "bmap.metadata-free" && slot !== undefined ? edit.slots[slot] : undefined;
  const runs = pointer
    ? isFreeSlot(pointer)
      ? []
      : [pointer]
    : rule === "bmap.extent-free" && block !== undefined
      ? [{ startBlock: block, blockCount }]
      : rule === "snap.table-free"
        ? // Its files are known once it is believed, and that is once nothing else can be written over it.
          [{ startBlock: evidence.startBlock as bigint, blockCount: evidence.blockCount as bigint }]
        : context.owned;
  const total = volume.totalBlocks;
  return runs
    .filter((run) => run.startBlock >= 0n && run.startBlock < total && run.blockCount > 0n)
    .map(({ startBlock, blockCount: count }) => ({
      startBlock,
      blockCount: startBlock + count > total ? total - startBlock : count,
    }));
}

/** Rules whose findings name owned blocks that are marked free. */
const isOwnedButFree = (rule: string): boolean => /^(bmap\.(metadata|extent)|snap\.(table|extent)|code\.blocks)-free$/.test(rule);

/** Room that stays for bitmap blocks in which owners are marked. */
const leastRoom = 4;

/** Makes the bitmap right from what owns blocks, and seals it. Operations reference 1 and 15.3, convention W5. */
export const bitmapRepair: Repair = {
  ids: ["bmap.rebuild"],
  mend: async (mending) => {
    const { volume, edit, findings, context, say, mayLose, postpone } = mending;
    const map = AllocationBitmap.of(volume);
    if (!map) return false;
    let isChanged = false;
    for (const finding of findings.filter(({ rule }) => isOwnedButFree(rule))) {
      const runs = ownedRuns(mending, finding);
      if (runs.length === 0) continue;
      for (const { startBlock, blockCount } of runs) await edit.mark(startBlock, blockCount, true);
      say(`Mark owned blocks allocated. ${finding.title}.`);
      isChanged = true;
    }
    if (findings.some(({ rule }) => rule === "bmap.past-end")) {
      const end = map.region.blockCount * BigInt(map.bitsPerBlock);
      await edit.mark(volume.totalBlocks, end - volume.totalBlocks, false);
      say("Clear the bits of the bitmap behind the last block.");
      isChanged = true;
    }
    for (const finding of findings.filter(({ rule }) => rule === "bmap.trailer-stale" || rule === "trailer.never-written")) {
      const { block, blockCount = 1n } = finding;
      if (block === undefined) continue;
      // A large volume has more bitmap blocks than one transaction holds.
      const fit = BigInt(Math.max(0, edit.room - leastRoom));
      const count = blockCount < fit ? blockCount : fit;
      for (let index = 0n; index < count; index++) await edit.resealBitmap(block + index);
      if (count < blockCount) postpone(finding);
      if (count === 0n) continue;
      say(`Seal bitmap block ${block}${count > 1n ? ` and ${count - 1n} behind it` : ""}, once the blocks of all owners are marked in it.`);
      isChanged = true;
    }
    if (findings.some(({ rule }) => rule === "bmap.unowned")) {
      let freed = 0n;
      for (const { startBlock, blockCount } of context.unowned) {
        await edit.mark(startBlock, blockCount, false);
        freed += blockCount;
      }
      if (freed > 0n) {
        say(`Mark ${freed} blocks free that no region, no inode and no entry of a region owns.`);
        mayLose(`what ${freed} blocks hold that nothing found refers to: it stays until something else is written there`);
        isChanged = true;
      }
    }
    return isChanged;
  },
};

/** Makes the superblock's counters fit the bitmap; what this change marks is added by the edit. Core reference 3. */
export const counterRepair: Repair = {
  ids: ["supb.counters"],
  mend: async ({ volume, edit, context, say }) => {
    const allocated = context.bitmap?.allocatedBlocks;
    if (allocated === undefined || (context.bitmap?.unread.length ?? 0) > 0 || volume.totalBlocks <= 0n) return false;
    const { superblock } = edit;
    const more = allocated - superblock.totalAllocatedBlocks;
    const physical = superblock.physicalAllocatedBlocks + more;
    Object.assign(superblock, {
      freeBlocks: volume.totalBlocks - allocated,
      totalAllocatedBlocks: allocated,
      physicalAllocatedBlocks: physical > 0n ? physical : 0n,
      expectedFileSize: volume.totalBlocks * BigInt(volume.blockBytes),
    });
    say(`Set the counters to what the bitmap says.`);
    return true;
  },
};

/** A module that is not active has no level. Core reference 5.3. */
export const levelRepair: Repair = {
  ids: ["supb.clear-level"],
  mend: async ({ edit, findings, say }) => {
    clearLevels(edit, (id) => !hasModule(edit.superblock.moduleManifest, id));
    say(`Set the level of ${findings.map(({ evidence }) => evidence.module).join(", ")} to 0: it is not active.`);
    return true;
  },
};
