import { describe, expect, it } from "vitest";
import type { BlockDevice } from "../../device/block-device.ts";
import { crashedDevice, crashStates, RecordingDevice } from "../../device/crash-device.ts";
import { OverlayDevice } from "../../device/overlay-device.ts";
import type { RepairRisk } from "../../findings/finding.ts";
import { checkVolume } from "../../forensics/check.ts";
import { goldenDevice } from "../../testing/golden.ts";
import { now, volumeDevice } from "../../testing/small-volume.ts";
import { openVolume } from "../../volume/open.ts";
import { addModule } from "../add-module.ts";
import { applyPlan, type OperationPlan } from "../operation.ts";
import { recoverVolume } from "../recover.ts";
import { setLabel } from "../set-label.ts";
import { repair } from "./repair.ts";

const blockBytes = 4096n;
const later = { now: 650_000_000_000_000_000n };
const worries = async (device: BlockDevice) =>
  (await checkVolume(await openVolume(device))).filter(({ severity }) => severity !== "info").map(({ rule, block }) => `${rule} ${block}`);
const planFor = async (device: BlockDevice, risk: RepairRisk): Promise<OperationPlan> =>
  repair.plan(await openVolume(device), { risk }, later);

/** A layer over a device in which blocks are lost. */
async function without(device: BlockDevice, ...blocks: bigint[]): Promise<OverlayDevice> {
  const layer = new OverlayDevice(device);
  for (const block of blocks) await layer.write(block * blockBytes, new Uint8Array(Number(blockBytes)));
  return layer;
}
const regionsOf = async (device: BlockDevice) =>
  (await openVolume(device)).regions.map(({ slot, tag, startBlock, blockCount }) => ({ slot, tag, startBlock, blockCount }));

/** A volume that was changed twice through the log. */
async function changed(): Promise<BlockDevice> {
  const device = await volumeDevice({ manifest: 1 << 12, totalBlocks: 1500n });
  await applyPlan(device, await addModule.plan(await openVolume(device), { module: "RAID" }, { now: now + 1n }));
  await applyPlan(device, await setLabel.plan(await openVolume(device), { label: "kept" }, { now: now + 2n }));
  return device;
}
const tables = [1n, 5n, 8n, 9n];
const superblocks = [0n, 4n];

describe("a volume without region tables", () => {
  it("gets those of the last transaction in the log, once danger is accepted", async () => {
    const sound = await changed();
    const device = await without(sound, ...tables);
    expect(await worries(device)).toContain("rpt.none-survives 1");
    await expect(planFor(device, "advisory")).rejects.toMatchObject({ code: "VOLUME_READ_ONLY" });
    const plan = await planFor(device, "dangerous");
    expect(plan.sentences[0]).toMatch(/^Rebuild region directory and pointer tables from transaction 2 of the log/);
    await applyPlan(device, plan);
    expect([await worries(device), await regionsOf(device)]).toEqual([[], await regionsOf(sound)]);
    expect((await planFor(device, "dangerous")).steps).toEqual([]);
  });
  it.each(["created-standard-4k", "created-all-modules-4k", "created-only-wal-subscribers"])(
    "gets the creator's, as %s bears it out",
    async (name) => {
      const sound = await goldenDevice(name);
      const device = await without(sound, ...tables);
      const plan = await planFor(device, "dangerous");
      expect([plan.sentences[0], plan.worstCase]).toEqual([
        expect.stringContaining("layout of the manifest"),
        expect.stringContaining("you lose which"),
      ]);
      await applyPlan(device, plan);
      expect([await worries(device), await regionsOf(device)]).toEqual([[], await regionsOf(sound)]);
    },
  );
  it("finds regions that were added at the end, though the log says nothing of them any more", async () => {
    const sound = new OverlayDevice(await changed());
    const log = (await openVolume(sound)).log?.region;
    await sound.write(((log?.startBlock ?? 0n) + 1n) * blockBytes, new Uint8Array(Number(((log?.blockCount ?? 1n) - 1n) * blockBytes)));
    const device = await without(sound, ...tables);
    await applyPlan(device, await planFor(device, "dangerous"));
    const byTag = (a: { tag: string }, b: { tag: string }) => (a.tag < b.tag ? -1 : 1);
    const named = (regions: Awaited<ReturnType<typeof regionsOf>>) => regions.map(({ slot, ...rest }) => rest).sort(byTag);
    expect([await worries(device), named(await regionsOf(device))]).toEqual([[], named(await regionsOf(sound))]);
  });
  it("is left alone where the tags fit no layout", async () => {
    const sound = await volumeDevice({ manifest: 1 << 12 });
    const log = (await openVolume(sound)).log?.region.startBlock ?? 0n;
    const device = await without(sound, ...tables, log);
    await expect(planFor(device, "dangerous")).rejects.toMatchObject({ code: "VOLUME_READ_ONLY" });
  });
});

