import { EngineError } from "../../errors/engine-error.ts";
import { bitmapBlockCount, trailerBytes } from "../../format/core/index.ts";
import { recoveryFooter } from "../../volume/free-space.ts";
import type { Volume, VolumeRegion } from "../../volume/volume.ts";

/** A region that goes elsewhere, with as many blocks as it will have. */
export interface RegionMove {
  region: VolumeRegion;
  to: bigint;
  blockCount: bigint;
}

/** Where everything behind the data region lies in a volume of so many blocks. Operations reference 14.3. */
export interface ResizedLayout {
  blocks: bigint;
  data: VolumeRegion;
  /** Blocks of the data region. */
  dataBlocks: bigint;
  /** Regions behind it, in order, the bitmap among them where it lies there or must become larger. */
  moves: RegionMove[];
  /** The first block behind the data region, and the first behind the last region. */
  start: bigint;
  end: bigint;
  /** The recovery footer as it is now: the last block. */
  footer: bigint | undefined;
}

/** The data region. VOLUME_NEEDS_REPAIR. */
export function requireData({ dataRegion }: Volume): VolumeRegion {
  if (!dataRegion) throw new EngineError("VOLUME_NEEDS_REPAIR", { reason: "no table names a data region" });
  return dataRegion;
}

/** Regions behind the data region, which end with the volume. */
export function tailOf(volume: Volume): VolumeRegion[] {
  const data = requireData(volume);
  return volume.regions
    .filter(({ startBlock }) => startBlock >= data.startBlock + data.blockCount)
    .sort((a, b) => (a.startBlock < b.startBlock ? -1 : 1));
}

/** The most bytes of bits that the SDK's scanner reads. Operations reference 1. */
const mostBitmapBytes = 2n ** 31n - 1n;

/** The most blocks that a bitmap which the SDK can read has bits for. */
export function mostBlocksOf({ blockBytes }: Volume): bigint {
  const payload = BigInt(blockBytes - trailerBytes);
  return (mostBitmapBytes / payload) * payload * 8n;
}

/**
 * The layout of `blocks` blocks: regions behind the data region end with the volume, without the gaps that moved tables may have left
 * between them; a bitmap with too few bits goes behind them, longer, and so do `others`; a recovery footer stays the last block.
 * VOLUME_NEEDS_REPAIR.
 */
export async function resizedLayout(volume: Volume, blocks: bigint, others: readonly VolumeRegion[] = []): Promise<ResizedLayout> {
  const data = requireData(volume);
  const bitmap = volume.findRegion("BMAP");
  if (!bitmap) throw new EngineError("VOLUME_NEEDS_REPAIR", { reason: "no table names an allocation bitmap" });
  const needed = bitmapBlockCount(blocks, volume.blockBytes);
  const tail = tailOf(volume);
  if (needed > bitmap.blockCount && !tail.includes(bitmap)) tail.push(bitmap);
  tail.push(...others.filter((region) => !tail.includes(region)));
  const lengthOf = (region: VolumeRegion): bigint => (region === bitmap && needed > region.blockCount ? needed : region.blockCount);
  const footer = await recoveryFooter(volume);
  const end = footer === undefined ? blocks : blocks - 1n;
  const start = end - tail.reduce((sum, region) => sum + lengthOf(region), 0n);
  let next = start;
  const moves = tail.map((region): RegionMove => {
    const move = { region, to: next, blockCount: lengthOf(region) };
    next += move.blockCount;
    return move;
  });
  // A footer takes the last block of a data region that reaches the end; behind other regions it stands alone.
  const reachesEnd = footer !== undefined && data.startBlock + data.blockCount > footer && tail.length === 0;
  return { blocks, data, dataBlocks: (reachesEnd ? blocks : start) - data.startBlock, moves, start, end, footer };
}
