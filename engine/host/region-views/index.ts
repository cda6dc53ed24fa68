import { codeCacheViewer } from "./code.ts";
import { viewFields } from "./field-viewer.ts";
import { integrityTreeViewer } from "./integrity.ts";
import { raidViewer } from "./raid.ts";
import type { RegionViewer } from "./region-viewer.ts";
import { replicationViewer } from "./replication.ts";
import { encryptionHeaderViewer, policyVaultViewer } from "./security.ts";

export type { RegionViewer, TableSource, ViewedContent, ViewerInput } from "./region-viewer.ts";

/** A viewer takes the content of its own kind's codec; the table of them cannot say so. */
const viewers = new Map<string, RegionViewer<never>>([
  ["RAID", raidViewer as RegionViewer<never>],
  ["REPL", replicationViewer as RegionViewer<never>],
  ["CODE", codeCacheViewer as RegionViewer<never>],
  ["MTRK", integrityTreeViewer as RegionViewer<never>],
  ["POLV", policyVaultViewer as RegionViewer<never>],
  ["ENCR", encryptionHeaderViewer as RegionViewer<never>],
]);
const plain = viewFields() as RegionViewer<never>;

/** How a kind of region is shown: its own viewer, or its fields as they stand in the references. */
export const viewerOf = (kind: string): RegionViewer<never> => viewers.get(kind) ?? plain;
