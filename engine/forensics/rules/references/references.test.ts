import { viewOf } from "../../../base/bytes.ts";
import { checksum } from "../../../base/checksum.ts";
import { toIndex } from "../../../base/units.ts";
import { MemoryDevice } from "../../../device/memory-device.ts";
import { judgeTrailer, sealBlock } from "../../../format/core/index.ts";
import { type CodeContent, codeCodec } from "../../../format/regions/code.ts";
import { type EncrContent, encrCodec } from "../../../format/regions/encr.ts";
import type { RegionCodec } from "../../../format/regions/index.ts";
import { buildTree, nodeAt } from "../../../format/regions/merkle.ts";
import { mtrkCodec } from "../../../format/regions/mtrk.ts";
import { type ReplContent, replCodec } from "../../../format/regions/repl.ts";
import { type SnapContent, snapCodec } from "../../../format/regions/snap.ts";
import { goldenBytes } from "../../../testing/golden.ts";
import { reseal } from "../../../testing/region-rules.ts";
import { describeRules } from "../../../testing/rule-cases.ts";
import { readInodeTable } from "../../../volume/inode-table.ts";
import { openVolume } from "../../../volume/open.ts";
import { loadRegionBlocks } from "../../../volume/region-readers/coded-region.ts";
import { checkVolume } from "../../check.ts";
import { codeRules } from "../regions/code.ts";
import { encrRules } from "../regions/encr.ts";
import { mtrkRules } from "../regions/mtrk.ts";
import { replRules } from "../regions/repl.ts";
import { snapRules } from "../regions/snap.ts";

const blockBytes = 4096;

/** An image in memory, to be changed block by block. */
interface Image {
  bytes: Uint8Array;
  block(block: bigint): Uint8Array;
  /** Writes a region's content anew. */
  rewrite<Content>(
    codec: Pick<RegionCodec<Content>, "tag" | "read">,
    write: (content: Content) => Uint8Array[],
    change: (content: Content) => Content,
  ): Promise<void>;
}

const imageOf = (golden: string): Image => {
  const bytes = goldenBytes(golden).slice();
  const block = (number: bigint) => bytes.subarray(toIndex(number) * blockBytes, (toIndex(number) + 1) * blockBytes);
  return {
    bytes,
    block,
    async rewrite(codec, write, change) {
      const volume = await openVolume(new MemoryDevice(bytes));
      const region = volume.findRegion(codec.tag);
      if (!region) throw new TypeError(`there is no region ${codec.tag}`);
      const { content } = codec.read(await loadRegionBlocks(volume, region, Number.MAX_SAFE_INTEGER));
      if (content === undefined) throw new TypeError(`${codec.tag} has no content`);
      for (const [index, written] of write(change(content)).entries()) block(region.startBlock + BigInt(index)).set(written);
    },
  };
};
const rulesOf = async (bytes: Uint8Array): Promise<string[]> =>
  (await checkVolume(await openVolume(new MemoryDevice(bytes)))).map((finding) => finding.rule);

/** What the image breaks that the golden does not. */
const brokenIn = (golden: string, change: (image: Image) => void | Promise<void>) => async (): Promise<string[]> => {
  const image = imageOf(golden);
  const before = new Set(await rulesOf(image.bytes));
  await change(image);
  return (await rulesOf(image.bytes)).filter((rule) => !before.has(rule));
};
const inShowcase = (change: (image: Image) => void | Promise<void>) => brokenIn("populated-showcase", change);

const inCode = (change: (modules: CodeContent["modules"]) => void) =>
  inShowcase((image) =>
    image.rewrite<CodeContent>(
      codeCodec,
      (content) => codeCodec.write(content, blockBytes),
      (content) => {
        change(content.modules);
        return content;
      },
    ),
  );
const inSnapshots = (change: (first: SnapContent["snapshots"][0]) => void) =>
  inShowcase((image) =>
    image.rewrite<SnapContent>(
      snapCodec,
      (content) => snapCodec.write(content, blockBytes),
      (content) => {
        const last = content.snapshots.findLast(({ flags }) => (flags & 2) === 0);
        if (last) change(last);
        return content;
      },
    ),
  );
/** Flips a byte of a block; where it has a trailer, that is renewed. */
const flip = (image: Image, number: bigint): void => {
  const block = image.block(number);
  const sealed = judgeTrailer(block).verified;
  block[5] = (block[5] ?? 0) ^ 0xff;
  if (sealed) reseal(block);
};
const clearBit = (image: Image, number: bigint): void => {
  const bitmap = image.block(14n);
  const [byte, mask] = [toIndex(number) >> 3, 1 << (toIndex(number) & 7)];
  bitmap[byte] = (bitmap[byte] ?? 0) & ~mask;
  reseal(bitmap);
};

const counters = { "bmap.free-blocks": "the superblock counts the block that was freed" };
const liveToo = { "bmap.extent-free": "a live inode shares the extent" };
const inTree = { "mtrk.leaf-mismatch": "the integrity tree covers the block that was changed" };

/** The blocks of a tree over these leaves. */
const treeOf = (leaves: Uint8Array[]): Uint8Array[] => {
  const nodes = buildTree(leaves);
  return mtrkCodec.write(
    {
      layout: "region",
      generation: 2,
      leafCount: leaves.length,
      treeCapacity: nodes.length / 2,
      rootHash: nodeAt(nodes, 1),
      leaves,
      nodesSha256: new Uint8Array(32),
    },
    blockBytes,
    { nodes },
  );
};

