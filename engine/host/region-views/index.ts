import { codeCacheViewer } from "./code.ts";
import { consensusViewer, crossReferenceViewer, cursorViewer, operationsViewer } from "./coordination.ts";
import { viewFields } from "./field-viewer.ts";
import { indexViewer } from "./indexes.ts";
import { integrityTreeViewer } from "./integrity.ts";
import { raidViewer } from "./raid.ts";
import { anonymizationViewer, auditViewer, complianceViewer, wormViewer } from "./records.ts";
import type { RegionViewer } from "./region-viewer.ts";
import { replicationViewer } from "./replication.ts";
import { encryptionHeaderViewer, policyVaultViewer } from "./security.ts";
import { dictionaryViewer, intelligenceViewer, metricsViewer, streamingViewer, zoneViewer } from "./services.ts";
import { snapshotViewer } from "./snapshots.ts";

export type { RegionViewer, TableSource, ViewedContent, ViewerInput } from "./region-viewer.ts";

/** A viewer takes the content of its own kind's codec; the table of them cannot say so. */
const viewers = new Map<string, RegionViewer<never>>([
  ["RAID", raidViewer as RegionViewer<never>],
  ["REPL", replicationViewer as RegionViewer<never>],
  ["CODE", codeCacheViewer as RegionViewer<never>],
  ["MTRK", integrityTreeViewer as RegionViewer<never>],
  ["SNAP", snapshotViewer as RegionViewer<never>],
  ["POLV", policyVaultViewer as RegionViewer<never>],
  ["ENCR", encryptionHeaderViewer as RegionViewer<never>],
  ["CMVT", complianceViewer as RegionViewer<never>],
  ["ALOG", auditViewer as RegionViewer<never>],
  ["CMAL", auditViewer as RegionViewer<never>],
  ["ANON", anonymizationViewer as RegionViewer<never>],
  ["WORM", wormViewer as RegionViewer<never>],
  ["DICT", dictionaryViewer as RegionViewer<never>],
  ["INTE", intelligenceViewer as RegionViewer<never>],
  ["MLOG", metricsViewer as RegionViewer<never>],
  ["STRE", streamingViewer as RegionViewer<never>],
  ["ZNSM", zoneViewer as RegionViewer<never>],
  ["CLOG", consensusViewer as RegionViewer<never>],
  ["OPJR", operationsViewer as RegionViewer<never>],
  ["WALS", cursorViewer as RegionViewer<never>],
  ["XREF", crossReferenceViewer as RegionViewer<never>],
  ["TAGI", indexViewer as RegionViewer<never>],
  ["BTRE", indexViewer as RegionViewer<never>],
]);
const plain = viewFields() as RegionViewer<never>;

/** How a kind of region is shown: its own viewer, or its fields as they stand in the references. */
export const viewerOf = (kind: string): RegionViewer<never> => viewers.get(kind) ?? plain;
