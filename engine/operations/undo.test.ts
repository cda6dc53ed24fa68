import { describe, expect, it } from "vitest";
import { StoredText } from "../base/stored-text.ts";
import { MemoryDevice } from "../device/memory-device.ts";
import { describeOperationSafety } from "../testing/operation-safety.ts";
import { now, volumeDevice } from "../testing/small-volume.ts";
import { openVolume } from "../volume/open.ts";
import type { Volume } from "../volume/volume.ts";
import { afterSteps, applyPlan, defineOperation, singleStep } from "./operation.ts";
import { setLabel } from "./set-label.ts";
import { undoOperation } from "./undo.ts";
import { encodeUndoBundle, readUndoBundle } from "./undo-bundle.ts";

/** A volume whose label was changed, what it was before, and the bundle of the change. */
async function changed() {
  const device = await volumeDevice();
  const before = device.bytes.slice();
  const plan = await setLabel.plan(await openVolume(device), { label: "after" }, { now: now + 1n });
  const parts: Uint8Array[] = [];
  for await (const part of encodeUndoBundle(await openVolume(device), plan, "disk.dwvd")) parts.push(part);
  await applyPlan(device, plan);
  return { device, before, bundle: new Uint8Array(Buffer.concat(parts)) };
}
const undo = async (device: MemoryDevice, bundle: Uint8Array) =>
  undoOperation.plan(await openVolume(device), { bundle: await readUndoBundle(new MemoryDevice(bundle)) }, { now: now + 2n });

describe("undoing an operation", () => {
  it("gives the old bytes back, all but the log's", async () => {
    const { device, before, bundle } = await changed();
    await applyPlan(device, await undo(device, bundle));
    const log = (await openVolume(device)).log?.region;
    const [start, end] = [Number(log?.startBlock) * 4096, Number((log?.startBlock ?? 0n) + (log?.blockCount ?? 0n)) * 4096];
    expect(Buffer.compare(device.bytes.subarray(0, start), before.subarray(0, start))).toBe(0);
    expect(Buffer.compare(device.bytes.subarray(end), before.subarray(end))).toBe(0);
  });
  it("is refused once a block is no longer what the operation left, and on another volume", async () => {
    const { device, bundle } = await changed();
    await applyPlan(device, await setLabel.plan(await openVolume(device), { label: "later" }, { now: now + 2n }));
    await expect(undo(device, bundle)).rejects.toMatchObject({ code: "UNDO_NOT_POSSIBLE" });
    const other = await volumeDevice({ uuid: "99999999-2233-4455-6677-8899aabbccdd" });
    await expect(undo(other, bundle)).rejects.toMatchObject({ code: "UNDO_NOT_POSSIBLE" });
  });
  it("brings back the steps that were done of an operation that was broken off", async () => {
    const twice = defineOperation("twice", async (volume, _: object, options) => {
      const label = (on: Volume, text: string) =>
        singleStep(on, text, options, (edit) => {
          edit.superblock.volumeLabel = StoredText.of(text, 64);
        });
      const first = await label(volume, "one");
      const steps = [first, await label(await afterSteps(volume, [first]), "two")];
      return { sentences: ["Set it twice."], steps, warnings: [], worstCase: "nothing" };
    });
    const device = await volumeDevice();
    const labelOf = async () => (await openVolume(device)).superblock?.volumeLabel.text;
    const plan = await twice.plan(await openVolume(device), {}, { now: now + 1n });
    const parts: Uint8Array[] = [];
    for await (const part of encodeUndoBundle(await openVolume(device), plan, "disk.dwvd")) parts.push(part);
    const bundle = new Uint8Array(Buffer.concat(parts));
    const stop = new AbortController();
    await expect(applyPlan(device, plan, { signal: stop.signal, onStep: async () => stop.abort() })).rejects.toThrow();
    expect(await labelOf()).toBe("one");
    await applyPlan(device, await undo(device, bundle));
    expect(await labelOf()).toBe("before");
    await expect(undo(device, bundle)).rejects.toMatchObject({ code: "UNDO_NOT_POSSIBLE" });
  });
  it("is refused where the operation wrote over content that it freed, and its plan says so", async () => {
    const device = await volumeDevice();
    const plan = async (block: bigint) => {
      const frees = defineOperation("frees", async (volume: Volume, _: object, options) => {
        const { title, changes } = await singleStep(volume, "free it", options, (edit) => {
          edit.superblock.volumeLabel = StoredText.of("freed", 64);
        });
        const released = [{ block, blockCount: 1n, reason: "Free it", image: () => new Uint8Array(4096) }];
        return { sentences: ["Free it."], steps: [{ title, changes: { ...changes, released } }], warnings: [], worstCase: "nothing" };
      });
      return frees.plan(await openVolume(device), {}, { now: now + 1n });
    };
    const { totalBlocks = 0n } = (await openVolume(device)).superblock ?? {};
    const free = await plan(totalBlocks - 1n);
    expect([free.freedBlocks, free.warnings, free.notUndone]).toEqual([0n, [], undefined]);
    const inUse = await plan(4n);
    expect(inUse).toMatchObject({ freedBlocks: 1n, notUndone: "the content of 1 block that it frees" });
    const parts: Uint8Array[] = [];
    for await (const part of encodeUndoBundle(await openVolume(device), inUse, "disk.dwvd")) parts.push(part);
    await expect(undo(device, new Uint8Array(Buffer.concat(parts)))).rejects.toMatchObject({ code: "UNDO_NOT_POSSIBLE" });
  });
  it("takes no bundle that was cut or changed anywhere", async () => {
    const { bundle } = await changed();
    for (let length = 0; length < bundle.length; length += 997)
      await expect(readUndoBundle(new MemoryDevice(bundle.subarray(0, length)))).rejects.toMatchObject({ code: "BUNDLE_DAMAGED" });
    for (let at = 0; at < bundle.length; at += 1009) {
      const damaged = bundle.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x20;
      await expect(readUndoBundle(new MemoryDevice(damaged)), `byte ${at}`).rejects.toMatchObject({ code: "BUNDLE_DAMAGED" });
    }
  });
  describeOperationSafety({
    before: async () => (await changed()).device,
    act: async (device) => {
      const { bundle } = await changed();
      await applyPlan(
        device,
        await undoOperation.plan(await openVolume(device), { bundle: await readUndoBundle(new MemoryDevice(bundle)) }, { now: now + 2n }),
      );
    },
    mostStates: 10_000,
  });
});
