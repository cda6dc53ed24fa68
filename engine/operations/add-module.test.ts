import { describe, expect, it } from "vitest";
import { concatBytes } from "../base/bytes.ts";
import type { BlockDevice } from "../device/block-device.ts";
import { MemoryDevice } from "../device/memory-device.ts";
import { checkVolume } from "../forensics/check.ts";
import { hasModule, modules, planInodeLayout, sealBlock } from "../format/core/index.ts";
import { describeOperationSafety } from "../testing/operation-safety.ts";
import { placeInodes } from "../testing/placed-inodes.ts";
import { now, volumeDevice } from "../testing/small-volume.ts";
import { decodePlacedInode, readInodeTable } from "../volume/inode-table.ts";
import { openVolume } from "../volume/open.ts";
import { type AddModuleInputs, addModule } from "./add-module.ts";
import { applyPlan } from "./operation.ts";
import { undoOperation } from "./undo.ts";
import { encodeUndoBundle, readUndoBundle } from "./undo-bundle.ts";

const planFor = async (device: BlockDevice, inputs: AddModuleInputs) => addModule.plan(await openVolume(device), inputs, { now: now + 1n });
const add = async (device: BlockDevice, inputs: AddModuleInputs) => applyPlan(device, await planFor(device, inputs));
const findingsOf = async (device: BlockDevice) =>
  (await checkVolume(await openVolume(device))).filter(({ severity }) => severity !== "info").map(({ rule, title }) => `${rule} ${title}`);

