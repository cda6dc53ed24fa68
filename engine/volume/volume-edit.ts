import { isAllZero } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { EngineError } from "../errors/engine-error.ts";
import {
  activeFlag,
  integrityAnchor,
  isFreeSlot,
  judgeTrailer,
  type RegionPointer,
  regionDirectoryHeader,
  regionTable,
  type Superblock,
  sealBlock,
  slotCount,
  superblock,
  tagText,
  trailerBytes,
} from "../format/core/index.ts";
import { headerImage, type MetadataLog, mostTransactionImages, placeTransaction } from "../journal/transaction.ts";
import { BitmapEdit } from "./bitmap-edit.ts";
import { sealHeader } from "./header-seal.ts";
import type { Volume } from "./volume.ts";

/** One block that a change rewrites through the log. */
export interface PlannedImage {
  block: bigint;
  reason: string;
  before: Uint8Array;
  after: Uint8Array;
}
/** Free blocks that are written before the change is committed. */
export interface FreshRun {
  block: bigint;
  blockCount: bigint;
  reason: string;
  /** The image of block `index` of the run. */
  image: (index: bigint) => Uint8Array | Promise<Uint8Array>;
  /** Fills `into` with the images from `index` on, one behind the other, where that is quicker than one by one. */
  fill?: ((index: bigint, into: Uint8Array) => Promise<void>) | undefined;
}
/** All that one transaction writes, in the order in which it is applied. */
export interface ChangeSet {
  images: PlannedImage[];
  fresh: FreshRun[];
  /** Blocks that are free once the change is committed, and what is written to them then. */
  released?: FreshRun[];
  freeBlocks: { before: bigint; after: bigint };
  /** The log's header block as it stands once the transaction is complete. */
  logHeader?: { block: bigint; image: Uint8Array };
  /** Block 0 as it is before, where recovery could not tell by the superblocks alone which is the older one. */
  witness?: Uint8Array | undefined;
}

export interface FinishOptions {
  /** Time of the change, in ticks. */
  now: bigint;
  /** Key of the header seal; needed where the superblock is sealed. */
  sealKey?: Uint8Array | undefined;
  /** Clears a seal whose key is not known. */
  clearSeal?: boolean | undefined;
}

/**
 * Builds the final images of one change to a volume in memory; nothing is written. What it gives is whole: superblock group and
 * mirror, both tables, bitmap, counters, generations and seals agree (conventions W1 to W7). Unknown bytes of rewritten blocks are kept.
 */
export class VolumeEdit {
  readonly volume: Volume;
  /** Fields of the superblock as they will be; counters, times and sequence follow by themselves. */
  readonly superblock: Superblock;
  /** Slots of both tables as they will be. */
  readonly slots: RegionPointer[];
  readonly log: MetadataLog;
  /** Blocks 0 to 3 by index, where another image than the believed copy is to be rewritten. */
  readonly groupImages = new Map<number, Uint8Array>();
  readonly #images = new Map<bigint, { reason: string; before: Uint8Array; after: Uint8Array }>();
  readonly #fresh: FreshRun[] = [];
  readonly #bitmap: BitmapEdit;

  private constructor(volume: Volume, stored: Superblock, log: MetadataLog, repairing: boolean) {
    this.volume = volume;
    this.#bitmap = new BitmapEdit(volume, repairing);
    this.superblock = { ...stored };
    this.slots = volume.tables.slots.map((slot) => ({ ...slot }));
    this.log = log;
  }

  /** Begins a change. VOLUME_READ_ONLY, VOLUME_NEEDS_RECOVERY, and unless `unsealed` is allowed VOLUME_NEEDS_REPAIR. Convention W8, operations reference 2.9. */
  static async begin(volume: Volume, { repairing = false }: { repairing?: boolean } = {}): Promise<VolumeEdit> {
    const { superblock: stored, log } = volume;
    const refusal = readOnlyReason(volume);
    if (refusal !== undefined || !stored) throw new EngineError("VOLUME_READ_ONLY", { reason: refusal ?? "there is no superblock" });
    if (!log?.headerVerified || !log.state)
      throw new EngineError("VOLUME_NEEDS_REPAIR", { reason: "the metadata log has no header that verifies" });
    if (log.state.state !== "none" && log.state.state !== "uncommitted")
      throw new EngineError("VOLUME_NEEDS_RECOVERY", { state: log.state.state, action: "recover" });
    const problem = repairing ? undefined : unsoundReason(volume);
    if (problem) throw new EngineError("VOLUME_NEEDS_REPAIR", { reason: problem });
    const headerBlock = (await volume.requireBlock(log.region.startBlock)).slice();
    const { startBlock, blockCount } = log.region;
    const { blockBytes } = volume;
    const hasUncommitted = log.state.state === "uncommitted";
    return new VolumeEdit(volume, stored, { startBlock, blockCount, blockBytes, headerBlock, hasUncommitted }, repairing);
  }

