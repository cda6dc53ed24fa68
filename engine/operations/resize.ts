import { isAllZero } from "../base/bytes.ts";
import { maxBigint, minBigint } from "../base/units.ts";
import { EngineError } from "../errors/engine-error.ts";
import { bitsPerBitmapBlock, walHeaderBlock } from "../format/core/index.ts";
import { isFormatted } from "../format/regions/index.ts";
import { FreeSpace, recoveryFooter } from "../volume/free-space.ts";
import { loadRegionBlocks } from "../volume/region-readers/coded-region.ts";
import type { Volume, VolumeRegion } from "../volume/volume.ts";
import { resizeDataRegion } from "./modules/data-end.ts";
import { defineOperation, singleStep } from "./operation.ts";

const mostBytes = 2n ** 62n;
const mostRegionBytes = 1_073_741_824;

/** Regions in which nothing counts from the volume's start, or only to blocks that stay where they are. Regions references; convention W23. */
const movableKinds = new Set(
  "INOD POLV ENCR CMVT CMAL INTE TAGI REPL RAID STRE CODE XREF CLOG DICT MTRK SNAP ANON MLOG ALOG WALS ZNSM OPJR".split(" "),
);

/**
 * Gives the volume and its file another number of blocks: the data region becomes longer or shorter, regions behind it move with the end.
 * CHANGE_NOT_POSSIBLE with every reason, and the number that would do. Operations reference 14.3.
 */
export const resize = defineOperation("resize", async (volume, { blocks }: { blocks: bigint }, options) => {
  const tail = tailOf(volume);
  const reasons = await reasonsAgainstResize(volume, blocks, tail, options.signal);
  if (reasons.length > 0) throw new EngineError("CHANGE_NOT_POSSIBLE", { change: "The number of blocks", reasons });
  const { totalBlocks: before, blockBytes } = volume;
  const delta = blocks - before;
  const warnings: string[] = [];
  const step = await singleStep(volume, `Resize to ${blocks} blocks`, options, async (edit) => {
    const data = requireData(volume);
    warnings.push(...(await resizeDataRegion(edit, blocks - lengthOf(tail) - data.startBlock)));
    edit.superblock.totalBlocks = blocks;
    edit.superblock.expectedFileSize = blocks * BigInt(blockBytes);
    for (const { region, to } of movesOf(tail, blocks)) {
      const pointer = edit.slots[region.slot];
      if (!pointer) throw new TypeError("a region has a slot");
      edit.slots[region.slot] = { ...pointer, startBlock: to };
      await edit.move(region.startBlock, to, region.blockCount, `Move ${region.name}`);
    }
  });
  const change = delta > 0n ? `Add ${delta} blocks` : `Cut off ${-delta} free blocks`;
  return {
    describedInputs: { blocks: Number.isSafeInteger(Number(blocks)) ? Number(blocks) : `${blocks}` },
    sentences: [
      `${change}: ${blocks} instead of ${before}, a file of ${blocks * BigInt(blockBytes)} bytes.`,
      ...movesOf(tail, blocks).map(({ region, to }) => `Move ${region.name} from block ${region.startBlock} to block ${to}.`),
    ],
    steps: [step],
    warnings,
    worstCase: `If this goes wrong in every way we know, you lose nothing: undo restores ${step.changes.images.length} blocks.`,
    byteLength: blocks * BigInt(blockBytes),
  };
});

function requireData({ dataRegion }: Volume): VolumeRegion {
  if (!dataRegion) throw new EngineError("VOLUME_NEEDS_REPAIR", { reason: "no table names a data region" });
  return dataRegion;
}

/** Regions behind the data region, which end with the volume. */
function tailOf(volume: Volume): VolumeRegion[] {
  const data = requireData(volume);
  return volume.regions
    .filter(({ startBlock }) => startBlock >= data.startBlock + data.blockCount)
    .sort((a, b) => (a.startBlock < b.startBlock ? -1 : 1));
}

const lengthOf = (regions: readonly VolumeRegion[]): bigint => regions.reduce((sum, { blockCount }) => sum + blockCount, 0n);