describe("adding a module", () => {
  it.each(modules.slice(0, 32))("of id $id ($name) leaves a volume without a fault", async (module) => {
    const device = await volumeDevice({ totalBlocks: 1600n });
    await add(device, { module: module.name });
    const volume = await openVolume(device);
    const { superblock } = volume;
    expect(await findingsOf(device)).toEqual([]);
    expect(hasModule(superblock?.moduleManifest ?? 0, module.id)).toBe(true);
    expect(superblock?.inodeSize).toBe(planInodeLayout(superblock?.moduleManifest ?? 0).inodeSize);
  });
  it("adds all of them one after the other", async () => {
    const device = await volumeDevice({ totalBlocks: 4096n });
    for (const module of modules.slice(0, 32)) {
      await add(device, { module: module.name });
      expect(await findingsOf(device), module.name).toEqual([]);
    }
  }, 60_000);
  it("cuts the regions from the far end of the data region, in the creator's order and under their own tags", async () => {
    const device = await volumeDevice({ totalBlocks: 1600n });
    await add(device, { module: "Compliance" });
    const { regions, superblock } = await openVolume(device);
    const found = regions
      .filter(({ slot }) => slot >= 6)
      .map(({ tag, name, startBlock, blockCount }) => [tag, name, startBlock, blockCount]);
    expect(found).toEqual([
      ["DATA", "DataRegion", 1099n, 373n],
      ["CMVT", "ComplianceVault", 1472n, 64n],
      ["CMAL", "ComplianceAuditLog", 1536n, 64n],
    ]);
    expect(superblock).toMatchObject({ freeBlocks: 373n, totalAllocatedBlocks: 1227n, moduleConfig: 0x10n, inodeSize: 320 });
  });
  it("refuses where blocks at the end are in use, and says which", async () => {
    const device = await volumeDevice({ totalBlocks: 1600n });
    await placeInodes(device, [{ inode: 1, startBlock: 1580n, blockCount: 2 }]);
    await expect(planFor(device, { module: "Snapshot" })).rejects.toMatchObject({
      code: "MODULE_NOT_ADDABLE",
      data: {
        module: "Snapshot",
        strategy: "",
        reasons: ["its regions take 64 blocks at the end of the data region, of which the last 18 are free: block 1581 is in use"],
      },
    });
  });
  it.each([
    [{ module: "QuorumSeal" }, "MODULE_NOT_STORABLE"],
    [{ module: "nothing" }, "MODULE_UNKNOWN"],
    [{ module: "Tags", strategy: "padding" }, "MODULE_NOT_ADDABLE"],
    [{ module: "Tags", strategy: "region" }, "MODULE_NOT_ADDABLE"],
    [{ module: "Snapshot", strategy: "migrate" }, "MODULE_NOT_ADDABLE"],
  ] as [AddModuleInputs, string][])("refuses %j", async (inputs, code) => {
    await expect(planFor(await volumeDevice({ totalBlocks: 1600n }), inputs)).rejects.toMatchObject({ code });
  });
  it("claims padding without writing an inode, and refuses where padding is not zero", async () => {
    const device = await volumeDevice({ profile: "standard", totalBlocks: 1600n });
    await placeInodes(device, [{ inode: 1, startBlock: 1400n, blockCount: 2 }]);
    const plan = await planFor(device, { module: "ComputePushdown" });
    expect(plan.inputs).toMatchObject({ strategy: "padding" });
    const inodeBlocks = plan.steps[0]?.changes.images.filter(({ reason }) => reason.includes("inode")).length;
    expect([inodeBlocks, plan.steps[0]?.changes.fresh]).toEqual([1, []]);
    await applyPlan(device, plan);
    expect(await findingsOf(device)).toEqual([]);
    const dirty = await volumeDevice({ profile: "standard", totalBlocks: 1600n });
    await placeInodes(dirty, [{ inode: 1, startBlock: 1400n, blockCount: 2 }]);
    const block = ((await openVolume(dirty)).findRegion("INOD")?.startBlock ?? 0n) + 1n;
    const image = dirty.bytes.slice(Number(block) * 4096, Number(block + 1n) * 4096);
    image[383] = 1;
    await dirty.write(block * 4096n, sealBlock(image, "INOD", 1));
    await expect(planFor(dirty, { module: "ComputePushdown", strategy: "padding" })).rejects.toMatchObject({
      code: "MODULE_NOT_ADDABLE",
      data: { reasons: [`the padding of inodes is not zero everywhere: block ${block} has content in it`] },
    });
  });
  it("rewrites inodes where the field does not fit their padding, and keeps what is in them", async () => {
    const device = await volumeDevice({ profile: "standard", totalBlocks: 1500n });
    await placeInodes(
      device,
      [1, 2, 13, 30].map((inode, index) => ({ inode, startBlock: 1300n + 4n * BigInt(index), blockCount: 3 })),
    );
    const before = await inodesOf(device);
    await add(device, { module: "Tags" });
    const after = await inodesOf(device);
    expect(await findingsOf(device)).toEqual([]);
    expect(after.inodeSize).toBe(512);
    expect(after.inodes.map(({ moduleFields, ...core }) => core)).toEqual(before.inodes.map(({ moduleFields, ...core }) => core));
    for (const [index, { moduleFields }] of after.inodes.entries()) {
      const { tags, ...others } = moduleFields as Record<string, unknown>;
      expect(others).toEqual(before.inodes[index]?.moduleFields);
      expect(tags).toMatchObject({ inlineTagCount: 0, tagOverflowBlock: 0 });
    }
    const { superblock } = await openVolume(device);
    expect(superblock?.freeBlocks).toBeGreaterThan(1024n);
  });
  it("is undone to the bytes that were there, the log aside", async () => {
    const device = await withInodes();
    const before = device.bytes.slice();
    const volume = await openVolume(device);
    const log = volume.log?.region;
    const plan = await planFor(device, { module: "Tags" });
    const parts: Uint8Array[] = [];
    for await (const part of encodeUndoBundle(volume, plan, "test")) parts.push(part);
    const bundle = await readUndoBundle(new MemoryDevice(concatBytes(parts)));
    await applyPlan(device, plan);
    expect(Buffer.compare(device.bytes, before)).not.toBe(0);
    await applyPlan(device, await undoOperation.plan(await openVolume(device), { bundle }, { now: now + 2n }));
    const [from, to] = [Number(log?.startBlock) * 4096, Number((log?.startBlock ?? 0n) + (log?.blockCount ?? 0n)) * 4096];
    expect(Buffer.compare(device.bytes.subarray(0, from), before.subarray(0, from))).toBe(0);
    expect(Buffer.compare(device.bytes.subarray(to), before.subarray(to))).toBe(0);
  });
  describe("by a region", () => {
    describeOperationSafety({ before: () => volumeDevice({ totalBlocks: 1200n }), act: (device) => act(device, "Snapshot") });
  });
  describe("by a claim of padding", () => {
    describeOperationSafety({
      before: () => volumeDevice({ profile: "standard", totalBlocks: 1400n }),
      act: (device) => act(device, "ComputePushdown"),
    });
  });
  describe("by rewritten inodes", () => {
    describeOperationSafety({ before: withInodes, act: (device) => act(device, "EphemeralKey") });
  });
});

const act = async (device: BlockDevice, module: string): Promise<void> => {
  await add(device, { module });
};

async function withInodes(): Promise<MemoryDevice> {
  const device = await volumeDevice({ totalBlocks: 1300n });
  await placeInodes(
    device,
    [1, 2, 13, 30].map((inode, index) => ({ inode, startBlock: 1100n + 4n * BigInt(index), blockCount: 3 })),
  );
  return device;
}

async function inodesOf(device: BlockDevice) {
  const volume = await openVolume(device);
  const region = volume.findRegion("INOD");
  if (!region) throw new TypeError("there is an inode table");
  const table = await readInodeTable(volume, region, 1e9);
  const inodes = table.records.map((placed) => {
    const { block, offset, moduleFieldData, ...inode } = decodePlacedInode(table, placed) as ReturnType<typeof decodePlacedInode> & {
      moduleFieldData: Uint8Array;
      moduleFields: Record<string, unknown>;
    };
    return inode;
  });
  return { inodeSize: volume.superblock?.inodeSize, inodes };
}