describe("a volume without superblocks", () => {
  it("gets the one of the last transaction in the log, with its tables too where those are lost", async () => {
    const sound = await changed();
    for (const lost of [superblocks, [...superblocks, ...tables]]) {
      const device = await without(sound, ...lost);
      const plan = await planFor(device, "dangerous");
      expect(plan.sentences[0]).toBe("Take the superblock from transaction 2 of the log.");
      expect(plan.worstCase).toContain("label, levels, times");
      await applyPlan(device, plan);
      const [after, before] = [await openVolume(device), await openVolume(sound)];
      expect([after.superblock?.volumeLabel.text, after.superblock?.volumeUuid]).toEqual(["kept", before.superblock?.volumeUuid]);
      expect([await worries(device), await regionsOf(device)]).toEqual([[], await regionsOf(sound)]);
    }
  });
  it("gets it back exactly where the stored hash of a copy proves it", async () => {
    const sound = await goldenDevice("created-standard-4k");
    const device = await without(sound, 0n);
    await device.write(4n * blockBytes + 0x98n, Uint8Array.of(1));
    const plan = await planFor(device, "dangerous");
    expect(plan.sentences[0]).toContain("proves that bit 0 of byte 152 was changed");
    expect(plan.worstCase).toContain("you lose nothing");
    await applyPlan(device, plan);
    expect(await worries(device)).toEqual([]);
  });
  it("is left alone where nothing tells its id", async () => {
    const device = new OverlayDevice(await goldenDevice("damaged-both-superblocks-zeroed"));
    await expect(planFor(device, "dangerous")).rejects.toMatchObject({
      code: "VOLUME_READ_ONLY",
      data: { reason: expect.stringContaining("id") },
    });
  });
});

describe("superblock and tables that are written anew", () => {
  const bitFlipped = async () => {
    const device = await without(await goldenDevice("created-standard-4k"), 0n);
    await device.write(4n * blockBytes + 0x98n, Uint8Array.of(1));
    return device;
  };
  const allLost = async () => without(await changed(), ...superblocks, ...tables);
  it.each([
    ["from the hash of the one damaged copy", bitFlipped],
    ["from the log", allLost],
  ])("are found again by the same repair wherever the power fails: %s", { timeout: 180_000 }, async (_, lost) => {
    const start = await lost();
    const after = new OverlayDevice(start);
    const recorder = new RecordingDevice(after);
    await applyPlan(recorder, await planFor(recorder, "dangerous"));
    const wanted = await regionsOf(after);
    let states = 0;
    const reached = new Set<boolean>();
    for (const state of crashStates(recorder.events, { most: 400, seed: 1 })) {
      states++;
      const device = await crashedDevice(start, state);
      reached.add((await openVolume(device)).group.superblock.holds);
      if ((await openVolume(device)).group.superblock.holds) await recoverVolume(device);
      const plan = await planFor(device, "dangerous");
      if (plan.steps.length > 0) await applyPlan(device, plan);
      expect([await worries(device), await regionsOf(device)], state.label).toEqual([[], wanted]);
    }
    expect(states).toBeGreaterThan(50);
    expect(reached).toEqual(new Set([false, true]));
  });
});
