import { isAllZero } from "../../base/bytes.ts";
import { type Json, toJson } from "../../base/json.ts";
import type { RegionBlocks, RegionDecoder, RegionFacts } from "../../format/regions/index.ts";
import type { Volume, VolumeRegion } from "../volume.ts";
import type { RegionReader } from "./region-reader.ts";

/** The blocks of a region, at most `limitBytes` of them; holes and zero blocks cost no memory. */
export async function loadRegionBlocks(
  volume: Volume,
  region: VolumeRegion,
  limitBytes: number,
  signal?: AbortSignal,
): Promise<RegionBlocks> {
  const { blockBytes, fileBlocks } = volume;
  const inFile = region.startBlock + region.blockCount > fileBlocks ? fileBlocks - region.startBlock : region.blockCount;
  const most = BigInt(Math.max(1, Math.floor(limitBytes / blockBytes)));
  const blockCount = Number(inFile < 0n ? 0n : inFile < most ? inFile : most);
  const unread = new Set<number>();
  const stored = new Map<number, Uint8Array>();
  await volume.reader.walk(
    region.startBlock,
    region.startBlock + BigInt(blockCount),
    (block, bytes) => {
      const index = Number(block - region.startBlock);
      if (!bytes) unread.add(index);
      else if (!isAllZero(bytes)) stored.set(index, bytes);
    },
    signal,
  );
  const zeros = new Uint8Array(blockBytes);
  const block = (index: number): Uint8Array | undefined => {
    if (index < 0 || index >= blockCount || unread.has(index)) return undefined;
    return stored.get(index) ?? zeros;
  };
  return { blockBytes, blockCount, isCut: BigInt(blockCount) < inFile, startBlock: region.startBlock, block };
}

/** What of the volume the meaning of a region depends on. */
export const regionFacts = ({ totalBlocks, superblock, keys }: Volume, region: VolumeRegion): RegionFacts => ({
  totalBlocks,
  volumeUuid: superblock?.volumeUuid,
  regionBlocks: region.blockCount,
  policyVaultKey: keys.policyVault,
  complianceKey: keys.compliance,
});

/** A region whose whole content one codec decodes. */
export const codedRegionReader = (codec: RegionDecoder): RegionReader => ({
  structureOf: (_, region, block, bytes) => (isAllZero(bytes) ? undefined : codec.structureOf(Number(block - region.startBlock), bytes)),
  async read(volume, region, { limitBytes, signal }) {
    const blocks = await loadRegionBlocks(volume, region, limitBytes, signal);
    const { content, sdkReads } = codec.read(blocks, regionFacts(volume, region));
    return {
      content: content === undefined ? undefined : (toJson(content) as { [key: string]: Json }),
      ...(sdkReads !== undefined && { sdkReads: toJson(sdkReads) }),
      findings: [],
    };
  },
});
