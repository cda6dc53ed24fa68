import { isAllZero, viewOf } from "../../base/bytes.ts";
import { trailerBytes } from "../core/index.ts";
import {
  type FixedRule,
  type FixedTable,
  recordBlocks,
  recordCapacity,
  recordPlace,
  recordStructure,
  writeRecords,
} from "./fixed-records.ts";
import { type FixedTableMeaning, readFixedTable } from "./fixed-table-codec.ts";
import { blocksUsed, endsOfEntries, walkAsWriter } from "./packed-table.ts";
import { type PackedRule, packedStructure, readPackedTable, writePackedTable } from "./packed-table-codec.ts";
import { blockOrZeros, isEmptyGuid, type RegionBlocks, type RegionCodec, type RegionReading } from "./region.ts";
import { readTable } from "./table-region.ts";
import { isUnused, type UnusedRegion, writeUnused } from "./unused-region.ts";
import { type FederationContent, type FederationRule, federation, federationBlock } from "./xref-federation.ts";
import {
  type CrossReference,
  mostReferenceType,
  type ReferencesContent,
  type ReferencesRule,
  references,
  referencesTable,
} from "./xref-references.ts";
import { mostRole, type SeparationContent, type SeparationRule, separation, separationTable } from "./xref-separation.ts";

export type XrefContent = ReferencesContent | FederationContent | SeparationContent;
export type XrefRule = FixedRule<"xref"> | PackedRule<"xref"> | ReferencesRule | FederationRule | SeparationRule;
/** Records that are looked at to tell which layout a damaged region has. */
const mostLookedAt = 64;
type XrefLayout = XrefContent["layout"];

/** Whether a record is one that the SDK's class of its layout writes. Other regions reference 6.3. */
const isReference = (record: CrossReference): boolean =>
  record.referenceType <= mostReferenceType && record.createdUtcTicks > 0n && !isEmptyGuid(record.referenceId);
const isAssignment = ({ role, isReadOnly, padding, vdeId }: ReturnType<typeof separationTable.record.parse>): boolean =>
  role <= mostRole && isReadOnly <= 1 && padding === undefined && !isEmptyGuid(vdeId);

/** Whether a region is a table of these records: each is plausible, and what is behind them in their blocks is zero. Other regions reference 6.3. */
function fitsTable<Item>(blocks: RegionBlocks, table: FixedTable<unknown, Item>, isRecord: (record: Item) => boolean): boolean {
  const { blockBytes } = blocks;
  const count = viewOf(blockOrZeros(blocks, 0)).getInt32(0, true);
  if (count < 0 || count > recordCapacity(table, blockBytes, blocks.blockCount)) return false;
  for (let index = 0; index < count; index++) {
    const { block, start, byteLength } = recordPlace(table, blockBytes, index);
    if (!isRecord(table.record.parse(blockOrZeros(blocks, block).subarray(start, start + byteLength)))) return false;
  }
  for (let index = 0; index < recordBlocks(table, blockBytes, count); index++) {
    const here = Math.min(count, recordCapacity(table, blockBytes, index + 1)) - recordCapacity(table, blockBytes, index);
    const end = (index === 0 ? table.headerBytes : 0) + here * table.recordBytes;
    if (!isAllZero(blockOrZeros(blocks, index).slice(end, blockBytes - trailerBytes))) return false;
  }
  return true;
}

/** How many of the first records are plausible, of those that are looked at. */
function plausibleShare<Item>(blocks: RegionBlocks, table: FixedTable<unknown, Item>, isRecord: (record: Item) => boolean): number {
  const count = viewOf(blockOrZeros(blocks, 0)).getInt32(0, true);
  const looked = Math.min(Math.max(0, count), recordCapacity(table, blocks.blockBytes, blocks.blockCount), mostLookedAt);
  let plausible = 0;
  for (let index = 0; index < looked; index++) {
    const { block, start, byteLength } = recordPlace(table, blocks.blockBytes, index);
    if (isRecord(table.record.parse(blockOrZeros(blocks, block).subarray(start, start + byteLength)))) plausible++;
  }
  return looked === 0 ? 0 : plausible / looked;
}

/** Whether a region decodes as a federation to its last item, with zeros behind it. */
function fitsFederation(blocks: RegionBlocks): boolean {
  const header = federation.header.parse(blockOrZeros(blocks, 0));
  const count = federation.countOf(header);
  if (count < 0n) return false;
  const walked = walkAsWriter(blocks, federation.layoutOf(header), Number(count));
  if (walked.broken || walked.ranOut) return false;
  const used = blocksUsed(walked);
  return isAllZero(blockOrZeros(blocks, used - 1).slice(endsOfEntries(walked, used).at(-1), -trailerBytes));
}

