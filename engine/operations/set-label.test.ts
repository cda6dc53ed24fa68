import { describe, expect, it } from "vitest";
import type { BlockDevice } from "../device/block-device.ts";
import type { DeviceEvent } from "../device/crash-device.ts";
import { checkVolume } from "../forensics/check.ts";
import { everyCrash } from "../testing/every-crash.ts";
import { describeOperationSafety } from "../testing/operation-safety.ts";
import { now, volumeDevice } from "../testing/small-volume.ts";
import { openVolume } from "../volume/open.ts";
import { applyPlan } from "./operation.ts";
import { setLabel } from "./set-label.ts";

describe("setting the label", () => {
  it("changes the label, the sequence and nothing else", async () => {
    const device = await volumeDevice();
    const plan = await setLabel.plan(await openVolume(device), { label: "after" }, { now: now + 1n });
    expect(plan.steps[0]?.changes.images.map(({ block }) => block)).toEqual([8n, 9n, 5n, 6n, 7n, 4n, 1n, 2n, 3n, 0n]);
    await applyPlan(device, plan);
    const volume = await openVolume(device);
    expect(volume.superblock).toMatchObject({ checkpointSequence: 2n, modifiedTimestampUtc: now + 1n });
    expect(volume.superblock?.volumeLabel.text).toBe("after");
    expect((await checkVolume(volume)).filter(({ severity }) => severity !== "info")).toEqual([]);
  });
  describeOperationSafety({
    before: () => volumeDevice(),
    act: async (device) => {
      await applyPlan(device, await setLabel.plan(await openVolume(device), { label: "after" }, { now: now + 1n }));
    },
  });
  it("would be found half done if the log were not synced before its targets are written", async () => {
    const act = async (device: BlockDevice) => {
      await applyPlan(device, await setLabel.plan(await openVolume(device), { label: "after" }, { now: now + 1n }));
    };
    const withoutSync = (removed: number) => (events: readonly DeviceEvent[]) => {
      let syncs = 0;
      return events.filter((event) => event.kind !== "sync" || ++syncs !== removed);
    };
    // The second sync covers the commit marker; the fourth lets the header move on.
    const broken = await everyCrash(await volumeDevice(), act, { most: 4000, alter: withoutSync(2) });
    expect(broken.violations).not.toEqual([]);
  }, 120_000);
  it("refuses a plan that the volume has left behind, and writes nothing", async () => {
    const device = await volumeDevice();
    const [first, second] = await Promise.all(
      ["one", "two"].map(async (label) => setLabel.plan(await openVolume(device), { label }, { now: now + 1n })),
    );
    if (!first || !second) throw new TypeError("there are two plans");
    await applyPlan(device, first);
    const held = device.bytes.slice();
    await expect(applyPlan(device, second)).rejects.toMatchObject({ code: "PLAN_STALE" });
    expect(Buffer.compare(device.bytes, held)).toBe(0);
  });
  it("refuses a label that does not fit", async () => {
    const volume = await openVolume(await volumeDevice());
    await expect(setLabel.plan(volume, { label: "ä".repeat(33) }, { now })).rejects.toMatchObject({
      code: "LABEL_TOO_LONG",
      data: { bytes: 66 },
    });
  });
});
