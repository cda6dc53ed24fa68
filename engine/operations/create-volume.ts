import { checksum } from "../base/checksum.ts";
import { zeroGuid } from "../base/guid.ts";
import { StoredText } from "../base/stored-text.ts";
import { isWorkingBlockSize } from "../base/units.ts";
import type { BlockDevice } from "../device/block-device.ts";
import { EngineError } from "../errors/engine-error.ts";
import {
  bitsPerBitmapBlock,
  emptySlot,
  extendedMetadata,
  firstUnstorableModule,
  formatIdentifier,
  inodeLayoutBlock,
  integrityAnchor,
  moduleConfigs,
  modules,
  namespaceAnchor,
  planInodeLayout,
  type RegionPointer,
  regionDirectoryHeader,
  regionTable,
  sealBlock,
  setBits,
  slotCount,
  superblock,
  tagNumber,
} from "../format/core/index.ts";
import { type PlannedRegion, planLayout, smallestTotalBlocks } from "../volume/layout-plan.ts";
import type { FreshRun } from "../volume/volume-edit.ts";
import { freshLogHeader } from "./modules/fresh-region.ts";

export interface CreateVolumeInputs {
  manifest: number;
  /** Level by module id. */
  levels: ReadonlyMap<number, number>;
  blockBytes: number;
  totalBlocks: bigint;
  label: string;
  uuid: string;
  /** Creation time in ticks. */
  now: bigint;
  /** Creation time of a log by its tag; `now` unless told. The SDK's creator reads the clock again for each. */
  logCreated?: ReadonlyMap<string, bigint>;
}

export interface CreateVolumePlan {
  inputs: CreateVolumeInputs;
  byteLength: bigint;
  regions: PlannedRegion[];
  metadataBlocks: bigint;
  dataBlocks: bigint;
  blocks: FreshRun[];
}

const labelBytes = 64;
/** ExpectedFileSize is an i64 (core reference 2.4); half of its range keeps every sum of offsets in it. */
const mostBytes = 2n ** 62n;
const generation = 1;

/**
 * Plans a new volume: every block that is written, each with its image. Reads nothing. BLOCK_SIZE_UNSUPPORTED, VOLUME_TOO_SMALL with the
 * smallest number that would do, VOLUME_TOO_LARGE, LABEL_TOO_LONG, MODULE_LEVEL_OUT_OF_RANGE, MODULE_NOT_STORABLE. Core reference 1.2 to 1.4;
 * unlike the SDK's creator the bitmap is right over all its blocks (convention W5).
 */
