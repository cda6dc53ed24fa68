import { isAllZero, toHex } from "../../base/bytes.ts";
import type { StoredText } from "../../base/stored-text.ts";
import { array, bool8, bytes, countedText, enumeration, i32, reservedUntil, struct, u8, u16 } from "../../base/struct/index.ts";
import { isEngineError } from "../../errors/engine-error.ts";
import {
  type ChunkFlaw,
  chunkBlock,
  chunkEncodings,
  chunkHead,
  chunkHeadBytes,
  columnTypes,
  decodeChunk,
  impossibleCount,
  mayBeginChunk,
  valueBytes,
} from "./colr-chunk.ts";
import { streamOf } from "./payload-stream.ts";
import {
  anyStruct,
  blockOrZeros,
  type RegionBlocks,
  type RegionCodec,
  type RegionPlace,
  type RegionProblem,
  type RegionReading,
} from "./region.ts";
import { isUnused, type UnusedRegion, unusedState, writeUnused } from "./unused-region.ts";

/** The most bytes of values that are decoded for their hashes: runs can stand for gigabytes. */
const mostDecodedBytes = 16 * 1_048_576;

const columnEntry = struct("Column", {
  nameLength: u16({ unit: "bytes" }),
  name: countedText((values) => values.nameLength as number),
  type: enumeration(u8(), columnTypes),
  preferredEncoding: enumeration(u8(), chunkEncodings, { doc: "What a chunk has may be another" }),
  nullable: bool8(),
});
const tableHead = struct("ColumnarTable", {
  nameLength: u16({ unit: "bytes" }),
  tableName: countedText((values) => values.nameLength as number),
  columnCount: u16(),
  rowGroupCount: i32({ check: (value) => value >= 0, expects: "not negative" }),
  columns: array(columnEntry, (values) => values.columnCount as number),
  unused: reservedUntil(0),
});
const chunkRest = struct("ColumnChunkRest", { data: bytes((_, left) => left, { doc: "Goes on from the block before, or unused" }) });

export interface Column {
  name: StoredText;
  type: number;
  preferredEncoding: number;
  nullable: boolean;
}

export interface ColumnChunk {
  /** Absolute. */
  block: bigint;
  encoding: number;
  rowCount: number;
  dataLength: number;
  /** Blocks that it fills. */
  blocks: number;
  /** In hex, of the values one behind the other; missing where they cannot be decoded or are more than 16 MiB together. */
  decodedSha256?: string;
}

export interface ColrContent {
  tableName: StoredText;
  rowGroupCount: number;
  columns: Column[];
  /** As many as are there; the last may lack chunks. */
  rowGroups: { chunks: ColumnChunk[] }[];
}

/** The encoded data of each chunk, in order, by which a table is written. */
export interface ColrWriteOptions {
  data: readonly Uint8Array[];
}

export type ColrRule =
  | `colr.${ChunkFlaw}`
  | `colr.${"not-recognised" | "group-count" | "type-unknown" | "chunk-damaged" | "chunks-exceed-region" | "rows-differ" | "sdk-misreads" | "slack-not-zero"}`;

/** A columnar table: columns in block 0, from block 1 on chunks of whole blocks, none with a trailer. Other regions reference 18.1. */
export const colrCodec: RegionCodec<ColrContent | UnusedRegion, ColrWriteOptions> = {
  tag: "COLR",
  read(blocks): RegionReading<ColrContent | UnusedRegion> {
    const unused = unusedState(blocks, ["COLR"]);
    if (unused) return { content: unused, problems: [] };
    const head = parseHead(blockOrZeros(blocks, 0));
    if (!head) return { problems: isAllZero(blockOrZeros(blocks, 0)) ? [] : [unrecognised] };
    const { nameLength, columnCount, columns: stored, unused: slack, ...rest } = head;
    const columns = stored.map(({ nameLength: _, ...column }) => column);
    const problems: RegionProblem<ColrRule>[] = judgeHead(rest.rowGroupCount, columns, slack, blocks.blockBytes);
    const rowGroups = walkChunks(blocks, rest.rowGroupCount, columns, problems);
    return {
      content: { ...rest, columns, rowGroups },
      sdkReads: sdkView(blocks, columns, rowGroups, problems),
      problems,
      places: {
        columns: (index) => columnPlace(stored, nameLength, index),
        rowGroups: (index) => groupPlace(rowGroups[index]?.chunks, blocks),
      },
    };
  },
  structureOf: (index, block) => (index === 0 ? anyStruct(tableHead) : mayBeginChunk(block) ? anyStruct(chunkBlock) : anyStruct(chunkRest)),
  write(content, blockBytes, options) {
    if (isUnused(content)) return writeUnused(content, "COLR", blockBytes);
    const { tableName, rowGroupCount, columns, rowGroups } = content;
    const head = {
      nameLength: tableName.bytes.length,
      ...{ tableName, rowGroupCount, columnCount: columns.length },
      columns: columns.map((column) => ({ nameLength: column.name.bytes.length, ...column })),
    };
    if (tableHead.measure(head, {}) > blockBytes) throw new RangeError(`the columns do not fit a block of ${blockBytes} bytes`);
    const chunks = rowGroups.flatMap((group) => group.chunks);
    if (chunks.length !== options?.data.length) throw new RangeError(`data of ${options?.data.length ?? 0} chunks for ${chunks.length}`);
    return [
      tableHead.encode(head, { byteLength: blockBytes }),
      ...chunks.flatMap((chunk, index) => writeChunk(chunk, options.data[index], blockBytes)),
    ];
  },
};

