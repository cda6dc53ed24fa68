import { equalBytes } from "../base/bytes.ts";
import { maxBigint, minBigint } from "../base/units.ts";
import type { BlockDevice } from "../device/block-device.ts";
import { OverlayDevice } from "../device/overlay-device.ts";
import { EngineError } from "../errors/engine-error.ts";
import { openVolume } from "../volume/open.ts";
import type { Volume, VolumeRegion } from "../volume/volume.ts";
import { addModule, requireModule } from "./add-module.ts";
import { type ModuleFacts, readModuleFacts } from "./modules/facts.ts";
import { migrationSize } from "./modules/inode-migration.ts";
import { manifestWith, recommendedStrategy, regionBlocksNeeded } from "./modules/preflight.ts";
import { type ApplyOptions, applyPlan, defineOperation, type PlanOptions, singleStep } from "./operation.ts";
import { resize } from "./resize.ts";

export interface CopyInputs {
  module: string;
  /** Id of the copy. */
  uuid: string;
}

export interface CopyPlan {
  sentences: string[];
  /** Blocks of the copy. */
  totalBlocks: bigint;
  byteLength: bigint;
  /** Bytes that are copied as they are: what the source stores, holes left out. */
  copiedBytes: bigint;
  /** Bytes that adding the module then writes. */
  changedBytes: bigint;
  freeBlocks: { before: bigint; after: bigint };
  /** Regions of the copy. */
  regions: readonly VolumeRegion[];
  /** CheckpointSequence of the source when this was planned. */
  sequence: bigint;
}

/** Gives the copy an id of its own: two volumes of one id would be taken for each other. */
const setIdentity = defineOperation("volume.identity", async (volume, { uuid }: { uuid: string }, options) => ({
  sentences: [`Give the copy the id ${uuid}.`],
  steps: [
    await singleStep(volume, "Set the id", options, (edit) => {
      edit.superblock.volumeUuid = uuid;
    }),
  ],
  warnings: [],
  worstCase: "The volume that was copied is not touched.",
}));

/**
 * Plans a copy of a volume with one module more, on a layer over it; only reads. Every block keeps its number, so that nothing that points
 * to one has to change: the copy becomes longer where the module's regions find no room. MODULE_UNKNOWN, MODULE_NOT_STORABLE,
 * MODULE_NOT_ADDABLE, CHANGE_NOT_POSSIBLE, VOLUME_NEEDS_REPAIR, SEAL_KEY_NEEDED. Operations reference 7, SAFE.
 */
export async function planCopyWithModule(volume: Volume, inputs: CopyInputs, options: PlanOptions): Promise<CopyPlan> {
  const layer = new OverlayDevice(volume.device);
  const sentences = await addToCopy(layer, inputs, options);
  const after = await openVolume(layer);
  let copiedBytes = 0n;
  for await (const extent of volume.device.extents(0n, volume.device.byteLength))
    if (!extent.hole) copiedBytes += extent.end - extent.start;
  return {
    sentences: [`Copy the volume, ${copiedBytes} bytes that are stored.`, ...sentences],
    totalBlocks: after.totalBlocks,
    byteLength: layer.byteLength,
    copiedBytes,
    changedBytes: layer.bytesWritten,
    freeBlocks: { before: volume.superblock?.freeBlocks ?? 0n, after: after.superblock?.freeBlocks ?? 0n },
    regions: after.regions,
    sequence: volume.superblock?.checkpointSequence ?? 0n,
  };
}

/**
 * Makes the copy on an empty device and syncs it. The source is only read. PLAN_STALE where it changed meanwhile, VERIFY_FAILED where the
 * copy does not give back what was written; what is there then is no copy and is to be taken away, as after cancelling.
 */
