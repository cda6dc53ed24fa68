import { describe, expect, it } from "vitest";
import { concatBytes } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import type { BlockDevice } from "../device/block-device.ts";
import { MemoryDevice } from "../device/memory-device.ts";
import { checkVolume } from "../forensics/check.ts";
import { checkTree, leavesAt, strideFor } from "../forensics/integrity-tree.ts";
import { buildTree } from "../format/regions/merkle.ts";
import { mtrkCodec } from "../format/regions/mtrk.ts";
import { replCodec } from "../format/regions/repl.ts";
import { describeOperationSafety } from "../testing/operation-safety.ts";
import { placeInodes } from "../testing/placed-inodes.ts";
import { now, volumeDevice } from "../testing/small-volume.ts";
import { openVolume } from "../volume/open.ts";
import { loadRegionBlocks } from "../volume/region-readers/coded-region.ts";
import { addModule } from "./add-module.ts";
import { applyPlan } from "./operation.ts";
import { resize } from "./resize.ts";
import { undoOperation } from "./undo.ts";
import { encodeUndoBundle, readUndoBundle, type UndoBundle } from "./undo-bundle.ts";

const planFor = async (device: BlockDevice, blocks: bigint) => resize.plan(await openVolume(device), { blocks }, { now: now + 1n });
const to = async (device: BlockDevice, blocks: bigint): Promise<void> => {
  await applyPlan(device, await planFor(device, blocks));
};
const findingsOf = async (device: BlockDevice) =>
  (await checkVolume(await openVolume(device))).filter(({ severity }) => severity !== "info").map(({ rule, title }) => `${rule} ${title}`);
const add = async (device: BlockDevice, module: string) =>
  applyPlan(device, await addModule.plan(await openVolume(device), { module }, { now }));

/** A volume with a region behind its data region and a file in it. */
async function withTail(): Promise<MemoryDevice> {
  const device = await volumeDevice({ totalBlocks: 1300n });
  await add(device, "Snapshot");
  await placeInodes(device, [{ inode: 1, startBlock: 1100n, blockCount: 3 }]);
  return device;
}

describe("resizing", () => {
  it.each([
    [1300n, 2000n],
    [1300n, 32_640n],
    [1300n, 1100n],
    [40_000n, 20_000n],
    [20_000n, 32_640n],
  ])("from %i to %i blocks leaves a volume without a fault", async (before, after) => {
    const device = await volumeDevice({ totalBlocks: before });
    await to(device, after);
    const { superblock, dataRegion, fileBlocks } = await openVolume(device);
    expect(await findingsOf(device)).toEqual([]);
    expect([superblock?.totalBlocks, superblock?.expectedFileSize, fileBlocks]).toEqual([after, after * 4096n, after]);
    expect((dataRegion?.startBlock ?? 0n) + (dataRegion?.blockCount ?? 0n)).toBe(after);
  });
  it.each([1400n, 1200n])("takes regions behind the data region along to %i blocks", async (blocks) => {
    const device = await withTail();
    await to(device, blocks);
    expect(await findingsOf(device)).toEqual([]);
    const volume = await openVolume(device);
    expect(volume.findRegion("SNAP")).toMatchObject({ startBlock: blocks - 64n, blockCount: 64n });
    expect(volume.dataRegion).toMatchObject({ startBlock: 1099n, blockCount: blocks - 64n - 1099n });
  });
  it.each([
    [1300n, ["it is 1300 already"]],
    [32_641n, ["32640 is the largest number that its bitmap has bits for"]],
    [
      1320n,
      [
        "the regions behind the data region take 64 blocks and must move past where they are: 1364 is the next larger number, 1236 the next smaller",
      ],
    ],
    [1166n, ["1167 is the smallest number that holds what is in use"]],
  ])("to %i blocks is refused, with the number that would do", async (blocks, reasons) => {
    const device = await withTail();
    const bytes = device.bytes.slice();
    await expect(planFor(device, blocks)).rejects.toMatchObject({ code: "CHANGE_NOT_POSSIBLE", data: { reasons } });
    expect(Buffer.compare(device.bytes, bytes)).toBe(0);
  });
  it.each([2200n, 4000n])("to %i blocks closes the gap that a rewritten inode table left", async (blocks) => {
    const device = await volumeDevice({ totalBlocks: 2400n });
    await placeInodes(device, [{ inode: 1, startBlock: 1100n, blockCount: 3 }]);
    for (const module of ["Tags", "EphemeralKey"]) await add(device, module);
    await to(device, blocks);
    expect(await findingsOf(device)).toEqual([]);
    const { dataRegion, regions } = await openVolume(device);
    const behind = regions.filter(({ startBlock }) => startBlock > 1099n).reduce((sum, { blockCount }) => sum + blockCount, 0n);
    expect(dataRegion).toMatchObject({ startBlock: 1099n, blockCount: blocks - 1099n - behind });
  });
  it("goes down to the last block in use", async () => {
    const device = await withTail();
    await to(device, 1167n);
    expect(await findingsOf(device)).toEqual([]);
    expect((await openVolume(device)).superblock?.freeBlocks).toBe(1n);
  });
  it("goes on where an earlier attempt left the file longer", async () => {
    const device = await volumeDevice();
    await device.resize(1400n * 4096n);
    await to(device, 1400n);
    expect(await findingsOf(device)).toEqual([]);
  });
  it("refuses a log of data that was written to behind the data region, and takes an unused one along", async () => {
    const device = await volumeDevice({ totalBlocks: 1600n });
    await add(device, "Streaming");
    await to(device, 2000n);
    expect(await findingsOf(device)).toEqual([]);
    const region = (await openVolume(device)).findRegion("DWAL");
    await device.write(((region?.startBlock ?? 0n) + 1n) * 4096n, new Uint8Array(100).fill(1));
    await expect(planFor(device, 2300n)).rejects.toMatchObject({
      data: { reasons: ["DataWAL lies behind the data region and holds block numbers of its own, so it cannot move with the end"] },
    });
  });
  it.each([2400n, 1500n, 6000n])("to %i blocks keeps the integrity tree and the tracked blocks with the data region", async (blocks) => {
    const device = await withTreeAndTracking();
    await to(device, blocks);
    expect(await findingsOf(device)).toEqual([]);
    const volume = await openVolume(device);
    const region = volume.findRegion("MTRK");
    if (!region || !volume.dataRegion) throw new TypeError("there are regions");
    const read = await loadRegionBlocks(volume, region, 1e9);
    const { content } = mtrkCodec.read(read);
    if (!content) throw new TypeError("there is a tree");
    const check = await checkTree(volume, region, { blocks: read, content });
    expect(check).toMatchObject({ rootHolds: true, leaves: { differs: 0, unread: 0, withoutBlock: 0 }, inner: { differs: 0 } });
    const tracked = volume.findRegion("REPL");
    if (!tracked) throw new TypeError("there is a replication state");
    const state = replCodec.read(await loadRegionBlocks(volume, tracked, 1e9)).content;
    expect(state?.trackedBlockCount).toBe(Number(volume.dataRegion.blockCount));
    expect(state?.dirtyBlocks).toEqual([3, 500].filter((block) => block < (state?.trackedBlockCount ?? 0)));
  });
  it.each([1500n, 1200n])("to %i blocks is undone to the bytes that were there, the log aside", async (blocks) => {
    const device = await withTail();
    // What a free block held comes back too.
    await device.write(1230n * 4096n, new Uint8Array(4096).fill(7));
    const before = device.bytes.slice();
    const volume = await openVolume(device);
    const bundle = await applied(device, blocks);
    await applyPlan(device, await undoOperation.plan(await openVolume(device), { bundle }, { now: now + 2n }));
    expect(device.byteLength).toBe(1300n * 4096n);
    const [from, end] = [Number(volume.log?.region.startBlock) * 4096, Number((volume.log?.region.startBlock ?? 0n) + 64n) * 4096];
    expect(Buffer.compare(device.bytes.subarray(0, from), before.subarray(0, from))).toBe(0);
    expect(Buffer.compare(device.bytes.subarray(end), before.subarray(end))).toBe(0);
    expect(await findingsOf(device)).toEqual([]);
  });
  describe("to more blocks", () => {
    describeOperationSafety({ before: withTail, act: (device) => to(device, 1400n) });
  });
  describe("to fewer blocks", () => {
    describeOperationSafety({ before: withTail, act: (device) => to(device, 1200n) });
  });
  describe("undone once blocks were cut off", () => {
    const cut = cutOff();
    describeOperationSafety({
      before: async () => (await cut).device,
      act: async (device) => {
        const { bundle } = await cut;
        await applyPlan(device, await undoOperation.plan(await openVolume(device), { bundle }, { now: now + 2n }));
      },
    });
  });
});

