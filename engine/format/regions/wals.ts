import { hexNumber } from "../../base/bytes.ts";
import { type Decoded, i32, reserved, struct, u64 } from "../../base/struct/index.ts";
import { trailerBytes } from "../core/index.ts";
import {
  cutStream,
  endsInTrailer,
  type Framing,
  framingOf,
  type RecordStream,
  recordPlaceInStream,
  sealOf,
  streamBlock,
  streamOf,
} from "./payload-stream.ts";
import {
  anyStruct,
  type BlockRule,
  duplicates,
  judgeBlocks,
  type RegionBlocks,
  type RegionCodec,
  type RegionFacts,
  type RegionPlace,
  type RegionProblem,
  type RegionReading,
} from "./region.ts";
import { isUnused, type UnusedRegion, unusedState, writeUnused } from "./unused-region.ts";

const headerBytes = 16;
const cursorBytes = 32;
const mostCursors = 128;

export const cursorFlags = { 0: "Active", 1: "Paused", 2: "AclRestricted", 3: "ReadOnly", 4: "AutoAdvance" } as const;
const [active, paused, knownFlags] = [1n, 2n, 0x1fn];

const cursorsHeader = struct("WalSubscriberCursors", { cursorCount: i32(), reserved: reserved(12) });
const flagsText = (value: bigint): string =>
  [
    hexNumber(value),
    ...Object.entries(cursorFlags)
      .filter(([bit]) => (value >> BigInt(bit)) & 1n)
      .map(([, name]) => name),
  ].join(" · ");
const cursorRow = struct("WalSubscriberCursor", {
  subscriberId: u64({ as: "id", doc: "0 is an empty row" }),
  lastEpoch: u64({ doc: "Last epoch that the subscriber has read" }),
  lastSequence: u64({ doc: "Last sequence number that it has read" }),
  flags: u64({
    as: "flags",
    show: flagsText,
    check: (value) => (value & ~knownFlags) === 0n,
    expects: "bits 0 to 4 alone",
  }),
});
const cursorStream: RecordStream = {
  name: "WalSubscriberCursorTable",
  list: "cursors",
  header: anyStruct(cursorsHeader),
  headerBytes,
  record: anyStruct(cursorRow),
  recordBytes: cursorBytes,
};

export type SubscriberCursor = Decoded<typeof cursorRow>;

export interface WalsContent extends Framing {
  /** As stored. */
  cursorCount: number;
  /** The rows that are counted, as far as blocks reach and 128 allow. */
  cursors: SubscriberCursor[];
}

export type WalsRule =
  | BlockRule<"wals">
  | `wals.${
      | "count-range"
      | "id-zero"
      | "id-duplicate"
      | "flags-unknown"
      | "paused-inactive"
      | "sequence-ahead"
      | "reserved-not-zero"
      | "slack-not-zero"}`;

const bytesOfCursors = (count: number): number => headerBytes + count * cursorBytes;
const isInRange = (count: number): boolean => count >= 0 && count <= mostCursors;

/**
 * Cursors of the log's subscribers: a header and rows. The SDK's codec has no framing; a stream cut into blocks with trailers is
 * Blockscope's convention, and seen by the first block. Other regions reference 15.
 */
export const walsCodec: RegionCodec<WalsContent | UnusedRegion> = {
  tag: "WALS",
  read(blocks, facts): RegionReading<WalsContent | UnusedRegion> {
    const unused = unusedState(blocks, ["DATA", "WALS"]);
    if (unused) return { content: unused, problems: [] };
    const first = blocks.block(0);
    if (!first) return { problems: [] };
    const framed = endsInTrailer(first, "WALS");
    const each = blocks.blockBytes - (framed ? trailerBytes : 0);
    const { cursorCount, reserved: spare } = cursorsHeader.parse(first);
    const counted = Math.min(Math.max(0, cursorCount), mostCursors);
    const used = Math.ceil(bytesOfCursors(counted) / each);
    const stream = streamOf(blocks, used, framed);
    const reach = Math.floor((stream.length - headerBytes) / cursorBytes);
    const cursors = Array.from({ length: Math.min(counted, reach) }, (_, row) =>
      cursorRow.parse(stream.subarray(bytesOfCursors(row), bytesOfCursors(row + 1))),
    );
    const place = (row: number): RegionPlace => recordPlaceInStream(cursorStream, each, row);
    return {
      content: { ...framingOf(first, framed), cursorCount, cursors },
      sdkReads: sdkView(cursorCount, cursors, used === 1 || blocks.blockCount === 1 ? blocks.blockBytes : stream.length),
      problems: [
        ...(framed ? judgeBlocks(blocks, "wals", used) : exceeding(used, blocks)),
        ...judgeHeader(cursorCount, spare !== undefined),
        ...judgeCursors(cursors, place, facts),
        ...judgeSlack(stream, cursors.length, each),
      ],
      places: { cursors: (index) => (index in cursors ? place(index) : undefined) },
    };
  },
  structureOf: (index, block) => streamBlock(cursorStream, index, block, endsInTrailer(block, "WALS")),
  write(content, blockBytes) {
    if (isUnused(content)) return writeUnused(content, "DATA", blockBytes);
    const { cursorCount, cursors } = content;
    if (cursors.length > mostCursors) throw new RangeError(`${cursors.length} cursors; at most ${mostCursors} are possible`);
    const stream = new Uint8Array(bytesOfCursors(cursors.length));
    stream.set(cursorsHeader.encode({ cursorCount }));
    for (const [row, cursor] of cursors.entries()) stream.set(cursorRow.encode(cursor), bytesOfCursors(row));
    return cutStream(stream, blockBytes, sealOf(content, "WALS"));
  },
};

