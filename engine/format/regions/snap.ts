import { viewOf } from "../../base/bytes.ts";
import {
  bytes,
  countedText,
  type Decoded,
  flags,
  guid,
  i32,
  i64,
  reservedUntil,
  struct,
  ticks,
  u16,
  u32,
} from "../../base/struct/index.ts";
import { blockTrailer, trailerBytes } from "../core/index.ts";
import {
  type CountedTextRule,
  type CountedTextTable,
  countedTextBlock,
  readCountedTextTable,
  writeCountedTexts,
} from "./counted-text-table.ts";
import { countedTextLayout } from "./packed-table.ts";
import {
  anyStruct,
  duplicates,
  headState,
  isCalendarTicks,
  isEmptyGuid,
  type RegionCodec,
  type RegionFacts,
  type RegionPlace,
  type RegionProblem,
  type RegionReading,
  rangeProblem,
  unreadable,
  without,
} from "./region.ts";

const mostLabelBytes = 64;
export const snapshotFlags = { readOnly: 1, deleted: 2, baseSnapshot: 4 } as const;
/** Flag of the snapshot that the live state descends from. Convention W15. */
export const liveParentFlag = 0x0100;

/** One snapshot, 68 bytes and its label. Core regions reference 3.1. */
export const snapshotEntry = struct("SnapshotEntry", {
  snapshotId: guid(),
  parentSnapshotId: guid({ doc: "All zero for a root" }),
  createdUtcTicks: ticks(),
  inodeTableBlockOffset: i64({ as: "pointer", unit: "block", doc: "Where the snapshot's inode table begins" }),
  inodeTableBlockCount: i64({ unit: "blocks" }),
  dataBlockCount: i64({ unit: "blocks", doc: "Data blocks it refers to" }),
  flags: flags(u16(), { 0: "ReadOnly", 1: "Deleted", 2: "BaseSnapshot", 8: "LiveParent" }),
  labelLength: u16({ unit: "bytes", check: (value) => value <= mostLabelBytes, expects: "at most 64" }),
  label: countedText((values) => values.labelLength as number),
});
export type Snapshot = Omit<Decoded<typeof snapshotEntry>, "labelLength">;

/** A chunk of the table of shared extents, behind the snapshot table. Convention W16. */
const sharingBlock = anyStruct(
  struct("SharedExtentsChunk", {
    magic: u32({ doc: "REFC" }),
    chunkIndex: i32(),
    chunkCount: i32(),
    chunkBytes: i32({ unit: "bytes" }),
    chunk: bytes((values, left) => Math.max(0, Math.min(values.chunkBytes as number, left - trailerBytes))),
    unused: reservedUntil(trailerBytes),
    trailer: blockTrailer,
  }),
);
const sharingMagic = 0x4346_4552;
/** Whether a block of the region is a chunk of the table of shared extents. */
export const isSharingBlock = (block: Uint8Array): boolean => viewOf(block).getUint32(0, true) === sharingMagic;

export interface SnapContent {
  generation: number;
  /** As stored, tombstones included. */
  snapshotCount: number;
  snapshots: Snapshot[];
}

export type SnapRule =
  | CountedTextRule<"snap">
  | `snap.${
      | "id-empty"
      | "id-duplicate"
      | "parent-missing"
      | "parent-cycle"
      | "parent-younger"
      | "label-not-utf8"
      | "flags-unknown"
      | "inode-table-range"
      | "count-negative"
      | "time-range"
      | "base-snapshot-count"}`;

const measures = { fixedBytes: 68, mostTextBytes: mostLabelBytes };
const table: CountedTextTable<"snap", Decoded<typeof snapshotEntry>> = {
  ...measures,
  ...countedTextLayout({
    ...measures,
    tag: "SNAP",
    sdkRegion: "Snapshot Table",
    noun: "label",
    tooLong: (length) => `SnapshotEntry labelLen ${length} exceeds MaxLabelLength ${mostLabelBytes} or buffer bounds.`,
    isOther: isSharingBlock,
  }),
  subject: "snap",
  countName: "SnapshotCount",
  entry: snapshotEntry,
  nameOf: ({ snapshotId }) => snapshotId,
};

const contentOf = (entry: Decoded<typeof snapshotEntry>): Snapshot => without(entry, "labelLength");

/** The snapshot table. Core regions reference 3; parsed as the writer packs (convention R6). */
export const snapCodec: RegionCodec<SnapContent> = {
  tag: table.tag,
  read(blocks, facts = {}): RegionReading<SnapContent> {
    const state = headState(blocks, table.tag);
    if (state !== "readable") return unreadable(blocks, "snap", state, "Snapshot Table block 0");
    const { generation, count, entries, places, isWhole, sdk, problems } = readCountedTextTable(blocks, table);
    const snapshots = entries.map(contentOf);
    const sdkReads =
      typeof sdk === "object"
        ? {
            snapshotCount: sdk.entries.length,
            phantomIndexes: sdk.phantomIndexes,
            lostSnapshotIds: sdk.lost.map(({ snapshotId }) => snapshotId),
            snapshots: sdk.entries.map(contentOf),
          }
        : sdk;
    return {
      content: isWhole ? { generation, snapshotCount: count, snapshots } : undefined,
      sdkReads,
      problems: [...problems, ...judgeSnapshots(snapshots, places, facts), ...judgeTree(snapshots, places)],
      places: { snapshots: (index) => places[index] },
    };
  },
  structureOf: (index, block) => (isSharingBlock(block) ? sharingBlock : countedTextBlock(table, "SnapshotTable", index, block)),
  write: ({ generation, snapshotCount, snapshots }, blockBytes) => {
    const encoded = snapshots.map((snapshot) => {
      if (snapshot.label.bytes.length > mostLabelBytes) throw new RangeError("a label has at most 64 bytes");
      return snapshotEntry.encode({ ...snapshot, labelLength: snapshot.label.bytes.length });
    });
    return writeCountedTexts(table, snapshotCount, encoded, generation, blockBytes);
  },
};

