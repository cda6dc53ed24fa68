import { isAllZero } from "../base/bytes.ts";
import { maxBigint } from "../base/units.ts";
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
    warnings.push(...(await resizeDataRegion(edit, data.blockCount + delta)));
    edit.superblock.totalBlocks = blocks;
    edit.superblock.expectedFileSize = blocks * BigInt(blockBytes);
    for (const { slot, name, startBlock, blockCount } of tail) {
      const pointer = edit.slots[slot];
      if (!pointer) throw new TypeError("a region has a slot");
      edit.slots[slot] = { ...pointer, startBlock: startBlock + delta };
      await edit.move(startBlock, startBlock + delta, blockCount, `Move ${name}`);
    }
  });
  const change = delta > 0n ? `Add ${delta} blocks` : `Cut off ${-delta} free blocks`;
  return {
    describedInputs: { blocks: Number.isSafeInteger(Number(blocks)) ? Number(blocks) : `${blocks}` },
    sentences: [
      `${change}: ${blocks} instead of ${before}, a file of ${blocks * BigInt(blockBytes)} bytes.`,
      ...tail.map(({ name, startBlock }) => `Move ${name} from block ${startBlock} to block ${startBlock + delta}.`),
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
  const tailBlocks = tail.reduce((sum, { blockCount }) => sum + blockCount, 0n);
  const dataEnd = data.startBlock + data.blockCount;
  if (dataEnd + tailBlocks !== totalBlocks) reasons.push("the data region and the regions behind it do not reach to its end without a gap");
  const fixed = await firstFixedRegion(volume, tail);
  if (fixed) reasons.push(`${fixed.name} lies behind the data region and holds block numbers of its own, so it cannot move with the end`);
  if (tailBlocks > 0n && (delta < 0n ? -delta : delta) < tailBlocks)
    reasons.push(
      `the regions behind the data region take ${tailBlocks} blocks and must be moved by at least as many: ${totalBlocks + tailBlocks} is the next larger number, ${totalBlocks - tailBlocks} the next smaller`,
    );
  if (delta > 0n) {
    const bits = BigInt(bitsPerBitmapBlock(blockBytes)) * (volume.findRegion("BMAP")?.blockCount ?? 0n);
    const most = bits * size > mostBytes ? mostBytes / size : bits;
    if (blocks > most) reasons.push(`${most} is the largest number that its bitmap has bits for`);
  } else {
    const space = await FreeSpace.of(volume);
    const last = await space.lastUsed({ start: data.startBlock, end: dataEnd, signal });
    const least = maxBigint(last ?? 0n, data.startBlock) + 1n + tailBlocks;
    if (blocks < least) reasons.push(`${least} is the smallest number that holds what is in use`);
  }
  return reasons;
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
