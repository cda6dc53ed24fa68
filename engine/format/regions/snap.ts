import {
  array,
  countedText,
  type Decoded,
  flags,
  guid,
  i32,
  i64,
  reserved,
  reservedUntil,
  struct,
  ticks,
  u16,
} from "../../base/struct/index.ts";
import { blockTrailer, judgeTrailer, trailerBytes } from "../core/index.ts";
import {
  blocksUsed,
  compareWalks,
  countedTextLayout,
  entriesInBlock,
  type PackedWalk,
  packEntries,
  sdkWalk,
  sealedBlocks,
  slackByte,
  walkAsWriter,
} from "./packed-table.ts";
import {
  anyStruct,
  type BlockRule,
  blockOrZeros,
  duplicates,
  headState,
  isCalendarTicks,
  isEmptyGuid,
  judgeBlocks,
  type RegionBlocks,
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
const liveParentFlag = 0x0100;

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

export interface SnapContent {
  generation: number;
  /** As stored, tombstones included. */
  snapshotCount: number;
  snapshots: Snapshot[];
}

export type SnapRule =
  | BlockRule<"snap">
  | `snap.${
      | "count-differs"
      | "entry-broken"
      | "reserved-not-zero"
      | "slack-not-zero"
      | "sdk-loses-entries"
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

const layout = countedTextLayout({
  tag: "SNAP",
  fixedBytes: 68,
  mostTextBytes: mostLabelBytes,
  noun: "label",
  sdkRegion: "Snapshot Table",
  tooLong: (length) => `SnapshotEntry labelLen ${length} exceeds MaxLabelLength ${mostLabelBytes} or buffer bounds.`,
});

const snapshotAt = (blocks: RegionBlocks, { block, start, byteLength }: RegionPlace): Snapshot =>
  without(snapshotEntry.parse(blockOrZeros(blocks, block).subarray(start, start + byteLength)), "labelLength");

/** The snapshot table. Core regions reference 3; parsed as the writer packs (convention R6). */
export const snapCodec: RegionCodec<SnapContent> = {
  tag: layout.tag,
  read(blocks, facts = {}): RegionReading<SnapContent> {
    const state = headState(blocks, layout.tag);
    if (state !== "readable") return unreadable(blocks, "snap", state, "Snapshot Table block 0");
    const first = blockOrZeros(blocks, 0);
    const { snapshotCount } = tableHeader.parse(first);
    const walked = walkAsWriter(blocks, layout, Math.max(0, snapshotCount));
    const snapshots = walked.places.map((place) => snapshotAt(blocks, place));
    const content = { generation: judgeTrailer(first).generationNumber, snapshotCount, snapshots };
    const sdk = sdkReading(blocks, content, walked);
    const whole = !walked.broken && (!walked.ranOut || snapshots.length > 0);
    return {
      content: whole ? content : undefined,
      sdkReads: sdk.reads,
      problems: [...judge(blocks, content, walked, facts), ...sdk.problems],
      places: { snapshots: (index) => walked.places[index] },
    };
  },
  structureOf: (index, block) => {
    const entries = array(snapshotEntry, entriesInBlock(block, index, layout));
    const rest = { entries, unused: reservedUntil(trailerBytes), trailer: blockTrailer };
    return anyStruct(index === 0 ? struct("SnapshotTable", { header: tableHeader, ...rest }) : struct("SnapshotTableBlock", rest));
  },
  write: ({ generation, snapshotCount, snapshots }, blockBytes) => {
    const encoded = snapshots.map((snapshot) => {
      if (snapshot.label.bytes.length > mostLabelBytes) throw new RangeError("a label has at most 64 bytes");
      return snapshotEntry.encode({ ...snapshot, labelLength: snapshot.label.bytes.length });
    });
    return packEntries(encoded, tableHeader.encode({ snapshotCount }), layout.tag, generation, blockBytes);
  },
};

const tableHeader = struct("SnapshotTableHeader", {
  snapshotCount: i32({ check: (value) => value >= 0, expects: "not negative" }),
  reserved: reserved(12),
});

function sdkReading(
  blocks: RegionBlocks,
  { snapshotCount, snapshots }: SnapContent,
  walked: PackedWalk,
): { reads: RegionReading<SnapContent>["sdkReads"]; problems: RegionProblem<SnapRule>[] } {
  const given = walked.ranOut || walked.broken ? sealedBlocks(blocks) : blocksUsed(walked);
  const sdk = sdkWalk(blocks, layout, snapshotCount, given);
  if (typeof sdk === "string") return { reads: sdk, problems: [] };
  const { phantoms, lost } = compareWalks(walked, sdk);
  if (phantoms.length === 0 && lost.length === 0) return { reads: undefined, problems: [] };
  const lostSnapshotIds = lost.flatMap((index) => snapshots[index]?.snapshotId ?? []);
  const reads = {
    snapshotCount: sdk.places.length,
    phantomIndexes: phantoms,
    lostSnapshotIds,
    snapshots: sdk.places.map((place) => snapshotAt(blocks, place)),
  };
  const problem: RegionProblem<SnapRule> = {
    rule: "snap.sdk-loses-entries",
    subject: "the SDK's reader",
    found: `${lost.length} entries lost (${lostSnapshotIds.slice(0, 8).join(", ")}${lost.length > 8 ? ", …" : ""})`,
    expected: "less than 68 bytes left at the end of each full block",
    block: walked.places[lost[0] ?? 0]?.block ?? 0,
  };
  return { reads, problems: lost.length > 0 ? [problem] : [] };
}

function judge(
  blocks: RegionBlocks,
  { snapshotCount, snapshots }: SnapContent,
  walked: PackedWalk,
  { totalBlocks }: RegionFacts,
): RegionProblem<SnapRule>[] {
  const used = blocksUsed(walked);
  const problems: RegionProblem<SnapRule>[] = [...judgeBlocks(blocks, "snap", used)];
  const header = { block: 0, start: 0, byteLength: 4 };
  if (snapshotCount < 0 || walked.ranOut)
    problems.push({
      rule: "snap.count-differs",
      ...header,
      subject: "SnapshotCount",
      found: `${snapshotCount}`,
      expected: snapshotCount < 0 ? "not negative" : `${snapshots.length} entries are there`,
    });
  if (walked.broken)
    problems.push({
      rule: "snap.entry-broken",
      ...without(walked.broken, "found", "sdk"),
      subject: `entry ${walked.places.length}`,
      found: walked.broken.found,
      expected: "at most 64, inside the block",
    });
  if (tableHeader.parse(blockOrZeros(blocks, 0)).reserved)
    problems.push({
      rule: "snap.reserved-not-zero",
      subject: "header",
      found: "bytes 4 to 15 are in use",
      expected: "zero",
      block: 0,
      start: 4,
      byteLength: 12,
    });
  for (let index = 0; index < (walked.broken || snapshotCount < 0 ? 0 : used); index++) {
    const start = slackByte(blocks, index, walked);
    if (start !== undefined)
      problems.push({
        rule: "snap.slack-not-zero",
        subject: `block ${index} of the region`,
        found: `byte ${start} is not zero`,
        expected: "zeros behind the last entry",
        block: index,
        start,
        byteLength: 1,
      });
  }
  for (const [index, snapshot] of snapshots.entries()) {
    const place = walked.places[index] ?? { block: 0, start: 0, byteLength: 0 };
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
  return [...problems, ...judgeTree(snapshots, walked)];
}

function judgeTree(snapshots: readonly Snapshot[], walked: PackedWalk): RegionProblem<SnapRule>[] {
  const problems: RegionProblem<SnapRule>[] = [];
  const add = (rule: SnapRule, index: number, found: string, expected: string): void => {
    const place = walked.places[index] ?? { block: 0, start: 0, byteLength: 0 };
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

/** One snapshot of each cycle of parents. */
function cycleHeads(snapshots: readonly Snapshot[], byId: ReadonlyMap<string, number>): number[] {
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