type Head = ReturnType<typeof tableHead.parse>;

/** The head of a table; undefined where a block holds none. */
function parseHead(first: Uint8Array): Head | undefined {
  try {
    const head = tableHead.parse(first);
    const whole = head.columns.length === head.columnCount && head.tableName.bytes.length === head.nameLength;
    return whole && head.columns.every(({ name, nameLength }) => name.bytes.length === nameLength) ? head : undefined;
  } catch (error) {
    if (isEngineError(error, "TRUNCATED")) return undefined;
    throw error;
  }
}

const unrecognised: RegionProblem<ColrRule> = {
  rule: "colr.not-recognised",
  subject: "block 0 of the region",
  found: "names or columns that leave the block",
  expected: "the name and the columns of a table",
  block: 0,
};

function judgeHead(
  groups: number,
  columns: readonly Column[],
  slack: Uint8Array | undefined,
  blockBytes: number,
): RegionProblem<ColrRule>[] {
  const problems: RegionProblem<ColrRule>[] = [];
  const say = (rule: ColrRule, subject: string, found: string, expected: string) =>
    problems.push({ rule, subject, found, expected, block: 0 });
  if (groups < 0) say("colr.group-count", "header", `${groups} row groups`, "not negative");
  for (const [index, { type }] of columns.entries())
    if (!(type in columnTypes)) say("colr.type-unknown", `column ${index}`, `type ${type}`, "0 to 7");
  if (slack) problems.push(slackInUse(0, blockBytes - slack.length, slack));
  return problems;
}

const slackInUse = (block: number, start: number, slack: Uint8Array): RegionProblem<ColrRule> => ({
  rule: "colr.slack-not-zero",
  subject: `block ${block} of the region`,
  found: "bytes that are not zero",
  expected: "zeros up to the end of the block",
  block,
  start,
  byteLength: slack.length,
});

/** Goes from chunk to chunk by their lengths, up to one that is impossible or leaves the region. */
function walkChunks(
  blocks: RegionBlocks,
  groupCount: number,
  columns: readonly Column[],
  problems: RegionProblem<ColrRule>[],
): ColrContent["rowGroups"] {
  const { blockBytes, startBlock } = blocks;
  const rowGroups: ColrContent["rowGroups"] = [];
  let at = 1;
  let budget = mostDecodedBytes;
  for (let group = 0; group < groupCount && columns.length > 0; group++) {
    const chunks: ColumnChunk[] = [];
    rowGroups.push({ chunks });
    for (const [column, { type }] of columns.entries()) {
      const place = {
        subject: `row group ${group}, column ${column}`,
        block: Math.min(at, blocks.blockCount - 1),
        start: 0,
        byteLength: chunkHeadBytes,
      };
      const say = (rule: ColrRule, found: string, expected: string) => problems.push({ rule, found, expected, ...place });
      const head = chunkHead.parse(blockOrZeros(blocks, at));
      const impossible = impossibleCount(head);
      const count = Math.ceil((chunkHeadBytes + Math.max(0, head.dataLength)) / blockBytes);
      if (impossible !== undefined) say("colr.chunk-damaged", impossible, "a count that a reader takes");
      else if (at + count > blocks.blockCount)
        say("colr.chunks-exceed-region", `${count} blocks from block ${at}`, `the region has ${blocks.blockCount}`);
      if (impossible !== undefined || at + count > blocks.blockCount) return rowGroups;
      const stored = streamOf(windowOf(blocks, at), count, false);
      const data = stored.subarray(chunkHeadBytes, chunkHeadBytes + head.dataLength);
      const slack = stored.subarray(data.length + chunkHeadBytes);
      const { sha256, flaw } = decodeChunk(head.encoding, data, head.rowCount, valueBytes[type] ?? 1, budget);
      if (sha256) budget = Math.max(0, budget - head.rowCount * (valueBytes[type] ?? 1));
      if (flaw && (type in columnTypes || flaw.rule === "encoding-unknown")) say(`colr.${flaw.rule}`, flaw.found, flaw.expected);
      if (!isAllZero(slack)) problems.push(slackInUse(at + count - 1, blockBytes - slack.length, slack));
      const [first = { rowCount: head.rowCount }] = chunks;
      if (first.rowCount !== head.rowCount) say("colr.rows-differ", `${head.rowCount} rows`, `${first.rowCount}, as in column 0`);
      const known = sha256 && type in columnTypes;
      chunks.push({ block: startBlock + BigInt(at), ...head, blocks: count, ...(known && { decodedSha256: toHex(sha256) }) });
      at += count;
    }
  }
  return rowGroups;
}

