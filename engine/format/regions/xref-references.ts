import { type Decoded, enumeration, guid, i32, i64, reserved, struct, ticks, u16 } from "../../base/struct/index.ts";
import type { FixedTable } from "./fixed-records.ts";
import type { AddProblem, FixedTableMeaning } from "./fixed-table-codec.ts";
import { duplicates, isCalendarTicks, isEmptyGuid } from "./region.ts";

export const referenceTypes = { 0: "DataLink", 1: "IndexLink", 2: "MetadataLink", 3: "FabricLink" };
export const mostReferenceType = 3;

/** One reference from a volume to another, 74 bytes. Other regions reference 5. */
export const crossReference = struct("CrossVdeReference", {
  referenceId: guid(),
  sourceVdeId: guid(),
  targetVdeId: guid(),
  sourceInodeNumber: i64(),
  targetInodeNumber: i64({ doc: "0: the whole volume" }),
  referenceType: enumeration(u16(), referenceTypes),
  createdUtcTicks: ticks(),
});
export type CrossReference = Decoded<typeof crossReference>;

const header = struct("CrossVdeReferenceHeader", {
  referenceCount: i32({ check: (value) => value >= 0, expects: "not negative" }),
  reserved: reserved(12),
});
type Header = Decoded<typeof header>;

export interface ReferencesContent {
  layout: "references";
  generation: number;
  referenceCount: number;
  references: CrossReference[];
}

export type ReferencesRule =
  `xref.${"id-empty" | "id-duplicate" | "type-unknown" | "not-of-this-volume" | "to-itself" | "inode-missing" | "time-range"}`;

export const referencesTable: FixedTable<Header, CrossReference, "xref"> = {
  rules: "xref",
  tag: "XREF",
  sdkRegion: "Cross-VDE Reference",
  name: "CrossVdeReferenceTable",
  list: "references",
  headerBytes: 16,
  recordBytes: 74,
  reserved: { start: 4, byteLength: 12 },
  header,
  record: crossReference,
};

/** The table of references between volumes. Other regions reference 5. */
export const references: FixedTableMeaning<Header, CrossReference, ReferencesContent, "xref"> = {
  table: referencesTable,
  noun: "reference",
  countOf: ({ referenceCount }) => referenceCount,
  contentOf: ({ generation, header: { referenceCount }, records }) => ({
    layout: "references",
    generation,
    referenceCount,
    references: records,
  }),
  partsOf: ({ referenceCount, references: records }) => ({ header: { referenceCount }, records }),
  judge({ references: records }, add: AddProblem<ReferencesRule>, { volumeUuid, hasInode }) {
    for (const [index, each] of records.entries()) {
      if (isEmptyGuid(each.referenceId)) add("xref.id-empty", index, "a reference id of zeros", "an id");
      if (each.referenceType > mostReferenceType) add("xref.type-unknown", index, `type ${each.referenceType}`, "0 to 3");
      if (each.sourceVdeId === each.targetVdeId && each.sourceInodeNumber === each.targetInodeNumber)
        add("xref.to-itself", index, `source and target are inode ${each.sourceInodeNumber} of one volume`, "two ends");
      if (!isCalendarTicks(each.createdUtcTicks)) add("xref.time-range", index, `${each.createdUtcTicks}`, "a time a calendar holds");
    }
    for (const [first, again] of duplicates(records, ({ referenceId }) => referenceId))
      add("xref.id-duplicate", again, `the id of reference ${first}`, "an id of its own");
    if (volumeUuid === undefined) return;
    for (const [index, { sourceVdeId, sourceInodeNumber }] of records.entries())
      if (sourceVdeId === volumeUuid && hasInode?.(sourceInodeNumber) === false)
        add("xref.inode-missing", index, `source inode ${sourceInodeNumber}`, "an inode of this volume");
    const foreign = records.flatMap((each, index) => (each.sourceVdeId === volumeUuid || each.targetVdeId === volumeUuid ? [] : [index]));
    if (foreign.length > 0)
      add("xref.not-of-this-volume", foreign[0], `${foreign.length} references between other volumes`, `${volumeUuid} at one end`);
  },
};
