import { describe, expect, it } from "vitest";
import type { BlockDevice } from "../device/block-device.ts";
import { checkVolume } from "../forensics/check.ts";
import { hasModule, modules, planInodeLayout } from "../format/core/index.ts";
import { now, volumeDevice } from "../testing/small-volume.ts";
import { openVolume } from "../volume/open.ts";
import { type AddModuleInputs, addModule } from "./add-module.ts";
import { applyPlan } from "./operation.ts";

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
});
