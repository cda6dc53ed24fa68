import { inodeLayoutBlock } from "../../format/core/index.ts";
import { blockBytes, describeVolumeRules, inodeBytes, soundInodes, soundPlaces, type VolumeImage } from "../../testing/sound-volume.ts";

const { inodeTable, firstInodes, data } = soundPlaces;
const descriptor = (change: (value: ReturnType<typeof inodeLayoutBlock.parse>["layoutDescriptor"]) => void) => (image: VolumeImage) =>
  image.change(inodeTable, (bytes) => {
    const value = inodeLayoutBlock.parse(bytes);
    change(value.layoutDescriptor);
    bytes.set(inodeLayoutBlock.encode(value, { byteLength: blockBytes, checksums: "keep" }));
  });
/** Gives the second inode a block. */
const secondOwns = (startBlock: number) => (image: VolumeImage) =>
  image.inode((inode) => {
    inode.extentCount = 1;
    inode.extents[0] = { startBlock: BigInt(startBlock), blockCount: 1, flags: 0, logicalOffset: 0n };
  }, 1);
/** Puts the records where another writer has them: in `block`, from `start` on, `step` apart. */
const rewritten = (block: number, start: number, step: number, count: number) => (image: VolumeImage) => {
  const records = image.block(firstInodes).slice();
  image.change(firstInodes, (bytes) => bytes.fill(0));
  image.change(
    block,
    (bytes) => {
      for (let index = 0; index < count; index++)
        bytes.set(records.subarray(index * inodeBytes, (index + 1) * inodeBytes), start + index * step);
    },
    { tag: "INOD", generation: 1 },
  );
};

describeVolumeRules(
  "inodes",
  ["inod"],
  [
    {
      rule: "inod.no-descriptor",
      also: {
        "bmap.unowned": "without a descriptor no inode is read",
        "region.first-block-never-written": "the descriptor's block was wiped",
      },
      change: (image) => image.block(inodeTable).fill(0),
    },
    {
      rule: "inod.descriptor",
      also: { "inod.layout-differs": "a field differs from the manifest's layout" },
      change: descriptor((value) => (value.reserved = 1)),
    },
    {
      rule: "inod.layout-differs",
      change: descriptor((value) => {
        const [first] = value.moduleFields;
        if (first) first.fieldVersion = 9;
      }),
    },
    {
      rule: "inod.size-differs",
      also: { "supb.inode-size": "superblock, descriptor and manifest say the size: one of them stands alone" },
      change: (image) => image.superblock((value) => (value.inodeSize = 448)),
    },
    { rule: "inod.record-size", change: rewritten(firstInodes, 0, 512, 7) },
    {
      rule: "inod.placement-flat",
      change: rewritten(inodeTable, inodeBytes, inodeBytes, soundInodes),
    },
    {
      rule: "inod.no-record",
      also: {
        "inod.field": "what stands in the block is shown as an inode",
        "inod.unused-extent": "what stands in the block is shown as an inode",
      },
      change: (image) => image.change(firstInodes + 3, (bytes) => bytes.fill(0xff, 0, 384), { tag: "INOD", generation: 1 }),
    },
    { rule: "inod.number", change: (image) => image.inode((inode) => (inode.inodeNumber = 17_592_205_967_680n), 3) },
    { rule: "inod.field", change: (image) => image.inode((inode) => (inode.flags = 0x10), 3) },
    {
      rule: "inod.extent",
      change: (image) =>
        image.inode((inode) => {
          inode.extentCount = 1;
          inode.extents[0] = { startBlock: 5000n, blockCount: 2, flags: 0, logicalOffset: 0n };
        }, 3),
    },
    { rule: "inod.extent-in-region", change: secondOwns(soundPlaces.snapshots + 3) },
    { rule: "inod.extent-overlap", change: secondOwns(data + 1) },
    {
      rule: "inod.extent-order",
      change: (image) =>
        image.inode((inode) => {
          const [first] = inode.extents;
          if (first) first.logicalOffset = 100n;
        }),
    },
    {
      rule: "inod.unused-extent",
      change: (image) =>
        image.inode((inode) => {
          inode.extents[3] = { startBlock: BigInt(data), blockCount: 1, flags: 0, logicalOffset: 8192n };
        }),
    },
  ],
);
