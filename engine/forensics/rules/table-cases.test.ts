import { StoredText } from "../../base/stored-text.ts";
import { type RegionPointer, slotCount, tagNumber } from "../../format/core/index.ts";
import { snapCodec } from "../../format/regions/snap.ts";
import { guidOf, newYear } from "../../testing/arbitraries.ts";
import { goldenBytes } from "../../testing/golden.ts";
import { blockBytes, describeVolumeRules, soundPlaces, soundSlots, type VolumeImage } from "../../testing/sound-volume.ts";

const slot = (index: number, change: (pointer: RegionPointer) => void, tables?: number[]) => (image: VolumeImage) =>
  image.slots((slots) => {
    const found = slots[index];
    if (found) change(found);
  }, tables);
const free = { regionTypeId: 0, flags: 0, startBlock: 0n, blockCount: 0n };
const moved = { "layout.differs": "the creator puts every region elsewhere" };

describeVolumeRules(
  "the region tables",
  ["rd", "rpt", "slot", "region", "device"],
  [
    { rule: "rd.header", change: (image) => image.header((value) => (value.slotCount = 126)) },
    {
      rule: "rd.generation-zero",
      change: (image) => {
        for (const block of [8, 9]) image.change(block, () => {}, { generation: 0 });
      },
    },
    {
      rule: "rd.full",
      also: { ...moved, "region.inside-data": "there is room for so many regions nowhere else" },
      change: (image) => {
        image.slots((slots) => {
          for (const [index, each] of slots.entries())
            if (index > soundSlots.data)
              Object.assign(each, {
                regionTypeId: tagNumber("TRLR"),
                flags: 1,
                startBlock: BigInt(soundPlaces.data + index),
                blockCount: 1n,
              });
        });
        const first = soundPlaces.data + soundSlots.data + 1;
        const count = slotCount - soundSlots.data - 1;
        image.allocate(first, count);
        for (let block = first; block < first + count; block++)
          image.change(block, (bytes) => bytes.set([1]), { tag: "TRLR", generation: 1 });
      },
    },
    { rule: "rd.unreadable", change: (image) => image.header((value) => (value.version = 2)) },
    {
      rule: "rd.emergency-recovery-block",
      also: { "rd.unreadable": "the header is gone" },
      change: (image) => image.change(9, (bytes) => bytes.set(new TextEncoder().encode("ERCV"))),
    },
    { rule: "rpt.tables-differ", change: slot(soundSlots.snapshots, (each) => (each.flags = 3), [1, 5]) },
    { rule: "rpt.mirror-behind", change: slot(soundSlots.snapshots, (each) => Object.assign(each, free), [5]) },
    { rule: "rpt.used-blocks-differ", change: slot(soundSlots.snapshots, (each) => (each.usedBlocks = 3n), [1, 5]) },
    {
      rule: "rpt.none-survives",
      also: { "trailer.never-written": "all three tables were wiped" },
      change: (image) => {
        for (const table of [1, 5, 8]) image.block(table).fill(0);
      },
    },
    { rule: "slot.unknown-flags", change: slot(soundSlots.snapshots, (each) => (each.flags = 0x41)) },
    { rule: "slot.half-free", also: moved, change: slot(20, (each) => (each.regionTypeId = 1)) },
    {
      rule: "slot.range",
      also: { ...moved, "slot.past-file": "the file ends with the volume" },
      change: slot(soundSlots.data, (each) => (each.blockCount += 1n)),
    },
    {
      rule: "slot.past-file",
      also: { "file.shorter": "a region inside the volume lies past a short file alone" },
      change: (image) => {
        image.bytes = image.bytes.slice(0, image.bytes.length - 4096);
      },
    },
    { rule: "slot.used-blocks", change: slot(soundSlots.snapshots, (each) => (each.usedBlocks = 65n)) },
    { rule: "region.overlap", also: moved, change: slot(soundSlots.dictionary, (each) => (each.blockCount += 1n)) },
    {
      rule: "region.inside-data",
      also: moved,
      change: slot(soundSlots.data, (each) => {
        each.startBlock -= 64n;
        each.blockCount += 64n;
      }),
    },
    {
      rule: "region.without-module",
      also: { ...moved, "module.level-without-module": "the module had a level" },
      change: (image) => image.superblock((value) => (value.moduleManifest &= ~(1 << 12))),
    },
    { rule: "region.no-data-region", also: moved, change: slot(soundSlots.data, (each) => Object.assign(each, free)) },
    {
      rule: "region.data-tag",
      also: { "seal.absent": "the SDK seals no volume that it creates" },
      change: (image) => {
        image.bytes = goldenBytes("created-enterprise-4k");
      },
    },
    { rule: "region.first-block-never-written", change: (image) => image.block(soundPlaces.snapshots).fill(0) },
    {
      rule: "region.first-block-wiped",
      change: (image) => image.change(soundPlaces.policyVault + 1, (bytes) => bytes.set([1]), { tag: "POLV", generation: 1 }),
    },
    {
      rule: "region.more-findings",
      also: {
        "snap.flags-unknown": "it is broken more than a hundred times",
        "snap.base-snapshot-count": "the flags that mark the base are used up",
      },
      change: (image) => {
        const snapshots = Array.from({ length: 120 }, (_, index) => ({
          snapshotId: guidOf(index + 1),
          parentSnapshotId: guidOf(index),
          createdUtcTicks: newYear + BigInt(index),
          inodeTableBlockOffset: 0n,
          inodeTableBlockCount: 0n,
          dataBlockCount: 0n,
          flags: 0x41,
          label: StoredText.of(""),
        }));
        for (const [index, block] of snapCodec.write({ generation: 1, snapshotCount: snapshots.length, snapshots }, blockBytes).entries())
          image.block(soundPlaces.snapshots + index).set(block);
      },
    },
    {
      rule: "region.partly-judged",
      also: moved,
      change: (image) => {
        const [totalBlocks, blockCount] = [30_000, 17_000];
        image.byteLength = BigInt(totalBlocks * blockBytes);
        image.superblock((value) => {
          value.freeBlocks += BigInt(totalBlocks - soundPlaces.totalBlocks);
          value.totalBlocks = BigInt(totalBlocks);
          value.expectedFileSize = BigInt(totalBlocks * blockBytes);
        });
        image.slots((slots) => {
          Object.assign(slots[soundSlots.snapshots] ?? {}, { startBlock: BigInt(soundPlaces.totalBlocks), blockCount: BigInt(blockCount) });
        });
        const first = image.block(soundPlaces.snapshots).slice();
        const bytes = new Uint8Array((soundPlaces.totalBlocks + 1) * blockBytes);
        bytes.set(image.bytes);
        bytes.set(first, soundPlaces.totalBlocks * blockBytes);
        image.bytes = bytes;
        image.release(soundPlaces.snapshots, 64);
        image.allocate(soundPlaces.totalBlocks, blockCount);
      },
    },
    {
      rule: "region.block-unread",
      change: (image) => {
        image.unreadable.add(soundPlaces.snapshots);
      },
    },
    {
      rule: "device.unreadable-block",
      also: { "region.block-unread": "the block belongs to the superblock group" },
      change: (image) => {
        image.unreadable.add(6);
      },
    },
  ],
);
