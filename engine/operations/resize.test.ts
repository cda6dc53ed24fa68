import { describe, expect, it } from "vitest";
import { concatBytes } from "../base/bytes.ts";
import type { BlockDevice } from "../device/block-device.ts";
import { MemoryDevice } from "../device/memory-device.ts";
import { checkVolume } from "../forensics/check.ts";
import { checkTree } from "../forensics/integrity-tree.ts";
import { logEntry, sealBlock, walHeaderBlock } from "../format/core/index.ts";
import { btreCodec } from "../format/regions/btre.ts";
import { mtrkCodec } from "../format/regions/mtrk.ts";
import { opjrCodec } from "../format/regions/opjr.ts";
import { replCodec } from "../format/regions/repl.ts";
import { everyCrash } from "../testing/every-crash.ts";
import { describeOperationSafety } from "../testing/operation-safety.ts";
import { placeInodes } from "../testing/placed-inodes.ts";
import { now, volumeDevice } from "../testing/small-volume.ts";
import { tagTree } from "../testing/tag-tree.ts";
import { buildIntegrityTree, trackDataRegion } from "../testing/tracked-volume.ts";
import { recoveryFooter } from "../volume/free-space.ts";
import { openVolume } from "../volume/open.ts";
import { loadRegionBlocks } from "../volume/region-readers/coded-region.ts";
import { VolumeEdit } from "../volume/volume-edit.ts";
import { addModule } from "./add-module.ts";
import { applyPlan, defineOperation, previewVolume } from "./operation.ts";
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
async function withTail(totalBlocks = 1300n): Promise<MemoryDevice> {
  const device = await volumeDevice({ totalBlocks });
  await add(device, "Snapshot");
  const first = (await openVolume(device)).dataRegion?.startBlock ?? 0n;
  await placeInodes(device, [{ inode: 1, startBlock: first + 1n, blockCount: 3 }]);
  return device;
}

