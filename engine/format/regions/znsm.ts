import { isAllZero } from "../../base/bytes.ts";
import { array, type Decoded, enumeration, flags, reservedUntil, type Struct, struct, u16, u32, u64 } from "../../base/struct/index.ts";
import { blockTrailer, trailerBytes } from "../core/index.ts";
import { cutStream, endsInTrailer, type Framing, framingOf, sealOf } from "./payload-stream.ts";
import {
  anyStruct,
  type BlockRule,
  blockOrZeros,
  duplicates,
  judgeBlocks,
  type RegionBlocks,
  type RegionCodec,
  type RegionPlace,
  type RegionProblem,
  type RegionReading,
} from "./region.ts";
import { isUnused, type UnusedRegion, unusedState, writeUnused } from "./unused-region.ts";

const rowBytes = 16;
/** The most rows that are decoded: all those of a region that a volume of 4 TiB gets by online addition. */
const mostRows = 2 ** 20;

export const zoneStates = { 0: "Free", 1: "Active", 2: "Full", 3: "Dead", 4: "Resetting" } as const;
const free = 0;

const zoneRow = struct("ZoneRow", {
  epochId: u64({ as: "id", doc: "Epoch that the zone was given to; 0 where it is free" }),
  zoneId: u32({ as: "id" }),
  state: enumeration(u16(), zoneStates),
  flags: flags(u16(), { 0: "MetadataZone", 1: "DataOnly" }),
});
export type ZoneRow = Decoded<typeof zoneRow>;

export interface ZnsmContent extends Framing {
  /** Up to the last that is not all zero. */
  rows: ZoneRow[];
  /** Rows behind those, which are not decoded. */
  rowsBeyond?: number;
}

export type ZnsmRule =
  | BlockRule<"znsm">
  | `znsm.${"state-unknown" | "flags-unknown" | "epoch-of-free-zone" | "epoch-missing" | "zone-duplicate" | "epoch-duplicate"}`;

const perBlock = (blockBytes: number, framed: boolean): number => Math.floor((framed ? blockBytes - trailerBytes : blockBytes) / rowBytes);

/**
 * The map of zones: rows without header or count. The SDK's codec has no framing; blocks with trailers are Blockscope's convention, and
 * seen by the first block. Other regions reference 14.
 */
export const znsmCodec: RegionCodec<ZnsmContent | UnusedRegion> = {
  tag: "ZNSM",
  read(blocks): RegionReading<ZnsmContent | UnusedRegion> {
    const unused = unusedState(blocks, ["DATA", "ZNSM"]);
    if (unused) return { content: unused, problems: [] };
    const first = blocks.block(0);
    if (!first) return { problems: [] };
    const framed = endsInTrailer(first, "ZNSM");
    const each = perBlock(blocks.blockBytes, framed);
    const used = blocksInUse(blocks, framed);
    const { rows, beyond } = readRows(blocks, used, each);
    const place = (index: number): RegionPlace => ({
      block: Math.floor(index / each),
      start: (index % each) * rowBytes,
      byteLength: rowBytes,
    });
    return {
      content: { ...framingOf(first, framed), rows, ...(beyond > 0 && { rowsBeyond: beyond }) },
      sdkReads: framed ? phantomRows(blocks, used, rows) : undefined,
      problems: [...(framed ? judgeBlocks(blocks, "znsm", used) : []), ...judgeRows(rows, place)],
      places: { rows: (index) => (index in rows ? place(index) : undefined) },
    };
  },
  structureOf: (_, block) => zoneBlock(block, endsInTrailer(block, "ZNSM")),
  write(content, blockBytes) {
    if (isUnused(content)) return writeUnused(content, "DATA", blockBytes);
    if (content.rowsBeyond !== undefined) throw new RangeError(`only ${content.rows.length} rows of the map are at hand`);
    const stream = new Uint8Array(content.rows.length * rowBytes);
    for (const [index, row] of content.rows.entries()) stream.set(zoneRow.encode(row), index * rowBytes);
    return cutStream(stream, blockBytes, sealOf(content, "ZNSM"));
  },
};