export function planCreateVolume(inputs: CreateVolumeInputs): CreateVolumePlan {
  const { manifest, blockBytes, totalBlocks, levels } = inputs;
  if (!isWorkingBlockSize(blockBytes)) throw new EngineError("BLOCK_SIZE_UNSUPPORTED", { blockBytes });
  if (totalBlocks * BigInt(blockBytes) > mostBytes)
    throw new EngineError("VOLUME_TOO_LARGE", { blocks: totalBlocks, most: mostBytes / BigInt(blockBytes) });
  const unstorable = findUnstorableBit(manifest);
  if (unstorable !== undefined)
    throw new EngineError("MODULE_NOT_STORABLE", { module: modules[unstorable]?.name ?? `bit ${unstorable}`, id: unstorable });
  const needed = smallestTotalBlocks(manifest, blockBytes);
  if (totalBlocks < needed) throw new EngineError("VOLUME_TOO_SMALL", { blocks: totalBlocks, needed, blockBytes });
  const bytes = new TextEncoder().encode(inputs.label).length;
  if (bytes > labelBytes) throw new EngineError("LABEL_TOO_LONG", { bytes, most: labelBytes });
  for (const [id, level] of levels) {
    const name = modules[id]?.name ?? `${id}`;
    if (id >= firstUnstorableModule) throw new EngineError("MODULE_NOT_STORABLE", { module: name, id });
    if (!Number.isInteger(level) || level < 0 || level > 15) throw new EngineError("MODULE_LEVEL_OUT_OF_RANGE", { module: name, level });
  }
  const layout = planLayout({ manifest, blockBytes, totalBlocks });
  const once = (block: bigint, reason: string, image: Uint8Array): FreshRun => ({ block, blockCount: 1n, reason, image: () => image });
  const group = groupImages(inputs, layout.regions, layout.metadataBlocks, layout.dataBlocks);
  const names = ["SuperblockV2", "RegionPointerTable", "ExtendedMetadata", "IntegrityAnchor"];
  const blocks: FreshRun[] = [
    ...group.map((image, index) => once(BigInt(index), `Write the ${names[index]}`, image)),
    ...group.map((image, index) => once(BigInt(4 + index), `Write the mirror of the ${names[index]}`, image)),
    ...directoryImages(blockBytes, layout.regions).map((image, index) =>
      once(BigInt(8 + index), index ? "Write the directory's header" : "Write the directory's slots", image),
    ),
  ];
  for (const region of layout.regions) {
    const { startBlock, blockCount } = region;
    if (region.kind === "BMAP") {
      blocks.push({
        block: startBlock,
        blockCount,
        reason: `Mark ${layout.metadataBlocks} blocks allocated`,
        image: (index) => bitmapImage(blockBytes, index, layout.metadataBlocks),
      });
    } else if (region.kind === "INOD") {
      const image = inodeLayoutBlock.encode(
        { layoutDescriptor: planInodeLayout(manifest), trailer: trailer("INOD") },
        { byteLength: blockBytes },
      );
      blocks.push(once(startBlock, "Write the inode layout descriptor", image));
    } else if (region.kind === "MWAL" || region.kind === "DWAL") {
      const created = inputs.logCreated?.get(region.kind) ?? inputs.now;
      blocks.push(
        once(startBlock, `Write the header of ${region.name}`, freshLogHeader(region.kind, region.blockCount, blockBytes, created)),
      );
    } else if (startBlock >= 10n && !["PolicyVault", "EncryptionHeader", "StreamingAppend", "DataRegion"].includes(region.name)) {
      blocks.push(once(startBlock, `Format ${region.name}`, sealBlock(new Uint8Array(blockBytes), region.tag, generation)));
    }
  }
  return {
    inputs,
    byteLength: totalBlocks * BigInt(blockBytes),
    regions: layout.regions,
    metadataBlocks: layout.metadataBlocks,
    dataBlocks: layout.dataBlocks,
    blocks,
  };
}

/** The lowest bit of a manifest that has no place in the 32 bits on disk. Core reference 5.2. */
function findUnstorableBit(manifest: number): number | undefined {
  const above = BigInt(manifest) >> BigInt(firstUnstorableModule);
  return above === 0n ? undefined : firstUnstorableModule + (above.toString(2).match(/0*$/)?.[0].length ?? 0);
}

const trailer = (tag: string) => ({ blockTypeTag: tagNumber(tag), generationNumber: generation, xxHash64Checksum: 0n });

