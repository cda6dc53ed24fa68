import type { BlockDevice } from "../device/block-device.ts";
import { MemoryDevice } from "../device/memory-device.ts";
import { SparseDevice } from "../device/sparse-device.ts";
import { EngineError } from "../errors/engine-error.ts";
import type { Finding } from "../findings/finding.ts";
import { type CheckOptions, checkVolume } from "../forensics/check.ts";
import {
  bitsPerBitmapBlock,
  type InodeV2,
  inodeV2,
  isActiveSlot,
  judgeTrailer,
  type RegionPointer,
  regionDirectoryHeader,
  regionTable,
  type Superblock,
  sealBlock,
  superblock,
  walHeaderBlock,
} from "../format/core/index.ts";
import { applyCreateVolume, planCreateVolume } from "../operations/create-volume.ts";
import { findProfile } from "../volume/creation-profiles.ts";
import { openVolume } from "../volume/open.ts";
import { describeRules } from "./rule-cases.ts";

/** Block size of the sound volume. */
export const blockBytes = 4096;
export const inodeBytes = 384;
const inodePadding = 52;

/** Where the parts of the sound volume lie: the Standard profile of 2048 blocks. Core reference 11. */
export const soundPlaces = {
  policyVault: 10,
  bitmap: 14,
  inodeTable: 15,
  firstInodes: 16,
  log: 1039,
  dictionary: 1103,
  snapshots: 1231,
  data: 1295,
  totalBlocks: 2048,
};
/** Inodes that it has; the first owns two blocks. */
export const soundInodes = 8;
/** Slots of its region tables. */
export const soundSlots = { directory: 2, bitmap: 5, inodes: 6, log: 7, dictionary: 8, integrity: 9, snapshots: 10, data: 11 };

/** A volume in memory that can be broken on purpose; what changes a block renews its hash. */
export class VolumeImage {
  bytes: Uint8Array;
  /** Length of the device where it is longer than what is held; the rest reads as zeros. */
  byteLength: bigint | undefined;
  /** Blocks that the device fails to hand over. */
  readonly unreadable = new Set<number>();

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  block(block: number): Uint8Array {
    return this.bytes.subarray(block * blockBytes, (block + 1) * blockBytes);
  }

  /** Changes a block and gives it the hash of its payload; tag and generation stay unless told. */
  change(block: number, change: (bytes: Uint8Array) => void, { tag, generation }: { tag?: string; generation?: number } = {}): void {
    const bytes = this.block(block);
    const before = judgeTrailer(bytes);
    change(bytes);
    sealBlock(bytes, tag ?? before.blockTypeTag, generation ?? before.generationNumber);
  }

  /** Changes the superblock in both copies, or in those named. */
  superblock(change: (value: Superblock) => void, copies: readonly number[] = [0, 4]): void {
    for (const copy of copies)
      this.change(copy, (bytes) => {
        const value = superblock.parse(bytes);
        change(value);
        bytes.set(superblock.encode(value, { byteLength: blockBytes, checksums: "keep" }));
      });
  }

  /** Changes slots in all three tables, or in those named; the directory's header follows. */
  slots(change: (slots: RegionPointer[]) => void, tables: readonly number[] = [1, 5, 8]): void {
    for (const table of tables)
      this.change(table, (bytes) => {
        const value = regionTable.parse(bytes);
        change(value.slots);
        bytes.set(regionTable.encode(value, { byteLength: blockBytes, checksums: "keep" }));
      });
    if (!tables.includes(8)) return;
    const active = regionTable.parse(this.block(8)).slots.filter(isActiveSlot).length;
    this.header((value) => {
      value.activeCount = active;
      value.block0Hash = judgeTrailer(this.block(8)).computed;
    });
  }

  header(change: (value: { version: number; slotCount: number; activeCount: number; block0Hash: bigint }) => void): void {
    this.change(9, (bytes) => {
      const value = regionDirectoryHeader.parse(bytes);
      change(value);
      bytes.set(regionDirectoryHeader.encode(value, { byteLength: blockBytes, checksums: "keep" }));
    });
  }

  /** Sets or clears bits of the bitmap. */
  bits(start: number, count: number, allocated: boolean): void {
    this.change(soundPlaces.bitmap, (bytes) => {
      for (let block = start; block < Math.min(start + count, bitsPerBitmapBlock(blockBytes)); block++) {
        const mask = 1 << (block & 7);
        bytes[block >> 3] = allocated ? (bytes[block >> 3] ?? 0) | mask : (bytes[block >> 3] ?? 0) & ~mask;
      }
    });
  }

  /** Allocates blocks and counts them. */
  allocate(start: number, count: number): void {
    this.bits(start, count, true);
    this.superblock((value) => {
      value.freeBlocks -= BigInt(count);
      value.totalAllocatedBlocks += BigInt(count);
    });
  }

