import { divideUp } from "../base/units.ts";
import { EngineError } from "../errors/engine-error.ts";
import type { InodeCore } from "../format/core/index.ts";
import { mostTransactionImages } from "../journal/transaction.ts";
import { ownedByOthers } from "../snapshot/owned-blocks.ts";
import type { BlockRun } from "../volume/bitmap.ts";
import { FileTree, inodeType, namesOf, pathText } from "../volume/file-tree.ts";
import { InodeSlots } from "../volume/inode-slots.ts";
import type { Volume } from "../volume/volume.ts";
import type { VolumeEdit } from "../volume/volume-edit.ts";
import { type ContentPart, contentRuns } from "./content-run.ts";
import { DataBlocks } from "./data-blocks.ts";
import { type DataTrackers, findDataTrackers, followData } from "./data-trackers.ts";
import { blocksOfRuns, linkExtents, placeContent } from "./file-extents.ts";
import type { ImportSource } from "./import-source.ts";
import { folderBytes, type ImportFolder, ImportTree, newInode } from "./import-tree.ts";
import { afterSteps, defineOperation, type PlanOptions, type PlanStep, singleStep } from "./operation.ts";

export interface ImportInputs {
  source: ImportSource;
  /** The folder of the volume that it goes into; made where it is missing. */
  to: string;
  /** Blocks of the log that one step may take; as many as fit unless told. */
  mostLogBlocks?: number | undefined;
}

/** Blocks that every transaction logs: both superblock groups, the directory, and for its undo the old block 0. */
const groupImages = 11;
/** Inode blocks that one more object can touch: its own and its folder's. */
const imagesPerObject = 2;
const mostSaidSkipped = 1000;
const keptBytes = 1_073_741_824n;

/**
 * Imports files and folders: content into free blocks, inodes and folders in one transaction; what the log cannot hold is split between
 * files, each step leaving a whole volume. SPACE_NEEDED, INODE_TABLE_FULL, ENTRY_EXISTS, NAME_NOT_STORABLE, NOT_A_DIRECTORY, DIRECTORY_DAMAGED,
 * FILE_TOO_FRAGMENTED, NOTHING_TO_IMPORT, SOURCE_CHANGED. Conventions W1, W10, W12, W26.
 */
export const importFiles = defineOperation("import", async (volume, { source, to, mostLogBlocks }: ImportInputs, options) => {
  if (source.entries.length === 0) throw new EngineError("NOTHING_TO_IMPORT", { skipped: source.skipped.length });
  const work = await ImportWork.begin(volume, source, options, mostLogBlocks);
  await work.add(namesOf(to));
  const { steps, files, folders, bytes, dataBlocks } = await work.finish();
  const skipped = source.skipped.slice(0, mostSaidSkipped).map(({ path, reason }) => `Left out: ${path} (${reason})`);
  const more = source.skipped.length - skipped.length;
  const logged = steps.reduce((sum, { changes }) => sum + changes.images.length, 0);
  return {
    describedInputs: { ...source.described, to },
    sentences: [
      `Import ${files} ${files === 1 ? "file" : "files"} and ${folders} ${folders === 1 ? "folder" : "folders"} (${bytes} bytes) into ${pathText(namesOf(to))}.`,
      ...(steps.length > 1 ? [`It takes ${steps.length} steps, split between files; each leaves a whole volume.`] : []),
    ],
    steps,
    warnings: more > 0 ? [...skipped, `and ${more} more were left out`] : skipped,
    worstCase: `If this goes wrong in every way we know, you lose nothing: content goes to free blocks, ${logged} blocks go through the log, and undo restores them.`,
    ...(dataBlocks * BigInt(volume.blockBytes) > keptBytes && {
      notUndone: "what free blocks held beyond 1 GiB; they become free again and keep the imported bytes",
    }),
  };
});

/** What one step will write. */
interface Pending {
  files: number;
  folders: number;
  inodes: Map<bigint, InodeCore>;
  changed: Set<ImportFolder>;
  parts: ContentPart[];
  inodeBlocks: Set<bigint>;
}
const nothing = (): Pending => ({
  files: 0,
  folders: 0,
  inodes: new Map(),
  changed: new Set(),
  parts: [],
  inodeBlocks: new Set(),
});

/** An import that is being planned, step by step. */
class ImportWork {
  readonly #volume: Volume;
  readonly #source: ImportSource;
  readonly #options: PlanOptions;
  readonly #files: FileTree;
  readonly #slots: InodeSlots;
  readonly #blocks: DataBlocks;
  readonly #tree: ImportTree;
  readonly #trackers: DataTrackers;
  readonly #mostInodeBlocks: number;
  readonly #steps: PlanStep[] = [];
  #pending = nothing();
  #total = { files: 0, folders: 0, bytes: 0n, dataBlocks: 0n };

