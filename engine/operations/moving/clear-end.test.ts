import { beforeAll, describe, expect, it } from "vitest";
import { concatBytes, equalBytes, toHex } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { zeroGuid } from "../../base/guid.ts";
import { StoredText } from "../../base/stored-text.ts";
import type { BlockDevice } from "../../device/block-device.ts";
import { MemoryDevice } from "../../device/memory-device.ts";
import { checkVolume } from "../../forensics/check.ts";
import { checkTree } from "../../forensics/integrity-tree.ts";
import {
  encodeFlatExtents,
  extentFlag,
  type InodeCore,
  type InodeExtent,
  inodeCore,
  planInodeLayout,
  sealBlock,
} from "../../format/core/index.ts";
import { codeCodec, type Snapshot, snapCodec, snapshotFlags } from "../../format/regions/index.ts";
import { mtrkCodec } from "../../format/regions/mtrk.ts";
import { replCodec } from "../../format/regions/repl.ts";
import { tagiCodec } from "../../format/regions/tagi.ts";
import { walkInodes } from "../../snapshot/inode-owners.ts";
import { describeOperationSafety } from "../../testing/operation-safety.ts";
import { placeInodes } from "../../testing/placed-inodes.ts";
import { now, volumeDevice } from "../../testing/small-volume.ts";
import { tagTree } from "../../testing/tag-tree.ts";
import { buildIntegrityTree, trackDataRegion } from "../../testing/tracked-volume.ts";
import { readInodeBytes } from "../../volume/inode-content.ts";
import { readInodeTable } from "../../volume/inode-table.ts";
import { openVolume } from "../../volume/open.ts";
import { loadRegionBlocks } from "../../volume/region-readers/coded-region.ts";
import { VolumeEdit } from "../../volume/volume-edit.ts";
import { addModule } from "../add-module.ts";
import { applyPlan, defineOperation, type OperationPlan, previewVolume } from "../operation.ts";
import { undoOperation } from "../undo.ts";
import { encodeUndoBundle, readUndoBundle } from "../undo-bundle.ts";

const bs = 4096;
const planFor = async (device: BlockDevice, module: string): Promise<OperationPlan> =>
  addModule.plan(await openVolume(device), { module }, { now: now + 1n });
const add = async (device: BlockDevice, module: string) => applyPlan(device, await planFor(device, module));
const findingsOf = async (device: BlockDevice) =>
  (await checkVolume(await openVolume(device))).map(({ rule, severity, title }) => `${severity} ${rule} ${title}`).sort();

/** The data region's end, from which a module takes 64 blocks: [1208, 1272). */
const dataEnd = 1272n;
const wayStart = 1208n;

const extent = (startBlock: bigint, blockCount: number, at: number, flags = 0): InodeExtent => ({
  startBlock,
  blockCount,
  flags,
  logicalOffset: BigInt(at * bs),
});

interface TestInode {
  number: number;
  extents: InodeExtent[];
  /** Where the extents behind the eighth stand. */
  indirectAt?: bigint;
}

/** Plain and encoded extents across the border and behind it, ten pieces of which two stand in an indirect block in the way, and a hole. */
const files: readonly TestInode[] = [
  { number: 1, extents: [extent(1205n, 6, 0, extentFlag.sharedCow), extent(0n, 2, 6, extentFlag.hole), extent(1260n, 3, 8)] },
  { number: 2, extents: [extent(1215n, 4, 0, extentFlag.compressed)] },
  { number: 3, extents: Array.from({ length: 10 }, (_, index) => extent(1222n + 2n * BigInt(index), 1, index)), indirectAt: 1271n },
  { number: 4, extents: [extent(1110n, 2, 0)] },
  { number: 30, extents: [extent(1205n, 6, 0, extentFlag.sharedCow)] },
];
const frozenAt = 1266n;
const codeAt = 1250n;
const moduleBytes = new Uint8Array(6000).map((_, index) => index * 7);

function coreOf({ number, extents, indirectAt = 0n }: TestInode): InodeCore {
  const inline = extents.slice(0, 8);
  const blocks = extents.reduce((sum, { blockCount }) => sum + blockCount, 0);
  return {
    ...inodeCore.parse(new Uint8Array(304)),
    inodeNumber: BigInt(number),
    linkCount: 1,
    size: BigInt(blocks * bs - 100),
    createdUtc: now,
    modifiedUtc: now,
    accessedUtc: now,
    changedUtc: now,
    extentCount: inline.length,
    extents: [...inline, ...new Array<InodeExtent>(8 - inline.length).fill(extent(0n, 0, 0))],
    indirectExtentBlock: indirectAt,
  };
}

