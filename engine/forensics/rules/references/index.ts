import type { RuleSet } from "../context.ts";
import { codeReferences } from "./code.ts";
import { dictionaryReferences } from "./dictionaries.ts";
import { keyReferences } from "./keys.ts";
import { replicationReferences } from "./replication.ts";
import { snapshotReferences } from "./snapshots.ts";
import { treeReferences } from "./trees.ts";

const ruleSets: readonly RuleSet[] = [
  codeReferences,
  dictionaryReferences,
  snapshotReferences,
  treeReferences,
  replicationReferences,
  keyReferences,
];

/** What regions say about blocks, inodes and each other. Core regions reference 8; other regions reference 4. */
export const referenceRules: RuleSet = async (context) => {
  for (const judge of ruleSets) {
    context.signal?.throwIfAborted();
    await judge(context);
  }
};
