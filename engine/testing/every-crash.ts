import type { BlockDevice } from "../device/block-device.ts";
import { CrashedDevices, crashedDevice, crashStates, type DeviceEvent, RecordingDevice } from "../device/crash-device.ts";
import { OverlayDevice } from "../device/overlay-device.ts";
import { recoverVolume } from "../operations/recover.ts";
import { AllocationBitmap } from "../volume/bitmap.ts";
import { openVolume } from "../volume/open.ts";

export interface CrashResult {
  states: number;
  /** States after which the volume was neither as before nor as after, with what differs. */
  violations: string[];
  old: number;
  new: number;
}

/**
 * Runs `act` once on a layer over `before`, then lets power fail in every way and recovers each time. The recovered volume must hold the
 * old or the new blocks, all of them; the log itself is not compared. `between` gives whole states that an operation of several steps may stop at.
 */
export async function everyCrash(
  before: BlockDevice,
  act: (device: BlockDevice) => Promise<void>,
  {
    most = 10_000,
    seed = 1,
    again = 50,
    between = [],
    alter = (events) => events,
  }: {
    most?: number;
    seed?: number;
    /** Power fails a second time inside the recovery of each so many states. */
    again?: number;
    between?: readonly BlockDevice[];
    /** Breaks the protocol on purpose, to show that this would be found. */
    alter?: (events: readonly DeviceEvent[]) => readonly DeviceEvent[];
  } = {},
): Promise<CrashResult> {
  const after = new OverlayDevice(before);
  const recorder = new RecordingDevice(after);
  await act(recorder);
  const allowed = await wholeStates([before, ...between, after]);
  const result: CrashResult = { states: 0, violations: [], old: 0, new: 0 };
  const judge = async (device: BlockDevice, words: string): Promise<void> => {
    const found = await allowed.find(device);
    if (found === 0) result.old++;
    else if (found === allowed.count - 1) result.new++;
    if (found === undefined) result.violations.push(`${words}: ${await allowed.explain(device)}`);
  };
  const crashed = new CrashedDevices(before);
  for (const state of crashStates(alter(recorder.events), { most, seed })) {
    result.states++;
    const device = await crashed.device(state);
    try {
      if (result.states % again === 0) {
        const second = new RecordingDevice(new OverlayDevice(device));
        await recoverVolume(second);
        for (const inside of crashStates(second.events, { most: 20, seed: seed + result.states })) {
          const twice = await crashedDevice(device, inside);
          await recoverVolume(twice);
          await judge(twice, `${state.label}, then ${inside.label}`);
        }
      }
      await recoverVolume(device);
      await judge(device, state.label);
    } catch (error) {
      result.violations.push(`${state.label}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return result;
}

/** Devices that are whole states of one volume, and whether another device holds one of them: all blocks but the log and what is free. */
export async function wholeStates(devices: readonly BlockDevice[]) {
  const [first] = devices;
  if (!first) throw new TypeError("there is no state");
  const { blockBytes, log } = await openVolume(first);
  if (!log) throw new TypeError("the volume has no metadata log");
  const { startBlock, blockCount } = log.region;
  const states = await Promise.all(
    devices.map(async (device) => ({ device, blocks: device.byteLength / BigInt(blockBytes), isUsed: await usedBlocks(device) })),
  );
  const most = states.reduce((blocks, state) => (state.blocks > blocks ? state.blocks : blocks), 0n);
  const read = async (device: BlockDevice, block: bigint, bytes: Buffer): Promise<Buffer> => {
    if ((await device.read(block * BigInt(blockBytes), bytes)) < blockBytes) bytes.fill(0);
    return bytes;
  };
  // Only blocks in which the states differ tell them apart; the rest is compared too, against the first.
  const told: bigint[] = [];
  const contents = new Map<bigint, Buffer[]>();
  for (let block = 0n; block < most; block++) {
    if (block >= startBlock && block < startBlock + blockCount) continue;
    const images = await Promise.all(states.map(({ device }) => read(device, block, Buffer.alloc(blockBytes))));
    contents.set(block, images);
    if (images.some((image) => images[0]?.compare(image) !== 0)) told.push(block);
  }
  const differing = async (device: BlockDevice, index: number, blocks: Iterable<bigint>, most = Number.POSITIVE_INFINITY) => {
    const bytes = Buffer.alloc(blockBytes);
    const wrong: bigint[] = [];
    for (const block of blocks) {
      const image = contents.get(block)?.[index];
      if (!image || !states[index]?.isUsed(block) || image.compare(await read(device, block, bytes)) === 0) continue;
      wrong.push(block);
      if (wrong.length >= most) break;
    }
    return wrong;
  };
  const matches = async (device: BlockDevice, index: number, blocks: Iterable<bigint>): Promise<boolean> =>
    (await differing(device, index, blocks, 1)).length === 0;
  const find = async (device: BlockDevice): Promise<number | undefined> => {
    for (const index of states.keys()) if (await matches(device, index, told)) return index;
    return undefined;
  };
  const blocksOf = (layer: OverlayDevice): Set<bigint> => {
    const size = BigInt(blockBytes);
    const blocks = new Set<bigint>();
    for (const { start, byteLength } of layer.heldRanges)
      for (let block = start / size; block * size < start + BigInt(byteLength); block++) blocks.add(block);
    return blocks;
  };
  return {
    count: states.length,
    find,
    /**
     * Which state a device holds, by every block and not only those in which the states differ. Of a layer over the first state only what
     * it holds can differ from that state.
     */
    async held(device: BlockDevice): Promise<number | undefined> {
      const index = await find(device);
      const blocks = device instanceof OverlayDevice && device.isOver(first) ? blocksOf(device) : contents.keys();
      return index !== undefined && (await matches(device, index, blocks)) ? index : undefined;
    },
    async explain(device: BlockDevice): Promise<string> {
      const wrong = await Promise.all(states.map((_, index) => differing(device, index, told)));
      return wrong.map((blocks, index) => `differs from state ${index} in ${blocks.join(", ")}`).join("; ");
    },
  };
}

async function usedBlocks(device: BlockDevice): Promise<(block: bigint) => boolean> {
  const volume = await openVolume(device);
  const ranges = (await AllocationBitmap.of(volume)?.summarise(volume.totalBlocks))?.allocatedRanges ?? [];
  return (block) => ranges.some((range) => block >= range.startBlock && block < range.startBlock + range.blockCount);
}
