import { maxBigint, minBigint } from "../base/units.ts";
import { EngineError, isEngineError } from "../errors/engine-error.ts";
import { judgeTrailer, sealBlock } from "../format/core/index.ts";
import { btreCodec, isFormatted } from "../format/regions/index.ts";
import { FreeSpace } from "../volume/free-space.ts";
import { loadRegionBlocks } from "../volume/region-readers/coded-region.ts";
import type { Volume, VolumeRegion } from "../volume/volume.ts";
import type { VolumeEdit } from "../volume/volume-edit.ts";
import { resizeDataRegion } from "./modules/data-end.ts";
import { defineOperation, type PlanDraft, type PlanOptions, type PlanStep, previewVolume, singleStep } from "./operation.ts";
import { reasonAgainstMovingLog, shiftLogHeader } from "./resizing/data-log.ts";
import { recordResize } from "./resizing/journal-entry.ts";
import { mostBlocksOf, type RegionMove, type ResizedLayout, resizedLayout } from "./resizing/layout.ts";
import { whollyRead } from "./wholly-read.ts";

const mostBytes = 2n ** 62n;
const mostRegionBytes = 1_073_741_824;

/** Regions in which nothing counts from the volume's start, or only to blocks that stay where they are. Regions references; convention W23. */
const movableKinds = new Set(
  "BMAP INOD POLV ENCR CMVT CMAL INTE TAGI REPL RAID STRE CODE XREF CLOG DICT MTRK SNAP ANON MLOG ALOG WALS ZNSM OPJR".split(" "),
);

/**
 * Gives the volume and its file another number of blocks: the data region becomes longer or shorter, regions behind it move with the end,
 * a bitmap with too few bits goes there too, a recovery footer is written anew as the last block. What the log does not hold at once is
 * split into steps, each a whole volume. CHANGE_NOT_POSSIBLE with every reason, and the number that would do. Operations reference 14.3; W26.
 */
export const resize = defineOperation("resize", (volume, inputs: { blocks: bigint }, options) =>
  // A footer, a journal or a block in use that a read did not find must not be planned around.
  whollyRead(volume, options, (watched) => draftResize(watched, inputs, options)),
);

async function draftResize(volume: Volume, { blocks }: { blocks: bigint }, options: PlanOptions): Promise<PlanDraft> {
  const wanted = await resizedLayout(volume, blocks);
  const reasons = await reasonsAgainstResize(volume, wanted, options.signal);
  if (reasons.length > 0) throw new EngineError("CHANGE_NOT_POSSIBLE", { change: "The number of blocks", reasons });
  const { totalBlocks: before, blockBytes } = volume;
  const byteLength = blocks * BigInt(blockBytes);
  const { steps, layout, warnings } = await stepsOf(volume, wanted, options, byteLength);
  const change = blocks > before ? `Add ${blocks - before} blocks` : `Cut off ${before - blocks} free blocks`;
  const logged = steps.reduce((sum, { changes }) => sum + changes.images.length, 0);
  return {
    describedInputs: { blocks: Number.isSafeInteger(Number(blocks)) ? Number(blocks) : `${blocks}` },
    sentences: [
      `${change}: ${blocks} instead of ${before}, a file of ${byteLength} bytes.`,
      ...layout.moves.map(({ region, to, blockCount }) =>
        blockCount === region.blockCount
          ? `Move ${region.name} from block ${region.startBlock} to block ${to}.`
          : `Move ${region.name} from block ${region.startBlock} to block ${to} and give it ${blockCount} blocks: it has bits for more then.`,
      ),
      ...(layout.footer === undefined ? [] : [`Write the recovery footer anew, as block ${blocks - 1n}.`]),
      ...(steps.length > 1
        ? [`The log is too small for all of it at once: it takes ${steps.length} steps, each of which leaves a whole volume.`]
        : []),
    ],
    steps,
    warnings: [...new Set(warnings)],
    worstCase: `If this goes wrong in every way we know, you lose nothing: undo restores ${logged} blocks.`,
    byteLength,
  };
}

/** One part of a resize, which leaves a whole volume where the parts before it are done. */
interface Part {
  title: string;
  change: (edit: VolumeEdit) => Promise<void>;
}

/**
 * A single transaction where the log holds it; else one for each part; else one in which the integrity tree is written anew behind the data
 * region, not through the log. LOG_TOO_SMALL where none of these is possible. Convention W26.
 */