/** The blocks of a region from one of them on. */
const windowOf = (blocks: RegionBlocks, from: number): RegionBlocks => ({
  ...blocks,
  blockCount: blocks.blockCount - from,
  block: (index) => blocks.block(from + index),
});

/** What the SDK's reader, which looks for each chunk as if all took one block, reads wrong. Other regions reference 18.1. */
function sdkView(
  blocks: RegionBlocks,
  columns: readonly Column[],
  rowGroups: ColrContent["rowGroups"],
  problems: RegionProblem<ColrRule>[],
): { readColumn: string[] } | undefined {
  const readColumn: string[] = [];
  for (const [group, { chunks }] of rowGroups.entries())
    for (const [column, chunk] of chunks.entries()) {
      const index = 1 + group * columns.length + column;
      const block = blocks.startBlock + BigInt(index);
      if (chunk.block === block) continue;
      const impossible = impossibleCount(chunkHead.parse(blockOrZeros(blocks, index)));
      const failure = `AggregateException: One or more errors occurred. (Columnar region block at offset ${block} has invalid ${impossible}. Data may be corrupt.)`;
      readColumn.push(`group ${group} column ${columns[column]?.name.text}: ${impossible === undefined ? "wrong data" : failure}`);
    }
  if (readColumn.length === 0) return undefined;
  problems.push({
    rule: "colr.sdk-misreads",
    subject: `${readColumn.length} chunks`,
    found: "chunks of several blocks before them",
    expected: "chunks of one block, where the SDK's reader looks",
    block: 1,
  });
  return { readColumn };
}

function columnPlace(columns: readonly { nameLength: number }[], nameLength: number, index: number): RegionPlace | undefined {
  const column = columns[index];
  if (!column) return undefined;
  const start = columns.slice(0, index).reduce((sum, before) => sum + 5 + before.nameLength, 8 + nameLength);
  return { block: 0, start, byteLength: 5 + column.nameLength };
}

function groupPlace(chunks: readonly ColumnChunk[] | undefined, { startBlock, blockBytes }: RegionBlocks): RegionPlace | undefined {
  const whole = (block: number): RegionPlace => ({ block, start: 0, byteLength: blockBytes });
  const [first, ...rest] = (chunks ?? []).flatMap(({ block, blocks }) =>
    Array.from({ length: blocks }, (_, index) => whole(Number(block - startBlock) + index)),
  );
  return first && (rest.length > 0 ? { ...first, rest } : first);
}

function writeChunk(chunk: ColumnChunk, data: Uint8Array | undefined, blockBytes: number): Uint8Array[] {
  if (data?.length !== chunk.dataLength) throw new RangeError(`${data?.length ?? 0} bytes of data for a chunk of ${chunk.dataLength}`);
  const { encoding, rowCount, dataLength } = chunk;
  const count = Math.ceil((chunkHeadBytes + dataLength) / blockBytes);
  const stored = new Uint8Array(count * blockBytes);
  stored.set(chunkHead.encode({ encoding, rowCount, dataLength }));
  stored.set(data, chunkHeadBytes);
  return Array.from({ length: count }, (_, index) => stored.slice(index * blockBytes, (index + 1) * blockBytes));
}

/** The encoded data of each chunk that a reading found, for writing it again. */
export const chunkData = (blocks: RegionBlocks, { rowGroups }: ColrContent): Uint8Array[] =>
  rowGroups.flatMap(({ chunks }) =>
    chunks.map(({ block, blocks: count, dataLength }) =>
      streamOf(windowOf(blocks, Number(block - blocks.startBlock)), count, false).slice(chunkHeadBytes, chunkHeadBytes + dataLength),
    ),
  );
