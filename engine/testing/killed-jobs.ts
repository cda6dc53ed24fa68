import type { BlockDevice } from "../device/block-device.ts";
import type { MemoryDevice } from "../device/memory-device.ts";
import { addModule } from "../operations/add-module.ts";
import { importFiles } from "../operations/import-files.ts";
import { applyPlan, type OperationPlan } from "../operations/operation.ts";
import { resize } from "../operations/resize.ts";
import { setLabel } from "../operations/set-label.ts";
import { openVolume } from "../volume/open.ts";
import type { Volume } from "../volume/volume.ts";
import { memorySource, someBytes, type TestFile } from "./file-sources.ts";
import { placeInodes } from "./placed-inodes.ts";
import { now, volumeDevice } from "./small-volume.ts";

/** An operation whose host process is killed: the volume it begins with, and its plan, the same in every process. */
export interface KilledJob {
  before: () => Promise<MemoryDevice>;
  plan: (volume: Volume) => Promise<OperationPlan>;
  /** Rules that a broken off change leaves broken: a file of another length is reported and never cut by recovery. Convention W27. */
  leaves?: readonly string[];
}

const otherLength = ["file.longer", "data.past-region"];

const later = now + 1n;
const files: TestFile[] = Array.from({ length: 30 }, (_, index) => ({ path: `/${index}`, bytes: someBytes((index % 6) * 4000, index) }));

/** A volume with a region behind its data region and a file in it. */
async function withTail(): Promise<MemoryDevice> {
  const device = await volumeDevice();
  await applyTo(device, (volume) => addModule.plan(volume, { module: "Snapshot" }, { now }));
  await placeInodes(device, [{ inode: 1, startBlock: 1100n, blockCount: 3 }]);
  return device;
}

const applyTo = async (device: BlockDevice, plan: KilledJob["plan"]) => applyPlan(device, await plan(await openVolume(device)));

/** One job for each way to change a volume: in place, with a region, in steps with content of free blocks, a longer and a shorter file. */
export const killedJobs = {
  label: { before: volumeDevice, plan: (volume) => setLabel.plan(volume, { label: "after" }, { now: later }) },
  "module.add": { before: volumeDevice, plan: (volume) => addModule.plan(volume, { module: "Snapshot" }, { now: later }) },
  // Of 16 blocks of the log four are left for inodes: it takes steps.
  import: {
    before: volumeDevice,
    plan: (volume) => importFiles.plan(volume, { source: memorySource(files), to: "/", mostLogBlocks: 16 }, { now: later }),
  },
  grow: { before: withTail, plan: (volume) => resize.plan(volume, { blocks: 1400n }, { now: later }), leaves: otherLength },
  shrink: { before: withTail, plan: (volume) => resize.plan(volume, { blocks: 1200n }, { now: later }), leaves: otherLength },
} satisfies Record<string, KilledJob>;
export type KilledJobName = keyof typeof killedJobs;
