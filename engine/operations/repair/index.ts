import { bitmapRepair, counterRepair, levelRepair } from "./bitmap.ts";
import { claimRepair } from "./claim.ts";
import { fileLengthRepair } from "./file-length.ts";
import { headRepairs } from "./head.ts";
import { inodeLayoutRepair } from "./inode-layout.ts";
import { cleanLogRepair, logFieldRepair, logHeaderRepair } from "./logs.ts";
import type { Repair } from "./mending.ts";
import { migrationRepair } from "./migration.ts";
import { recountRepair, treeRepair } from "./recount.ts";
import { formatRepair, moveRepair, removeRepair } from "./regions.ts";
import { restoreRepair } from "./restore.ts";

/**
 * Every repair, in the order in which they compose: what says which modules and regions there are, then where they lie, then what they
 * hold, and last the bitmap and the counters, which follow from all of it.
 */
export const repairs: readonly Repair[] = [
  claimRepair,
  ...headRepairs,
  removeRepair,
  levelRepair,
  restoreRepair,
  migrationRepair,
  inodeLayoutRepair,
  moveRepair,
  formatRepair,
  recountRepair,
  treeRepair,
  logHeaderRepair,
  logFieldRepair,
  cleanLogRepair,
  fileLengthRepair,
  counterRepair,
  bitmapRepair,
];
