import { type InodeCore, inodeCore, inodeFlags, inodeTypes } from "../../format/core/index.ts";
import type { InodeTable } from "../../volume/inode-table.ts";
import { type ColumnOf, tableOf, type ViewedContent } from "./region-viewer.ts";

const placements = {
  packed: "packed behind the descriptor's block",
  flat: "one behind the other from the start of the table",
  "slots-of-512": "in slots of 512 bytes",
} as const;

const flagWords = (flags: number): string =>
  Object.entries(inodeFlags)
    .filter(([bit]) => (flags >>> Number(bit)) & 1)
    .map(([, name]) => name)
    .join(", ");

const letters = "rwxrwxrwx";
/** POSIX permissions as they are written: "rwxr-xr-x". */
export const permissionText = (bits: number): string =>
  [...letters].map((letter, index) => ((bits >>> (letters.length - 1 - index)) & 1 ? letter : "-")).join("");

const columns: readonly ColumnOf<InodeCore>[] = [
  { id: "inodeNumber", title: "Number", kind: "number", width: 90, cell: (inode) => inode.inodeNumber },
  {
    id: "type",
    title: "Type",
    kind: "text",
    width: 110,
    cell: (inode) => (inodeTypes as Readonly<Record<number, string>>)[inode.type] ?? `type ${inode.type}`,
  },
  { id: "size", title: "Size", kind: "size", width: 100, cell: (inode) => inode.size },
  {
    id: "extentCount",
    title: "Extents",
    kind: "number",
    width: 80,
    doc: "Inline extents; indirect ones stand below",
    cell: (inode) => inode.extentCount,
  },
  {
    id: "firstBlock",
    title: "First block",
    kind: "block",
    width: 100,
    cell: (inode) => (inode.extentCount > 0 ? (inode.extents[0]?.startBlock ?? null) : null),
  },
  { id: "modified", title: "Modified", kind: "time", cell: (inode) => inode.modifiedUtc },
  { id: "permissions", title: "Permissions", kind: "text", width: 100, cell: (inode) => permissionText(inode.permissions) },
  { id: "linkCount", title: "Links", kind: "number", width: 60, cell: (inode) => inode.linkCount },
  { id: "flags", title: "Flags", kind: "text", width: 140, cell: (inode) => flagWords(inode.flags) || null },
  { id: "owner", title: "Owner", kind: "id", cell: (inode) => inode.ownerId },
  { id: "created", title: "Created", kind: "time", cell: (inode) => inode.createdUtc },
  { id: "accessed", title: "Accessed", kind: "time", cell: (inode) => inode.accessedUtc },
  { id: "changed", title: "Changed", kind: "time", cell: (inode) => inode.changedUtc },
];

/** The inodes of a table; a record is decoded when its row is asked for. Core reference 6. */
export function viewInodes({ records, descriptor, placement }: InodeTable, blockBytes: number): ViewedContent {
  const rangeOf = (_: string, index: number) => {
    const placed = records[index];
    if (!placed) return undefined;
    const start = placed.block * BigInt(blockBytes) + BigInt(placed.offset);
    return { start, end: start + BigInt(placed.record.length) };
  };
  const about = { title: "Inodes", empty: "No record of this table is in use.", columns };
  return {
    facts: [
      { label: "Inodes", value: `${records.length}` },
      { label: "Records", value: placement ? placements[placement] : "none found" },
      { label: "Record size", value: descriptor ? `${descriptor.inodeSize} bytes` : "not stated: there is no layout descriptor" },
      {
        label: "Module fields",
        value: `${descriptor?.moduleFields.length ?? 0}${descriptor ? `, ${descriptor.paddingBytes} bytes of padding` : ""}`,
      },
    ],
    tables: [
      {
        ...tableOf<InodeCore>({ rangeOf }, "inodes", [], about),
        rowCount: records.length,
        row(index) {
          const placed = records[index];
          if (!placed) return { cells: [] };
          const inode = inodeCore.parse(placed.record);
          return { cells: columns.map((column) => column.cell(inode, index)), range: rangeOf("inodes", index) };
        },
      },
    ],
    pictures: [],
  };
}
