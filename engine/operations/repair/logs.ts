import { isAllZero } from "../../base/bytes.ts";
import { walHeaderBlock } from "../../format/core/index.ts";
import { freshLogHeader } from "../modules/fresh-region.ts";
import { slotTag } from "./claim.ts";
import type { Repair } from "./mending.ts";

/** A log that was not closed: the metadata log by the transaction itself, the data log in its header. Core reference 4.2. */
export const cleanLogRepair: Repair = {
  ids: ["wal.set-clean"],
  mend: async ({ volume, edit, findings, say }) => {
    for (const { slot = -1, block } of findings) {
      const region = volume.regions.find((each) => each.slot === slot);
      say(`Mark ${region?.name ?? "the log"} clean.`);
      if (region?.kind !== "DWAL" || block === undefined) continue;
      const stored = walHeaderBlock.parse(await edit.block(block));
      const image = walHeaderBlock.encode({ ...stored, header: { ...stored.header, isClean: true } }, { byteLength: volume.blockBytes });
      await edit.seal(block, image, slotTag(edit, slot), "Mark the data log clean");
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