/** Which of the three layouts a region has: none of them says so. Other regions reference 6.3. */
export function xrefLayout(blocks: RegionBlocks): XrefLayout {
  const marked = isMarkedFederation(blockOrZeros(blocks, 0));
  if (marked && fitsFederation(blocks)) return "federation";
  if (fitsTable(blocks, referencesTable, isReference)) return "references";
  if (fitsTable(blocks, separationTable, isAssignment)) return "separation";
  if (marked || fitsFederation(blocks)) return "federation";
  // Damaged: the layout of which more is left, references where that decides nothing.
  const share = plausibleShare(blocks, separationTable, isAssignment);
  return share > plausibleShare(blocks, referencesTable, isReference) ? "separation" : "references";
}

/** Whether the header counts entries or names a local region: only a federation's does. */
const isMarkedFederation = (first: Uint8Array): boolean => viewOf(first).getInt32(4, true) !== 0 || viewOf(first).getUint16(8, true) !== 0;

/** Records of a block by itself, where each is plausible and the rest is zero. */
function holds<Item>(index: number, block: Uint8Array, table: FixedTable<unknown, Item>, isRecord: (record: Item) => boolean): boolean {
  const end = block.length - trailerBytes;
  for (let start = index === 0 ? table.headerBytes : 0; ; start += table.recordBytes) {
    if (isAllZero(block.slice(start, end))) return true;
    if (start + table.recordBytes > end || !isRecord(table.record.parse(block.subarray(start, start + table.recordBytes)))) return false;
  }
}

function blockLayout(index: number, block: Uint8Array): XrefLayout {
  if (index === 0 && isMarkedFederation(block)) return "federation";
  if (holds(index, block, referencesTable, isReference)) return "references";
  if (holds(index, block, separationTable, isAssignment)) return "separation";
  return federationBlock(block, index) ? "federation" : "references";
}

const tables = { references, separation };
const readers: Readonly<
  Record<XrefLayout, (blocks: RegionBlocks, facts: Parameters<typeof readFixedTable>[2]) => RegionReading<XrefContent>>
> = {
  references: (blocks, facts) => readFixedTable(blocks, references, facts),
  separation: (blocks, facts) => readFixedTable(blocks, separation, facts),
  federation: (blocks, facts) => readPackedTable(blocks, federation, facts),
};

function writeFixed<Header, Item, Content extends { generation: number }>(
  { table, partsOf }: FixedTableMeaning<Header, Item, Content, "xref">,
  content: Content,
  blockBytes: number,
): Uint8Array[] {
  const { header, records } = partsOf(content);
  return writeRecords(table, header, records, content.generation, blockBytes);
}

/** The reader and writer of one layout, for a region that is known to have it. */
export const xrefCodecOf = (layout: XrefLayout): RegionCodec<XrefContent | UnusedRegion> => ({
  tag: "XREF",
  read: (blocks, facts = {}) =>
    readTable(blocks, layout === "federation" ? federation.names : tables[layout].table, () => readers[layout](blocks, facts)),
  structureOf: (index, block) => structureWith(layout, index, block),
  write: writeXref,
});

function structureWith(layout: XrefLayout, index: number, block: Uint8Array) {
  if (layout === "federation") return packedStructure(federation, index, block);
  return layout === "references" ? recordStructure(referencesTable, index, block) : recordStructure(separationTable, index, block);
}

function writeXref(content: XrefContent | UnusedRegion, blockBytes: number): Uint8Array[] {
  if (isUnused(content)) return writeUnused(content, "XREF", blockBytes);
  if (content.layout === "federation") return writePackedTable(federation, content, blockBytes);
  return content.layout === "references" ? writeFixed(references, content, blockBytes) : writeFixed(separation, content, blockBytes);
}

/** References between volumes, a federation of volumes, or what volumes are for: all three carry one tag. Other regions reference 5 and 6. */
export const xrefCodec: RegionCodec<XrefContent | UnusedRegion> = {
  tag: "XREF",
  read: (blocks, facts = {}) => readTable(blocks, referencesTable, () => readers[xrefLayout(blocks)](blocks, facts)),
  structureOf: (index, block) => structureWith(blockLayout(index, block), index, block),
  write: writeXref,
};