const fill = async (edit: VolumeEdit, block: bigint, images: readonly Uint8Array[]) => {
  const blank = new Uint8Array(bs);
  await edit.fill({ block, blockCount: BigInt(images.length), reason: "Fill", image: (index) => images[Number(index)] ?? blank });
  await edit.mark(block, BigInt(images.length), true);
};

/** A volume in which everything that can own blocks does so at the end of its data region. */
async function fullVolume(): Promise<MemoryDevice> {
  const device = await volumeDevice({ totalBlocks: 1400n });
  for (const module of ["Snapshot", "Compute"]) await add(device, module);
  const build = defineOperation("test.build", async (volume) => {
    const [table, snap, code] = [volume.findRegion("INOD"), volume.findRegion("SNAP"), volume.findRegion("CODE")];
    if (!table || !snap || !code) throw new TypeError("there are regions");
    expect(volume.dataRegion?.startBlock).toBe(1099n);
    expect((volume.dataRegion?.startBlock ?? 0n) + (volume.dataRegion?.blockCount ?? 0n)).toBe(dataEnd);
    const edit = await VolumeEdit.begin(volume);
    const { inodeSize } = planInodeLayout(volume.superblock?.moduleManifest ?? 0);
    const perBlock = Math.floor((bs - 16) / inodeSize);
    const images = new Map<number, Uint8Array>();
    const filled = new Set<bigint>();
    for (const file of files) {
      const index = Math.floor((file.number - 1) / perBlock);
      const image = images.get(index) ?? new Uint8Array(bs);
      image.set(inodeCore.encode(coreOf(file)), ((file.number - 1) % perBlock) * inodeSize);
      images.set(index, image);
      for (const { startBlock, blockCount, flags } of file.extents) {
        if ((flags & extentFlag.hole) !== 0 || filled.has(startBlock)) continue;
        filled.add(startBlock);
        await fill(
          edit,
          startBlock,
          Array.from({ length: blockCount }, (_, at) => new Uint8Array(bs).fill(Number(startBlock % 200n) + at)),
        );
      }
      if (file.indirectAt !== undefined) await fill(edit, file.indirectAt, [encodeFlatExtents(file.extents.slice(8), bs)]);
    }
    for (const [index, image] of images) await edit.put(table.startBlock + 1n + BigInt(index), sealBlock(image, "INOD", 1), "Write inodes");
    await fill(
      edit,
      frozenAt,
      [...images.values()].map((image) => sealBlock(image, "INOD", 1)),
    );
    const padded = concatBytes([moduleBytes, new Uint8Array(2 * bs - moduleBytes.length)]);
    await fill(edit, codeAt, [padded.subarray(0, bs), padded.subarray(bs)]);
    const snapshot: Snapshot = {
      snapshotId: "11111111-2222-4333-8444-555555555555",
      parentSnapshotId: zeroGuid,
      createdUtcTicks: now,
      inodeTableBlockOffset: frozenAt,
      inodeTableBlockCount: BigInt(images.size),
      dataBlockCount: 25n,
      flags: snapshotFlags.readOnly | snapshotFlags.baseSnapshot,
      label: StoredText.of("monday", 6),
    };
    const module = {
      moduleHash: checksum.sha256(moduleBytes),
      moduleId: "22222222-2222-4333-8444-555555555555",
      blockOffset: codeAt,
      blockCount: 2,
      moduleSizeBytes: moduleBytes.length,
      abiVersion: 0,
      registeredUtcTicks: now,
      entryPointName: StoredText.of("run", 3),
    };
    const write = async (start: bigint, blocks: Uint8Array[]) => {
      for (const [index, image] of blocks.entries()) await edit.put(start + BigInt(index), image, "Write");
    };
    await write(snap.startBlock, snapCodec.write({ generation: 2, snapshotCount: 1, snapshots: [snapshot] }, bs));
    await write(code.startBlock, codeCodec.write({ generation: 2, moduleCount: 1, modules: [module] }, bs));
    return { sentences: [], steps: [{ title: "Build", changes: await edit.finish({ now }) }], warnings: [], worstCase: "" };
  });
  await applyPlan(device, await build.plan(await openVolume(device), {}, { now }));
  return device;
}