export async function copyWithModule(
  source: BlockDevice,
  target: BlockDevice,
  plan: CopyPlan,
  inputs: CopyInputs,
  { onProgress, ...options }: PlanOptions & Pick<ApplyOptions, "onProgress">,
): Promise<void> {
  await copyStored(source, target, { total: plan.copiedBytes, signal: options.signal, onProgress });
  const { superblock, blockBytes } = await openVolume(source);
  if ((superblock?.checkpointSequence ?? 0n) !== plan.sequence) throw new EngineError("PLAN_STALE", { block: 0n, blockBytes });
  await addToCopy(target, inputs, options);
  await target.sync();
}

const bytesPerRead = 1_048_576;

async function copyStored(
  source: BlockDevice,
  target: BlockDevice,
  { total, signal, onProgress }: { total: bigint } & Pick<ApplyOptions, "signal" | "onProgress">,
): Promise<void> {
  await target.resize(source.byteLength);
  const pieces = async (act: (at: bigint, bytes: Uint8Array) => Promise<void>) => {
    for await (const extent of source.extents(0n, source.byteLength)) {
      if (extent.hole) continue;
      for (let at = extent.start; at < extent.end; at += BigInt(bytesPerRead)) {
        signal?.throwIfAborted();
        const bytes = new Uint8Array(Number(minBigint(extent.end - at, BigInt(bytesPerRead))));
        await source.read(at, bytes, signal);
        await act(at, bytes);
      }
    }
  };
  let done = 0n;
  await pieces(async (at, bytes) => {
    await target.write(at, bytes);
    done += BigInt(bytes.length);
    onProgress?.({ phase: "Copying", done: Number(done / 4096n), total: Number(total / 4096n), unit: "blocks" });
  });
  await target.sync();
  await pieces(async (at, bytes) => {
    const found = new Uint8Array(bytes.length);
    await target.read(at, found, signal);
    if (!equalBytes(found, bytes)) throw new EngineError("VERIFY_FAILED", { path: target.name, block: at / 4096n, at });
  });
}

/** Adds the module to the copy, which is made longer first where its regions find no room; gives what was done, in sentences. */
async function addToCopy(device: BlockDevice, { module: name, uuid }: CopyInputs, options: PlanOptions): Promise<string[]> {
  const module = requireModule(name);
  const sentences: string[] = [];
  const found = await readModuleFacts(await openVolume(device), options.signal);
  // A copy is made longer rather than its files moved.
  const facts: ModuleFacts = { ...found, end: found.end && { ...found.end, movable: undefined } };
  if (recommendedStrategy(facts, module) === undefined && facts.refusal === undefined) {
    const blocks = blocksWithRoom(facts, module);
    if (blocks > facts.volume.totalBlocks) {
      const longer = await resize.plan(facts.volume, { blocks }, options);
      await applyPlan(device, longer);
      sentences.push(...longer.sentences);
    }
  }
  const added = await addModule.plan(await openVolume(device), { module: module.name }, options);
  await applyPlan(device, added);
  const named = await setIdentity.plan(await openVolume(device), { uuid }, options);
  await applyPlan(device, named);
  return [...sentences, ...added.sentences, ...named.sentences];
}

/** So many blocks that the module finds room at the end: what it takes grows a little with the volume. */
function blocksWithRoom(facts: ModuleFacts, module: ReturnType<typeof requireModule>): bigint {
  const { volume, end } = facts;
  if (!end) return volume.totalBlocks;
  const behind = volume.totalBlocks - end.data.startBlock - end.data.blockCount;
  // One block of data must remain.
  const room = end.free === end.data.blockCount ? end.free - 1n : end.free;
  let blocks = volume.totalBlocks;
  for (let rounds = 0; rounds < mostRounds; rounds++) {
    const regions = regionBlocksNeeded(module, blocks);
    const { fewestBlocks } =
      module.inodeBytes > 0 ? migrationSize(facts, manifestWith(facts.manifest, module), regions) : { fewestBlocks: 0n };
    blocks = volume.totalBlocks + maxBigint(regions + fewestBlocks - room, behind);
  }
  return blocks;
}
/** A region has at most a sixteenth of the volume, so a few rounds settle it. */
const mostRounds = 8;
