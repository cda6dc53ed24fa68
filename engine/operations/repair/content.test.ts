import { describe, expect, it } from "vitest";
import { StoredText } from "../../base/stored-text.ts";
import { MemoryDevice } from "../../device/memory-device.ts";
import { OverlayDevice } from "../../device/overlay-device.ts";
import { checkVolume } from "../../forensics/check.ts";
import { inodeCore, inodeCoreBytes, inodeV2, planInodeLayout, sealBlock } from "../../format/core/index.ts";
import { snapCodec } from "../../format/regions/snap.ts";
import { filesOf, memorySource } from "../../testing/file-sources.ts";
import { goldenDevice } from "../../testing/golden.ts";
import { now } from "../../testing/small-volume.ts";
import { readInodeTable } from "../../volume/inode-table.ts";
import { openVolume } from "../../volume/open.ts";
import type { Volume } from "../../volume/volume.ts";
import { applyCreateVolume, planCreateVolume } from "../create-volume.ts";
import { importFiles } from "../import-files.ts";
import { applyPlan, defineOperation, singleStep } from "../operation.ts";
import { repair } from "./repair.ts";

const worries = async (volume: Volume): Promise<string[]> =>
  (await checkVolume(volume)).filter(({ severity }) => severity !== "info").map(({ rule, block }) => `${rule} ${block}`);

async function repaired(device: OverlayDevice): Promise<{ volume: Volume; warnings: string[] }> {
  const before = await openVolume(device);
  const plan = await repair.plan(before, { risk: "advisory" }, { now: (before.superblock?.modifiedTimestampUtc ?? 0n) + 1n });
  await applyPlan(device, plan);
  return { volume: await openVolume(device), warnings: plan.warnings };
}

/** Moves the content of the largest file elsewhere, as no operation does. */
const moveFile = defineOperation("test.move", async (volume, { startBlock }: { startBlock: bigint }, options) => {
  const region = volume.findRegion("INOD");
  if (!region) throw new TypeError("there is an inode table");
  const { records } = await readInodeTable(volume, region, 2 ** 26);
  const cores = records.map(({ block, offset, record }) => ({ block, offset, core: inodeCore.parse(record) }));
  const { block, offset, core } = cores.reduce((most, each) => (each.core.size > most.core.size ? each : most));
  const [extent] = core.extents;
  if (!extent) throw new TypeError("the file has an extent");
  const step = await singleStep(volume, "Move", options, async (edit) => {
    await edit.move(extent.startBlock, startBlock, BigInt(extent.blockCount), "Move");
    const image = await edit.block(block);
    image.set(inodeCore.encode({ ...core, extents: core.extents.with(0, { ...extent, startBlock }) }), offset);
    await edit.seal(block, image, "INOD", "Point there");
  });
  return { sentences: ["Move a file."], steps: [step], warnings: [], worstCase: "" };
});