async function stepsOf(
  volume: Volume,
  layout: ResizedLayout,
  options: PlanOptions,
  byteLength: bigint,
): Promise<{ steps: PlanStep[]; layout: ResizedLayout; warnings: string[] }> {
  const atOnce = async (one: ResizedLayout) => {
    const warnings: string[] = [];
    const step = await singleStep(volume, `Resize to ${one.blocks} blocks`, options, async (edit) => {
      for (const { change } of partsOf(volume, one, options.now, warnings).together) await change(edit);
    });
    return { steps: [step], layout: one, warnings };
  };
  const inSteps = async () => {
    const warnings: string[] = [];
    const steps: PlanStep[] = [];
    const longest = maxBigint(byteLength, volume.device.byteLength);
    for (const { title, change } of partsOf(volume, layout, options.now, warnings).apart) {
      const current = steps.length === 0 ? volume : await previewVolume(volume, { steps, byteLength: longest });
      steps.push(await singleStep(current, title, options, change));
    }
    return { steps, layout, warnings };
  };
  const first = (await unlessTooLarge(() => atOnce(layout))) ?? (await unlessTooLarge(inSteps));
  if (first) return first;
  const tree = volume.findRegion("MTRK");
  const withTree = await resizedLayout(volume, layout.blocks, tree ? [tree] : []);
  const isPossible = (await reasonsAgainstResize(volume, withTree, options.signal)).length === 0;
  return atOnce(isPossible ? withTree : layout);
}

/** Undefined where the log is too small. */
async function unlessTooLarge<Result>(plan: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await plan();
  } catch (error) {
    if (isEngineError(error, "LOG_TOO_SMALL")) return undefined;
    throw error;
  }
}

/**
 * What there is to do. Together, regions move last: what else is written into them goes along. Apart, a volume becomes longer first and its
 * data region last, one that becomes shorter the other way round, so that no two regions overlap.
 */
function partsOf(volume: Volume, layout: ResizedLayout, now: bigint, warnings: string[]): { together: Part[]; apart: Part[] } {
  const { blocks, moves, dataBlocks } = layout;
  const isLonger = blocks > volume.totalBlocks;
  const move = (each: RegionMove): Part => ({
    title: `Move ${each.region.name} to block ${each.to}`,
    change: (edit) => moveRegion(edit, each),
  });
  const bitmap = moves.filter(({ region }) => region.kind === "BMAP");
  const others = moves.filter(({ region }) => region.kind !== "BMAP");
  const length: Part = {
    title: `Make the volume ${blocks} blocks long`,
    change: async (edit) => {
      // Blocks behind the old end have bits only in the longer bitmap.
      if (isLonger) for (const each of bitmap) await moveRegion(edit, each);
      await changeLength(edit, layout);
      warnings.push(...(await recordResize(edit, blocks, now)));
    },
  };
  const data: Part = {
    title: `Give the data region ${dataBlocks} blocks`,
    change: async (edit) => void warnings.push(...(await resizeDataRegion(edit, dataBlocks))),
  };
  return isLonger
    ? { together: [length, data, ...others.map(move)], apart: [length, ...others.toReversed().map(move), data] }
    : { together: [data, length, ...moves.map(move)], apart: [data, ...moves.map(move), length] };
}

async function moveRegion(edit: VolumeEdit, { region, to, blockCount }: RegionMove): Promise<void> {
  if (region.kind === "BMAP") return edit.moveBitmap(to, blockCount);
  if (region.kind === "DWAL") await shiftLogHeader(edit, region, to);
  const slot = edit.slots[region.slot];
  if (!slot) throw new TypeError("a region has a slot");
  slot.startBlock = to;
  await edit.move(region.startBlock, to, blockCount, `Move ${region.name}`);
}

/** The counts of the superblock, and the footer, which is a copy of it as it will be. Core reference 7.4. */
async function changeLength(edit: VolumeEdit, { blocks, footer }: ResizedLayout): Promise<void> {
  edit.superblock.totalBlocks = blocks;
  edit.superblock.expectedFileSize = blocks * BigInt(edit.volume.blockBytes);
  if (footer === undefined) return;
  const { generationNumber } = judgeTrailer(await edit.volume.requireBlock(footer));
  await edit.fill({
    block: blocks - 1n,
    blockCount: 1n,
    reason: "Write the recovery footer",
    image: async () => sealBlock(await edit.block(0n), "SUPB", (generationNumber + 1) >>> 0),
  });
  if (!(await edit.isAllocated(footer))) return;
  await edit.mark(footer, 1n, false);
  await edit.mark(blocks - 1n, 1n, true);
}