/** SHA-256 of what every inode, live and frozen, reads, and of the code module. */
async function contentsOf(device: BlockDevice): Promise<string[]> {
  const volume = await openVolume(device);
  const [table, code] = [volume.findRegion("INOD"), volume.findRegion("CODE")];
  if (!table || !code) throw new TypeError("there are regions");
  const wanted: { name: string; size: bigint; extents: InodeExtent[] }[] = [];
  const problem = await walkInodes(volume, await readInodeTable(volume, table, 1e9), ({ frozenIn, inode, inline, indirect }) => {
    const plain = [...inline, ...indirect].map((each) => ({ ...each, flags: each.flags & ~extentFlag.compressed }));
    wanted.push({ name: `${frozenIn ? "frozen" : "live"} ${inode.inodeNumber}`, size: inode.size, extents: plain });
  });
  expect(problem).toBeUndefined();
  const found: string[] = [];
  for (const { name, size, extents } of wanted) {
    const { bytes, pieces } = await readInodeBytes(volume, { size, extents }, { start: 0n, byteLength: 1e9 });
    expect(pieces.filter(({ state }) => state !== "data" && state !== "hole")).toEqual([]);
    found.push(`${name} ${toHex(checksum.sha256(bytes))}`);
  }
  const [module] = codeCodec.read(await loadRegionBlocks(volume, code, 1e9)).content?.modules ?? [];
  if (!module) throw new TypeError("there is a module");
  const stored = concatBytes([await volume.requireBlock(module.blockOffset), await volume.requireBlock(module.blockOffset + 1n)]);
  expect(equalBytes(stored.subarray(0, moduleBytes.length), moduleBytes)).toBe(true);
  return found;
}

describe("moving blocks out of the way of a module", () => {
  let before: MemoryDevice;
  beforeAll(async () => {
    before = await fullVolume();
  });
  const copyOf = () => new MemoryDevice(before.bytes.slice());

  it("keeps every byte of every file, live and frozen, and brings no finding", async () => {
    const device = copyOf();
    const [contents, findings] = [await contentsOf(device), await findingsOf(device)];
    expect(findings.filter((each) => !each.startsWith("info"))).toEqual([]);
    const plan = await planFor(device, "RAID");
    expect(plan.steps.map(({ title }) => title)).toEqual(["Move blocks out of the way", "Add RAID"]);
    await applyPlan(device, plan);
    expect(await contentsOf(device)).toEqual(contents);
    expect((await findingsOf(device)).filter((each) => !findings.includes(each))).toEqual([]);
    expect((await openVolume(device)).dataRegion?.blockCount).toBe(wayStart - 1099n);
  });
  it("is undone to the bytes that were there, the log aside", async () => {
    const device = copyOf();
    const volume = await openVolume(device);
    const plan = await planFor(device, "RAID");
    const parts: Uint8Array[] = [];
    for await (const part of encodeUndoBundle(volume, plan, "test")) parts.push(part);
    const bundle = await readUndoBundle(new MemoryDevice(concatBytes(parts)));
    await applyPlan(device, plan);
    await applyPlan(device, await undoOperation.plan(await openVolume(device), { bundle }, { now: now + 2n }));
    const log = volume.log?.region;
    const [from, to] = [Number(log?.startBlock) * bs, Number((log?.startBlock ?? 0n) + (log?.blockCount ?? 0n)) * bs];
    expect(Buffer.compare(device.bytes.subarray(0, from), before.bytes.subarray(0, from))).toBe(0);
    expect(Buffer.compare(device.bytes.subarray(to), before.bytes.subarray(to))).toBe(0);
  });
  it("refuses where nothing known owns a block in the way, and names it", async () => {
    const device = copyOf();
    const mark = defineOperation("test.mark", async (volume) => {
      const edit = await VolumeEdit.begin(volume);
      await edit.mark(1245n, 2n, true);
      return { sentences: [], steps: [{ title: "Mark", changes: await edit.finish({ now }) }], warnings: [], worstCase: "" };
    });
    await applyPlan(device, await mark.plan(await openVolume(device), {}, { now }));
    await expect(planFor(device, "RAID")).rejects.toMatchObject({
      code: "MODULE_NOT_ADDABLE",
      data: {
        reasons: expect.arrayContaining([expect.stringContaining("blocks 1245 to 1246 cannot be moved: nothing that is known owns them")]),
      },
    });
  });
  describeOperationSafety({
    before: async () => copyOf(),
    act: async (device) => {
      await add(device, "RAID");
    },
    between: async () => {
      const device = copyOf();
      const plan = await planFor(device, "RAID");
      await applyPlan(device, { ...plan, steps: plan.steps.slice(0, 1) });
      return [device];
    },
  });
});

