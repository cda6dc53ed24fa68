import { isAllZero } from "../../base/bytes.ts";
import { judgeTrailer, walHeaderBlock } from "../../format/core/index.ts";
import { LogStream } from "../../journal/log-stream.ts";
import { recordsFrom } from "../../journal/metadata-log.ts";
import type { BlockRun } from "../../volume/bitmap.ts";
import type { Volume, VolumeRegion } from "../../volume/volume.ts";
import type { VolumeEdit } from "../../volume/volume-edit.ts";

/**
 * Why the log of data cannot lie elsewhere; undefined where it can. Its header counts bytes from the volume's start, and its records name
 * blocks: what is not read as a record may name places too. `moving` are the runs that move. Core reference 4.1, 4.2.
 */
export async function reasonAgainstMovingLog(
  volume: Volume,
  region: VolumeRegion,
  moving: readonly BlockRun[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { device, blockBytes, totalBlocks } = volume;
  const first = await volume.reader.read(region.startBlock, signal);
  if (!first || !judgeTrailer(first).verified) return "its header does not verify";
  const { header } = walHeaderBlock.parse(first);
  const stream = new LogStream(device, { startBlock: region.startBlock, blockCount: region.blockCount, blockBytes, totalBlocks });
  for (const offset of [header.headOffset, header.tailOffset])
    if (offset !== 0n && (offset < stream.start || offset > stream.end)) return "its header names a place outside of it";
  let end = stream.start;
  for await (const record of recordsFrom(stream, { signal })) {
    end = record.offset + BigInt(record.byteLength);
    if (record.kind !== "entry") continue;
    const target = record.targetBlock;
    if (moving.some(({ startBlock, blockCount }) => target >= startBlock && target < startBlock + blockCount))
      return `a record of it names block ${target}, which would move`;
  }
  let isKnown = stream.unreadable === undefined;
  await volume.reader.walk(
    end / BigInt(blockBytes),
    region.startBlock + region.blockCount,
    (block, bytes) => {
      const from = block * BigInt(blockBytes) < end ? Number(end - block * BigInt(blockBytes)) : 0;
      isKnown &&= bytes !== undefined && isAllZero(bytes.subarray(from));
      return isKnown;
    },
    signal,
  );
  return isKnown ? undefined : "it holds what is not read as records, which may name places in it";
}

/** Lets the header count from where the log will be. */
export async function shiftLogHeader(edit: VolumeEdit, region: VolumeRegion, to: bigint): Promise<void> {
  const image = await edit.block(region.startBlock);
  const block = walHeaderBlock.parse(image);
  const shift = (to - region.startBlock) * BigInt(image.length);
  const { headOffset, tailOffset } = block.header;
  if (headOffset === 0n && tailOffset === 0n) return;
  const moved = (offset: bigint): bigint => (offset === 0n ? 0n : offset + shift);
  const header = { ...block.header, headOffset: moved(headOffset), tailOffset: moved(tailOffset) };
  await edit.seal(
    region.startBlock,
    walHeaderBlock.encode({ ...block, header }, { byteLength: image.length }),
    "DWAL",
    "Let the log's header count from its new place",
  );
}