function groupImages(inputs: CreateVolumeInputs, regions: PlannedRegion[], metadataBlocks: bigint, dataBlocks: bigint): Uint8Array[] {
  const { manifest, blockBytes, totalBlocks, levels, label, uuid, now } = inputs;
  const options = { byteLength: blockBytes };
  const first = superblock.encode(
    {
      magic: { formatIdentifier, majorVersion: 2, minorVersion: 0, specRevision: 1, namespaceAnchor },
      versionInfo: {
        minReaderVersion: 2,
        minWriterVersion: 2,
        incompatibleFeatures: 0,
        readOnlyCompatibleFeatures: 0,
        compatibleFeatures: 0,
      },
      moduleManifest: manifest,
      ...moduleConfigs(levels),
      blockSize: blockBytes,
      totalBlocks,
      freeBlocks: dataBlocks,
      expectedFileSize: totalBlocks * BigInt(blockBytes),
      totalAllocatedBlocks: metadataBlocks,
      volumeUuid: uuid,
      clusterNodeId: zeroGuid,
      defaultCompressionAlgo: 0,
      defaultEncryptionAlgo: 0,
      defaultChecksumAlgo: 1,
      inodeSize: planInodeLayout(manifest).inodeSize,
      sovereigntyZoneId: 0,
      policyVersion: 1,
      replicationEpoch: 0,
      wormHighWaterMark: 0n,
      encryptionKeyFingerprint: 0n,
      volumeLabel: StoredText.of(label, labelBytes),
      createdTimestampUtc: now,
      modifiedTimestampUtc: now,
      lastScrubTimestamp: 0n,
      checkpointSequence: 1n,
      errorMapBlockCount: 0n,
      lastWriterSessionId: zeroGuid,
      lastWriterTimestamp: now,
      lastWriterNodeId: zeroGuid,
      physicalAllocatedBlocks: 0n,
      headerIntegritySeal: new Uint8Array(32),
      trailer: trailer("SUPB"),
    },
    options,
  );
  const zeroBlock = new Uint8Array(blockBytes);
  return [
    first,
    regionTable.encode({ slots: slotsOf(regions), trailer: trailer("RMAP") }, options),
    extendedMetadata.encode({ ...extendedMetadata.parse(zeroBlock), trailer: trailer("EXMD") }, options),
    integrityAnchor.encode({ ...integrityAnchor.parse(zeroBlock), trailer: trailer("IANT") }, options),
  ];
}

function slotsOf(regions: readonly PlannedRegion[]): RegionPointer[] {
  return Array.from({ length: slotCount }, (_, slot) => {
    const region = regions[slot];
    return region
      ? { regionTypeId: tagNumber(region.tag), flags: 1, startBlock: region.startBlock, blockCount: region.blockCount, usedBlocks: 0n }
      : emptySlot;
  });
}

function directoryImages(blockBytes: number, regions: readonly PlannedRegion[]): Uint8Array[] {
  const options = { byteLength: blockBytes };
  const slots = regionTable.encode({ slots: slotsOf(regions), trailer: trailer("RMAP") }, options);
  const block0Hash = checksum.xxh64(slots.subarray(0, -16));
  return [
    slots,
    regionDirectoryHeader.encode({ version: 1, slotCount, activeCount: regions.length, block0Hash, trailer: trailer("RMAP") }, options),
  ];
}

function bitmapImage(blockBytes: number, index: bigint, allocated: bigint): Uint8Array {
  const image = new Uint8Array(blockBytes);
  const perBlock = bitsPerBitmapBlock(blockBytes);
  const left = allocated - index * BigInt(perBlock);
  if (left > 0n) setBits(image, 0, left < BigInt(perBlock) ? Number(left) : perBlock);
  return sealBlock(image, "BMAP", generation);
}

export interface CreateProgress {
  signal?: AbortSignal | undefined;
  onProgress?: (progress: { phase: string; done: number; total: number; unit: "blocks" }) => void;
}

/** Writes a planned volume into an empty device and syncs it; block 0 is written last, so that an interrupted creation is no volume. Gives the blocks written. */
export async function applyCreateVolume(
  device: BlockDevice,
  plan: CreateVolumePlan,
  { signal, onProgress }: CreateProgress = {},
): Promise<bigint> {
  await device.resize(plan.byteLength);
  const total = Number(plan.blocks.reduce((sum, run) => sum + run.blockCount, 0n));
  const [last, ...others] = plan.blocks;
  let done = 0;
  const write = async (run: FreshRun) => {
    for (let index = 0n; index < run.blockCount; index++) {
      signal?.throwIfAborted();
      await device.write((run.block + index) * BigInt(plan.inputs.blockBytes), await run.image(index));
      onProgress?.({ phase: "Writing metadata", done: ++done, total, unit: "blocks" });
    }
  };
  for (const run of others) await write(run);
  await device.sync();
  if (last) await write(last);
  await device.sync();
  return BigInt(done);
}
