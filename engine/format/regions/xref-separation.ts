import { type Decoded, enumeration, guid, i32, i64, reserved, struct, u8 } from "../../base/struct/index.ts";
import type { FixedTable } from "./fixed-records.ts";
import type { AddProblem, FixedTableMeaning } from "./fixed-table-codec.ts";
import { duplicates, isEmptyGuid } from "./region.ts";

export const separationRoles = { 0: "Data", 1: "Index", 2: "Metadata", 3: "Combined" };
export const mostRole = 3;

/** What one volume is for, 36 bytes. Other regions reference 6.2. */
export const vdeAssignment = struct("VdeRoleAssignment", {
  vdeId: guid(),
  role: enumeration(u8(), separationRoles),
  priority: u8({ doc: "0 primary, 1 secondary, 2 tertiary" }),
  capacityBlocks: i64({ unit: "blocks" }),
  usedBlocks: i64({ unit: "blocks" }),
  isReadOnly: u8({ as: "flags", check: (value) => value <= 1, expects: "0 or 1" }),
  padding: reserved(1),
});
type StoredAssignment = Decoded<typeof vdeAssignment>;
export type VdeAssignment = Omit<StoredAssignment, "isReadOnly" | "padding"> & { isReadOnly: boolean };

const header = struct("VdeSeparationHeader", {
  assignmentCount: i32({ check: (value) => value >= 0, expects: "not negative" }),
  reserved: reserved(12),
});
type Header = Decoded<typeof header>;

export interface SeparationContent {
  layout: "separation";
  generation: number;
  assignmentCount: number;
  assignments: VdeAssignment[];
}

export type SeparationRule =
  `xref.${"id-empty" | "role-unknown" | "role-duplicate" | "used-above-capacity" | "read-only-flag" | "padding-not-zero"}`;

export const separationTable: FixedTable<Header, StoredAssignment, "xref"> = {
  rules: "xref",
  tag: "XREF",
  sdkRegion: "VDE Separation",
  name: "VdeSeparation",
  list: "assignments",
  headerBytes: 16,
  recordBytes: 36,
  reserved: { start: 4, byteLength: 12 },
  header,
  record: vdeAssignment,
};

/** What volumes are for. Other regions reference 6.2. */
export const separation: FixedTableMeaning<Header, StoredAssignment, SeparationContent, "xref"> = {
  table: separationTable,
  noun: "assignment",
  countOf: ({ assignmentCount }) => assignmentCount,
  contentOf: ({ generation, header: { assignmentCount }, records }) => ({
    layout: "separation",
    generation,
    assignmentCount,
    assignments: records.map(({ padding: _, isReadOnly, ...each }) => ({ ...each, isReadOnly: isReadOnly !== 0 })),
  }),
  partsOf: ({ assignmentCount, assignments }) => ({
    header: { assignmentCount },
    records: assignments.map((each) => ({ ...each, isReadOnly: each.isReadOnly ? 1 : 0 })),
  }),
  judge(_content, add: AddProblem<SeparationRule>, _facts, _blocks, records) {
    for (const [index, { vdeId, role, capacityBlocks, usedBlocks, isReadOnly, padding }] of records.entries()) {
      if (isEmptyGuid(vdeId)) add("xref.id-empty", index, "a volume id of zeros", "an id");
      if (role > mostRole) add("xref.role-unknown", index, `role ${role}`, "0 to 3");
      if (usedBlocks < 0n || usedBlocks > capacityBlocks)
        add("xref.used-above-capacity", index, `${usedBlocks} of ${capacityBlocks} blocks used`, "0 or more, at most the capacity");
      if (isReadOnly > 1) add("xref.read-only-flag", index, `IsReadOnly is ${isReadOnly}`, "0 or 1");
      if (padding) add("xref.padding-not-zero", index, "the last byte is in use", "zero");
    }
    for (const [first, again] of duplicates(records, ({ vdeId, role }) => `${vdeId} ${role}`))
      add("xref.role-duplicate", again, `volume and role of assignment ${first}`, "another role or volume");
  },
};