/** Blocks up to the last that holds a row. */
function blocksInUse(blocks: RegionBlocks, framed: boolean): number {
  for (let index = blocks.blockCount - 1; index > 0; index--) {
    const block = blocks.block(index);
    if (block && !isAllZero(framed ? block.subarray(0, -trailerBytes) : block)) return index + 1;
  }
  return 1;
}

function readRows(blocks: RegionBlocks, used: number, each: number): { rows: ZoneRow[]; beyond: number } {
  const rows: ZoneRow[] = [];
  const blockCount = Math.min(used, Math.ceil(mostRows / each));
  for (let index = 0; index < blockCount; index++) {
    const block = blockOrZeros(blocks, index);
    for (let row = 0; row < each; row++) rows.push(zoneRow.parse(block.subarray(row * rowBytes, (row + 1) * rowBytes)));
  }
  const beyond = (used - blockCount) * each;
  if (beyond === 0) rows.length = rows.findLastIndex(isNotZero) + 1;
  return { rows, beyond };
}

const isNotZero = ({ epochId, zoneId, state, flags: bits }: ZoneRow): boolean =>
  epochId !== 0n || zoneId !== 0 || state !== 0 || bits !== 0;

/** What the SDK's reader makes of whole blocks: a row of each trailer too. Other regions reference 14. */
function phantomRows(blocks: RegionBlocks, used: number, rows: readonly ZoneRow[]): { [key: string]: unknown } {
  const phantoms: ZoneRow[] = [];
  for (let index = 0; index < used; index++) {
    const row = zoneRow.parse(blockOrZeros(blocks, index).subarray(-trailerBytes));
    if (isNotZero(row)) phantoms.push(row);
  }
  return {
    rowCount: used * perBlock(blocks.blockBytes, false),
    rowsNotZero: rows.filter(isNotZero).length + phantoms.length,
    phantomRows: phantoms,
  };
}

function judgeRows(rows: readonly ZoneRow[], place: (index: number) => RegionPlace): RegionProblem<ZnsmRule>[] {
  const problems: RegionProblem<ZnsmRule>[] = [];
  const say = (rule: ZnsmRule, index: number, found: string, expected: string) =>
    problems.push({ rule, subject: `row ${index}`, found, expected, ...place(index) });
  for (const [index, row] of rows.entries()) {
    if (!(row.state in zoneStates)) say("znsm.state-unknown", index, `state ${row.state}`, "0 to 4");
    if ((row.flags & ~3) !== 0) say("znsm.flags-unknown", index, `flags ${row.flags}`, "bits 0 and 1 alone");
    if (row.state === free && row.epochId !== 0n) say("znsm.epoch-of-free-zone", index, `epoch ${row.epochId}`, "0, as the zone is free");
    if (row.state !== free && row.epochId === 0n) say("znsm.epoch-missing", index, "epoch 0", "an epoch, as the zone is not free");
  }
  const taken = [...rows.keys()].filter((index) => rows[index]?.state !== free);
  for (const [rule, keyOf] of [
    ["znsm.zone-duplicate", (index: number) => `zone ${rows[index]?.zoneId}`],
    ["znsm.epoch-duplicate", (index: number) => (rows[index]?.epochId === 0n ? undefined : `epoch ${rows[index]?.epochId}`)],
  ] as const)
    for (const [first, again] of duplicates(taken, keyOf)) {
      const index = taken[again] ?? 0;
      say(rule, index, `${keyOf(index)}, as in row ${taken[first]}`, "one row for each that is not free");
    }
  return problems;
}

function zoneBlock(block: Uint8Array, framed: boolean): Struct<unknown> {
  const filled = block.subarray(0, framed ? -trailerBytes : undefined).findLastIndex((byte) => byte !== 0) + 1;
  const rows = array(zoneRow, Math.min(Math.ceil(filled / rowBytes), perBlock(block.length, framed)));
  return framed
    ? anyStruct(struct("ZoneMapBlock", { rows, unused: reservedUntil(trailerBytes), trailer: blockTrailer }))
    : anyStruct(struct("ZoneMapRows", { rows, unused: reservedUntil(0) }));
}