describe("resizing", () => {
  it.each([
    [1300n, 2000n],
    [1300n, 32_640n],
    [1300n, 1100n],
    [40_000n, 20_000n],
    [20_000n, 32_640n],
    [20_000n, 32_641n],
    [32_640n, 70_000n],
  ])("from %i to %i blocks leaves a volume without a fault", async (before, after) => {
    const device = await volumeDevice({ totalBlocks: before });
    await to(device, after);
    const volume = await openVolume(device);
    const { superblock, dataRegion, fileBlocks } = volume;
    expect(await findingsOf(device)).toEqual([]);
    expect([superblock?.totalBlocks, superblock?.expectedFileSize, fileBlocks]).toEqual([after, after * 4096n, after]);
    const [data, bitmap] = [dataRegion, volume.findRegion("BMAP")];
    const end = bitmap && data && bitmap.startBlock > data.startBlock ? bitmap.startBlock : after;
    expect((data?.startBlock ?? 0n) + (data?.blockCount ?? 0n)).toBe(end);
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
    [17_179_868_641n, ["17179868160 is the largest number whose bitmap the SDK can read"]],
    [
      1320n,
      [
        "what lies behind the data region takes 64 blocks and must move past where it is: 1364 is the next larger number, 1236 the next smaller",
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
      data: {
        reasons: [
          "DataWAL lies behind the data region and it holds what is not read as records, which may name places in it, so it cannot move with the end; while it lies there 2000 is the only number",
        ],
      },
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
  it("gives the bitmap more blocks behind the data region, and takes it along from then on", async () => {
    const device = await withTail(32_000n);
    await to(device, 33_000n);
    const bitmapOf = async () => (await openVolume(device)).findRegion("BMAP");
    expect(await bitmapOf()).toMatchObject({ startBlock: 32_998n, blockCount: 2n });
    await to(device, 40_000n);
    expect(await bitmapOf()).toMatchObject({ startBlock: 39_998n, blockCount: 2n });
    await to(device, 70_000n);
    expect(await bitmapOf()).toMatchObject({ startBlock: 69_997n, blockCount: 3n });
    await to(device, 20_000n);
    expect(await bitmapOf()).toMatchObject({ startBlock: 19_997n, blockCount: 3n });
    expect(await findingsOf(device)).toEqual([]);
  }, 60_000);
  it.each([1500n, 1235n])(
    "to %i blocks writes the recovery footer anew as the last block, and records itself in the journal",
    async (blocks) => {
      const device = await withFooter();
      const before = await findingsOf(device);
      await to(device, blocks);
      expect(await findingsOf(device)).toEqual(before);
      const volume = await openVolume(device);
      expect(await recoveryFooter(volume)).toBe(blocks - 1n);
      const [first, last] = [await volume.requireBlock(0n), await volume.requireBlock(blocks - 1n)];
      expect(Buffer.compare(first.subarray(0, -16), last.subarray(0, -16))).toBe(0);
      const journal = volume.findRegion("OPJR");
      if (!journal) throw new TypeError("there is a journal");
      expect(journal.startBlock + journal.blockCount).toBe(blocks - 1n);
      const { content } = opjrCodec.read(await loadRegionBlocks(volume, journal, 1e9));
      expect(content).toMatchObject({ activeOperations: 0, totalOperations: 1, newestId: 1n, operations: [{ type: 1, state: 3 }] });
    },
  );
  it("takes a tag index in the forest of indexes along, and refuses nodes, which name blocks", async () => {
    const device = await volumeDevice({ totalBlocks: 1600n });
    await add(device, "Query");
    const start = (await openVolume(device)).findRegion("BTRE")?.startBlock ?? 0n;
    const write = async (images: readonly Uint8Array[]) => {
      for (const [index, image] of images.entries()) await device.write((start + BigInt(index)) * 4096n, image);
    };
    const node = {
      block: start,
      keyCount: 1,
      flags: 3,
      parentBlock: -1n,
      nextLeafBlock: -1n,
      prevLeafBlock: -1n,
      keys: ["61"],
      values: [10n],
    };
    await write(btreCodec.write({ layout: "nodes", nodes: [node] }, 4096));
    await expect(planFor(device, 2000n)).rejects.toMatchObject({
      data: {
        reasons: [
          "BTreeIndexForest lies behind the data region and holds block numbers of its own, so it cannot move with the end; while it lies there 1600 is the only number",
        ],
      },
    });
    const index = btreCodec.write(
      tagTree([{ key: new Uint8Array([97]), value: new Uint8Array([1]), inodeNumber: 1n, blockAddress: 0n }], 4),
      4096,
    );
    await write(index);
    await to(device, 2000n);
    const volume = await openVolume(device);
    expect(volume.findRegion("BTRE")?.startBlock).toBe(start + 400n);
    for (const [at, image] of index.entries()) expect(Buffer.compare(await volume.requireBlock(start + 400n + BigInt(at)), image)).toBe(0);
    expect(await findingsOf(device)).toEqual([]);
  });
  it("takes a log of data along whose records are known, and lets its header count from there", async () => {
    const device = await volumeDevice({ totalBlocks: 1600n });
    await add(device, "Streaming");
    const region = (await openVolume(device)).findRegion("DWAL");
    const start = region?.startBlock ?? 0n;
    const write = async (target: bigint) => {
      const entry = logEntry.encode({ targetBlock: target, dataLength: 4096, image: new Uint8Array(4096).fill(5), checksum: 0n });
      await device.write((start + 1n) * 4096n, entry);
      const image = device.bytes.slice(Number(start) * 4096, Number(start + 1n) * 4096);
      const block = walHeaderBlock.parse(image);
      const header = { ...block.header, tailOffset: (start + 1n) * 4096n + BigInt(entry.length), totalEntries: 1n };
      await device.write(start * 4096n, sealBlock(walHeaderBlock.encode({ ...block, header }, { byteLength: 4096 }), "DWAL", 2));
    };
    await write(start + 5n);
    await expect(planFor(device, 2300n)).rejects.toMatchObject({
      data: { reasons: [expect.stringContaining(`a record of it names block ${start + 5n}, which would move`)] },
    });
    await write(1200n);
    await to(device, 2300n);
    const volume = await openVolume(device);
    const moved = volume.findRegion("DWAL")?.startBlock ?? 0n;
    expect(moved).toBe(start + 700n);
    const { header } = walHeaderBlock.parse(await volume.requireBlock(moved));
    expect(header.tailOffset).toBe((moved + 1n) * 4096n + 4116n);
    expect(await findingsOf(device)).toEqual([]);
  });
  it.each([
    [2400n, 47n],
    [1500n, 19n],
  ])("to %i blocks takes several steps where the log has %i, each of which leaves a whole volume", async (blocks, logBlocks) => {
    const device = await withTree("Compute");
    await shortenLog(device, logBlocks);
    const before = await findingsOf(device);
    const plan = await planFor(device, blocks);
    expect(plan.steps.length).toBeGreaterThan(2);
    expect(plan.sentences.at(-1)).toBe(
      `The log is too small for all of it at once: it takes ${plan.steps.length} steps, each of which leaves a whole volume.`,
    );
    for (let count = 1; count <= plan.steps.length; count++) {
      const byteLength = count === plan.steps.length ? plan.byteLength : undefined;
      const partly = await previewVolume(await openVolume(device), {
        steps: plan.steps.slice(0, count),
        byteLength: byteLength ?? 2400n * 4096n,
      });
      const found = (await checkVolume(partly)).filter(({ severity }) => severity === "error").map(({ rule }) => rule);
      expect(found, plan.steps[count - 1]?.title).toEqual(before.filter((each) => each.startsWith("error")));
    }
    const volume = await openVolume(device);
    const bytes = device.bytes.slice();
    const bundle = await applied(device, blocks);
    expect(await findingsOf(device)).toEqual(before);
    await applyPlan(device, await undoOperation.plan(await openVolume(device), { bundle }, { now: now + 2n }));
    const [from, end] = [Number(volume.log?.region.startBlock) * 4096, Number((volume.log?.region.startBlock ?? 0n) + logBlocks) * 4096];
    expect(Buffer.compare(device.bytes.subarray(0, from), bytes.subarray(0, from))).toBe(0);
    expect(Buffer.compare(device.bytes.subarray(end), bytes.subarray(end))).toBe(0);
  });
  it.each([2400n, 1500n])(
    "to %i blocks writes an integrity tree that the log does not hold anew behind the data region",
    async (blocks) => {
      const device = await volumeDevice({ profile: "standard", totalBlocks: 2048n });
      await buildIntegrityTree(device);
      await shortenLog(device, 14n);
      const before = await findingsOf(device);
      const plan = await planFor(device, blocks);
      expect(plan.steps.length).toBe(1);
      await applyPlan(device, plan);
      expect(await findingsOf(device)).toEqual(before);
      const volume = await openVolume(device);
      const tree = volume.findRegion("MTRK");
      if (!tree) throw new TypeError("there is a tree");
      expect(tree.startBlock).toBe(blocks - 64n);
      const read = await loadRegionBlocks(volume, tree, 1e9);
      const { content } = mtrkCodec.read(read);
      if (!content) throw new TypeError("there is a tree");
      expect(await checkTree(volume, tree, { blocks: read, content })).toMatchObject({
        rootHolds: true,
        leaves: { differs: 0, unread: 0 },
      });
    },
  );
  it.each([
    [1300n, 1500n, () => withTail()],
    [1300n, 1200n, () => withTail()],
    [1400n, 1500n, () => withFooter()],
    [1400n, 1235n, () => withFooter()],
    [32_000n, 33_000n, () => withTail(32_000n)],
  ])("from %i to %i blocks is undone to the bytes that were there, the log aside", async (total, blocks, make) => {
    const device = await make();
    const findings = await findingsOf(device);
    // What a free block held comes back too.
    await device.write(1230n * 4096n, new Uint8Array(4096).fill(7));
    const before = device.bytes.slice();
    const volume = await openVolume(device);
    const bundle = await applied(device, blocks);
    await applyPlan(device, await undoOperation.plan(await openVolume(device), { bundle }, { now: now + 2n }));
    expect(device.byteLength).toBe(total * 4096n);
    const { startBlock = 0n, blockCount = 0n } = volume.log?.region ?? {};
    const [from, end] = [Number(startBlock) * 4096, Number(startBlock + blockCount) * 4096];
    expect(Buffer.compare(device.bytes.subarray(0, from), before.subarray(0, from))).toBe(0);
    expect(Buffer.compare(device.bytes.subarray(end), before.subarray(end))).toBe(0);
    expect(await findingsOf(device)).toEqual(findings);
  });
  it("with a longer bitmap happens whole or not at all, wherever the power fails", async () => {
    const result = await everyCrash(await volumeDevice({ totalBlocks: 32_600n }), (device) => to(device, 32_700n), { most: 3000 });
    expect(result.violations.slice(0, 3)).toEqual([]);
    expect([result.states, result.old > 0, result.new > 0]).toEqual([3000, true, true]);
  }, 120_000);
  describe("to more blocks", () => {
    describeOperationSafety({ before: withFooter, act: (device) => to(device, 1500n) });
  });
  describe("to fewer blocks", () => {
    describeOperationSafety({ before: withFooter, act: (device) => to(device, 1235n) });
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

/** A volume whose last block is a recovery footer, with a journal of operations before it and a file. */
async function withFooter(): Promise<MemoryDevice> {
  const device = await volumeDevice({ totalBlocks: 1400n });
  const block0 = device.bytes.slice(0, 4096);
  await device.write(1399n * 4096n, sealBlock(block0, "SUPB", 1));
  await add(device, "OnlineOps");
  await placeInodes(device, [{ inode: 1, startBlock: 1100n, blockCount: 3 }]);
  return device;
}

/** Gives the metadata log so few blocks that a change must be split. */
async function shortenLog(device: MemoryDevice, blockCount: bigint): Promise<void> {
  const shorten = defineOperation("test.shorten", async (volume) => {
    const edit = await VolumeEdit.begin(volume);
    const region = volume.log?.region;
    const slot = edit.slots[region?.slot ?? -1];
    if (!region || !slot) throw new TypeError("there is a log");
    slot.blockCount = blockCount;
    await edit.mark(region.startBlock + blockCount, region.blockCount - blockCount, false);
    return { sentences: [], steps: [{ title: "Shorten", changes: await edit.finish({ now }) }], warnings: [], worstCase: "" };
  });
  await applyPlan(device, await shorten.plan(await openVolume(device), {}, { now }));
  const region = (await openVolume(device)).findRegion("MWAL");
  // What the longer log left behind its header is nobody's now.
  const at = Number(region?.startBlock) * 4096;
  const block = walHeaderBlock.parse(device.bytes.slice(at, at + 4096));
  const header = { ...block.header, tailOffset: 0n, maxBlocks: blockCount };
  device.bytes.fill(0, at + 4096, at + 64 * 4096);
  await device.write(BigInt(at), sealBlock(walHeaderBlock.encode({ ...block, header }, { byteLength: 4096 }), "MWAL", 9));
}

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

/** A standard volume with a module's region behind its data region, which an integrity tree covers. */
async function withTree(module: string): Promise<MemoryDevice> {
  const device = await volumeDevice({ profile: "standard", totalBlocks: 2048n });
  await add(device, module);
  await buildIntegrityTree(device);
  return device;
}

/** The same, whose replication state tracks the data region too. */
async function withTreeAndTracking(): Promise<MemoryDevice> {
  const device = await withTree("Replication");
  await trackDataRegion(device, [3, 500]);
  return device;
}