describe("repairing a volume that was used after the damage was done", () => {
  it("carries what a region holds to its new place", async () => {
    const device = new OverlayDevice(await goldenDevice("added-snapshot-on-minimal"));
    const volume = await openVolume(device);
    const content = {
      generation: 3,
      snapshotCount: 1,
      snapshots: [
        {
          snapshotId: "00112233-4455-6677-8899-aabbccddeeff",
          parentSnapshotId: "00000000-0000-0000-0000-000000000000",
          createdUtcTicks: 638_400_000_000_000_000n,
          inodeTableBlockOffset: 0n,
          inodeTableBlockCount: 0n,
          dataBlockCount: 0n,
          flags: 5,
          label: StoredText.of("kept", 64),
        },
      ],
    };
    const images = snapCodec.write(content, volume.blockBytes);
    for (const [index, image] of images.entries()) await device.write((1099n + BigInt(index)) * 4096n, image);
    const { volume: after } = await repaired(device);
    expect(after.findRegion("SNAP")).toMatchObject({ startBlock: 1984n });
    for (const [index, image] of images.entries()) expect(await after.requireBlock(1984n + BigInt(index))).toEqual(image);
    expect(await worries(after)).toEqual([]);
  });

  it("moves inode records to the layout of the manifest, each field to its module's place", async () => {
    const device = new OverlayDevice(await goldenDevice("added-security-on-minimal"));
    const old = planInodeLayout(0);
    const record = (number: bigint): Uint8Array => {
      const bytes = new Uint8Array(old.inodeSize);
      const core = inodeV2(old.inodeSize, old.paddingBytes).parse(bytes);
      bytes.set(
        inodeV2(old.inodeSize, old.paddingBytes).encode({
          ...core,
          inodeNumber: number,
          type: 1,
          linkCount: 1,
          ownerId: "00112233-4455-6677-8899-aabbccddeeff",
          size: number * 10n,
        }),
      );
      return bytes;
    };
    const perBlock = Math.floor((4096 - 16) / old.inodeSize);
    const block = new Uint8Array(4096);
    for (let slot = 0; slot < perBlock; slot++) block.set(record(BigInt(slot + 1)), slot * old.inodeSize);
    await device.write(12n * 4096n, sealBlock(block, "INOD", 1));
    const { volume } = await repaired(device);
    const region = volume.findRegion("INOD");
    if (!region) throw new TypeError("there is an inode table");
    const table = await readInodeTable(volume, region, 2 ** 26);
    expect([volume.superblock?.inodeSize, table.descriptor?.inodeSize, table.placement]).toEqual([384, 384, "packed"]);
    expect(table.records.map(({ block: at, record: bytes }) => [at, bytes.subarray(0, inodeCoreBytes)])).toEqual(
      Array.from({ length: perBlock }, (_, index) => [
        region.startBlock + 1n + BigInt(Math.floor(index / 10)),
        record(BigInt(index + 1)).subarray(0, inodeCoreBytes),
      ]),
    );
    expect(await worries(volume)).toEqual([]);
  });

  it("moves a file out of the way of a region that goes to the end of the data region, in the same plan", async () => {
    const device = new OverlayDevice(await goldenDevice("added-snapshot-on-minimal"));
    const at = { now: 650_000_000_000_000_000n };
    const rules = ["trailer.unsealed", "rpt.mirror-behind", "bmap.trailer-stale", "wal.not-clean", "region.first-block-never-written"];
    await applyPlan(device, await repair.plan(await openVolume(device), { risk: "advisory", rules }, at));
    const source = memorySource([{ path: "/kept", bytes: new Uint8Array(40_000).fill(9) }]);
    await applyPlan(device, await importFiles.plan(await openVolume(device), { source, to: "/" }, at));
    await applyPlan(device, await moveFile.plan(await openVolume(device), { startBlock: 2030n }, at));
    const before = await filesOf(device);
    const plan = await repair.plan(await openVolume(device), { risk: "advisory" }, at);
    expect(plan.sentences).toEqual([
      "Move 10 blocks in use out of the last 64 blocks of the data region to free blocks before them, and let 1 inode point there.",
      "Move SnapshotTable from block 1099 to block 1984.",
      "End the data region at block 1983; its start stays.",
    ]);
    await applyPlan(device, plan);
    const volume = await openVolume(device);
    expect([await worries(volume), await filesOf(device), volume.findRegion("SNAP")?.startBlock]).toEqual([[], before, 1984n]);
    expect((await repair.plan(volume, { risk: "advisory" }, at)).steps).toEqual([]);
  });

  it("does not take a region whose first block was lost for one that was never written", async () => {
    const device = new OverlayDevice(await goldenDevice("added-snapshot-on-minimal"));
    const later = sealBlock(new Uint8Array(4096).fill(7, 0, 40), "SNAP", 1);
    await device.write(1100n * 4096n, later);
    const { volume, warnings } = await repaired(device);
    const start = volume.findRegion("SNAP")?.startBlock ?? 0n;
    expect(start).toBe(1984n);
    expect((await volume.requireBlock(start)).every((byte) => byte === 0)).toBe(true);
    expect(await volume.requireBlock(start + 1n)).toEqual(later);
    expect(warnings.join(" ")).toContain("that block was lost and not left unwritten");
  });

  it("rebuilds a wiped bitmap of many blocks from what owns them", async () => {
    const device = new OverlayDevice(new MemoryDevice(new Uint8Array(0)));
    const made = planCreateVolume({
      manifest: 0,
      levels: new Map(),
      blockBytes: 4096,
      totalBlocks: 3_000_000n,
      label: "",
      uuid: "00112233-4455-6677-8899-aabbccddeeff",
      now,
    });
    await applyCreateVolume(device, made);
    const map = (await openVolume(device)).findRegion("BMAP");
    if (!map) throw new TypeError("there is a bitmap");
    for (let block = map.startBlock; block < map.startBlock + map.blockCount; block++)
      await device.write(block * 4096n, new Uint8Array(4096));
    const before = await openVolume(device);
    const plan = await repair.plan(before, { risk: "advisory" }, { now: now + 1n });
    expect(map.blockCount).toBe(92n);
    expect(plan.steps.length).toBe(1);
    await applyPlan(device, plan);
    expect(await worries(await openVolume(device))).toEqual([]);
  });
});