const perObject = "filled-mtrk-per-object";
const [treeBlock, treeData, treeDataBlocks] = [1099n, 1163n, 2137];

/** Writes the number of a key slot into the first inode. */
async function nameKeySlot(image: Image, keySlot: number): Promise<void> {
  const volume = await openVolume(new MemoryDevice(image.bytes));
  const region = volume.findRegion("INOD");
  const table = region && (await readInodeTable(volume, region, 1_048_576));
  const field = table?.descriptor?.moduleFields.find(({ moduleId }) => moduleId === 0);
  const record = table?.records[0];
  if (!field || !record) throw new TypeError("there is no inode with a key slot");
  const block = image.block(record.block);
  viewOf(block).setInt32(record.offset + field.fieldOffset, keySlot, true);
  reseal(block);
}

describeRules("what regions say about blocks, inodes and each other", {
  subjects: ["code", "snap", "mtrk", "repl", "encr"],
  elsewhere: Object.fromEntries(
    [codeRules, snapRules, mtrkRules, replRules, encrRules].flatMap((rules) => Object.keys(rules)).map((id) => [id, "../regions"]),
  ),
  sound: async () => (await rulesOf(imageOf("populated-showcase").bytes)).filter((rule) => /^(code|snap|mtrk|repl|encr)\./.test(rule)),
  cases: [
    { rule: "code.blocks-free", also: counters, found: inShowcase((image) => clearBit(image, 1477n)) },
    {
      rule: "code.blocks-in-region",
      found: inCode((modules) => {
        for (const module of modules.slice(4)) module.blockOffset = 20n;
      }),
    },
    { rule: "code.hash-differs", also: inTree, found: inShowcase((image) => flip(image, 1477n)) },
    { rule: "snap.table-free", also: counters, found: inShowcase((image) => clearBit(image, 1473n)) },
    {
      rule: "snap.table-in-region",
      found: inSnapshots((snapshot) => {
        snapshot.inodeTableBlockOffset = 20n;
      }),
    },
    { rule: "snap.table-damaged", also: inTree, found: inShowcase((image) => image.block(1473n).set([1], 4000)) },
    {
      rule: "snap.table-damaged",
      also: inTree,
      found: inShowcase((image) => {
        sealBlock(image.block(1473n), "DATA", 1);
      }),
    },
    { rule: "snap.table-damaged", also: inTree, found: inShowcase((image) => void image.block(1473n).fill(0)) },
    { rule: "snap.extent-free", also: { ...counters, ...liveToo }, found: inShowcase((image) => clearBit(image, 1470n)) },
    {
      rule: "snap.data-blocks-differ",
      found: inSnapshots((snapshot) => {
        snapshot.dataBlockCount += 1n;
      }),
    },
    { rule: "mtrk.leaf-mismatch", found: inShowcase((image) => flip(image, 1470n)) },
    {
      rule: "mtrk.mapping-unknown",
      found: inShowcase((image) => {
        for (const [index, block] of treeOf(Array.from({ length: 600 }, () => new Uint8Array(32).fill(1))).entries())
          image.block(1295n + BigInt(index)).set(block);
      }),
    },
    {
      rule: "mtrk.mapping-unknown",
      found: inShowcase((image) => {
        for (const [index, block] of treeOf(Array.from({ length: 625 }, () => new Uint8Array(32).fill(1))).entries())
          image.block(1295n + BigInt(index)).set(block);
      }),
    },
    {
      rule: "mtrk.coverage",
      found: brokenIn(perObject, (image) => {
        const leaves = Array.from({ length: Math.ceil(treeDataBlocks / 2) }, (_, leaf) =>
          checksum.sha256(image.block(treeData + 2n * BigInt(leaf))),
        );
        for (const [index, block] of treeOf(leaves).entries()) image.block(treeBlock + BigInt(index)).set(block);
      }),
    },
    {
      rule: "mtrk.object-tree-outside",
      found: brokenIn(perObject, (image) => {
        for (const offset of [0n, 1n]) image.block(treeBlock + 2048n + offset).set(image.block(treeBlock + offset));
        const header = image.block(treeBlock + 2048n);
        viewOf(header).setBigInt64(0, 1n, true);
        reseal(header);
      }),
    },
    {
      rule: "repl.coverage",
      found: inShowcase((image) =>
        image.rewrite<ReplContent>(
          replCodec,
          (content) => replCodec.write(content, blockBytes),
          (content) => ({ ...content, trackedBlockCount: 600, dirtyBlocks: content.dirtyBlocks.filter((block) => block < 600) }),
        ),
      ),
    },
    { rule: "encr.inode-slot-unusable", found: inShowcase((image) => nameKeySlot(image, 40)) },
    { rule: "encr.inode-slot-unusable", found: inShowcase((image) => nameKeySlot(image, 63)) },
    { rule: "encr.inode-slot-compromised", found: inShowcase((image) => nameKeySlot(image, 1)) },
    {
      rule: "encr.fingerprint-without-key",
      also: { "encr.inode-slot-unusable": "inodes name the slot that was emptied" },
      found: inShowcase(async (image) => {
        for (const number of [0n, 4n]) {
          const block = image.block(number);
          viewOf(block).setBigUint64(0x90, 7n, true);
          reseal(block);
        }
        await image.rewrite<EncrContent>(
          encrCodec,
          (content) => encrCodec.write(content, blockBytes),
          ({ generation }) => ({
            generation,
            activeSlotIndex: 0xff,
            totalActiveSlots: 0,
            rotationEventCount: 0,
            slots: [],
            rotationLog: [],
          }),
        );
      }),
    },
  ],
});
