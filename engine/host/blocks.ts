import type { BlockHead, BlockView, ByteRun } from "../contract/index.ts";
import { annotateImageBlock, type BlockVerdict, EngineError, isEngineError, nameBlock } from "./engine.ts";
import { familyOf } from "./families.ts";
import { findingsOfBlocks } from "./finding-counts.ts";
import type { OpenVolume } from "./open-volume.ts";
import { remapHead } from "./remap/places.ts";

/** Bytes of the volume from `start`; runs that cannot be read stand as zeros and are named. */
export async function readBytes({ volume }: OpenVolume, start: bigint, byteLength: number): Promise<ByteRun> {
  const { device } = volume;
  const left = device.byteLength - start;
  const bytes = new Uint8Array(left <= 0n ? 0 : left < BigInt(byteLength) ? Number(left) : byteLength);
  const end = start + BigInt(bytes.length);
  const run: ByteRun = { start, bytes, unread: [], holes: [] };
  try {
    await device.read(start, bytes);
  } catch (error) {
    if (!isEngineError(error, "DEVICE_READ_FAILED")) throw error;
    await readPieces(run, device, volume.blockBytes);
  }
  if (start < end)
    for await (const extent of device.extents(start, end)) if (extent.hole) run.holes.push({ start: extent.start, end: extent.end });
  return run;
}

async function readPieces(run: ByteRun, device: OpenVolume["source"]["device"], blockBytes: number): Promise<void> {
  for (let at = 0; at < run.bytes.length; ) {
    const position = run.start + BigInt(at);
    const piece = run.bytes.subarray(at, at + blockBytes - Number(position % BigInt(blockBytes)));
    try {
      await device.read(position, piece);
    } catch (error) {
      if (!isEngineError(error, "DEVICE_READ_FAILED")) throw error;
      piece.fill(0);
      run.unread.push({ start: position, end: position + BigInt(piece.length), reason: error.data.reason });
    }
    at += piece.length;
  }
}

/** Names and seals of up to `count` blocks from `start`, ending with the file. */
export async function describeHeads(opened: OpenVolume, start: bigint, count: number): Promise<BlockHead[]> {
  const { volume } = opened;
  const left = volume.fileBlocks - start;
  const inside = left <= 0n ? 0 : left < BigInt(count) ? Number(left) : count;
  const heads: BlockHead[] = [];
  const step = Math.max(1, Math.floor(1_048_576 / volume.blockBytes));
  for (let index = 0; index < inside; index += step) {
    const first = start + BigInt(index);
    const blocks = await volume.reader.readRun(first, Math.min(step, inside - index));
    heads.push(...blocks.map((bytes, offset) => headOf(opened, volume.judge(first + BigInt(offset), bytes))));
  }
  return heads;
}

/** A block with the meaning of each of its bytes. BLOCK_OUT_OF_RANGE, DEVICE_READ_FAILED. */
export async function describeBlock(opened: OpenVolume, block: bigint): Promise<BlockView> {
  const { volume } = opened;
  if (block >= volume.fileBlocks) throw new EngineError("BLOCK_OUT_OF_RANGE", { block, count: 1n, blocks: volume.fileBlocks });
  const bytes = await opened.readBlock(block);
  return {
    ...headOf(opened, volume.judge(block, bytes)),
    allocated: await opened.bitmap?.isAllocated(block),
    byteOffset: block * BigInt(volume.blockBytes),
    bytes,
    fields: await annotateImageBlock(opened.image, block, bytes),
    findings: findingsOfBlocks(opened.findings, block, block + 1n),
  };
}

function headOf(opened: OpenVolume, verdict: BlockVerdict): BlockHead {
  const { volume, remap } = opened;
  if (remap) return remapHead(opened, remap, verdict);
  const { block, state, region, trailer, expectedTag } = verdict;
  const tag = trailer?.verified ? trailer.tag : (expectedTag ?? "");
  return {
    block,
    name: nameBlock(volume, verdict),
    region: region?.name,
    slot: region?.slot,
    tag,
    generation: trailer?.verified ? trailer.generationNumber : undefined,
    state,
    family: volume.kind === "unknown" ? undefined : block < 10n ? "core" : region && familyOf(region.kind),
  };
}
