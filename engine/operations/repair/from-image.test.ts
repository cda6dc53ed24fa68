import { describe, expect, it } from "vitest";
import { MemoryDevice } from "../../device/memory-device.ts";
import { OverlayDevice } from "../../device/overlay-device.ts";
import { checkVolume } from "../../forensics/check.ts";
import { goldenDevice } from "../../testing/golden.ts";
import { describeOperationSafety } from "../../testing/operation-safety.ts";
import { now, volumeDevice } from "../../testing/small-volume.ts";
import { openVolume } from "../../volume/open.ts";
import { applyPlan } from "../operation.ts";
import { setLabel } from "../set-label.ts";
import { repairFrom } from "./from-image.ts";

const blockBytes = 4096;
const withModules = () => volumeDevice({ manifest: (1 << 12) | (1 << 7), profile: "minimal" });

/** A volume of two module regions, and the same with the first block of the snapshot table changed in its payload. */
async function damaged(): Promise<{ good: MemoryDevice; bad: MemoryDevice; block: bigint }> {
  const good = await withModules();
  const block = (await openVolume(good)).findRegion("SNAP")?.startBlock ?? 0n;
  const bad = new MemoryDevice(good.bytes.slice());
  bad.bytes[Number(block) * blockBytes + 100] = 0x55;
  return { good, bad, block };
}
const plan = async (bad: MemoryDevice | OverlayDevice, source: MemoryDevice | OverlayDevice) =>
  repairFrom.plan(await openVolume(bad), { source: await openVolume(source), from: "other.dwvd" }, { now: now + 5n });

describe("copying good blocks from another image", () => {
  it("takes a block whose hash is the one that is stored here, and the volume is sound again", async () => {
    const { good, bad, block } = await damaged();
    const made = await plan(bad, good);
    expect(made.sentences).toEqual([`Copy block ${block}: here it does not verify; there it has the very hash that is stored here.`]);
    await applyPlan(bad, made);
    const volume = await openVolume(bad);
    expect((await checkVolume(volume)).filter(({ severity }) => severity !== "info")).toEqual([]);
    const at = Number(block) * blockBytes;
    expect(Buffer.compare(bad.bytes.subarray(at, at + blockBytes), good.bytes.subarray(at, at + blockBytes))).toBe(0);
    expect((await plan(bad, good)).steps).toEqual([]);
  });
  it("takes nothing from a later image that nothing here proves, and says so", async () => {
    const { good, bad, block } = await damaged();
    bad.bytes.fill(0x11, Number(block) * blockBytes, (Number(block) + 1) * blockBytes);
    await applyPlan(good, await setLabel.plan(await openVolume(good), { label: "later" }, { now: now + 1n }));
    const made = await plan(bad, good);
    expect(made.steps).toEqual([]);
    expect(made.warnings[0]).toContain("another CheckpointSequence");
  });
  it("takes from an image of the same sequence what verifies there, and nothing where it fails there too", async () => {
    const { good, bad, block } = await damaged();
    bad.bytes.fill(0x11, Number(block) * blockBytes, (Number(block) + 1) * blockBytes);
    expect((await plan(bad, good)).sentences[0]).toContain("of the same CheckpointSequence");
    const both = await plan(bad, new MemoryDevice(bad.bytes.slice()));
    expect([both.steps, both.warnings[0]]).toEqual([[], expect.stringContaining("does not verify either")]);
  });
  it("takes data blocks that the integrity tree proves", async () => {
    const good = new OverlayDevice(await goldenDevice("populated-showcase"));
    const volume = await openVolume(good);
    const bad = new OverlayDevice(good);
    const data = volume.dataRegion?.startBlock ?? 0n;
    const at = data * BigInt(volume.blockBytes) + 17n;
    const byte = new Uint8Array(1);
    await good.read(at, byte);
    await bad.write(at, Uint8Array.of((byte[0] ?? 0) ^ 0xff));
    const later = { now: (volume.superblock?.modifiedTimestampUtc ?? 0n) + 1n, clearSeal: true };
    const made = await repairFrom.plan(await openVolume(bad), { source: volume, from: "other.dwvd" }, later);
    expect(made.sentences).toEqual([`Copy block ${data}: here it is not what the integrity tree has a hash of; there it is.`]);
    await applyPlan(bad, made);
    const found = new Uint8Array(1);
    await bad.read(at, found);
    expect(found).toEqual(byte);
  });
  it("plans the repairs of what is left behind the copies, in the same plan", async () => {
    const { good, bad, block } = await damaged();
    bad.bytes[10 * blockBytes + 3] = 0; // Blocks of the head are marked free; the copies leave that.
    bad.bytes.fill(0x22, 5 * blockBytes, 5 * blockBytes + 8);
    const inputs = { source: await openVolume(good), from: "other.dwvd", risk: "advisory" as const };
    const made = await repairFrom.plan(await openVolume(bad), inputs, { now: now + 5n });
    expect(made.sentences[0]).toContain(`Copy block ${block}`);
    expect(made.sentences.join(" ")).toContain("Seal bitmap block 10");
    expect(made.inputs).toMatchObject({ from: "other.dwvd", risk: "advisory", rules: [] });
    await applyPlan(bad, made);
    expect((await checkVolume(await openVolume(bad))).filter(({ severity }) => severity !== "info")).toEqual([]);
    const again = await repairFrom.plan(await openVolume(bad), inputs, { now: now + 6n });
    expect([again.steps, again.sentences]).toEqual([[], ["Nothing is to be repaired at this risk."]]);
  });
  it("refuses the image of another volume", async () => {
    const { bad } = await damaged();
    const other = await volumeDevice({ uuid: "99999999-2233-4455-6677-8899aabbccdd" });
    await expect(plan(bad, other)).rejects.toMatchObject({ code: "CHANGE_NOT_POSSIBLE" });
  });
  // Neither image is written: one of each serves all runs.
  const images = damaged();
  describeOperationSafety({
    before: async () => (await images).bad,
    act: async (device) => {
      const { good } = await images;
      const made = await repairFrom.plan(await openVolume(device), { source: await openVolume(good), from: "other" }, { now: now + 5n });
      await applyPlan(device, made);
    },
  });
});
