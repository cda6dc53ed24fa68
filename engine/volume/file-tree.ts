import { breathe } from "../base/breathe.ts";
import { EngineError } from "../errors/engine-error.ts";
import { type DirectoryEntry, type InodeCore, inodeCore, inodeTypes, nameProblem, readDirectory } from "../format/core/index.ts";
import { type ContentPiece, extentsOf, type FoundExtent, inFileOrder, mapContent, readInodeBytes } from "./inode-content.ts";
import { type InodeTable, readInodeTable } from "./inode-table.ts";
import type { Volume } from "./volume.ts";

export const rootInode = 1n;
export const inodeType = { file: 0, directory: 1, symbolicLink: 2, hardLinkTarget: 3 } as const;
const encodedInodeFlags = 0x01 | 0x02;
const inlineDataFlag = 0x08;

/** Content of one directory that is read at most: far more names than a folder has. Convention R7. */
const mostDirectoryBytes = 64 * 1_048_576;
/** Folders inside each other that are followed. Convention R7. */
const mostDepth = 512;
const inodeTableLimitBytes = 1024 * 1_048_576;

/** An object in the tree. */
export interface FileEntry {
  /** Names from the root down, as stored; none for the root. */
  names: readonly string[];
  inodeNumber: bigint;
  type: number;
  inode: InodeCore;
  /** The entry that names it; undefined for the root. */
  entry: DirectoryEntry | undefined;
}
/** Something in the tree that cannot be believed, with the path it was met at. */
export interface TreeProblem {
  names: readonly string[];
  text: string;
}
export type TreeItem = { kind: "entry"; entry: FileEntry } | { kind: "problem"; problem: TreeProblem };

export const inodeTypeName = (type: number): string => (inodeTypes as Readonly<Record<number, string>>)[type] ?? `type ${type}`;
/** A path in the volume, as text. */
export const pathText = (names: readonly string[]): string => `/${names.join("/")}`;
/** Names of a path in the volume; `.` and empty ones count for nothing. */
export const namesOf = (path: string): string[] => path.split("/").filter((name) => name !== "" && name !== ".");
export const isDirectory = ({ type }: Pick<FileEntry, "type">): boolean => type === inodeType.directory;
/** Whether an object has bytes of its own. */
export const isFile = ({ type }: Pick<FileEntry, "type">): boolean => type === inodeType.file || type === inodeType.hardLinkTarget;

/** Files and folders of a volume: inode 1 is the root, a directory's content are its entries. Only reads. Convention W10. */
export class FileTree {
  readonly volume: Volume;
  /** The inode table that the tree was read from; undefined for the frozen inodes of a snapshot. */
  readonly table: InodeTable | undefined;
  readonly #inodes: ReadonlyMap<bigint, InodeCore>;

  private constructor(volume: Volume, inodes: ReadonlyMap<bigint, InodeCore>, table: InodeTable | undefined) {
    this.volume = volume;
    this.#inodes = inodes;
    this.table = table;
  }

  /** The live tree of a volume. REGION_NOT_FOUND where no table names an inode table. */
  static async open(volume: Volume, signal?: AbortSignal): Promise<FileTree> {
    const region = volume.findRegion("INOD");
    if (!region) throw new EngineError("REGION_NOT_FOUND", { region: "INOD", available: volume.regions.map(({ tag }) => tag).join(", ") });
    const table = await readInodeTable(volume, region, inodeTableLimitBytes, signal);
    const inodes = table.records.map(({ record }) => inodeCore.parse(record));
    return new FileTree(volume, byNumber(inodes), table);
  }

  /** The tree of frozen inodes. Convention W15. */
  static of(volume: Volume, inodes: readonly InodeCore[]): FileTree {
    return new FileTree(volume, byNumber(inodes), undefined);
  }

  get root(): FileEntry | undefined {
    const inode = this.#inodes.get(rootInode);
    return inode?.type === inodeType.directory
      ? { names: [], inodeNumber: rootInode, type: inode.type, inode, entry: undefined }
      : undefined;
  }

  findInode(inodeNumber: bigint): InodeCore | undefined {
    return this.#inodes.get(inodeNumber);
  }