function judgeSnapshots(
  snapshots: readonly Snapshot[],
  places: readonly RegionPlace[],
  { totalBlocks }: RegionFacts,
): RegionProblem<SnapRule>[] {
  const problems: RegionProblem<SnapRule>[] = [];
  for (const [index, snapshot] of snapshots.entries()) {
    const place = places[index] ?? { block: 0, start: 0, byteLength: 0 };
    const add = (rule: SnapRule, found: string, expected: string): void => {
      problems.push({ rule, subject: `snapshot ${index} (${snapshot.snapshotId})`, found, expected, ...place });
    };
    if (isEmptyGuid(snapshot.snapshotId)) add("snap.id-empty", "an id of zeros", "an id of its own");
    if (!snapshot.label.isUtf8) add("snap.label-not-utf8", "a label that is not UTF-8", "UTF-8");
    const unknown = snapshot.flags & ~(0x7 | liveParentFlag);
    if (unknown !== 0) add("snap.flags-unknown", `flags 0x${snapshot.flags.toString(16)}`, "1, 2, 4 and 0x100 alone");
    const range = rangeProblem(snapshot.inodeTableBlockOffset, snapshot.inodeTableBlockCount, totalBlocks);
    if (range) add("snap.inode-table-range", range, "blocks of the volume");
    if (snapshot.dataBlockCount < 0n) add("snap.count-negative", `DataBlockCount ${snapshot.dataBlockCount}`, "not negative");
    if (!isCalendarTicks(snapshot.createdUtcTicks)) add("snap.time-range", `${snapshot.createdUtcTicks}`, "a time a calendar holds");
  }
  return problems;
}

function judgeTree(snapshots: readonly Snapshot[], places: readonly RegionPlace[]): RegionProblem<SnapRule>[] {
  const problems: RegionProblem<SnapRule>[] = [];
  const add = (rule: SnapRule, index: number, found: string, expected: string): void => {
    const place = places[index] ?? { block: 0, start: 0, byteLength: 0 };
    problems.push({ rule, subject: `snapshot ${index} (${snapshots[index]?.snapshotId})`, found, expected, ...place });
  };
  const named = (snapshot: Snapshot): string | undefined => (isEmptyGuid(snapshot.snapshotId) ? undefined : snapshot.snapshotId);
  for (const [first, again] of duplicates(snapshots, named))
    add("snap.id-duplicate", again, `the id of snapshot ${first}`, "an id of its own");
  const byId = new Map(snapshots.map((snapshot, index) => [snapshot.snapshotId, index]));
  for (const [index, { parentSnapshotId, createdUtcTicks }] of snapshots.entries()) {
    if (isEmptyGuid(parentSnapshotId)) continue;
    const parent = snapshots[byId.get(parentSnapshotId) ?? -1];
    if (!parent) add("snap.parent-missing", index, `parent ${parentSnapshotId}`, "a snapshot of the table");
    else if (parent.createdUtcTicks > createdUtcTicks)
      add(
        "snap.parent-younger",
        index,
        `made at ${createdUtcTicks}, its parent at ${parent.createdUtcTicks}`,
        "the parent before the child",
      );
  }
  for (const index of cycleHeads(snapshots, byId)) add("snap.parent-cycle", index, "its own ancestor", "parents that end in a root");
  const roots = snapshots.filter((snapshot) => isEmptyGuid(snapshot.parentSnapshotId));
  const bases = roots.filter((snapshot) => snapshot.flags & snapshotFlags.baseSnapshot).length;
  if (roots.length > 0 && bases !== 1) add("snap.base-snapshot-count", 0, `${bases} of ${roots.length} roots are base snapshots`, "one");
  return problems;
}

/** One snapshot of each cycle of parents; `byId` leads to the last one of an id, as the SDK looks them up. Core regions reference 3.5. */
export function cycleHeads(snapshots: readonly Pick<Snapshot, "parentSnapshotId">[], byId: ReadonlyMap<string, number>): number[] {
  const walkOf = new Int32Array(snapshots.length).fill(-1);
  const heads: number[] = [];
  for (let start = 0; start < snapshots.length; start++) {
    let at: number | undefined = start;
    while (at !== undefined && walkOf[at] === -1) {
      walkOf[at] = start;
      const parent: string = snapshots[at]?.parentSnapshotId ?? "";
      at = isEmptyGuid(parent) ? undefined : byId.get(parent);
    }
    if (at !== undefined && walkOf[at] === start) heads.push(at);
  }
  return heads;
}