  private constructor(
    volume: Volume,
    source: ImportSource,
    options: PlanOptions,
    files: FileTree,
    slots: InodeSlots,
    blocks: DataBlocks,
    trackers: DataTrackers,
    mostLogBlocks: number,
  ) {
    this.#volume = volume;
    this.#source = source;
    this.#options = options;
    this.#files = files;
    this.#slots = slots;
    this.#blocks = blocks;
    this.#trackers = trackers;
    this.#tree = new ImportTree(files, slots, options.now);
    const bitmapBlocks = Number(volume.findRegion("BMAP")?.blockCount ?? 0n);
    const log = volume.log && { ...volume.log.region, blockBytes: volume.blockBytes };
    this.#mostInodeBlocks =
      Math.min(mostLogBlocks, log ? mostTransactionImages(log) : 0) - groupImages - bitmapBlocks - trackers.mostBlocks;
  }

  static async begin(
    volume: Volume,
    source: ImportSource,
    options: PlanOptions,
    mostLogBlocks = Number.POSITIVE_INFINITY,
  ): Promise<ImportWork> {
    const files = await FileTree.open(volume, options.signal);
    if (!files.table) throw new TypeError("a live tree has a table");
    const slots = InodeSlots.of(volume, files.table);
    const count = source.entries.filter(({ isFolder }) => !isFolder).length;
    if (BigInt(count) > slots.free) throw new EngineError("INODE_TABLE_FULL", { needed: count, free: Number(slots.free) });
    const blocks = await DataBlocks.of(volume, options.signal);
    return new ImportWork(volume, source, options, files, slots, blocks, await findDataTrackers(volume, options.signal), mostLogBlocks);
  }

