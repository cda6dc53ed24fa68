import { blocksOf, type Mending, type Repair } from "./mending.ts";

/** Every change writes blocks 0 to 9 whole and sealed, from the copies that are believed (VolumeEdit): the repair is to change. */
const byWriting = (ids: readonly string[], words: (mending: Mending) => string): Repair => ({
  ids,
  mend: async (mending) => {
    mending.say(words(mending));
    return true;
  },
});

/** What is mended by writing the superblock group, its mirror and both region tables anew. Operations reference 15.3, conventions R3, R4, W2, W3. */
export const headRepairs: readonly Repair[] = [
  byWriting(["trailer.seal"], ({ findings }) => `Seal ${blocksOf(findings)}, whose content cross-checks.`),
  byWriting(["rpt.copy-to-mirror"], () => "Copy the pointer table to its mirror in block 5."),
  byWriting(["supb.rewrite-mirror"], ({ findings }) => `Write ${blocksOf(findings)} anew from the primary superblock group.`),
  byWriting(
    ["supb.rewrite-primary"],
    ({ volume: { group } }) =>
      `Write the primary superblock group from the blocks that hold: ${[group.superblock, group.pointerTable, group.extendedMetadata, group.integrityAnchor].map(({ block }) => block).join(", ")}.`,
  ),
  byWriting(["rd.rewrite"], ({ volume: { tables } }) =>
    tables.source === "directory"
      ? "Write directory and pointer tables anew, slot by slot from the one that agrees with the blocks' tags."
      : `Rebuild the region directory from the ${tables.source === "table" ? "pointer table" : "mirror of the pointer table"}.`,
  ),
  byWriting(["seal.recompute-chain"], () => "Compute the metadata chain hash anew."),
  byWriting(["seal.recompute-header"], () => "Seal the superblock with its key, or clear the seal where that was chosen."),
  byWriting(["wal.move-tail"], () => "Put the tail of the metadata log back inside the log."),
  {
    ids: ["supb.block-size"],
    mend: async ({ volume, edit, say }) => {
      say(`Set BlockSize to ${volume.blockBytes}, at which the trailers verify.`);
      edit.superblock.blockSize = volume.blockBytes;
      return true;
    },
  },
];
