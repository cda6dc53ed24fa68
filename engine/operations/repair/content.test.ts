import { describe, expect, it } from "vitest";
import { StoredText } from "../../base/stored-text.ts";
import { MemoryDevice } from "../../device/memory-device.ts";
import { OverlayDevice } from "../../device/overlay-device.ts";
import { checkVolume } from "../../forensics/check.ts";
import { inodeCoreBytes, inodeV2, planInodeLayout, sealBlock } from "../../format/core/index.ts";
import { snapCodec } from "../../format/regions/snap.ts";
import { goldenDevice } from "../../testing/golden.ts";
import { now } from "../../testing/small-volume.ts";
import { readInodeTable } from "../../volume/inode-table.ts";
import { openVolume } from "../../volume/open.ts";
import type { Volume } from "../../volume/volume.ts";
import { applyCreateVolume, planCreateVolume } from "../create-volume.ts";
import { applyPlan } from "../operation.ts";
import { repair } from "./repair.ts";

const worries = async (volume: Volume): Promise<string[]> =>
  (await checkVolume(volume)).filter(({ severity }) => severity !== "info").map(({ rule, block }) => `${rule} ${block}`);

async function repaired(device: OverlayDevice): Promise<{ volume: Volume; warnings: string[] }> {
  const before = await openVolume(device);
  const plan = await repair.plan(before, { risk: "advisory" }, { now: (before.superblock?.modifiedTimestampUtc ?? 0n) + 1n });
  await applyPlan(device, plan);
  return { volume: await openVolume(device), warnings: plan.warnings };
}

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