  /** Adds every entry of the source below a folder. */
  async add(to: readonly string[]): Promise<void> {
    const { entries } = this.#source;
    const blockBytes = BigInt(this.#volume.blockBytes);
    const ranges = [];
    for (const [index, { isFolder }] of entries.entries()) {
      this.#options.signal?.throwIfAborted();
      ranges.push(isFolder ? [] : blocksOfRuns(await this.#source.runs(index), blockBytes));
    }
    const needed = ranges.flat().reduce((sum, { start, end }) => sum + (end - start), 0n);
    if (needed > this.#blocks.left)
      throw new EngineError("SPACE_NEEDED", { needed, free: this.#blocks.left, blockBytes: this.#volume.blockBytes });
    const { folder: root, made } = await this.#tree.root();
    for (const each of made) this.#change(each);
    let base = root;
    for (const name of to) base = await this.#enter(base, name);
    const folders = new Map([["/", base]]);
    for (const [index, entry] of entries.entries()) {
      this.#options.signal?.throwIfAborted();
      const parent = folders.get(pathText(entry.names.slice(0, -1)));
      const name = entry.names.at(-1);
      if (!parent || name === undefined) throw new TypeError("a folder stands before what it holds");
      if (entry.isFolder) folders.set(pathText(entry.names), await this.#enter(parent, name, entry));
      else await this.#addFile(parent, name, index, ranges[index] ?? []);
    }
  }

  async #enter(parent: ImportFolder, name: string, attributes?: Pick<InodeCore, "permissions" | "createdUtc" | "modifiedUtc">) {
    await this.#makeRoom();
    const given = attributes && {
      permissions: attributes.permissions,
      createdUtc: attributes.createdUtc,
      modifiedUtc: attributes.modifiedUtc,
    };
    const { folder, isNew } = await this.#tree.folder(parent, name, given);
    if (isNew) {
      this.#change(parent);
      this.#change(folder);
      this.#pending.folders++;
      this.#total.folders++;
    }
    return folder;
  }

  async #addFile(parent: ImportFolder, name: string, index: number, ranges: readonly { start: bigint; end: bigint }[]): Promise<void> {
    const entry = this.#source.entries[index];
    if (!entry) throw new TypeError("the entry is there");
    await this.#makeRoom();
    const { blockBytes } = this.#volume;
    const path = pathText([...parent.names, name]);
    const number = this.#slots.take();
    this.#tree.add(parent, name, inodeType.file, number);
    const { extents, pieces, dataBlocks } = placeContent(this.#blocks, ranges, entry.byteLength, BigInt(blockBytes));
    const { indirect, ...linked } = linkExtents(this.#blocks, extents, blockBytes, path);
    for (const { startBlock, blockCount, start } of pieces)
      this.#pending.parts.push({ startBlock, blockCount, from: { entry: index, start, byteLength: entry.byteLength }, name: path });
    for (const { block, image } of indirect)
      this.#pending.parts.push({ startBlock: block, blockCount: 1n, from: { bytes: image }, name: `${path} (its extents)` });
    this.#write({
      ...newInode(number, inodeType.file, this.#options.now),
      permissions: entry.permissions,
      createdUtc: entry.createdUtc,
      modifiedUtc: entry.modifiedUtc,
      size: entry.byteLength,
      allocatedSize: dataBlocks * BigInt(blockBytes),
      ...linked,
    });
    this.#change(parent);
    this.#pending.files++;
    this.#total.files++;
    this.#total.bytes += entry.byteLength;
    this.#total.dataBlocks += dataBlocks;
  }

  #write(inode: InodeCore): void {
    this.#pending.inodes.set(inode.inodeNumber, inode);
    this.#pending.inodeBlocks.add(this.#slots.placeOf(inode.inodeNumber).block);
  }

  #change(folder: ImportFolder): void {
    this.#pending.changed.add(folder);
    this.#pending.inodeBlocks.add(this.#slots.placeOf(folder.inode.inodeNumber).block);
  }

  /** Ends the step where one more object might not fit the log. */
  async #makeRoom(): Promise<void> {
    const { inodeBlocks, changed } = this.#pending;
    if (changed.size > 0 && inodeBlocks.size + imagesPerObject > this.#mostInodeBlocks) await this.#endStep();
  }

  async #endStep(): Promise<void> {
    const pending = this.#pending;
    this.#pending = nothing();
    const current = this.#steps.length === 0 ? this.#volume : await afterSteps(this.#volume, this.#steps);
    const count = (value: number, word: string) => `${value} ${word}${value === 1 ? "" : "s"}`;
    const title = `Import ${count(pending.files, "file")} and ${count(pending.folders, "folder")}`;
    this.#steps.push(await singleStep(current, title, this.#options, (edit) => this.#fill(edit, pending)));
  }

  async #fill(edit: VolumeEdit, { inodes, changed, parts }: Pending): Promise<void> {
    const { blockBytes } = this.#volume;
    const given: BlockRun[] = [];
    for (const folder of changed) {
      const content = folderBytes(folder);
      const path = pathText(folder.names);
      const whole = [{ start: 0n, end: divideUp(BigInt(content.length), BigInt(blockBytes)) }];
      const placed = placeContent(this.#blocks, content.length > 0 ? whole : [], BigInt(content.length), BigInt(blockBytes));
      const { indirect, ...linked } = linkExtents(this.#blocks, placed.extents, blockBytes, path);
      const mine: ContentPart[] = [
        ...placed.pieces.map(({ startBlock, blockCount, start }) => ({
          startBlock,
          blockCount,
          from: { bytes: content.subarray(Number(start)) },
          name: path,
        })),
        ...indirect.map(({ block, image }) => ({
          startBlock: block,
          blockCount: 1n,
          from: { bytes: image },
          name: `${path} (its extents)`,
        })),
      ];
      parts.push(...mine);
      given.push(...(await this.#givenUp(folder)));
      folder.blocks = mine.map(({ startBlock, blockCount }) => ({ startBlock, blockCount }));
      folder.isOld = false;
      Object.assign(folder.inode, linked, {
        size: BigInt(content.length),
        allocatedSize: placed.dataBlocks * BigInt(blockBytes),
      });
      inodes.set(folder.inode.inodeNumber, { ...folder.inode });
    }
    for (const run of contentRuns(parts, this.#source, blockBytes)) {
      await edit.fill(run);
      await edit.mark(run.block, run.blockCount, true);
    }
    for (const { startBlock, blockCount } of given) await edit.mark(startBlock, blockCount, false);
    await this.#slots.write(edit, [...inodes.values()]);
    await followData(edit, this.#trackers, this.#options.signal);
  }

  /** The blocks of a folder's present content that nothing else owns: neither another inode nor a snapshot. */
  async #givenUp(folder: ImportFolder): Promise<BlockRun[]> {
    if (!folder.isOld) return folder.blocks;
    const { table } = this.#files;
    const owned = table && (await ownedByOthers(this.#volume, table, new Set([folder.inode.inodeNumber]), this.#options.signal));
    if (!owned) return [];
    const free: BlockRun[] = [];
    for (const { startBlock, blockCount } of folder.blocks)
      for (let block = startBlock; block < startBlock + blockCount; block++)
        if (!owned.some((run) => block >= run.startBlock && block < run.startBlock + run.blockCount))
          free.push({ startBlock: block, blockCount: 1n });
    return free;
  }

  async finish(): Promise<{ steps: PlanStep[]; files: number; folders: number; bytes: bigint; dataBlocks: bigint }> {
    if (this.#pending.changed.size > 0) await this.#endStep();
    if (this.#steps.length === 0) throw new EngineError("NOTHING_TO_IMPORT", { skipped: this.#source.skipped.length });
    return { steps: this.#steps, ...this.#total };
  }
}
