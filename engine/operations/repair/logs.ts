import { isAllZero } from "../../base/bytes.ts";
import { type WalHeader, walHeaderBlock } from "../../format/core/index.ts";
import { soundLogHeader } from "../../journal/transaction.ts";
import { freshLogHeader } from "../modules/fresh-region.ts";
import { slotTag } from "./claim.ts";
import type { Mending, Repair } from "./mending.ts";

/** Rewrites the header block of a data log with other fields. */
async function rewriteDataLog(
  { volume, edit }: Mending,
  { slot, block }: { slot: number; block: bigint },
  change: (header: WalHeader) => WalHeader,
  reason: string,
): Promise<void> {
  const stored = walHeaderBlock.parse(await edit.block(block));
  const image = walHeaderBlock.encode({ ...stored, header: change(stored.header) }, { byteLength: volume.blockBytes });
  await edit.seal(block, image, slotTag(edit, slot), reason);
}

/** Fields of a log's header that follow from its kind and region: the metadata log's by the transaction itself. Operations reference 2.2, 2.9. */
export const logFieldRepair: Repair = {
  ids: ["wal.set-header"],
  mend: async (mending) => {
    const { volume, findings, say } = mending;
    const seen = new Set<number>();
    for (const { slot = -1, block } of findings) {
      const region = volume.regions.find((each) => each.slot === slot);
      if (!region || block === undefined || seen.has(slot)) continue;
      seen.add(slot);
      if (region.kind === "DWAL")
        await rewriteDataLog(
          mending,
          { slot, block },
          (header) => soundLogHeader(header, "DWAL", region.blockCount),
          "Set the log's header",
        );
      say(`Set the fields of the header of ${region.name} that follow from its kind and length.`);
    }
    return seen.size > 0;
  },
};

/** A log that was not closed: the metadata log by the transaction itself, the data log in its header. Core reference 4.2. */
export const cleanLogRepair: Repair = {
  ids: ["wal.set-clean"],
  mend: async (mending) => {
    const { volume, findings, say } = mending;
    for (const { slot = -1, block } of findings) {
      const region = volume.regions.find((each) => each.slot === slot);
      say(`Mark ${region?.name ?? "the log"} clean.`);
      if (region?.kind !== "DWAL" || block === undefined) continue;
      await rewriteDataLog(mending, { slot, block }, (header) => ({ ...header, isClean: true }), "Mark the data log clean");
    }
    return true;
  },
};

/** A data log that was never formatted gets its header. The metadata log's header is rebuilt by recovery. Operations reference 3.7. */
export const logHeaderRepair: Repair = {
  ids: ["wal.rebuild-header"],
  mend: async ({ volume, edit, findings, now, say }) => {
    let isChanged = false;
    for (const { slot = -1, rule } of findings) {
      const pointer = edit.slots[slot];
      const region = volume.regions.find((each) => each.slot === slot);
      if (rule !== "wal.header-missing" || !pointer || region?.kind !== "DWAL") continue;
      // A region that this change moves is formatted at its new place.
      if (pointer.startBlock !== region.startBlock) continue;
      if (!isAllZero(await edit.block(pointer.startBlock))) continue;
      const image = freshLogHeader("DWAL", pointer.blockCount, volume.blockBytes, now);
      await edit.put(pointer.startBlock, image, "Write the header of the data log");
      say("Write the header of the data log, which was never written.");
      isChanged = true;
    }
    return isChanged;
  },
};
