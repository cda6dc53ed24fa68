import { EngineError } from "../errors/engine-error.ts";
import { type InodeV2, inodeCoreBytes, inodeV2, trailerBytes } from "../format/core/index.ts";
import { type InodeTable, isUnusedInode } from "./inode-table.ts";
import type { Volume } from "./volume.ts";
import type { VolumeEdit } from "./volume-edit.ts";

/** Where inodes are written by their number, and which numbers are free. Convention W10. */
export class InodeSlots {
  readonly #region: InodeTable["region"];
  readonly #inodeBytes: number;
  readonly #paddingBytes: number;
  readonly #perBlock: number;
  readonly #used: Set<bigint>;
  readonly #codec: ReturnType<typeof inodeV2>;
  #next = 1n;

  private constructor(table: InodeTable, inodeBytes: number, paddingBytes: number, perBlock: number, used: Set<bigint>) {
    this.#region = table.region;
    this.#inodeBytes = inodeBytes;
    this.#paddingBytes = paddingBytes;
    this.#perBlock = perBlock;
    this.#used = used;
    this.#codec = inodeV2(inodeBytes, paddingBytes);
  }

  /** VOLUME_NEEDS_REPAIR where the table has no sound descriptor, or its records do not lie as convention W10 places them; CHANGE_NOT_POSSIBLE where it is too large. */
  static of(volume: Volume, table: InodeTable): InodeSlots {
    const refuse = (reason: string) => new EngineError("VOLUME_NEEDS_REPAIR", { reason });
    const { descriptor, placement, records, region, senselessBlocks, leftOutBlocks } = table;
    if (!descriptor || descriptor.inodeSize < inodeCoreBytes || descriptor.inodeSize > volume.blockBytes - trailerBytes)
      throw refuse("the inode table has no sound layout descriptor");
    if (descriptor.inodeSize !== volume.superblock?.inodeSize)
      throw refuse("the superblock and the inode layout descriptor differ about the size of an inode");
    if (records.length > 0 && placement !== "packed") throw refuse("the inode records do not lie where new ones are placed");
    if (senselessBlocks[0] !== undefined) throw refuse(`block ${senselessBlocks[0]} of the inode table holds no inode`);
    if (leftOutBlocks > 0n)
      throw new EngineError("CHANGE_NOT_POSSIBLE", {
        change: "The inode table",
        reasons: [`it is larger than is read of one by ${leftOutBlocks} blocks; export what it holds to a smaller volume`],
      });
    const perBlock = Math.floor((volume.blockBytes - trailerBytes) / descriptor.inodeSize);
    const used = new Set<bigint>();
    for (const { block, offset, record } of records) {
      if (isUnusedInode(record)) continue;
      // Both its number and its place are taken.
      used.add((block - region.startBlock - 1n) * BigInt(perBlock) + BigInt(offset / descriptor.inodeSize) + 1n);
      used.add(inodeNumberOf(record));
    }
    return new InodeSlots(table, descriptor.inodeSize, descriptor.paddingBytes, perBlock, used);
  }

  /** Inodes that the table can still take. */
  get free(): bigint {
    return (this.#region.blockCount - 1n) * BigInt(this.#perBlock) - BigInt(this.#used.size);
  }

  /** The lowest free number, taken. INODE_TABLE_FULL. */
  take(): bigint {
    const most = (this.#region.blockCount - 1n) * BigInt(this.#perBlock);
    while (this.#used.has(this.#next)) this.#next++;
    if (this.#next > most) throw new EngineError("INODE_TABLE_FULL", { needed: 1, free: 0 });
    this.#used.add(this.#next);
    return this.#next;
  }

  /** The block and byte at which an inode's record lies. */
  placeOf(inodeNumber: bigint): { block: bigint; offset: number } {
    const index = inodeNumber - 1n;
    const perBlock = BigInt(this.#perBlock);
    return { block: this.#region.startBlock + 1n + index / perBlock, offset: Number(index % perBlock) * this.#inodeBytes };
  }

  /** Writes records into their blocks; what modules keep in a record that is there already stays. */
  async write(edit: VolumeEdit, inodes: readonly Omit<InodeV2, "moduleFieldData" | "padding">[]): Promise<void> {
    const byBlock = new Map<bigint, (typeof inodes)[number][]>();
    for (const inode of inodes) {
      const { block } = this.placeOf(inode.inodeNumber);
      const group = byBlock.get(block);
      if (group) group.push(inode);
      else byBlock.set(block, [inode]);
    }
    for (const [block, group] of byBlock) {
      const image = await edit.block(block);
      for (const inode of group) {
        const { offset } = this.placeOf(inode.inodeNumber);
        const record = image.subarray(offset, offset + this.#inodeBytes);
        const moduleFieldData = isUnusedInode(record)
          ? new Uint8Array(this.#inodeBytes - inodeCoreBytes - this.#paddingBytes)
          : this.#codec.parse(record).moduleFieldData;
        record.set(this.#codec.encode({ ...inode, moduleFieldData }));
      }
      await edit.seal(block, image, "INOD", `Write ${group.length} ${group.length === 1 ? "inode" : "inodes"}`);
    }
  }
}

const inodeNumberOf = (record: Uint8Array): bigint =>
  new DataView(record.buffer, record.byteOffset, record.byteLength).getBigInt64(0, true);
