import { judgeTrailer, migrationCheckpoint, modules } from "../../format/core/index.ts";
import type { BlockRun } from "../../volume/bitmap.ts";
import type { Mending, Repair } from "./mending.ts";

/**
 * Gives up an inode migration that was cut before its swap: the old table is whole but for the block that the checkpoint overwrote, and the
 * unfinished new one is space that nothing refers to. Operations reference 6.3, 6.4, 6.7.
 */
export const migrationRepair: Repair = {
  ids: ["mchk.clear"],
  mend: async (mending) => {
    const { volume, edit, findings, say, warn } = mending;
    const table = volume.findRegion("INOD");
    let isChanged = false;
    for (const { block } of findings) {
      if (block === undefined || !table || block !== table.startBlock + table.blockCount - 1n) continue;
      const bytes = await edit.block(block);
      const checkpoint = migrationCheckpoint.parse(bytes);
      const { newInodeTableStartBlock: startBlock, newInodeTableBlockCount: blockCount } = checkpoint;
      const isBeforeSwap =
        judgeTrailer(bytes).verified &&
        checkpoint.originalManifest === edit.superblock.moduleManifest &&
        checkpoint.oldInodeTableStartBlock === table.startBlock &&
        checkpoint.oldInodeTableBlockCount === table.blockCount;
      if (!isBeforeSwap) {
        warn(`The migration checkpoint in block ${block} stays: it does not describe this inode table as it was before a swap.`);
        continue;
      }
      await edit.put(block, new Uint8Array(volume.blockBytes), "Clear the migration checkpoint");
      const module = modules[checkpoint.targetModule]?.name ?? `module ${checkpoint.targetModule}`;
      say(`Give up the inode migration that was to add ${module}: clear its checkpoint in block ${block}.`);
      for (const run of unownedWithin(mending, { startBlock, blockCount })) {
        await edit.mark(run.startBlock, run.blockCount, false);
        say(`Free ${run.blockCount} blocks from block ${run.startBlock} that its unfinished table took.`);
      }
      warn(`What block ${block} held before the checkpoint is lost since the migration began; add the module again afterwards.`);
      isChanged = true;
    }
    return isChanged;
  },
};

/** The parts of a run that are allocated and that nothing owns. */
function unownedWithin({ context }: Mending, { startBlock, blockCount }: BlockRun): BlockRun[] {
  const end = startBlock + blockCount;
  return context.unowned.flatMap((run) => {
    const from = run.startBlock > startBlock ? run.startBlock : startBlock;
    const to = run.startBlock + run.blockCount < end ? run.startBlock + run.blockCount : end;
    return from < to ? [{ startBlock: from, blockCount: to - from }] : [];
  });
}