describe("moving blocks that something names", () => {
  it("is refused: a tag index says which block, not what that means", async () => {
    const device = await volumeDevice({ totalBlocks: 1600n });
    await add(device, "Tags");
    const { dataRegion, regions } = await openVolume(device);
    const end = (dataRegion?.startBlock ?? 0n) + (dataRegion?.blockCount ?? 0n);
    await placeInodes(device, [{ inode: 1, startBlock: end - 3n, blockCount: 2 }]);
    const entry = { key: new Uint8Array([97]), value: new Uint8Array([1]), inodeNumber: 1n, blockAddress: end - 3n };
    const region = regions.find(({ kind }) => kind === "TAGI");
    for (const [index, image] of tagiCodec.write(tagTree([entry], 4), bs).entries())
      await device.write(((region?.startBlock ?? 0n) + BigInt(index)) * BigInt(bs), image);
    await expect(planFor(device, "Snapshot")).rejects.toMatchObject({
      code: "MODULE_NOT_ADDABLE",
      data: {
        reasons: [
          expect.stringContaining(
            `block ${end - 3n} cannot be moved: block ${(region?.startBlock ?? 0n) + 1n} of TagIndexRegion names it, and what that means is not known`,
          ),
        ],
      },
    });
  });
});

describe("moving blocks of many inodes", () => {
  it("takes several steps where the log does not hold it, and the integrity tree and dirty bits follow", async () => {
    const device = await volumeDevice({ profile: "standard", totalBlocks: 2400n });
    await add(device, "Replication");
    const volume = await openVolume(device);
    const data = volume.dataRegion;
    if (!data) throw new TypeError("there is a data region");
    const end = data.startBlock + data.blockCount;
    // One inode in each of 30 blocks of records, each with a block at the end.
    const perBlock = Math.floor((bs - 16) / (volume.superblock?.inodeSize ?? 0));
    const runs = Array.from({ length: 30 }, (_, index) => ({
      inode: 1 + index * perBlock,
      startBlock: end - 2n * BigInt(index + 1),
      blockCount: 1,
    }));
    await placeInodes(device, runs.slice(0, 15));
    await placeInodes(device, runs.slice(15));
    await buildIntegrityTree(device);
    await trackDataRegion(device, []);
    const contents = await filesOf(device);
    const plan = await planFor(device, "RAID");
    expect(plan.steps.map(({ title }) => title)).toEqual([
      "Move blocks out of the way",
      "Move more blocks out of the way",
      "Move more blocks out of the way",
      "Add RAID",
    ]);
    for (let count = 1; count < plan.steps.length; count++) {
      const partly = await previewVolume(volume, { steps: plan.steps.slice(0, count) });
      expect((await checkVolume(partly)).filter(({ severity }) => severity !== "info")).toEqual([]);
      expect(await filesOf(partly.device)).toEqual(contents);
    }
    await applyPlan(device, plan);
    expect((await findingsOf(device)).filter((each) => !each.startsWith("info"))).toEqual([]);
    expect(await filesOf(device)).toEqual(contents);
    const after = await openVolume(device);
    const [tree, state] = [after.findRegion("MTRK"), after.findRegion("REPL")];
    if (!tree || !state) throw new TypeError("there are regions");
    const blocks = await loadRegionBlocks(after, tree, 1e9);
    const { content } = mtrkCodec.read(blocks);
    if (!content) throw new TypeError("there is a tree");
    expect((await checkTree(after, tree, { blocks, content })).leaves).toMatchObject({ differs: 0, unread: 0, withoutBlock: 0 });
    const { content: tracked } = replCodec.read(await loadRegionBlocks(after, state, 1e9));
    expect(tracked?.dirtyBlocks.length).toBe(30);
  });
});

/** SHA-256 of the content of every live inode. */
async function filesOf(device: BlockDevice): Promise<string[]> {
  const volume = await openVolume(device);
  const table = volume.findRegion("INOD");
  if (!table) throw new TypeError("there is an inode table");
  const wanted: { inode: InodeCore; extents: InodeExtent[] }[] = [];
  await walkInodes(volume, await readInodeTable(volume, table, 1e9), ({ inode, inline }) => wanted.push({ inode, extents: inline }));
  return Promise.all(
    wanted.map(async ({ inode, extents }) => {
      const { bytes } = await readInodeBytes(volume, { size: inode.size, extents }, { start: 0n, byteLength: 1e6 });
      return `${inode.inodeNumber} ${toHex(checksum.sha256(bytes))}`;
    }),
  );
}