  /** Frees blocks and counts them. */
  release(start: number, count: number): void {
    this.bits(start, count, false);
    this.superblock((value) => {
      value.freeBlocks += BigInt(count);
      value.totalAllocatedBlocks -= BigInt(count);
    });
  }

  /** Changes the inode in a slot of the first block of records. */
  inode(change: (inode: InodeV2) => void, slot = 0): void {
    this.change(
      soundPlaces.firstInodes,
      (bytes) => {
        const structure = inodeV2(inodeBytes, inodePadding);
        const record = bytes.subarray(slot * inodeBytes, (slot + 1) * inodeBytes);
        const inode = structure.parse(record);
        change(inode);
        record.set(structure.encode(inode, { byteLength: inodeBytes }));
      },
      { tag: "INOD", generation: 1 },
    );
  }

  log(change: (header: ReturnType<typeof walHeaderBlock.parse>["header"]) => void): void {
    this.change(soundPlaces.log, (bytes) => {
      const value = walHeaderBlock.parse(bytes);
      change(value.header);
      bytes.set(walHeaderBlock.encode(value, { byteLength: blockBytes, checksums: "keep" }));
    });
  }

  async #device(): Promise<BlockDevice> {
    if (this.byteLength === undefined) return new FailingDevice(this.bytes, this.unreadable);
    const device = await SparseDevice.from([this.bytes]);
    await device.resize(this.byteLength);
    return device;
  }

  /** The ids of the rules that it breaks, opening included; each once, in order. */
  async rules(): Promise<string[]> {
    return [...new Set((await this.findings()).map((finding) => finding.rule))].sort();
  }

  async findings(options: CheckOptions = {}): Promise<Finding[]> {
    return checkVolume(await openVolume(await this.#device()), options);
  }
}

/** A device in memory some of whose blocks cannot be read. */
class FailingDevice extends MemoryDevice {
  readonly #unreadable: ReadonlySet<number>;

  constructor(bytes: Uint8Array, unreadable: ReadonlySet<number>) {
    super(bytes);
    this.#unreadable = unreadable;
  }

  protected override async readRun(start: bigint, into: Uint8Array): Promise<number> {
    for (const block of this.#unreadable)
      if (start < BigInt((block + 1) * blockBytes) && start + BigInt(into.length) > BigInt(block * blockBytes))
        throw new EngineError("DEVICE_READ_FAILED", { path: this.name, at: start, byteLength: into.length, reason: "I/O error" });
    return super.readRun(start, into);
  }
}

let made: Uint8Array | undefined;

/** A sealed Standard volume of 2048 blocks with eight inodes, the first of two blocks; it breaks no rule. */
export async function soundVolume(): Promise<VolumeImage> {
  made ??= await makeSound();
  return new VolumeImage(made.slice());
}

async function makeSound(): Promise<Uint8Array> {
  const profile = findProfile("standard");
  if (!profile) throw new TypeError("there is no standard profile");
  const device = new MemoryDevice(new Uint8Array(0));
  await applyCreateVolume(
    device,
    planCreateVolume({
      ...profile,
      totalBlocks: BigInt(soundPlaces.totalBlocks),
      label: "sound",
      uuid: "00112233-4455-6677-8899-aabbccddeeff",
      now: 638_400_000_000_000_000n,
    }),
  );
  const image = new VolumeImage(device.bytes);
  image.superblock((value) => value.headerIntegritySeal.fill(0x5a));
  for (let slot = 0; slot < soundInodes; slot++)
    image.inode((inode) => {
      inode.inodeNumber = BigInt(slot + 1);
      inode.linkCount = 1;
      inode.createdUtc = inode.modifiedUtc = inode.accessedUtc = inode.changedUtc = 638_400_000_000_000_000n;
    }, slot);
  image.inode((inode) => {
    inode.size = 5000n;
    inode.allocatedSize = 8192n;
    inode.extentCount = 1;
    inode.extents[0] = { startBlock: BigInt(soundPlaces.data), blockCount: 2, flags: 0, logicalOffset: 0n };
  });
  image.allocate(soundPlaces.data, 2);
  image.bytes.fill(0x61, soundPlaces.data * blockBytes, soundPlaces.data * blockBytes + 5000);
  return image.bytes;
}

/** A way to break one rule of a volume. */
export interface VolumeCase {
  rule: string;
  also?: Readonly<Record<string, string>>;
  change: (image: VolumeImage) => void;
}

/** Each rule of the subjects has a volume that breaks it alone, and the sound volume breaks none. */
export function describeVolumeRules(
  name: string,
  subjects: readonly string[],
  cases: readonly VolumeCase[],
  elsewhere: Readonly<Record<string, string>> = {},
): void {
  describeRules(name, {
    subjects,
    elsewhere,
    sound: async () => (await soundVolume()).rules(),
    cases: cases.map(({ rule, also, change }) => ({
      rule,
      ...(also && { also }),
      found: async () => {
        const image = await soundVolume();
        change(image);
        return image.rules();
      },
    })),
  });
}