  /** Entries of a directory and what is wrong with them. NOT_A_DIRECTORY, FILE_UNREADABLE. */
  async list(directory: FileEntry, signal?: AbortSignal): Promise<{ entries: FileEntry[]; problems: TreeProblem[] }> {
    const { names } = directory;
    if (!isDirectory(directory)) throw new EngineError("NOT_A_DIRECTORY", { path: pathText(names) });
    const { content, problem } = await this.#directoryBytes(directory, signal);
    const problems: TreeProblem[] = problem === undefined ? [] : [{ names, text: problem }];
    const read = readDirectory(content);
    if (read.problem) problems.push({ names, text: `${read.problem.text}, at byte ${read.problem.at} of the directory` });
    const seen = new Set<string>();
    const entries: FileEntry[] = [];
    for (const { entry } of read.entries) {
      const path = [...names, entry.name.text];
      const inode = this.#inodes.get(entry.inodeNumber);
      if (seen.has(entry.name.text)) problems.push({ names: path, text: "a second entry of this name" });
      else if (!inode) problems.push({ names: path, text: `inode ${entry.inodeNumber} is not in the inode table` });
      else {
        const text = nameProblem(entry);
        if (text) problems.push({ names: path, text });
        if (inode.type !== entry.type)
          problems.push({ names: path, text: `the entry says type ${entry.type}, its inode ${inode.type}; the inode counts` });
        entries.push({ names: path, inodeNumber: entry.inodeNumber, type: inode.type, inode, entry });
      }
      seen.add(entry.name.text);
    }
    return { entries, problems };
  }

  async #directoryBytes(directory: FileEntry, signal: AbortSignal | undefined): Promise<{ content: Uint8Array; problem?: string }> {
    const { inode } = directory;
    const refusal = this.refusal(directory);
    if (refusal) return { content: new Uint8Array(0), problem: refusal };
    const { extents } = await extentsOf(this.volume, inode, signal);
    const { bytes, pieces } = await readInodeBytes(
      this.volume,
      { size: inode.size < 0n ? 0n : inode.size, extents },
      { start: 0n, byteLength: mostDirectoryBytes },
      signal,
    );
    const bad = pieces.find(({ state }) => state !== "data");
    if (bad)
      return { content: bytes.subarray(0, Number(bad.start)), problem: `its content ${stateWords[bad.state]} from byte ${bad.start}` };
    return {
      content: bytes,
      ...(inode.size > BigInt(mostDirectoryBytes) && { problem: `only the first ${mostDirectoryBytes} bytes of the directory were read` }),
    };
  }

  /** The object at a path. ENTRY_NOT_FOUND, NOT_A_DIRECTORY. */
  async resolve(names: readonly string[], signal?: AbortSignal): Promise<FileEntry> {
    let at = this.root;
    if (!at) throw new EngineError("ENTRY_NOT_FOUND", { path: pathText(names), missing: "/" });
    for (const [depth, name] of names.entries()) {
      const { entries }: { entries: FileEntry[] } = await this.list(at, signal);
      at = entries.find(({ names: path }) => path.at(-1) === name);
      if (!at) throw new EngineError("ENTRY_NOT_FOUND", { path: pathText(names), missing: pathText(names.slice(0, depth + 1)) });
    }
    return at;
  }

  /**
   * An object and all below it, folders before what they hold, with what cannot be believed where it is met. A folder that was met already
   * is not entered again, whatever its content says. R7.
   */
  async *walk(from: FileEntry, signal?: AbortSignal): AsyncGenerator<TreeItem> {
    const visited = new Set<bigint>();
    const waiting: FileEntry[] = [from];
    for (let entry = waiting.pop(); entry; entry = waiting.pop()) {
      signal?.throwIfAborted();
      if (!isDirectory(entry)) {
        yield { kind: "entry", entry };
        continue;
      }
      const { names } = entry;
      if (visited.has(entry.inodeNumber)) {
        yield {
          kind: "problem",
          problem: { names, text: `folder ${entry.inodeNumber} was met before: a cycle, or a folder in two places` },
        };
        continue;
      }
      if (names.length > mostDepth) {
        yield { kind: "problem", problem: { names, text: `more than ${mostDepth} folders inside each other` } };
        continue;
      }
      visited.add(entry.inodeNumber);
      yield { kind: "entry", entry };
      const { entries, problems } = await this.list(entry, signal);
      for (const problem of problems) yield { kind: "problem", problem };
      waiting.push(...entries.toReversed());
    }
  }

  /** Why the bytes of an object are not its content; undefined where they are. Core reference 6.3, 6.6. */
  refusal({ inode }: FileEntry): string | undefined {
    if (inode.size < 0n) return `its size is ${inode.size}`;
    if (inode.flags & encodedInodeFlags) return "it is stored compressed or encrypted, which is not decoded here";
    if (inode.flags & inlineDataFlag && inode.extentCount === 0 && inode.size > 0n)
      return "it is said to lie inside its inode, which has no place for it";
    return undefined;
  }

  /** The content of a file. NOT_A_FILE, FILE_UNREADABLE where its bytes are not there or are not its content. */
  async content(entry: FileEntry, signal?: AbortSignal): Promise<FileContent> {
    const path = pathText(entry.names);
    if (!isFile(entry)) throw new EngineError("NOT_A_FILE", { path, kind: isDirectory(entry) ? "a folder" : `of type ${entry.type}` });
    const refusal = this.refusal(entry);
    if (refusal) throw new EngineError("FILE_UNREADABLE", { path, reason: refusal });
    const { extents } = await extentsOf(this.volume, entry.inode, signal);
    return new FileContent(this.volume, path, entry.inode.size, inFileOrder(extents));
  }
}

