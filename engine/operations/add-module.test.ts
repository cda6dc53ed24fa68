import { describe, expect, it } from "vitest";
import { concatBytes, fromHex, isAllZero } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { zeroGuid } from "../base/guid.ts";
import { StoredText } from "../base/stored-text.ts";
import type { BlockDevice } from "../device/block-device.ts";
import { MemoryDevice } from "../device/memory-device.ts";
import { OverlayDevice } from "../device/overlay-device.ts";
import { checkVolume } from "../forensics/check.ts";
import { hasModule, modules, planInodeLayout, sealBlock } from "../format/core/index.ts";
import { type Snapshot, snapCodec, snapshotFlags } from "../format/regions/index.ts";
import { readFrozenInodes, recordLayout } from "../snapshot/frozen-inodes.ts";
import { goldenDevice, goldenJson } from "../testing/golden.ts";
import { describeOperationSafety } from "../testing/operation-safety.ts";
import { placeInodes } from "../testing/placed-inodes.ts";
import { now, volumeDevice } from "../testing/small-volume.ts";
import { decodePlacedInode, readInodeTable } from "../volume/inode-table.ts";
import { openVolume } from "../volume/open.ts";
import { loadRegionBlocks } from "../volume/region-readers/coded-region.ts";
import { VolumeEdit } from "../volume/volume-edit.ts";
import { type AddModuleInputs, addModule } from "./add-module.ts";
import { applyPlan, defineOperation } from "./operation.ts";
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
  it("moves what is in use at the end out of the way first", async () => {
    const device = await volumeDevice({ totalBlocks: 1600n });
    await placeInodes(device, [{ inode: 1, startBlock: 1580n, blockCount: 2 }]);
    const plan = await planFor(device, { module: "Snapshot" });
    expect(plan.steps.map(({ title }) => title)).toEqual(["Move blocks out of the way", "Add Snapshot"]);
    expect(plan.sentences[0]).toBe(
      "Move 2 blocks in use out of the last 64 blocks of the data region to free blocks before them, and let 1 inode point there.",
    );
    await applyPlan(device, plan);
    expect(await findingsOf(device)).toEqual([]);
  });
  it("rewrites inodes to as many as before where blocks at the end must move for it", async () => {
    const device = await volumeDevice({ totalBlocks: 4000n });
    await placeInodes(device, [{ inode: 1, startBlock: 3950n, blockCount: 2 }]);
    await add(device, { module: "Tags" });
    expect(await findingsOf(device)).toEqual([]);
    expect((await openVolume(device)).findRegion("INOD")?.blockCount).toBeGreaterThan(1024n);
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
  it("keeps a chain hash and a header seal right, and refuses without the seal's key", async () => {
    const device = new OverlayDevice(await goldenDevice("sealed-standard"));
    const key = fromHex(goldenJson("sealed-standard").inputs.hmacKey);
    const before = await openVolume(device);
    const later = (before.superblock?.modifiedTimestampUtc ?? 0n) + 1n;
    const anchorOf = (volume: typeof before) => volume.group.integrityAnchor.value?.metadataChainHash;
    const plan = async (options: object) => addModule.plan(await openVolume(device), { module: "RAID" }, { now: later, ...options });
    await expect(plan({})).rejects.toMatchObject({ code: "SEAL_KEY_NEEDED" });
    const findings = await findingsOf(device);
    await applyPlan(device, await plan({ sealKey: key }));
    const after = await openVolume(device);
    expect(await findingsOf(device)).toEqual(findings);
    expect(isAllZero(anchorOf(after) ?? new Uint8Array(1))).toBe(false);
    expect(anchorOf(after)).not.toEqual(anchorOf(before));
    const image = await after.requireBlock(0n);
    expect(after.superblock?.headerIntegritySeal).toEqual(checksum.hmacSha256(key, image.subarray(0, -48)));
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

describe("adding a module to a volume with snapshots", () => {
  it("rewrites the frozen inode tables too, and the snapshots point to them", async () => {
    const device = await withSnapshot();
    const before = await frozenInodes(device);
    await add(device, { module: "Tags" });
    expect(await findingsOf(device)).toEqual([]);
    const after = await frozenInodes(device);
    expect(after.table).not.toEqual(before.table);
    expect(after.inodes).toEqual(before.inodes);
    expect((await openVolume(device)).superblock?.inodeSize).toBe(448);
  });
  it("refuses a claim where a frozen inode's padding is not zero", async () => {
    const device = await withSnapshot();
    const { table } = await frozenInodes(device);
    const image = device.bytes.slice(Number(table) * 4096, Number(table + 1n) * 4096);
    image[319] = 1;
    await device.write(table * 4096n, sealBlock(image, "INOD", 1));
    await expect(planFor(device, { module: "RAID", strategy: "padding" })).rejects.toMatchObject({
      data: { reasons: [`the padding of inodes is not zero everywhere: block ${table} has content in it`] },
    });
  });
  describe("by rewritten inodes", () => {
    describeOperationSafety({ before: withSnapshot, act: (device) => act(device, "EphemeralKey") });
  });
});

/** A volume with a snapshot whose inode table is a copy of the live one's only block of records. */
async function withSnapshot(): Promise<MemoryDevice> {
  const device = await withInodes();
  await add(device, { module: "Snapshot" });
  const freeze = defineOperation("test.freeze", async (volume) => {
    const [table, region] = [volume.findRegion("INOD"), volume.findRegion("SNAP")];
    if (!table || !region) throw new TypeError("there are tables");
    const edit = await VolumeEdit.begin(volume);
    const frozen = await volume.requireBlock(table.startBlock + 1n);
    await edit.fill({ block: 1150n, blockCount: 1n, reason: "Freeze", image: () => frozen });
    await edit.mark(1150n, 1n, true);
    const snapshot: Snapshot = {
      snapshotId: "11111111-2222-4333-8444-555555555555",
      parentSnapshotId: zeroGuid,
      createdUtcTicks: now,
      inodeTableBlockOffset: 1150n,
      inodeTableBlockCount: 1n,
      dataBlockCount: 9n,
      flags: snapshotFlags.readOnly | snapshotFlags.baseSnapshot,
      label: StoredText.of("monday", 6),
    };
    const images = snapCodec.write({ generation: 2, snapshotCount: 1, snapshots: [snapshot] }, volume.blockBytes);
    for (const [index, image] of images.entries()) await edit.put(region.startBlock + BigInt(index), image, "Write the snapshot");
    return { sentences: [], steps: [{ title: "Freeze", changes: await edit.finish({ now }) }], warnings: [], worstCase: "" };
  });
  await applyPlan(device, await freeze.plan(await openVolume(device), {}, { now }));
  return device;
}

async function frozenInodes(device: BlockDevice): Promise<{ table: bigint; inodes: unknown }> {
  const volume = await openVolume(device);
  const [live, region] = [volume.findRegion("INOD"), volume.findRegion("SNAP")];
  if (!live || !region) throw new TypeError("there are tables");
  const [snapshot] = snapCodec.read(await loadRegionBlocks(volume, region, 1e9)).content?.snapshots ?? [];
  const layout = recordLayout(await readInodeTable(volume, live, 1e9), await volume.requireBlock(live.startBlock));
  if (!snapshot || typeof layout === "string") throw new TypeError("there is a snapshot");
  const table = snapshot.inodeTableBlockOffset;
  const { inodes, problem } = await readFrozenInodes(volume, table, Number(snapshot.inodeTableBlockCount), layout);
  expect(problem).toBeUndefined();
  return { table, inodes };
}
