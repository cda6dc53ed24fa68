import { describe, expect, it } from "vitest";
import { crashedDevice, crashStates, RecordingDevice } from "../device/crash-device.ts";
import { type BlockDevice, MemoryDevice, OverlayDevice, OverlayFile } from "../device/index.ts";
import { wholeStates } from "../testing/every-crash.ts";
import { goldenDevice } from "../testing/golden.ts";
import { describeOperationSafety } from "../testing/operation-safety.ts";
import { changeOverlay, emptyOverlay, throughOverlay } from "../testing/overlay-files.ts";
import { now, volumeDevice } from "../testing/small-volume.ts";
import { openVolume } from "../volume/open.ts";
import { addModule } from "./add-module.ts";
import { applyPlan } from "./operation.ts";
import { changesInImage } from "./overlay-changes.ts";
import { commitOverlay } from "./overlay-commit.ts";
import { resize } from "./resize.ts";
import { setLabel } from "./set-label.ts";
import { undoOperation } from "./undo.ts";
import { encodeUndoBundle, readUndoBundle } from "./undo-bundle.ts";

/** A volume, and an overlay in which its label was changed and a module added. */
async function tried(): Promise<{ base: MemoryDevice; side: MemoryDevice }> {
  const base = await volumeDevice();
  const side = await emptyOverlay(base);
  await changeOverlay(base, side, setLabel, { label: "tried" }, 1n);
  await changeOverlay(base, side, addModule, { module: "Tags" }, 2n);
  return { base, side };
}
const planCommit = async (base: BlockDevice, side: MemoryDevice) =>
  commitOverlay.plan(await openVolume(base), { file: await OverlayFile.open(side), overlay: "disk.bsoverlay" }, { now: now + 9n });
const wholeOf = async (device: { byteLength: bigint; read(start: bigint, into: Uint8Array): Promise<number> }) => {
  const bytes = new Uint8Array(Number(device.byteLength));
  await device.read(0n, bytes);
  return bytes;
};