/** A folder's entries, or the one object at a path; with all that lies below where `recursive`. ENTRY_NOT_FOUND; an empty volume has an empty root. */
export async function readDirectoryEntries(
  tree: FileTree,
  names: readonly string[],
  { recursive = false, signal }: { recursive?: boolean; signal?: AbortSignal | undefined } = {},
): Promise<{ entries: FileEntry[]; problems: TreeProblem[] }> {
  if (names.length === 0 && !tree.root) return { entries: [], problems: [] };
  const from = await tree.resolve(names, signal);
  if (!isDirectory(from)) return { entries: [from], problems: [] };
  if (!recursive) return tree.list(from, signal);
  const found: { entries: FileEntry[]; problems: TreeProblem[] } = { entries: [], problems: [] };
  for await (const item of tree.walk(from, signal)) {
    if (item.kind === "problem") found.problems.push(item.problem);
    else if (item.entry !== from) found.entries.push(item.entry);
  }
  return found;
}

function byNumber(inodes: readonly InodeCore[]): Map<bigint, InodeCore> {
  const found = new Map<bigint, InodeCore>();
  // Of two records with one number the first counts; the rules name the other.
  for (const inode of inodes) if (!found.has(inode.inodeNumber)) found.set(inode.inodeNumber, inode);
  return found;
}

const stateWords: Readonly<Record<ContentPiece["state"], string>> = {
  data: "is there",
  encoded: "is stored compressed or encrypted",
  hole: "has a hole",
  uncovered: "has no extent",
  outside: "lies outside the file",
  unread: "cannot be read",
};

/** A file's bytes, in runs. Holes, and bytes that no extent covers, read as zeros and are passed over. */
export class FileContent {
  readonly path: string;
  readonly byteLength: bigint;
  readonly #volume: Volume;
  readonly #extents: readonly FoundExtent[];

  constructor(volume: Volume, path: string, byteLength: bigint, extents: readonly FoundExtent[]) {
    this.#volume = volume;
    this.path = path;
    this.byteLength = byteLength;
    this.#extents = extents;
  }

  /** Runs of stored bytes, ascending, of at most `mostBytes` each, and where each lies in the volume. FILE_UNREADABLE. */
  *runs(mostBytes: number): Generator<{ start: bigint; byteLength: number; at: bigint }> {
    for (const piece of mapContent(this.#volume, this.#extents, { start: 0n, end: this.byteLength })) {
      if (piece.state === "hole" || piece.state === "uncovered") continue;
      if (piece.state !== "data" || piece.at === undefined)
        throw new EngineError("FILE_UNREADABLE", { path: this.path, reason: `it ${stateWords[piece.state]} from byte ${piece.start}` });
      for (let from = piece.start; from < piece.end; from += BigInt(mostBytes)) {
        const left = piece.end - from;
        yield { start: from, byteLength: left < BigInt(mostBytes) ? Number(left) : mostBytes, at: piece.at + (from - piece.start) };
      }
    }
  }

  /** All bytes in order, holes as zeros. FILE_UNREADABLE, DEVICE_READ_FAILED. */
  async *whole(mostBytes: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    let at = 0n;
    const zeros = async function* (end: bigint): AsyncGenerator<Uint8Array> {
      for (; at < end; at += BigInt(mostBytes)) {
        signal?.throwIfAborted();
        yield new Uint8Array(end - at < BigInt(mostBytes) ? Number(end - at) : mostBytes);
        await breathe();
      }
      at = end;
    };
    for (const run of this.runs(mostBytes)) {
      yield* zeros(run.start);
      yield await this.read(run, signal);
      at = run.start + BigInt(run.byteLength);
    }
    yield* zeros(this.byteLength);
  }

  /** Reads a run, into the start of `held` where that is given. FILE_UNREADABLE where the volume ends before it; DEVICE_READ_FAILED. */
  async read(run: { byteLength: number; at: bigint }, signal?: AbortSignal, held?: Uint8Array): Promise<Uint8Array> {
    const bytes = held ? held.subarray(0, run.byteLength) : new Uint8Array(run.byteLength);
    const count = await this.#volume.device.read(run.at, bytes, signal);
    if (count < bytes.length) throw new EngineError("FILE_UNREADABLE", { path: this.path, reason: "the image ends inside it" });
    return bytes;
  }
}
