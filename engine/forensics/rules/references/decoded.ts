import type { RegionCodec, RegionReading } from "../../../format/regions/index.ts";
import type { VolumeRegion } from "../../../volume/volume.ts";
import type { CheckContext, JudgedRegion } from "../context.ts";

/** The regions of a codec's kind whose content was decoded. */
export function decodedRegions<Content>(
  { judged }: CheckContext,
  codec: Pick<RegionCodec<Content>, "tag" | "read">,
): (JudgedRegion & { content: Content })[] {
  return judged.flatMap((each) => {
    const content = each.region.kind === codec.tag ? (each.reading as RegionReading<Content>).content : undefined;
    return content === undefined ? [] : [{ ...each, content }];
  });
}

/** Where an element of a region's list stands, as findings name places. */
export function elementPlace({ region, blocks, reading }: JudgedRegion, list: string, index: number) {
  const place = reading.places?.[list]?.(index);
  const at = { region: region.tag, slot: region.slot };
  if (!place) return { ...at, block: region.startBlock };
  const block = region.startBlock + BigInt(place.block);
  return { ...at, block, byteOffset: block * BigInt(blocks.blockBytes) + BigInt(place.start), byteLength: place.byteLength };
}

/** How many of the blocks are marked free; undefined where the bitmap does not say, or its list of runs was cut. */
export function freeBlocksIn({ bitmap }: CheckContext, startBlock: bigint, blockCount: bigint): bigint | undefined {
  const ranges = bitmap?.allocatedRanges;
  if (!ranges || ranges.length >= mostRanges || bitmap.unread.length > 0) return undefined;
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (range && range.startBlock + range.blockCount <= startBlock) low = middle + 1;
    else high = middle;
  }
  const end = startBlock + blockCount;
  let allocated = 0n;
  for (let index = low; index < ranges.length; index++) {
    const range = ranges[index];
    if (!range || range.startBlock >= end) break;
    const from = range.startBlock > startBlock ? range.startBlock : startBlock;
    const to = range.startBlock + range.blockCount < end ? range.startBlock + range.blockCount : end;
    allocated += to - from;
  }
  return blockCount - allocated;
}
/** The bitmap's list of runs stops there. */
const mostRanges = 1_000_000;

/** The region, other than the data region, that holds one of the blocks. */
export const regionOver = ({ volume }: CheckContext, startBlock: bigint, blockCount: bigint): VolumeRegion | undefined =>
  volume.regions.find(
    (region) =>
      region.name !== "DataRegion" &&
      region.blockCount > 0n &&
      region.startBlock < startBlock + blockCount &&
      startBlock < region.startBlock + region.blockCount,
  );
