import { StoredText } from "../../../base/stored-text.ts";
import { type SnapContent, snapCodec } from "../../../format/regions/snap.ts";
import { guidOf, newYear } from "../../../testing/arbitraries.ts";
import { blockRuleCases, describeRegionRules } from "../../../testing/region-rules.ts";

const entry = (number: number, parent: number): SnapContent["snapshots"][0] => ({
  snapshotId: guidOf(number),
  parentSnapshotId: guidOf(parent),
  createdUtcTicks: newYear + BigInt(number),
  inodeTableBlockOffset: 100n,
  inodeTableBlockCount: 1n,
  dataBlockCount: 5n,
  flags: parent === 0 ? 5 : 1,
  label: StoredText.of(""),
});
/** A chain that fills two blocks and leaves the SDK's reader no room for a phantom. */
const sound = (): SnapContent => ({
  generation: 6,
  snapshotCount: 70,
  snapshots: Array.from({ length: 70 }, (_, index) => entry(index + 1, index)),
});
const second = (content: SnapContent) => content.snapshots[1] as SnapContent["snapshots"][0];
const resized = (snapshots: SnapContent["snapshots"]) => (content: SnapContent) => {
  content.snapshots = snapshots;
  content.snapshotCount = snapshots.length;
};
const lastEntryEnd = 11 * 68;

describeRegionRules(snapCodec, snapCodec.write, { content: sound, facts: { totalBlocks: 1280n } }, [
  ...blockRuleCases("snap"),
  { rule: "snap.blocks-exceed-region", blockCount: 1 },
  { rule: "snap.count-differs", content: (content) => Object.assign(content, { snapshotCount: 5000 }) },
  { rule: "snap.count-differs", content: (content) => Object.assign(content, { snapshotCount: -1 }) },
  { rule: "snap.entry-broken", blocks: ([, block]) => block?.set([65, 0], 10 * 68 + 66) },
  { rule: "snap.reserved-not-zero", blocks: ([first]) => first?.set([1], 4) },
  { rule: "snap.slack-not-zero", blocks: ([, block]) => block?.set([1], lastEntryEnd) },
  {
    rule: "snap.sdk-loses-entries",
    content: resized(Array.from({ length: 31 }, (_, index) => ({ ...entry(index + 1, index), label: StoredText.of("x".repeat(64)) }))),
  },
  { rule: "snap.entries-behind-table", content: (content) => Object.assign(content, { snapshotCount: 59 }) },
  { rule: "snap.id-empty", content: (content) => resized([...content.snapshots, { ...entry(100, 70), snapshotId: guidOf(0) }])(content) },
  {
    rule: "snap.id-duplicate",
    content: (content) => Object.assign(content.snapshots[69] ?? {}, { snapshotId: guidOf(69), parentSnapshotId: guidOf(68) }),
  },
  { rule: "snap.parent-missing", content: (content) => Object.assign(second(content), { parentSnapshotId: guidOf(99) }) },
  {
    rule: "snap.parent-cycle",
    content: (content) => Object.assign(second(content), { parentSnapshotId: guidOf(2) }),
  },
  { rule: "snap.parent-younger", content: (content) => Object.assign(content.snapshots[0] ?? {}, { createdUtcTicks: newYear + 3n }) },
  {
    rule: "snap.label-not-utf8",
    content: (content) => Object.assign(content.snapshots[69] ?? {}, { label: new StoredText(Uint8Array.of(0xff), false) }),
  },
  { rule: "snap.flags-unknown", content: (content) => Object.assign(second(content), { flags: 0x11 }) },
  { rule: "snap.inode-table-range", content: (content) => Object.assign(second(content), { inodeTableBlockOffset: 1280n }) },
  { rule: "snap.inode-table-range", content: (content) => Object.assign(second(content), { inodeTableBlockOffset: -1n }) },
  { rule: "snap.count-negative", content: (content) => Object.assign(second(content), { dataBlockCount: -1n }) },
  { rule: "snap.time-range", content: (content) => Object.assign(content.snapshots[69] ?? {}, { createdUtcTicks: 2n ** 62n }) },
  { rule: "snap.base-snapshot-count", content: (content) => Object.assign(content.snapshots[0] ?? {}, { flags: 1 }) },
]);
