import { viewOf } from "../../base/bytes.ts";
import { inodeLayoutDescriptor, migrationCheckpoint, sealBlock } from "../../format/core/index.ts";
import { blockBytes, describeVolumeRules, soundPlaces } from "../../testing/sound-volume.ts";

const { bitmap, data, inodeTable, snapshots, totalBlocks } = soundPlaces;
const destroyed = "the block's own content is gone";

describeVolumeRules(
  "blocks and the bitmap",
  ["trailer", "trlr", "bmap", "data", "claim", "footer", "indr", "mchk", "rcvr"],
  [
    {
      rule: "trailer.unsealed",
      change: (image) => {
        for (const copy of [1, 5]) image.block(copy).fill(0, blockBytes - 16);
      },
    },
    {
      rule: "trailer.mismatch",
      change: (image) => {
        for (const copy of [3, 7]) image.block(copy).set([1], blockBytes - 1);
      },
    },
    {
      rule: "trailer.never-written",
      change: (image) => {
        for (const copy of [2, 6]) image.block(copy).fill(0);
      },
    },
    {
      rule: "trailer.misplaced",
      change: (image) => {
        for (const copy of [2, 6]) image.change(copy, () => {}, { tag: "REPL" });
      },
    },
    { rule: "bmap.trailer-stale", change: (image) => image.block(bitmap).set([1], blockBytes - 1) },
    {
      rule: "bmap.free-blocks",
      change: (image) =>
        image.superblock((value) => {
          value.freeBlocks -= 1n;
          value.totalAllocatedBlocks += 1n;
        }),
    },
    { rule: "bmap.past-end", change: (image) => image.bits(totalBlocks, 3, true) },
    { rule: "bmap.metadata-free", change: (image) => image.release(snapshots + 5, 2) },
    { rule: "bmap.unowned", change: (image) => image.allocate(1500, 4) },
    { rule: "bmap.extent-free", change: (image) => image.release(data + 1, 1) },
    {
      rule: "bmap.size",
      also: { "layout.differs": "the creator makes the bitmap longer" },
      change: (image) => {
        const blocks = 33_000;
        const byteLength = BigInt(blocks * blockBytes);
        image.byteLength = byteLength;
        image.superblock((value) => {
          value.freeBlocks += BigInt(blocks - totalBlocks);
          value.totalBlocks = BigInt(blocks);
          value.expectedFileSize = byteLength;
        });
      },
    },
    {
      rule: "data.past-region",
      also: { "file.longer": "it lies past the expected end" },
      change: (image) => {
        const bytes = new Uint8Array(image.bytes.length + blockBytes).fill(7);
        bytes.set(image.bytes);
        image.bytes = bytes;
      },
    },
    {
      rule: "claim.scratch-block",
      also: { "supb.mirror-differs": destroyed, "trailer.mismatch": destroyed },
      change: (image) => {
        const view = viewOf(image.block(7));
        view.setInt32(0, 0, true);
        view.setInt32(4, blockBytes, true);
        view.setUint8(8, 1);
      },
    },
    {
      rule: "claim.descriptor-in-block-2",
      also: { "supb.mirror-differs": destroyed, "trailer.unsealed": destroyed },
      change: (image) => {
        image.block(2).fill(0);
        image.block(2).set(inodeLayoutDescriptor.encode(inodeLayoutDescriptor.parse(image.block(inodeTable))));
      },
    },
    {
      rule: "footer.in-data",
      change: (image) => {
        image.block(totalBlocks - 1).set(image.block(0));
        image.allocate(totalBlocks - 1, 1);
      },
    },
    { rule: "indr.left-behind", change: (image) => image.block(data).set(new TextEncoder().encode("INDR")) },
    {
      rule: "mchk.left-behind",
      change: (image) => {
        const last = image.block(inodeTable + 1023);
        const empty = migrationCheckpoint.parse(new Uint8Array(blockBytes));
        last.set(migrationCheckpoint.encode({ ...empty, phase: 1 }, { byteLength: blockBytes }));
        sealBlock(last, "MCHK", 1);
      },
    },
    {
      rule: "rcvr.in-region",
      also: {
        "bmap.free-blocks": "block 14 is the bitmap here",
        "bmap.metadata-free": "block 14 is the bitmap here",
        "bmap.trailer-stale": "block 14 is the bitmap here",
      },
      change: (image) => image.block(14).set(new TextEncoder().encode("RVCRDVWD")),
    },
    {
      rule: "trlr.mismatch",
      change: (image) => {
        const block = image.block(data + 255);
        sealBlock(block, "TRLR", 1);
        block[5] = 9;
      },
    },
    {
      rule: "trlr.uncounted",
      change: (image) => {
        sealBlock(image.block(data + 256), "TRLR", 1);
        image.allocate(data + 256, 1);
      },
    },
  ],
);