/** Resizes, and gives the undo bundle. */
async function applied(device: MemoryDevice, blocks: bigint): Promise<UndoBundle> {
  const plan = await planFor(device, blocks);
  const parts: Uint8Array[] = [];
  for await (const part of encodeUndoBundle(await openVolume(device), plan, "test")) parts.push(part);
  await applyPlan(device, plan);
  return readUndoBundle(new MemoryDevice(concatBytes(parts)));
}

async function cutOff(): Promise<{ device: MemoryDevice; bundle: UndoBundle }> {
  const device = await withTail();
  return { device, bundle: await applied(device, 1200n) };
}

/** A standard volume whose integrity tree covers its data region and whose replication state tracks it. */
async function withTreeAndTracking(): Promise<MemoryDevice> {
  const device = await volumeDevice({ profile: "standard", totalBlocks: 2048n });
  await add(device, "Replication");
  const volume = await openVolume(device);
  const [tree, state, data] = [volume.findRegion("MTRK"), volume.findRegion("REPL"), volume.dataRegion];
  if (!tree || !state || !data) throw new TypeError("there are regions");
  const stride = strideFor(data.blockCount, tree, 4096);
  const leaves = await Promise.all(
    Array.from({ length: Number(leavesAt(data.blockCount, stride)) }, async (_, leaf) =>
      checksum.sha256(await volume.requireBlock(data.startBlock + BigInt(leaf) * stride)),
    ),
  );
  const nodes = buildTree(leaves);
  const content = {
    layout: "region" as const,
    generation: 1,
    leafCount: leaves.length,
    treeCapacity: nodes.length / 2,
    rootHash: nodes[1] ?? new Uint8Array(32),
    leaves,
    nodesSha256: new Uint8Array(32),
  };
  const tracking = {
    generation: 1,
    activeReplicaCount: 0,
    trackedBlockCount: Number(data.blockCount),
    vectors: [],
    watermarks: [],
    dirtyBlocks: [3, 500],
  };
  for (const [index, image] of mtrkCodec.write(content, 4096, { nodes }).entries())
    await device.write((tree.startBlock + BigInt(index)) * 4096n, image);
  for (const [index, image] of replCodec.write(tracking, 4096).entries())
    await device.write((state.startBlock + BigInt(index)) * 4096n, image);
  return device;
}
