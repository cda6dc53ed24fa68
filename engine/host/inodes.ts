import type { Annotation } from "../base/struct/index.ts";
import { struct } from "../base/struct/index.ts";
import type { ByteRange, Fact, InodeContent, InodeExtentRow, InodeView } from "../contract/index.ts";
import { extentFlagText, inodeCore, moduleFieldName, moduleInodeField, nameProblem, readDirectory } from "../format/core/index.ts";
import { isHole } from "../volume/extents.ts";
import { inodeTypeName } from "../volume/file-tree.ts";
import { extentsOf, type FoundExtent, readInodeBytes } from "../volume/inode-content.ts";
import type { InodeTable, PlacedInode } from "../volume/inode-table.ts";
import { EngineError, type Volume } from "./engine.ts";
import type { OpenVolume } from "./open-volume.ts";
import { wordsOf } from "./region-views/field-viewer.ts";

const mostExtents = 10_000;
const mostEntries = 10_000;
const previewBytes = 65_536;
/** Directories are read up to this size: far more names than are shown. */
const directoryBytes = 4 * 1_048_576;

const rangeOf = ({ blockBytes }: Volume, { block, offset, record }: PlacedInode): ByteRange => {
  const start = block * BigInt(blockBytes) + BigInt(offset);
  return { start, end: start + BigInt(record.length) };
};

/** The inode whose record a byte lies in; undefined where there is none. REGION_NOT_FOUND. */
export async function inodeAt(opened: OpenVolume, slot: number, at: bigint): Promise<InodeView | undefined> {
  const table = await opened.contents.inodes(slot);
  const index = table?.records.findIndex((placed) => {
    const range = rangeOf(opened.volume, placed);
    return at >= range.start && at < range.end;
  });
  return table && index !== undefined && index >= 0 ? describeInode(opened.volume, table, index) : undefined;
}

async function describeInode(volume: Volume, table: InodeTable, index: number): Promise<InodeView> {
  const placed = requireRecord(table, index);
  const range = rangeOf(volume, placed);
  const inode = inodeCore.parse(placed.record);
  const { extents, indirectBlocks } = await extentsOf(volume, inode);
  const rows = inodeCore.annotate(placed.record.slice(0, inodeCore.leastBytes), range.start);
  return {
    index,
    inodeNumber: inode.inodeNumber,
    type: inodeTypeName(inode.type),
    isDirectory: inode.type === 1,
    size: inode.size,
    range,
    facts: rows.filter(({ path, kind }) => kind !== "reserved" && !path.startsWith("extents[")).map(factOf),
    moduleFields: moduleFacts(table, placed, range),
    extents: extents.slice(0, mostExtents).map((extent) => extentRow(volume, extent)),
    moreExtents: Math.max(0, extents.length - mostExtents),
    indirectBlocks,
  };
}

const factOf = ({ path, text, problem, doc, start, end, kind }: Annotation): Fact => ({
  label: wordsOf(path),
  value: problem === undefined ? text : `${text} · ${problem}`,
  title: doc,
  mono: kind === "id",
  range: { start, end },
});

/** The fields that modules keep in a record, by the stored descriptor. Core reference 6.3. */
function moduleFacts({ descriptor, placement }: InodeTable, { record }: PlacedInode, range: ByteRange): Fact[] {
  if (!descriptor || placement === "slots-of-512") return [];
  return descriptor.moduleFields.flatMap(({ moduleId, fieldOffset, fieldSize }) => {
    const end = fieldOffset + fieldSize;
    if (fieldSize === 0 || end > record.length) return [];
    const name = moduleFieldName(moduleId);
    const field = struct(name, { [name]: moduleInodeField(moduleId, fieldSize) });
    return field.annotate(record.slice(fieldOffset, end), range.start + BigInt(fieldOffset)).map((row) => {
      const [module = name, ...rest] = row.path.split(".");
      return { ...factOf(row), label: [module, ...rest].map(wordsOf).join(" · ") };
    });
  });
}

function extentRow(volume: Volume, extent: FoundExtent): InodeExtentRow {
  const { startBlock, blockCount, logicalOffset, flags, source } = extent;
  const size = BigInt(volume.blockBytes);
  const inside = !isHole(extent) && startBlock >= 0n && blockCount > 0 && startBlock + BigInt(blockCount) <= volume.fileBlocks;
  return {
    startBlock,
    blockCount,
    logicalOffset,
    flags: extentFlagText(flags),
    source,
    range: inside ? { start: startBlock * size, end: (startBlock + BigInt(blockCount)) * size } : undefined,
  };
}

/** 64 KiB of an inode's content from `start`; of a directory its names too. REGION_NOT_FOUND, REQUEST_INVALID for an inode that is not there. */
export async function describeContent(
  opened: OpenVolume,
  { slot, index, start }: { slot: number; index: number; start: bigint },
): Promise<InodeContent> {
  const { volume } = opened;
  const table = await opened.contents.inodes(slot);
  const inode = inodeCore.parse(requireRecord(table, index).record);
  const { extents } = await extentsOf(volume, inode);
  const size = inode.size < 0n ? 0n : inode.size;
  const { bytes, pieces } = await readInodeBytes(volume, { size, extents }, { start, byteLength: previewBytes });
  const content: InodeContent = {
    start,
    size,
    bytes,
    pieces: pieces.map(({ at, ...piece }) => ({
      ...piece,
      range: at === undefined ? undefined : { start: at, end: at + (piece.end - piece.start) },
    })),
    moreEntries: 0,
  };
  if (inode.type !== 1) return content;
  const whole = await readInodeBytes(volume, { size, extents }, { start: 0n, byteLength: directoryBytes });
  const { entries, problem } = readDirectory(whole.bytes);
  const cut = BigInt(whole.bytes.length) < size;
  return {
    ...content,
    entries: entries.slice(0, mostEntries).map(({ entry }) => ({
      name: entry.name.text,
      type: inodeTypeName(entry.type),
      inodeNumber: entry.inodeNumber,
      problem: nameProblem(entry),
    })),
    moreEntries: Math.max(0, entries.length - mostEntries),
    directoryProblem: problem && !cut ? `${problem.text}, at byte ${problem.at} of its content` : undefined,
  };
}

function requireRecord(table: InodeTable | undefined, index: number): PlacedInode {
  const placed = table?.records[index];
  if (!placed) throw new EngineError("REQUEST_INVALID", { call: "inode", problem: `the table has no record ${index}` });
  return placed;
}
