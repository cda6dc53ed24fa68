import { concatBytes } from "../base/bytes.ts";
import { zeroGuid } from "../base/guid.ts";
import { StoredText } from "../base/stored-text.ts";
import { EngineError } from "../errors/engine-error.ts";
import { type DirectoryEntry, directoryEntry, type InodeCore, inodeCore, nameProblem } from "../format/core/index.ts";
import type { BlockRun } from "../volume/bitmap.ts";
import { isHole } from "../volume/extents.ts";
import { type FileTree, inodeType, pathText, rootInode } from "../volume/file-tree.ts";
import { extentsOf } from "../volume/inode-content.ts";
import type { InodeSlots } from "../volume/inode-slots.ts";

/** A folder of the volume as an import leaves it. */
export interface ImportFolder {
  names: readonly string[];
  inode: InodeCore;
  /** Types by name. */
  types: Map<string, number>;
  children: Map<string, ImportFolder>;
  /** Content as it will be, one encoded entry each. */
  content: Uint8Array[];
  /** Blocks that its present content takes, its indirect blocks included. */
  blocks: BlockRun[];
  /** Whether those blocks were there before the import. */
  isOld: boolean;
  /** Whether it keeps the time it was given, whatever is added to it. */
  keepsTime: boolean;
}

export type Attributes = Pick<InodeCore, "permissions" | "createdUtc" | "modifiedUtc">;
const folderPermissions = 0o755;

/** Folders of a volume that an import adds to: those that are there are read when they are met, the rest is made. */
export class ImportTree {
  readonly #tree: FileTree;
  readonly #slots: InodeSlots;
  readonly #now: bigint;
  #root: ImportFolder | undefined;

  constructor(tree: FileTree, slots: InodeSlots, now: bigint) {
    this.#tree = tree;
    this.#slots = slots;
    this.#now = now;
  }

  /** The root, and the folders that had to be made for it: itself in a volume without files. VOLUME_NEEDS_REPAIR, DIRECTORY_DAMAGED. */
  async root(): Promise<{ folder: ImportFolder; made: ImportFolder[] }> {
    if (this.#root) return { folder: this.#root, made: [] };
    if (this.#tree.root) {
      this.#root = await this.#load(this.#tree.root.names, this.#tree.root.inode);
      return { folder: this.#root, made: [] };
    }
    const number = this.#slots.take();
    if (number !== rootInode)
      throw new EngineError("VOLUME_NEEDS_REPAIR", { reason: `inode ${rootInode}, the root, is not a folder, and others are in use` });
    this.#root = this.#make([], number, undefined);
    return { folder: this.#root, made: [this.#root] };
  }

  /** A folder in another, read or made. ENTRY_EXISTS where a file has its name; NAME_NOT_STORABLE, DIRECTORY_DAMAGED. */
  async folder(parent: ImportFolder, name: string, attributes?: Attributes): Promise<{ folder: ImportFolder; isNew: boolean }> {
    const known = parent.children.get(name);
    if (known) return { folder: known, isNew: false };
    const names = [...parent.names, name];
    if (parent.types.get(name) === inodeType.directory) {
      const entry = await this.#tree.resolve(names);
      const folder = await this.#load(names, entry.inode);
      parent.children.set(name, folder);
      return { folder, isNew: false };
    }
    const number = this.#slots.take();
    this.add(parent, name, inodeType.directory, number);
    const folder = this.#make(names, number, attributes);
    parent.children.set(name, folder);
    parent.inode.linkCount++;
    return { folder, isNew: true };
  }

  /** Adds an entry to a folder. ENTRY_EXISTS, NAME_NOT_STORABLE. */
  add(parent: ImportFolder, name: string, type: number, inodeNumber: bigint): void {
    if (parent.types.has(name)) throw new EngineError("ENTRY_EXISTS", { path: pathText([...parent.names, name]) });
    parent.content.push(directoryEntry.encode(entryOf(name, type, inodeNumber)));
    parent.types.set(name, type);
    if (!parent.keepsTime) parent.inode.modifiedUtc = this.#now;
    parent.inode.changedUtc = this.#now;
  }

  #make(names: readonly string[], inodeNumber: bigint, attributes: Attributes | undefined): ImportFolder {
    const inode = {
      ...newInode(inodeNumber, inodeType.directory, this.#now),
      permissions: folderPermissions,
      ...attributes,
      linkCount: 2,
    };
    const keepsTime = attributes !== undefined;
    return { names, inode, types: new Map(), children: new Map(), content: [], blocks: [], isOld: false, keepsTime };
  }

  async #load(names: readonly string[], inode: InodeCore): Promise<ImportFolder> {
    const path = pathText(names);
    const { entries, problems } = await this.#tree.list({
      names,
      inode,
      inodeNumber: inode.inodeNumber,
      type: inode.type,
      entry: undefined,
    });
    // A folder is written anew as a whole: what could not be read of it would be lost.
    if (problems[0]) throw new EngineError("DIRECTORY_DAMAGED", { path, reason: `${pathText(problems[0].names)}: ${problems[0].text}` });
    const { extents, indirectBlocks } = await extentsOf(this.#tree.volume, inode);
    return {
      names,
      inode: { ...inode },
      types: new Map(entries.map(({ names: entryNames, type }) => [entryNames.at(-1) ?? "", type])),
      children: new Map(),
      content: entries.map(({ entry }) => directoryEntry.encode(entry as DirectoryEntry)),
      blocks: [
        ...extents
          .filter((extent) => !isHole(extent))
          .map(({ startBlock, blockCount }) => ({ startBlock, blockCount: BigInt(blockCount) })),
        ...indirectBlocks.map((startBlock) => ({ startBlock, blockCount: 1n })),
      ],
      isOld: true,
      keepsTime: false,
    };
  }
}

export const folderBytes = ({ content }: ImportFolder): Uint8Array => concatBytes(content);

/** An entry of a directory. NAME_NOT_STORABLE for a name that convention W10 does not allow. */
export function entryOf(name: string, type: number, inodeNumber: bigint): DirectoryEntry {
  const stored = StoredText.of(name);
  const entry = { inodeNumber, type, nameBytes: stored.bytes.length, name: stored };
  const problem = name.isWellFormed() ? nameProblem(entry) : "it holds half a character";
  if (problem) throw new EngineError("NAME_NOT_STORABLE", { name, problem });
  if (stored.bytes.length < 1 || stored.bytes.length > 255)
    throw new EngineError("NAME_NOT_STORABLE", { name, problem: `${stored.bytes.length} bytes in UTF-8, 1 to 255 can be stored` });
  return entry;
}

/** An inode without content. */
export function newInode(inodeNumber: bigint, type: number, now: bigint): InodeCore {
  const empty = inodeCore.parse(new Uint8Array(inodeCore.leastBytes));
  return {
    ...empty,
    inodeNumber,
    type,
    linkCount: 1,
    ownerId: zeroGuid,
    createdUtc: now,
    modifiedUtc: now,
    accessedUtc: now,
    changedUtc: now,
  };
}
