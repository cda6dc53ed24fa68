import { describe, expect, it } from "vitest";
import { fromHex } from "../../base/bytes.ts";
import { MemoryDevice } from "../../device/memory-device.ts";
import { OverlayDevice } from "../../device/overlay-device.ts";
import { isEngineError } from "../../errors/engine-error.ts";
import type { RepairRisk } from "../../findings/finding.ts";
import { checkVolume } from "../../forensics/check.ts";
import { goldenDevice, goldenJson, goldenNames } from "../../testing/golden.ts";
import { describeOperationSafety } from "../../testing/operation-safety.ts";
import { openVolume } from "../../volume/open.ts";
import type { Volume } from "../../volume/volume.ts";
import { applyPlan, type OperationPlan } from "../operation.ts";
import { recoverVolume } from "../recover.ts";
import { undoOperation } from "../undo.ts";
import { encodeUndoBundle, readUndoBundle } from "../undo-bundle.ts";
import { repair } from "./repair.ts";

const later = (volume: Volume): bigint => (volume.superblock?.modifiedTimestampUtc ?? 0n) + 1n;
const worries = async (volume: Volume): Promise<string[]> =>
  (await checkVolume(volume)).filter(({ severity }) => severity !== "info").map(({ rule, block }) => `${rule} ${block}`);

/** A golden whose pending transaction, if it has one, was brought to rest; where recovery asks, the transaction is passed by. */
async function recovered(name: string): Promise<OverlayDevice> {
  const device = new OverlayDevice(await goldenDevice(name));
  await recoverVolume(device, { decide: "discard" });
  return device;
}
const planFor = async (device: OverlayDevice, risk: RepairRisk, more: object = {}): Promise<OperationPlan> => {
  const volume = await openVolume(device);
  return repair.plan(volume, { risk }, { now: later(volume), ...more });
};

/** Goldens in which blocks are allocated that nothing owns: the maker filled the bitmap by hand. Freeing them is dangerous. */
const unownedBlocks = /^added-snapshot-(across-bitmap-blocks|full-bitmap-on-minimal|past-end-on-minimal)$/;

describe.each(goldenNames(/^(added|claimed|orchestrated|wal)-/, { ending: ".dwvd.gz" }))("repairing %s", (name) => {
  const sealKey = goldenJson(name).inputs?.hmacKey as string | undefined;
  const more = sealKey ? { sealKey: fromHex(sealKey) } : {};
  const risk = unownedBlocks.test(name) ? "dangerous" : "advisory";

  it("leaves no finding above information, and nothing for a second plan", async () => {
    const device = await recovered(name);
    const plan = await planFor(device, risk, more);
    expect(plan.steps.length).toBeLessThanOrEqual(2);
    await applyPlan(device, plan);
    expect(await worries(await openVolume(device))).toEqual([]);
    for (const again of ["safe", "advisory", "dangerous"] as const) expect((await planFor(device, again, more)).steps).toEqual([]);
  });

  it("is undone to the old bytes, but for the log", async () => {
    const device = await recovered(name);
    const before = new OverlayDevice(device);
    const plan = await planFor(device, risk, more);
    const changed = new OverlayDevice(device);
    const parts: Uint8Array[] = [];
    for await (const part of encodeUndoBundle(await openVolume(device), plan, "disk.dwvd")) parts.push(part);
    await applyPlan(changed, plan);
    const bundle = await readUndoBundle(new MemoryDevice(new Uint8Array(Buffer.concat(parts))));
    const volume = await openVolume(changed);
    await applyPlan(changed, await undoOperation.plan(volume, { bundle }, { now: later(volume) + 1n }));
    expect(await differingBlocks(before, changed)).toEqual([]);
  });
});

/** Blocks outside the metadata log that two devices of one volume hold differently. */
async function differingBlocks(a: OverlayDevice, b: OverlayDevice): Promise<bigint[]> {
  const { blockBytes, log, fileBlocks } = await openVolume(a);
  const [left, right] = [Buffer.alloc(blockBytes), Buffer.alloc(blockBytes)];
  const differing: bigint[] = [];
  for (let block = 0n; block < fileBlocks; block++) {
    if (log && block >= log.region.startBlock && block < log.region.startBlock + log.region.blockCount) continue;
    await a.read(block * BigInt(blockBytes), left);
    await b.read(block * BigInt(blockBytes), right);
    if (left.compare(right) !== 0) differing.push(block);
  }
  return differing;
}