/** What the SDK's reader makes of the table in a buffer of so many bytes: rows without an id are passed over, the last of an id stays. */
function sdkView(count: number, cursors: readonly SubscriberCursor[], byteLength: number): RegionReading<WalsContent>["sdkReads"] {
  if (!isInRange(count)) return `ArgumentException: Invalid cursor count ${count}; must be in [0, ${mostCursors}]. (Parameter 'buffer')`;
  const needed = bytesOfCursors(count);
  if (needed > byteLength)
    return `ArgumentException: Buffer too small for ${count} cursors: need ${needed} bytes, got ${byteLength}. (Parameter 'buffer')`;
  const kept = new Map(cursors.filter(({ subscriberId }) => subscriberId !== 0n).map((cursor) => [cursor.subscriberId, cursor]));
  return kept.size === cursors.length ? undefined : { cursorCount: kept.size, cursors: [...kept.values()] };
}

/** The oldest epoch that the log must keep: of every active cursor, paused or not; undefined where none is active. Other regions reference 15. */
export const retainedEpoch = (cursors: readonly SubscriberCursor[]): bigint | undefined =>
  cursors
    .filter(({ flags }) => (flags & active) !== 0n)
    .reduce<bigint | undefined>((least, { lastEpoch }) => (least === undefined || lastEpoch < least ? lastEpoch : least), undefined);

const exceeding = (used: number, { blockCount }: RegionBlocks): RegionProblem<WalsRule>[] =>
  used <= blockCount
    ? []
    : [
        {
          rule: "wals.blocks-exceed-region",
          subject: "what the header counts",
          found: `${used} blocks`,
          expected: `the region has ${blockCount}`,
          block: 0,
        },
      ];

function judgeHeader(cursorCount: number, spareInUse: boolean): RegionProblem<WalsRule>[] {
  const header = { subject: "header", block: 0 };
  const problems: RegionProblem<WalsRule>[] = [];
  if (!isInRange(cursorCount))
    problems.push({ rule: "wals.count-range", ...header, found: `${cursorCount} cursors`, expected: "0 to 128", start: 0, byteLength: 4 });
  if (spareInUse)
    problems.push({
      rule: "wals.reserved-not-zero",
      ...header,
      found: "bytes 4 to 15 in use",
      expected: "zero",
      start: 4,
      byteLength: 12,
    });
  return problems;
}

function judgeCursors(
  cursors: readonly SubscriberCursor[],
  place: (row: number) => RegionPlace,
  facts: RegionFacts | undefined,
): RegionProblem<WalsRule>[] {
  const problems: RegionProblem<WalsRule>[] = [];
  const say = (rule: WalsRule, row: number, found: string, expected: string) =>
    problems.push({ rule, subject: `cursor ${row}`, found, expected, ...place(row) });
  for (const [row, { subscriberId, lastSequence, flags }] of cursors.entries()) {
    if (subscriberId === 0n) say("wals.id-zero", row, "id 0", "the id of a subscriber");
    if ((flags & ~knownFlags) !== 0n) say("wals.flags-unknown", row, hexNumber(flags), "bits 0 to 4 alone");
    if ((flags & paused) !== 0n && (flags & active) === 0n) say("wals.paused-inactive", row, "paused", "active too");
    const { logSequence } = facts ?? {};
    if (logSequence !== undefined && lastSequence > logSequence)
      say("wals.sequence-ahead", row, `sequence ${lastSequence}`, `at most ${logSequence}, the log's last`);
  }
  for (const [first, again] of duplicates(cursors, ({ subscriberId }) => (subscriberId === 0n ? undefined : `${subscriberId}`)))
    say("wals.id-duplicate", again, `id ${cursors[again]?.subscriberId}, as in row ${first}`, "an id of its own");
  return problems;
}

function judgeSlack(stream: Uint8Array, cursorCount: number, each: number): RegionProblem<WalsRule>[] {
  const from = bytesOfCursors(cursorCount);
  const at = from + stream.subarray(from).findIndex((byte) => byte !== 0);
  if (at < from) return [];
  return [
    {
      rule: "wals.slack-not-zero",
      subject: "behind the last cursor",
      found: "a byte that is not zero",
      expected: "zeros",
      block: Math.floor(at / each),
      start: at % each,
      byteLength: 1,
    },
  ];
}
