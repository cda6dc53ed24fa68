import { type BlockDevice, equalBytes, nameBlock, sha256Text, structureOf, type Volume } from "./engine.ts";
import { diffImages, type ImageDifference } from "./image-diff.ts";

/** One of two states of an image that are compared, block by block. */
export interface ComparedSource {
  device: BlockDevice;
  volume: Volume;
}

/** Blocks in which two sources differ, one behind the other and of one structure. */
export interface DifferenceRun {
  block: bigint;
  blockCount: bigint;
  /** What the first block is, by the second source. */
  structure: string;
  region: string | undefined;
}

export interface SourceDifference {
  blockBytes: number;
  byteLength: { before: bigint; after: bigint };
  changedBlocks: bigint;
  runs: DifferenceRun[];
}

async function readBlock({ device, volume }: ComparedSource, block: bigint): Promise<Uint8Array> {
  const bytes = new Uint8Array(volume.blockBytes);
  await device.read(block * BigInt(volume.blockBytes), bytes);
  return bytes;
}

/** Compares the blocks that may differ, in any order and more than once. Blocks of data are told as runs, all others one by one. */
export async function compareSources(
  before: ComparedSource,
  after: ComparedSource,
  blocks: Iterable<bigint>,
  signal?: AbortSignal,
): Promise<SourceDifference> {
  const difference: SourceDifference = {
    blockBytes: after.volume.blockBytes,
    byteLength: { before: before.device.byteLength, after: after.device.byteLength },
    changedBlocks: 0n,
    runs: [],
  };
  const sorted = [...new Set(blocks)].sort((a, b) => (a < b ? -1 : 1));
  for (const block of sorted) {
    signal?.throwIfAborted();
    const now = await readBlock(after, block);
    if (equalBytes(await readBlock(before, block), now)) continue;
    difference.changedBlocks++;
    const region = after.volume.regionOf(block);
    const last = difference.runs.at(-1);
    if (region?.kind === "DATA" && last?.region === region.name && last.block + last.blockCount === block) last.blockCount++;
    else
      difference.runs.push({
        block,
        blockCount: 1n,
        structure: nameBlock(after.volume, after.volume.judge(block, now)),
        region: region?.name,
      });
  }
  return difference;
}

/** SHA-256 of a block in both sources, and what differs, field by field of the structure that it is in the second. */
export async function compareBlock(
  before: ComparedSource,
  after: ComparedSource,
  block: bigint,
): Promise<ImageDifference & { structure: string; before: string; after: string }> {
  const [was, is] = [await readBlock(before, block), await readBlock(after, block)];
  const structure = structureOf(after.volume, block, is);
  return {
    structure: structure.name,
    before: sha256Text(was),
    after: sha256Text(is),
    ...diffImages(structure, was, is, block * BigInt(after.volume.blockBytes)),
  };
}