describe.each(goldenNames(/^(damaged|claim-)/, { ending: ".dwvd.gz" }))("repairing %s", (name) => {
  it("comes to an end, throws nothing but coded errors, and brings no new kind of finding", async () => {
    const device = await recovered(name).catch(() => undefined);
    if (!device) return expect(name).toMatch(/superblocks-zeroed|mwal|log/);
    const before = new Set((await checkVolume(await openVolume(device))).map(({ rule }) => rule));
    const plan = await planFor(device, "advisory").catch((error: unknown) => error);
    if (isEngineError(plan)) return expect(["VOLUME_READ_ONLY", "VOLUME_NEEDS_REPAIR", "VOLUME_NEEDS_RECOVERY"]).toContain(plan.code);
    await applyPlan(device, plan as OperationPlan);
    const after = (await checkVolume(await openVolume(device))).filter(({ severity }) => severity !== "info").map(({ rule }) => rule);
    expect(after.filter((rule) => !before.has(rule))).toEqual([]);
    expect((await planFor(device, "advisory")).steps).toEqual([]);
  });
});

describe.each(["migration-cut-copying", "migration-cut-before-swap"])("giving up the migration of %s", (name) => {
  it("clears the checkpoint and frees what the unfinished table took", async () => {
    const device = await recovered(name);
    const plan = await planFor(device, "advisory");
    expect(plan.freeBlocks.after - plan.freeBlocks.before).toBe(0n);
    await applyPlan(device, plan);
    const found = await worries(await openVolume(device));
    expect(found.filter((each) => /mchk|bmap|inod\.number/.test(each))).toEqual([]);
    expect((await planFor(device, "advisory")).steps).toEqual([]);
  });
});

describe("repairs by risk", () => {
  it("seals, copies and formats in place when nothing may be risked, and moves nothing", async () => {
    const device = await recovered("added-snapshot-on-minimal");
    const before = await openVolume(device);
    const plan = await planFor(device, "safe");
    expect(plan.worstCase).toContain("you lose nothing");
    await applyPlan(device, plan);
    const after = await openVolume(device);
    expect(after.regions).toEqual(before.regions);
    expect(await worries(after)).toEqual(["bmap.trailer-stale 10"]);
    expect((await planFor(device, "safe")).steps).toEqual([]);
  });
  it("moves a region to the far end of the data region, which keeps its start", async () => {
    const device = await recovered("added-snapshot-on-minimal");
    await applyPlan(device, await planFor(device, "advisory"));
    const { regions, dataRegion } = await openVolume(device);
    expect(regions.find(({ kind }) => kind === "SNAP")).toMatchObject({ startBlock: 1984n, blockCount: 64n });
    expect(dataRegion).toMatchObject({ startBlock: 1099n, blockCount: 885n });
  });
  it("mends the findings of the chosen rules alone, besides what every change writes", async () => {
    const device = await recovered("added-security-on-minimal");
    const volume = await openVolume(device);
    const plan = await repair.plan(volume, { risk: "advisory", rules: ["bmap.trailer-stale"] }, { now: later(volume) });
    await applyPlan(device, plan);
    expect(await worries(await openVolume(device))).toEqual(
      expect.arrayContaining(["region.overlap 1099", "bmap.free-blocks 10", "inod.size-differs 11"]),
    );
    expect(plan.sentences).toEqual(["Seal bitmap block 10, once the blocks of all owners are marked in it."]);
  });
  it("names the worst loss where it frees blocks that nothing owns", async () => {
    const plan = await planFor(await recovered("added-snapshot-full-bitmap-on-minimal"), "dangerous");
    expect(plan.worstCase).toContain("949 blocks");
  });
  it("leaves a sealed volume alone until its key is given or the seal may be cleared", async () => {
    const device = await recovered("added-fabric-on-sealed-standard");
    await expect(planFor(device, "advisory")).rejects.toMatchObject({ code: "SEAL_KEY_NEEDED" });
    await applyPlan(device, await planFor(device, "advisory", { clearSeal: true }));
    expect(await worries(await openVolume(device))).toEqual([]);
  });
  it("asks for recovery first", async () => {
    const device = new OverlayDevice(await goldenDevice("wal-cut-after-07-committed"));
    await expect(planFor(device, "safe")).rejects.toMatchObject({ code: "VOLUME_NEEDS_RECOVERY" });
  });
});

describe.each(["added-security-on-minimal", "claimed-stegowatermark-on-minimal"])("repairing %s", (name) => {
  describeOperationSafety({
    before: () => goldenDevice(name),
    act: async (device) => {
      const volume = await openVolume(device);
      await applyPlan(device, await repair.plan(volume, { risk: "advisory" }, { now: later(volume) }));
    },
  });
});