/** Where the regions behind the data region go: to the new end, without the gaps that moved tables may have left between them. */
function movesOf(tail: readonly VolumeRegion[], blocks: bigint): { region: VolumeRegion; to: bigint }[] {
  let next = blocks - lengthOf(tail);
  return tail.map((region) => {
    const to = next;
    next += region.blockCount;
    return { region, to };
  });
}

async function reasonsAgainstResize(
  volume: Volume,
  blocks: bigint,
  tail: readonly VolumeRegion[],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const { totalBlocks, blockBytes, device, superblock } = volume;
  const size = BigInt(blockBytes);
  const data = requireData(volume);
  const delta = blocks - totalBlocks;
  if (delta === 0n) return [`it is ${totalBlocks} already`];
  const reasons: string[] = [];
  // A file that an interrupted change of the same length left is welcome (operations reference 14.3).
  if (
    superblock?.expectedFileSize !== totalBlocks * size ||
    (device.byteLength !== totalBlocks * size && device.byteLength !== blocks * size)
  )
    reasons.push(`the file has ${device.byteLength} bytes and the volume ${totalBlocks * size}`);
  if (device.kind === "block-device") reasons.push("it lies on a block device, whose length is its own");
  if ((await recoveryFooter(volume)) !== undefined) reasons.push("its last block is a recovery footer");
  const tailBlocks = lengthOf(tail);
  const firstBehind = tail[0]?.startBlock ?? totalBlocks;
  const fixed = await firstFixedRegion(volume, tail);
  if (fixed) reasons.push(`${fixed.name} lies behind the data region and holds block numbers of its own, so it cannot move with the end`);
  const space = await FreeSpace.of(volume);
  const lastUsed = await lastUsedBeside(space, data, tail, totalBlocks, signal);
  const least = maxBigint(lastUsed ?? 0n, data.startBlock) + 1n + tailBlocks;
  // Regions are copied to blocks that are free now, so old and new places may not touch.
  const start = blocks - tailBlocks;
  const end = minBigint(blocks, totalBlocks);
  if (blocks < least) reasons.push(`${least} is the smallest number that holds what is in use`);
  else if (start < end && (await space.count({ start, end, signal })) !== end - start)
    reasons.push(
      `the regions behind the data region take ${tailBlocks} blocks and must move past where they are: ${totalBlocks + tailBlocks} is the next larger number${firstBehind < least ? "" : `, ${firstBehind} the next smaller`}`,
    );
  if (delta > 0n) {
    const bits = BigInt(bitsPerBitmapBlock(blockBytes)) * (volume.findRegion("BMAP")?.blockCount ?? 0n);
    const most = bits * size > mostBytes ? mostBytes / size : bits;
    if (blocks > most) reasons.push(`${most} is the largest number that its bitmap has bits for`);
  }
  return reasons;
}

/** The last block in use from the data region on that belongs to no region behind it. */
async function lastUsedBeside(
  space: FreeSpace,
  data: VolumeRegion,
  tail: readonly VolumeRegion[],
  totalBlocks: bigint,
  signal: AbortSignal | undefined,
): Promise<bigint | undefined> {
  let end = totalBlocks;
  for (const region of [...tail].reverse()) {
    const last = await space.lastUsed({ start: region.startBlock + region.blockCount, end, signal });
    if (last !== undefined) return last;
    end = region.startBlock;
  }
  return space.lastUsed({ start: data.startBlock, end, signal });
}

/** The first region that would have to move and cannot. */
async function firstFixedRegion(volume: Volume, tail: readonly VolumeRegion[]): Promise<VolumeRegion | undefined> {
  for (const region of tail) if (!movableKinds.has(region.kind) && !(await isUnusedRegion(volume, region))) return region;
  return undefined;
}

/** Whether nothing was written into a region yet: a log's header says so by its tail. */
async function isUnusedRegion(volume: Volume, region: VolumeRegion): Promise<boolean> {
  const blocks = await loadRegionBlocks(volume, region, mostRegionBytes);
  if (blocks.isCut) return false;
  if (region.kind !== "DWAL") return isFormatted(blocks);
  const first = blocks.block(0);
  const rest = Array.from({ length: blocks.blockCount - 1 }, (_, index) => blocks.block(index + 1));
  return first !== undefined && walHeaderBlock.parse(first).header.tailOffset === 0n && rest.every((block) => block && isAllZero(block));
}