describe("committing an overlay", () => {
  it("makes the image what the overlay shows, byte for byte, and not before", async () => {
    const { base, side } = await tried();
    const before = base.bytes.slice();
    const shown = await wholeOf(await throughOverlay(base, side));
    const plan = await planCommit(base, side);
    expect(Buffer.compare(base.bytes, before)).toBe(0);
    expect(plan.steps.length).toBe(2);
    expect(plan.sentences[0]).toContain('"tried"');
    await applyPlan(base, plan);
    expect(Buffer.compare(base.bytes, shown)).toBe(0);
    expect(Buffer.compare(await wholeOf(await throughOverlay(base, side)), shown)).toBe(0);
  });
  it("says so where nothing is left to commit", async () => {
    const base = await volumeDevice();
    expect((await planCommit(base, await emptyOverlay(base))).sentences).toEqual(["Nothing was changed in the overlay disk.bsoverlay."]);
    const { base: image, side } = await tried();
    await applyPlan(image, await planCommit(image, side));
    const again = await planCommit(image, side);
    expect([again.steps, again.sentences]).toEqual([[], ["The image holds all 2 changes of the overlay already."]]);
  });
  it("goes on with the overlay after it was committed, and takes over only what is new", async () => {
    const { base, side } = await tried();
    await applyPlan(base, await planCommit(base, side));
    await changeOverlay(base, side, setLabel, { label: "later" }, 3n);
    const plan = await planCommit(base, side);
    expect(plan.steps.length).toBe(1);
    await applyPlan(base, plan);
    expect((await openVolume(base)).superblock?.volumeLabel.text).toBe("later");
  });
  it("changes the image's length with the overlay's", async () => {
    const base = await volumeDevice();
    const side = await emptyOverlay(base);
    await changeOverlay(base, side, resize, { blocks: 1400n }, 1n);
    await changeOverlay(base, side, setLabel, { label: "longer" }, 2n);
    await changeOverlay(base, side, resize, { blocks: 1350n }, 3n);
    const shown = await wholeOf(await throughOverlay(base, side));
    expect(shown.length).toBe(1350 * 4096);
    await applyPlan(base, await planCommit(base, side));
    expect(Buffer.compare(base.bytes, shown)).toBe(0);
  });
  it("is refused where the image changed since, and names the block", async () => {
    const { base, side } = await tried();
    await applyPlan(base, await setLabel.plan(await openVolume(base), { label: "other" }, { now: now + 5n }));
    await expect(planCommit(base, side)).rejects.toMatchObject({ code: "OVERLAY_BASE_CHANGED", data: { block: 0n, blockBytes: 4096 } });
    const { base: image, side: overlay } = await tried();
    const [covered] = [...(await OverlayFile.open(overlay)).covered(2)].filter((block) => block > 1100n);
    expect(covered).toBeDefined();
    await image.write((covered ?? 0n) * 4096n, new Uint8Array(1).fill(0xaa));
    await expect(planCommit(image, overlay)).rejects.toMatchObject({ code: "OVERLAY_BASE_CHANGED", data: { block: covered } });
  });
  it("is refused on another volume", async () => {
    const { side } = await tried();
    const other = await volumeDevice({ uuid: "99999999-2233-4455-6677-8899aabbccdd" });
    await expect(planCommit(other, side)).rejects.toMatchObject({ code: "OVERLAY_OTHER_IMAGE" });
  });
  it("goes on where it was cut off between two transactions", async () => {
    const { base, side } = await tried();
    const shown = await wholeOf(await throughOverlay(base, side));
    const plan = await planCommit(base, side);
    const { log } = await openVolume(base);
    await applyPlan(base, { ...plan, steps: plan.steps.slice(0, 1) });
    // Free blocks of the second transaction may be written already.
    const [run] = plan.steps[1]?.changes.fresh ?? [];
    if (!run) throw new Error("the module's region is fresh");
    await base.write(run.block * 4096n, await run.image(0n));
    expect(await changesInImage(base, await OverlayFile.open(side), { log: log?.region })).toBe(1);
    const rest = await planCommit(base, side);
    expect([rest.steps.length, rest.sentences[0]]).toEqual([1, "Leave out the first 1 changes: the image holds them already."]);
    await applyPlan(base, rest);
    expect(Buffer.compare(base.bytes, shown)).toBe(0);
  });
  it("is undone from its bundle", async () => {
    const { base, side } = await tried();
    const before = new OverlayDevice(new MemoryDevice(base.bytes.slice()));
    const plan = await planCommit(base, side);
    const parts: Uint8Array[] = [];
    for await (const part of encodeUndoBundle(await openVolume(base), plan, "disk.dwvd")) parts.push(part);
    await applyPlan(base, plan);
    const bundle = await readUndoBundle(new MemoryDevice(new Uint8Array(Buffer.concat(parts))));
    await applyPlan(base, await undoOperation.plan(await openVolume(base), { bundle }, { now: now + 10n }));
    expect(await (await wholeStates([before])).held(base)).toBe(0);
  });
  it("is left to the image's own recovery where the overlay began with one", async () => {
    const base = await goldenDevice("wal-cut-after-07-committed");
    const side = await emptyOverlay(base);
    await expect(changeOverlay(base, side, setLabel, { label: "x" })).rejects.toMatchObject({ code: "VOLUME_NEEDS_RECOVERY" });
  });
  // Nothing writes to either: the operation works on layers over the image, and a commit only reads the overlay.
  let made: ReturnType<typeof tried> | undefined;
  const once = () => {
    made ??= tried();
    return made;
  };
  describeOperationSafety({
    before: async () => (await once()).base,
    between: async () => {
      const { base, side } = await once();
      const device = new OverlayDevice(base);
      const plan = await planCommit(device, side);
      await applyPlan(device, { ...plan, steps: plan.steps.slice(0, 1) });
      return [device];
    },
    act: async (device) => {
      await applyPlan(device, await planCommit(device, (await once()).side));
    },
  });
});

describe("changing an image in an overlay", () => {
  it("leaves the image alone, and the overlay before or after the change, wherever the power fails", async () => {
    const base = await volumeDevice();
    const untouched = base.bytes.slice();
    const start = await emptyOverlay(base);
    const recorder = new RecordingDevice(new MemoryDevice(start.bytes.slice()));
    await changeOverlay(base, recorder, setLabel, { label: "tried" });
    const allowed = await wholeStates([base, await throughOverlay(base, recorder)]);
    const found = { old: 0, new: 0 };
    for (const state of crashStates(recorder.events, { most: 3000, seed: 1 })) {
      const device = await throughOverlay(base, await crashedDevice(start, state));
      const index = await allowed.find(device);
      expect(index, state.label).toBe(device.file.marks.length);
      found[index === 0 ? "old" : "new"]++;
    }
    expect([found.old > 100, found.new > 0]).toEqual([true, true]);
    expect(Buffer.compare(base.bytes, untouched)).toBe(0);
  });
});
