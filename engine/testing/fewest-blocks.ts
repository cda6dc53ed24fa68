import type { BlockDevice } from "../device/block-device.ts";
import type { MemoryDevice } from "../device/memory-device.ts";
import { OverlayDevice } from "../device/overlay-device.ts";
import { addModule } from "../operations/add-module.ts";
import { importFiles } from "../operations/import-files.ts";
import { applyPlan, type OperationPlan } from "../operations/operation.ts";
import { repair } from "../operations/repair/repair.ts";
import { resize } from "../operations/resize.ts";
import { setConfig } from "../operations/set-config.ts";
import { setLabel } from "../operations/set-label.ts";
import { AllocationBitmap } from "../volume/bitmap.ts";
import { openVolume } from "../volume/open.ts";
import type { Volume } from "../volume/volume.ts";
import { memorySource, someBytes } from "./file-sources.ts";
import { now, volumeDevice } from "./small-volume.ts";

/** What an operation wrote and the least that brings the same about, both in blocks. */
export interface WriteCount {
  operation: string;
  written: number;
  fewest: number;
}

const entryBytes = 20;
const markerBytes = 28;
/** Blocks that every transaction rewrites: both superblock groups and the directory. Convention W3. */
const groupBlocks = 10;

const later = now + 1n;
const files = (count: number, byteLength: number) =>
  memorySource(Array.from({ length: count }, (_, index) => ({ path: `/${index}`, bytes: someBytes(byteLength, index) })));

const operations: Readonly<Record<string, { before: () => Promise<MemoryDevice>; plan: (volume: Volume) => Promise<OperationPlan> }>> = {
  label: { before: volumeDevice, plan: (volume) => setLabel.plan(volume, { label: "after" }, { now: later }) },
  config: {
    before: () => volumeDevice({ profile: "standard", totalBlocks: 2500n }),
    plan: (volume) => setConfig.plan(volume, { levels: { Security: 3 } }, { now: later }),
  },
  "module.add": { before: volumeDevice, plan: (volume) => addModule.plan(volume, { module: "Snapshot" }, { now: later }) },
  "import of 40 blocks": {
    before: volumeDevice,
    plan: (volume) => importFiles.plan(volume, { source: files(4, 40_000), to: "/" }, { now: later }),
  },
  "import in steps": {
    before: () => volumeDevice({ totalBlocks: 2500n }),
    plan: (volume) => importFiles.plan(volume, { source: files(700, 3), to: "/" }, { now: later }),
  },
  "resize to more": { before: volumeDevice, plan: (volume) => resize.plan(volume, { blocks: 2000n }, { now: later }) },
  "resize to fewer": { before: volumeDevice, plan: (volume) => resize.plan(volume, { blocks: 1200n }, { now: later }) },
  repair: { before: withDamage, plan: (volume) => repair.plan(volume, { risk: "dangerous" }, { now: later }) },
};

/** A volume two of whose mirror blocks are damaged. */
async function withDamage(): Promise<MemoryDevice> {
  const device = await volumeDevice();
  for (const block of [5, 6]) device.bytes[block * 4096 + 100] = 0xff;
  return device;
}

/** What each operation writes, counted by its device, and the fewest blocks that protocol and conventions need for the same end. */
export async function countWrites(): Promise<WriteCount[]> {
  const counts: WriteCount[] = [];
  for (const [operation, { before, plan }] of Object.entries(operations)) {
    const start = await before();
    const device = new OverlayDevice(start);
    const planned = await plan(await openVolume(device));
    await applyPlan(device, planned);
    const { blockBytes } = await openVolume(start);
    counts.push({ operation, written: Number(device.bytesWritten) / blockBytes, fewest: await fewestBlocks(start, device) });
  }
  return counts;
}

/**
 * The fewest blocks that turn one volume into another by transactions: each block that differs is written once, one that was in use into
 * the log too, and each transaction has two markers and a header. What one log cannot hold takes more transactions. Operations reference 2.4, 2.9.
 */
async function fewestBlocks(before: BlockDevice, after: BlockDevice): Promise<number> {
  const volume = await openVolume(before);
  const { blockBytes, log } = volume;
  if (!log) throw new TypeError("the volume has no metadata log");
  const bitmap = AllocationBitmap.of(volume);
  const { startBlock, blockCount } = log.region;
  let free = 0;
  let used = 0;
  const [old, now] = [new Uint8Array(blockBytes), new Uint8Array(blockBytes)];
  for (let block = 0n; block * BigInt(blockBytes) < after.byteLength; block++) {
    if (block >= startBlock && block < startBlock + blockCount) continue;
    old.fill(0);
    await before.read(block * BigInt(blockBytes), old);
    await after.read(block * BigInt(blockBytes), now);
    if (Buffer.compare(old, now) === 0) continue;
    if (await bitmap?.isAllocated(block)) used++;
    else free++;
  }
  const logBytes = (Number(blockCount) - 1) * blockBytes;
  const most = Math.floor((logBytes - 2 * markerBytes) / (blockBytes + entryBytes));
  let transactions = 1;
  while (used + (transactions - 1) * groupBlocks > transactions * most) transactions++;
  const images = used + (transactions - 1) * groupBlocks;
  const logged = (images * (blockBytes + entryBytes) + transactions * 2 * markerBytes) / blockBytes;
  return free + images + logged + transactions;
}
