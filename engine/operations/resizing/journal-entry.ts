import { type Operation, opjrCodec, recountOperations } from "../../format/regions/opjr.ts";
import { loadRegionBlocks } from "../../volume/region-readers/coded-region.ts";
import type { VolumeEdit } from "../../volume/volume-edit.ts";

const mostRegionBytes = 256 * 1_048_576;
const [resizeType, completedState, bothFlags, wholeProgress] = [1, 3, 3, 1_000_000];

/**
 * Records a resize in the journal of online operations, where the volume has one that is in use: completed, as far as the journal goes.
 * Nothing depends on it. Gives what was not recorded, in sentences. Operations reference 14.1, 14.3.
 */
export async function recordResize(edit: VolumeEdit, blocks: bigint, now: bigint): Promise<string[]> {
  const { volume } = edit;
  const region = volume.findRegion("OPJR");
  if (!region) return [];
  const { content, problems } = opjrCodec.read(await loadRegionBlocks(volume, region, mostRegionBytes));
  if (content === undefined || "state" in content) return [];
  if (problems.length > 0) return ["The journal of online operations is not sound; the resize is not recorded in it."];
  const units = blocks > volume.totalBlocks ? blocks - volume.totalBlocks : volume.totalBlocks - blocks;
  const operationPayload = new Uint8Array(32);
  new DataView(operationPayload.buffer).setBigUint64(0, blocks, true);
  const entry: Operation = {
    operationId: content.newestId + 1n,
    type: resizeType,
    state: completedState,
    flags: bothFlags,
    progressPercent: wholeProgress,
    startUtcTicks: now,
    lastUpdateUtcTicks: now,
    estimatedEndTicks: 0n,
    sourceRegionStart: 0n,
    targetRegionStart: 0n,
    totalUnits: units,
    completedUnits: units,
    checkpointData: units,
    operationPayload,
  };
  const images = opjrCodec.write(
    recountOperations({ ...content, operations: [...content.operations, entry], lastCheckpointUtc: BigInt.asUintN(64, now * 100n) }),
    volume.blockBytes,
  );
  if (BigInt(images.length) > region.blockCount) return ["The journal of online operations is full; the resize is not recorded in it."];
  for (const [index, image] of images.entries()) {
    const block = region.startBlock + BigInt(index);
    if (Buffer.compare(image, await edit.block(block)) !== 0)
      await edit.put(block, image, "Record the resize in the journal of operations");
  }
  return [];
}