async function reasonsAgainstResize(volume: Volume, layout: ResizedLayout, signal: AbortSignal | undefined): Promise<string[]> {
  const { totalBlocks, blockBytes, device, superblock } = volume;
  const { blocks, data, moves, footer, start } = layout;
  const size = BigInt(blockBytes);
  if (blocks === totalBlocks) return [`it is ${totalBlocks} already`];
  const most = minBigint(mostBlocksOf(volume), mostBytes / size);
  if (blocks > most) return [`${most} is the largest number whose bitmap the SDK can read`];
  const reasons: string[] = [];
  // A file that an interrupted change of the same length left is welcome (operations reference 14.3).
  if (
    superblock?.expectedFileSize !== totalBlocks * size ||
    (device.byteLength !== totalBlocks * size && device.byteLength !== blocks * size)
  )
    reasons.push(`the file has ${device.byteLength} bytes and the volume ${totalBlocks * size}`);
  if (device.kind === "block-device") reasons.push("it lies on a block device, whose length is its own");
  const fixed = await firstFixedRegion(volume, moves, signal);
  if (fixed) reasons.push(`${fixed}, so it cannot move with the end; while it lies there ${totalBlocks} is the only number`);
  const space = await FreeSpace.of(volume);
  const lastUsed = await lastUsedBeside(space, layout, totalBlocks, signal);
  const behind = blocks - start;
  const least = maxBigint(lastUsed ?? 0n, data.startBlock) + 1n + behind;
  const end = minBigint(blocks, totalBlocks);
  if (blocks < least) reasons.push(`${least} is the smallest number that holds what is in use`);
  // Regions are copied to blocks that are free now, so old and new places may not touch.
  else if (start < end && (await space.count({ start, end, signal })) !== end - start) {
    const places = [...regionsBehind(layout).map(({ startBlock }) => startBlock), footer ?? totalBlocks];
    const firstBehind = places.reduce(minBigint);
    const larger = await nextLarger(volume, totalBlocks + behind);
    reasons.push(
      `what lies behind the data region takes ${behind} blocks and must move past where it is: ${larger} is the next larger number${firstBehind < least ? "" : `, ${firstBehind} the next smaller`}`,
    );
  }
  return reasons;
}

/** The first number from `blocks` on at which everything behind the data region lies past the present end: a longer bitmap takes more. */
async function nextLarger(volume: Volume, blocks: bigint): Promise<bigint> {
  const { start } = await resizedLayout(volume, blocks);
  return start >= volume.totalBlocks ? blocks : nextLarger(volume, blocks + (volume.totalBlocks - start));
}

/** Regions that lie behind the data region now: a bitmap may only come there. */
const regionsBehind = ({ moves, data }: ResizedLayout): VolumeRegion[] =>
  moves.map(({ region }) => region).filter(({ startBlock }) => startBlock > data.startBlock);

/** The last block in use from the data region on that is no region's behind it, and not the footer. */
async function lastUsedBeside(
  space: FreeSpace,
  layout: ResizedLayout,
  totalBlocks: bigint,
  signal: AbortSignal | undefined,
): Promise<bigint | undefined> {
  let end = layout.footer ?? totalBlocks;
  for (const region of regionsBehind(layout).sort((a, b) => (a.startBlock > b.startBlock ? -1 : 1))) {
    const last = await space.lastUsed({ start: region.startBlock + region.blockCount, end, signal });
    if (last !== undefined) return last;
    end = region.startBlock;
  }
  return space.lastUsed({ start: layout.data.startBlock, end, signal });
}

/** Which region would have to move and cannot, and why, in words. */
async function firstFixedRegion(
  volume: Volume,
  moves: readonly RegionMove[],
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  for (const { region } of moves) {
    if (movableKinds.has(region.kind) || (await isUnusedRegion(volume, region))) continue;
    if (region.kind === "DWAL") {
      const reason = await reasonAgainstMovingLog(
        volume,
        region,
        moves.map((each) => each.region),
        signal,
      );
      if (reason !== undefined) return `${region.name} lies behind the data region and ${reason}`;
    } else if (!(await isTagIndex(volume, region))) return `${region.name} lies behind the data region and holds block numbers of its own`;
  }
  return undefined;
}

/** Whether nothing was written into a region yet. */
async function isUnusedRegion(volume: Volume, region: VolumeRegion): Promise<boolean> {
  if (region.kind === "DWAL") return false;
  const blocks = await loadRegionBlocks(volume, region, mostRegionBytes);
  return !blocks.isCut && isFormatted(blocks);
}

/** Whether the forest of indexes holds a tag index, which counts from the region's start. Other regions reference 2, 17. */
async function isTagIndex(volume: Volume, region: VolumeRegion): Promise<boolean> {
  if (region.kind !== "BTRE") return false;
  const { content } = btreCodec.read(await loadRegionBlocks(volume, region, mostRegionBytes));
  return content !== undefined && !("state" in content) && content.layout !== "nodes" && content.layout !== "beNodes";
}
