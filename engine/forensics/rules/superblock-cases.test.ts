import { checksum } from "../../base/checksum.ts";
import { StoredText } from "../../base/stored-text.ts";
import { integrityAnchor } from "../../format/core/index.ts";
import { blockBytes, describeVolumeRules, soundSlots, type VolumeImage } from "../../testing/sound-volume.ts";

const anchor = (change: (value: ReturnType<typeof integrityAnchor.parse>) => void) => (image: VolumeImage) => {
  for (const copy of [3, 7])
    image.change(copy, (bytes) => {
      const value = integrityAnchor.parse(bytes);
      change(value);
      bytes.set(integrityAnchor.encode(value, { byteLength: blockBytes, checksums: "keep" }));
    });
};
const resized = (image: VolumeImage, byteLength: number) => {
  const bytes = new Uint8Array(byteLength);
  bytes.set(image.bytes.subarray(0, byteLength));
  image.bytes = bytes;
};
const behindPreamble = (vdeOffset: bigint) => (image: VolumeImage) => {
  const head = new Uint8Array(blockBytes);
  head.set(new TextEncoder().encode("DWVD-BOO"));
  const view = new DataView(head.buffer);
  view.setUint16(8, 1, true);
  view.setBigUint64(24, vdeOffset, true);
  head.set(checksum.sha256(head.subarray(0, 56)).subarray(0, 8), 56);
  const bytes = new Uint8Array(head.length + image.bytes.length);
  bytes.set(head);
  bytes.set(image.bytes, head.length);
  image.bytes = bytes;
};
const groupDiffers = "a group that is not like the other is told as that too";

describeVolumeRules(
  "the superblock group and the file",
  ["supb", "seal", "preamble", "volume", "file", "module", "layout"],
  [
    { rule: "supb.counter", change: (image) => image.superblock((value) => (value.expectedFileSize = 4096n)) },
    { rule: "supb.counters-disagree", change: (image) => image.superblock((value) => (value.totalAllocatedBlocks -= 1n)) },
    { rule: "supb.times", change: (image) => image.superblock((value) => (value.modifiedTimestampUtc = 1n)) },
    {
      rule: "supb.generation",
      change: (image) => {
        for (const copy of [2, 6]) image.change(copy, () => {}, { generation: 7 });
      },
    },
    { rule: "supb.mirror-differs", change: (image) => image.change(6, (bytes) => bytes.set([1], 0)) },
    {
      rule: "supb.mirror-used",
      also: { "supb.mirror-differs": groupDiffers },
      change: (image) => {
        image.superblock((value) => (value.checkpointSequence = 2n), [4]);
        for (const copy of [4, 5, 6, 7]) image.change(copy, () => {}, { generation: 2 });
      },
    },
    {
      rule: "supb.groups-mixed",
      also: { "supb.mirror-differs": groupDiffers, "trailer.mismatch": "neither group may verify as a whole" },
      change: (image) => {
        image.block(1).fill(1, 4000);
        image.block(7).fill(1, 0, 8);
      },
    },
    {
      rule: "supb.none-survives",
      also: { "trailer.mismatch": "both superblocks are damaged" },
      change: (image) => {
        for (const copy of [0, 4]) image.block(copy).fill(1, blockBytes - 48, blockBytes - 40);
      },
    },
    {
      rule: "supb.block-size",
      also: { "supb.counter": "ExpectedFileSize is a multiple of the block size" },
      change: (image) => image.superblock((value) => (value.blockSize = 8192)),
    },
    {
      rule: "supb.inode-size",
      also: { "inod.size-differs": "superblock, descriptor and manifest say the size: one of them stands alone" },
      change: (image) => image.superblock((value) => (value.inodeSize = 448)),
    },
    {
      rule: "supb.unknown-features",
      change: (image) => image.superblock((value) => (value.versionInfo.incompatibleFeatures = 0x8000_0000)),
    },
    {
      rule: "supb.unknown-compatible-features",
      change: (image) => image.superblock((value) => (value.versionInfo.compatibleFeatures = 0x8000_0000)),
    },
    {
      rule: "supb.label-utf8",
      change: (image) => image.superblock((value) => (value.volumeLabel = new StoredText(new Uint8Array(64).fill(0xc3, 0, 63)))),
    },
    {
      rule: "supb.reserved",
      change: (image) => {
        for (const copy of [3, 7]) image.change(copy, (bytes) => bytes.set([1], 4000));
      },
    },
    { rule: "supb.reserved", change: (image) => image.superblock((value) => (value.unused = new Uint8Array(3744).fill(1))) },
    { rule: "seal.absent", change: (image) => image.superblock((value) => value.headerIntegritySeal.fill(0)) },
    {
      rule: "seal.header-stale",
      also: { "trailer.unsealed": "an all-zero trailer is what tells it" },
      change: (image) => {
        for (const copy of [0, 4]) image.block(copy).fill(0, blockBytes - 16);
      },
    },
    { rule: "seal.chain-stale", change: anchor((value) => value.metadataChainHash.fill(1)) },
    { rule: "seal.fingerprint", change: anchor((value) => value.formatFingerprint.fill(1)) },
    {
      rule: "preamble.flag-without-preamble",
      change: (image) => image.superblock((value) => (value.versionInfo.incompatibleFeatures |= 0x100)),
    },
    { rule: "preamble.volume-offset", change: behindPreamble(4096n) },
    {
      rule: "preamble.offset-unusable",
      also: { "volume.not-recognised": "where the volume begins is not known then" },
      change: (image) => {
        behindPreamble(1n << 40n)(image);
        image.bytes.fill(0, blockBytes);
      },
    },
    { rule: "volume.not-recognised", change: (image) => image.bytes.fill(0) },
    {
      rule: "volume.other-format",
      also: {
        "supb.mirror-differs": groupDiffers,
        "supb.mirror-used": "block 0 is no superblock any more",
        "trailer.mismatch": "another format writes no trailer",
      },
      change: (image) => image.block(0).set([9, 9, 9, 9], 0),
    },
    {
      rule: "file.shorter",
      also: { "slot.past-file": "the last region ends with the file" },
      change: (image) => resized(image, image.bytes.length - 10 * blockBytes),
    },
    { rule: "file.longer", change: (image) => resized(image, image.bytes.length + blockBytes) },
    {
      rule: "file.uneven-length",
      also: { "file.longer": "the expected length is even" },
      change: (image) => resized(image, image.bytes.length + 100),
    },
    {
      rule: "file.sdk-length-overflow",
      also: { "file.longer": "the volume itself is small" },
      change: (image) => {
        image.byteLength = 2n ** 31n;
      },
    },
    {
      rule: "module.without-region",
      also: { "layout.differs": "the creator would have made the region" },
      change: (image) => image.superblock((value) => (value.moduleManifest |= 1 << 17)),
    },
    { rule: "module.level-without-module", change: (image) => image.superblock((value) => (value.moduleConfig |= 1n << 36n)) },
    {
      rule: "layout.differs",
      change: (image) =>
        image.slots((slots) => {
          const region = slots[soundSlots.data];
          if (region) region.blockCount -= 5n;
        }),
    },
  ],
);
