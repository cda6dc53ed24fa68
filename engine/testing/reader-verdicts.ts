import type { RegionBlocks } from "../format/regions/index.ts";
import { goldenBytes, goldenJson } from "./golden.ts";

/** One case of `reader-verdicts-other.json`: what the SDK's reader makes of a golden region that was changed. */
export interface VerdictRow {
  region: string;
  reader: string;
  golden: string;
  blocks: number;
  case: string;
  blockOrder?: number[];
  zeroBlocks?: number[];
  patches?: { block: number; offset: number; hex: string }[];
  truncateTo?: number;
  blockCount?: number;
  blockSize?: number;
  sdk: string;
  sameAsUndamaged: boolean;
}

/**
 * The rows of some regions. Rows on what a caller hands over (a buffer that is too short, a block count that is not the buffer's) are
 * left out: they say nothing of a volume.
 */
export function verdictRows(regions: readonly string[]): VerdictRow[] {
  const isOfVolume = ({ region, blocks, blockCount = blocks, blockSize, truncateTo = blocks * 4096 }: VerdictRow): boolean =>
    blockSize === undefined && blockCount >= 1 && truncateTo === (region === "TAGI" ? blocks : blockCount) * 4096;
  return goldenJson("reader-verdicts-other").rows.filter((row: VerdictRow) => regions.includes(row.region) && isOfVolume(row));
}

const images = new Map<string, Uint8Array>();
function imageOf(name: string): Uint8Array {
  const image = images.get(name) ?? goldenBytes(name);
  images.set(name, image);
  return image;
}

/** The blocks that a row hands to the reader. */
export function blocksOfRow(row: VerdictRow): RegionBlocks {
  const { expect: golden } = goldenJson(row.golden);
  const blockBytes: number = golden.superblock.blockSize;
  const { startBlock } = golden.regions.find(({ tag, kind = tag }: { tag: string; kind?: string }) => kind === row.region);
  const image = imageOf(row.golden);
  const stored = Array.from({ length: row.blocks }, (_, index) =>
    image.slice((startBlock + index) * blockBytes, (startBlock + index + 1) * blockBytes),
  );
  const blocks = row.blockOrder ? row.blockOrder.map((index) => (stored[index] ?? new Uint8Array(0)).slice()) : stored;
  for (const index of row.zeroBlocks ?? []) blocks[index]?.fill(0);
  for (const { block, offset, hex } of row.patches ?? []) blocks[block]?.set(Buffer.from(hex, "hex"), offset);
  const blockCount = Math.min(row.blockCount ?? row.blocks, blocks.length);
  return { blockBytes, blockCount, startBlock: BigInt(startBlock), block: (index) => (index < blockCount ? blocks[index] : undefined) };
}