  /** A block as it will be: a copy. BLOCK_OUT_OF_RANGE, DEVICE_READ_FAILED. */
  async block(block: bigint): Promise<Uint8Array> {
    const image = this.#images.get(block)?.after ?? (await this.volume.requireBlock(block));
    return image.slice();
  }

  /** Rewrites a block through the log. The image is whole, trailer included. */
  async put(block: bigint, after: Uint8Array, reason: string): Promise<void> {
    const known = this.#images.get(block);
    this.#images.set(block, {
      reason: known?.reason ?? reason,
      before: known?.before ?? (await this.volume.requireBlock(block)).slice(),
      after,
    });
  }

  /** Rewrites a block under its own tag with the next generation. */
  async seal(block: bigint, payload: Uint8Array, tag: string, reason: string): Promise<void> {
    const { generationNumber } = judgeTrailer(await this.volume.requireBlock(block));
    await this.put(block, sealBlock(payload, tag, (generationNumber + 1) >>> 0), reason);
  }

  /** Content of blocks that are free now: written and synced before the change is committed (W1). Throws a TypeError for a block in use. */
  async fill(run: FreshRun): Promise<void> {
    const inUse = await this.#bitmap.firstAllocated(run.block, run.block + run.blockCount);
    if (inUse !== undefined) throw new TypeError(`block ${inUse} is in use and cannot be written before the commit`);
    this.#fresh.push(run);
  }

  /**
   * Copies a run of blocks, as they will be, to blocks that are free now, and marks which are in use. What was to be rewritten in the old
   * place is written in the new one alone.
   */
  async move(from: bigint, to: bigint, blockCount: bigint, reason: string): Promise<void> {
    const rewritten = new Map<bigint, Uint8Array>();
    for (const [block, { after }] of this.#images) {
      if (block < from || block >= from + blockCount) continue;
      rewritten.set(block - from, after);
      this.#images.delete(block);
    }
    // Read now: the plan outlives the volume it was made on. Blocks that hold the same, as most of a young region do, are kept once.
    const held: Uint8Array[] = [];
    for (let index = 0n; index < blockCount; index++) {
      const bytes = rewritten.get(index) ?? (await this.volume.requireBlock(from + index));
      const last = held.at(-1);
      held.push(last && isSame(last, bytes) ? last : bytes.slice());
    }
    await this.fill({ block: to, blockCount, reason, image: (index) => held[Number(index)] ?? new Uint8Array(this.volume.blockBytes) });
    await this.mark(from, blockCount, false);
    await this.mark(to, blockCount, true);
  }

  /** Lets the allocation bitmap lie in blocks that are free now, with so many blocks of its own. To be called before blocks behind its old end are marked. */
  async moveBitmap(startBlock: bigint, blockCount: bigint): Promise<void> {
    const slot = this.slots[this.volume.findRegion("BMAP")?.slot ?? -1];
    if (!slot) throw new EngineError("VOLUME_NEEDS_REPAIR", { reason: "no table names an allocation bitmap" });
    await this.#bitmap.relocate({ startBlock, blockCount });
    Object.assign(slot, { startBlock, blockCount });
  }

  /** Whether the bitmap will mark a block allocated. */
  isAllocated(block: bigint): Promise<boolean> {
    return this.#bitmap.isAllocated(block);
  }

  /** Runs of free blocks that are filled so far. */
  get filled(): readonly FreshRun[] {
    return this.#fresh;
  }

  /** Sets or clears the bits of blocks. */
  mark(startBlock: bigint, blockCount: bigint, allocated: boolean): Promise<void> {
    return this.#bitmap.mark(startBlock, blockCount, allocated);
  }

  /** Writes a bitmap block under a new trailer even where none of its bits changes. */
  resealBitmap(bitmapBlock: bigint): Promise<void> {
    return this.#bitmap.reseal(bitmapBlock);
  }

  /** How many blocks more the transaction can hold, besides those that every change writes and the bitmap blocks that were looked at. */
  get room(): number {
    const head = 10 + 1;
    const others = [...this.#images.keys()].filter((block) => block > 9n).length;
    return mostTransactionImages(this.log) - head - others - this.#bitmap.held;
  }

  /** The whole change. SEAL_KEY_NEEDED, LOG_TOO_SMALL. */
  async finish(options: FinishOptions): Promise<ChangeSet> {
    const { now } = options;
    const before = this.volume.superblock?.freeBlocks ?? 0n;
    const { rewritten, moved, more: allocated } = await this.#bitmap.finish(this.superblock.totalBlocks);
    for (const { block, payload, reason } of rewritten) await this.seal(block, payload, "BMAP", reason);
    if (moved) this.#fresh.push({ block: moved.startBlock, blockCount: moved.blockCount, reason: "Write the bitmap", image: moved.image });
    Object.assign(this.superblock, {
      freeBlocks: this.superblock.freeBlocks + (this.superblock.totalBlocks - this.volume.totalBlocks) - allocated,
      totalAllocatedBlocks: this.superblock.totalAllocatedBlocks + allocated,
      physicalAllocatedBlocks: this.superblock.physicalAllocatedBlocks + allocated,
      modifiedTimestampUtc: now,
      lastWriterTimestamp: now,
      checkpointSequence: this.superblock.checkpointSequence + 1n,
    });
    await this.#finishDirectory();
    await this.#finishGroup(options);
    const images = [...this.#images]
      .map(([block, image]) => ({ block, ...image }))
      .sort((a, b) => applyRank(a.block) - applyRank(b.block) || (a.block < b.block ? -1 : 1));
    const witness = witnessOf(images);
    // Undoing it logs the same blocks and the old block 0 as well: what the log could not take back is not begun.
    placeTransaction(this.log, images.length + 1, now);
    const { headerAfter } = placeTransaction(this.log, images.length + (witness ? 1 : 0), now);
    return {
      images,
      fresh: [...this.#fresh],
      freeBlocks: { before, after: this.superblock.freeBlocks },
      logHeader: { block: this.log.startBlock, image: headerImage(this.log, headerAfter) },
      witness,
    };
  }

  async #finishDirectory(): Promise<void> {
    const slots = Array.from({ length: slotCount }, (_, slot) => this.slots[slot]).filter((slot) => slot !== undefined);
    const options = { byteLength: this.volume.blockBytes };
    const block8 = await this.volume.requireBlock(8n);
    const stored = regionTable.parse(soundOrZeros(block8));
    const generation = (judgeTrailer(block8).generationNumber + 1) >>> 0;
    const table = sealBlock(regionTable.encode({ ...stored, slots }, options), "RMAP", generation);
    const header = regionDirectoryHeader.parse(soundOrZeros(await this.volume.requireBlock(9n)));
    const activeCount = slots.filter((slot) => (slot.flags & activeFlag) !== 0).length;
    const block0Hash = checksum.xxh64(table.subarray(0, -trailerBytes));
    await this.put(8n, table, "Write the directory's slots");
    await this.put(
      9n,
      sealBlock(regionDirectoryHeader.encode({ ...header, version: 1, slotCount, activeCount, block0Hash }, options), "RMAP", generation),
      "Write the directory's header",
    );
  }

  async #finishGroup({ now, sealKey, clearSeal }: FinishOptions): Promise<void> {
    const { group, blockBytes } = this.volume;
    const options = { byteLength: blockBytes };
    const generation = Number(BigInt.asUintN(32, this.superblock.checkpointSequence));
    const stored = (block: number) => this.groupImages.get(block % 4) ?? this.volume.head[block]?.bytes ?? new Uint8Array(blockBytes);
    const slots = Array.from({ length: slotCount }, (_, slot) => this.slots[slot]).filter((slot) => slot !== undefined);
    const table = regionTable.encode(
      { ...regionTable.parse(group.pointerTable.holds ? stored(group.pointerTable.block) : new Uint8Array(blockBytes)), slots },
      options,
    );
    const anchor = await this.#anchor(stored(group.integrityAnchor.block).slice(), now);
    const images: [string, string, Uint8Array][] = [
      ["SUPB", "SuperblockV2", this.#superblockImage(stored(group.superblock.block), sealKey, clearSeal)],
      ["RMAP", "RegionPointerTable", table],
      ["EXMD", "ExtendedMetadata", stored(group.extendedMetadata.block).slice()],
      ["IANT", "IntegrityAnchor", anchor],
    ];
    for (const [index, [tag, name, image]] of images.entries()) {
      const sealed = sealBlock(image, tag, generation);
      await this.put(BigInt(index), sealed, `Write the ${name}`);
      await this.put(BigInt(index + 4), sealed.slice(), `Write the mirror of the ${name}`);
    }
  }

  #superblockImage(stored: Uint8Array, sealKey: Uint8Array | undefined, clearSeal: boolean | undefined): Uint8Array {
    const value = { ...superblock.parse(stored), ...this.superblock };
    const isSealed = !isAllZero(value.headerIntegritySeal);
    if (isSealed && !sealKey && !clearSeal) throw new EngineError("SEAL_KEY_NEEDED", { structure: "The superblock" });
    const image = superblock.encode({ ...value, headerIntegritySeal: new Uint8Array(32) }, { byteLength: stored.length });
    if (isSealed && sealKey) sealHeader(image, sealKey);
    return image;
  }

  /** The integrity anchor; a chain hash that is not zero is computed anew over the final first blocks (W7). Core reference 2.7. */
  async #anchor(stored: Uint8Array, now: bigint): Promise<Uint8Array> {
    const value = integrityAnchor.parse(stored);
    if (isAllZero(value.metadataChainHash)) return stored;
    const names = new Map(this.volume.regions.map((region) => [`${region.tag} ${region.startBlock}`, region.name]));
    const chained = this.slots
      .filter((slot) => !isFreeSlot(slot) && slot.blockCount > 0n)
      .filter(
        (slot) =>
          !["PrimarySuperblock", "MirrorSuperblock", "DataRegion"].includes(
            names.get(`${tagText(slot.regionTypeId)} ${slot.startBlock}`) ?? "",
          ),
      )
      .sort((a, b) => (a.startBlock < b.startBlock ? -1 : a.startBlock > b.startBlock ? 1 : 0));
    let hash = new Uint8Array(32);
    for (const { startBlock } of chained) hash = new Uint8Array(checksum.sha256OfParts([hash, await this.#finalBlock(startBlock, now)]));
    return integrityAnchor.encode(
      { ...value, metadataChainHash: hash, chainGeneration: value.chainGeneration + 1n, chainTimestamp: now },
      { byteLength: stored.length },
    );
  }

  /** A block as it stands when the transaction is complete: the log's header has moved on too. */
  async #finalBlock(block: bigint, now: bigint): Promise<Uint8Array> {
    if (block === this.log.startBlock) {
      const stored = (await this.volume.requireBlock(0n)).slice();
      const images = this.#images.size + this.#groupBlocksToCome() + (isOlderThan(stored, this.superblock) ? 0 : 1);
      return headerImage(this.log, placeTransaction(this.log, images, now).headerAfter);
    }
    const run = this.#fresh.find((fresh) => block >= fresh.block && block < fresh.block + fresh.blockCount);
    return run ? run.image(block - run.block) : this.block(block);
  }

  #groupBlocksToCome(): number {
    return [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n].filter((block) => !this.#images.has(block)).length;
  }
}

/** Whether recovery sees by block 0 alone that it was there before the new superblock. Operations reference 2.6, "Supersede check". */
function isOlderThan(block0: Uint8Array, next: Superblock): boolean {
  const now = superblock.parse(block0);
  return (
    now.checkpointSequence < next.checkpointSequence &&
    now.lastWriterTimestamp <= next.lastWriterTimestamp &&
    (now.moduleManifest & ~next.moduleManifest) >>> 0 === 0
  );
}

function witnessOf(images: readonly PlannedImage[]): Uint8Array | undefined {
  const first = images.find(({ block }) => block === 0n);
  return first && !isOlderThan(first.before, superblock.parse(first.after)) ? first.before : undefined;
}

/** A block whose unclaimed bytes are kept where it is rewritten; of one that does not verify nothing is. */
const soundOrZeros = (block: Uint8Array): Uint8Array => (judgeTrailer(block).verified ? block : new Uint8Array(block.length));

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Where a block stands in the order of writing home: everything else, bitmap, directory, mirror group, primary group, block 0 last. Operations reference 2.9, step 7. */
const lastBlocks = [8n, 9n, 5n, 6n, 7n, 4n, 1n, 2n, 3n, 0n];
export const applyRank = (block: bigint): number => lastBlocks.indexOf(block) + 1;

const knownIncompatible = 0x13f;
/** Why a volume may not be written at all; undefined where it may. Convention W8. */
export function readOnlyReason(volume: Volume): string | undefined {
  const { superblock: stored, preamble } = volume;
  if (volume.kind !== "dwvd") return "it is no DWVD version 2 volume";
  if (!stored) return "neither copy of the superblock can be read";
  const { incompatibleFeatures } = stored.versionInfo;
  if (preamble || incompatibleFeatures & 0x100) return "it has a preamble, which no writer may touch";
  const unknown = (incompatibleFeatures & ~knownIncompatible) >>> 0;
  if (unknown !== 0) return `it uses features that are not known here (0x${unknown.toString(16)})`;
  return undefined;
}

/** VOLUME_READ_ONLY where a preamble stands in front: blocks do not lie where a writer would put them. Convention W8. */
export function assertNoPreamble(volume: Volume): void {
  if (volume.preamble) throw new EngineError("VOLUME_READ_ONLY", { reason: "it has a preamble, which no writer may touch" });
}

/** What must be repaired before a change; undefined where nothing must. Operations reference 2.9, step 1. */
export function unsoundReason(volume: Volume): string | undefined {
  const damaged = volume.head.flatMap((found, block) => (found?.trailer.verified ? [] : [block]));
  if (damaged.length > 0) return `block ${damaged.join(", ")} does not verify`;
  if (volume.tables.differences.length > 0) return "the region tables differ";
  return undefined;
}
