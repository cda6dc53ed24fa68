import { describe, expect, it } from "vitest";
import { moduleLevel } from "../format/core/index.ts";
import { describeOperationSafety } from "../testing/operation-safety.ts";
import { now, volumeDevice } from "../testing/small-volume.ts";
import { openVolume } from "../volume/open.ts";
import { applyPlan } from "./operation.ts";
import { setConfig } from "./set-config.ts";

const standard = () => volumeDevice({ profile: "standard", totalBlocks: 1400n });
const plan = async (device: Parameters<typeof openVolume>[0], levels: Record<string, number>) =>
  setConfig.plan(await openVolume(device), { levels }, { now: now + 1n });

describe("setting module levels", () => {
  it("sets the nibbles of the modules named and no other", async () => {
    const device = await standard();
    const before = (await openVolume(device)).superblock;
    await applyPlan(device, await plan(device, { snap: 5 }));
    const after = (await openVolume(device)).superblock;
    const levels = (of: typeof before) =>
      Array.from({ length: 32 }, (_, id) => moduleLevel(of?.moduleConfig ?? 0n, of?.moduleConfigExt ?? 0n, id));
    const expected = levels(before);
    expected[12] = 5;
    expect(levels(after)).toEqual(expected);
  });
  it("refuses what is no module, is not active, cannot be stored or is no level", async () => {
    const device = await standard();
    await expect(plan(device, { nothing: 1 })).rejects.toMatchObject({ code: "MODULE_UNKNOWN" });
    await expect(plan(device, { Tags: 1 })).rejects.toMatchObject({ code: "MODULE_NOT_ACTIVE" });
    await expect(plan(device, { QuorumSeal: 1 })).rejects.toMatchObject({ code: "MODULE_NOT_STORABLE" });
    await expect(plan(device, { Snapshot: 16 })).rejects.toMatchObject({ code: "MODULE_LEVEL_OUT_OF_RANGE" });
  });
  describeOperationSafety({ before: standard, act: async (device) => void (await applyPlan(device, await plan(device, { Snapshot: 5 }))) });
});
