import { breathe } from "../base/breathe.ts";
import { EngineError, isEngineError } from "../errors/engine-error.ts";
import type { InodeCore } from "../format/core/index.ts";
import { type FileContent, type FileEntry, type FileTree, isDirectory, isFile, pathText } from "../volume/file-tree.ts";
import { outsideName } from "./outside-name.ts";

/** What of an inode a file or folder outside can bear: permissions in POSIX order, times in ticks, 0 for not known. */
export type OutsideAttributes = Pick<InodeCore, "permissions" | "accessedUtc" | "modifiedUtc">;

/** A new file that is being written. */
export interface ExportFile {
  write(at: bigint, bytes: Uint8Array): Promise<void>;
  /** Gives it its length and attributes, and closes it. */
  finish(byteLength: bigint, attributes: OutsideAttributes): Promise<void>;
  /** Takes it away again. */
  discard(): Promise<void>;
}
/**
 * Where files are exported to. Paths are names below the target folder that `outsideName` let pass; nothing outside it is ever touched,
 * no link in the way is followed and nothing that is there is overwritten: TARGET_UNUSABLE says so.
 */
export interface ExportTarget {
  /** Whether names must also be ones that Windows takes. */
  readonly isWindows: boolean;
  /** Gives whether it is new. */
  createFolder(path: readonly string[]): Promise<boolean>;
  createFile(path: readonly string[]): Promise<ExportFile>;
  /** Gives a folder its attributes, once nothing more is written into it. */
  finishFolder(path: readonly string[], attributes: OutsideAttributes): Promise<void>;
}

export interface ExportNote {
  /** Path in the volume. */
  path: string;
  text: string;
}
export interface Exported {
  files: number;
  folders: number;
  /** Sum of the files' sizes, holes included. */
  bytes: bigint;
  /** Names that were changed, and what to. */
  renamed: ExportNote[];
  /** What was left out, and why. */
  skipped: ExportNote[];
  /** What in the tree cannot be believed. */
  problems: ExportNote[];
}

export interface ExportOptions {
  /** Only finds what would be done: no content is read. The target must be one that writes nothing. */
  isDry?: boolean | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: { phase: string; done: number; total?: number | undefined; unit: "bytes" }) => void) | undefined;
}

const runBytes = 1_048_576;
/** So many files are copied at a time: while one waits for the system another is read or written. */
const filesAtOnce = 8;
const entriesPerBreath = 32;

/**
 * Copies a file or folder of a volume, and all below it, to a target: byte for byte, holes kept, with permissions and times. What cannot
 * be read, links, and names that would lead elsewhere are left out or renamed, and said. Cancelling leaves whole files only.
 */
export async function exportFiles(
  tree: FileTree,
  from: FileEntry,
  target: ExportTarget,
  { isDry = false, signal, onProgress }: ExportOptions = {},
): Promise<Exported> {
  const result: Exported = { files: 0, folders: 0, bytes: 0n, renamed: [], skipped: [], problems: [] };
  /** Paths outside, by path in the volume, of folders that were made; undefined for those that were left out. */
  const folders = new Map<string, { path: string[]; used: Set<string> } | undefined>();
  const made: { path: string[]; inode: InodeCore }[] = [];
  const skip = (names: readonly string[], text: string) => void result.skipped.push({ path: pathText(names), text });
  /** Notes what an entry was left out for; what is no EngineError ends the export. */
  const leaveOut = (names: readonly string[], error: unknown): void => {
    if (!isEngineError(error)) throw error;
    skip(names, error.message);
  };
  const copies = new Copies(filesAtOnce);
  let done = 0;
  let entries = 0;
  const report = (bytes: number): void => {
    done += bytes;
    onProgress?.({ phase: "Exporting", done, unit: "bytes" });
  };
  if (isDirectory(from)) folders.set(pathText(from.names), { path: [], used: new Set() });
  else folders.set(pathText(from.names.slice(0, -1)), { path: [], used: new Set() });
  try {
    for await (const item of tree.walk(from, signal)) {
      if (item.kind === "problem") {
        result.problems.push({ path: pathText(item.problem.names), text: item.problem.text });
        continue;
      }
      const { entry } = item;
      if (entry === from && isDirectory(entry)) continue;
      const parent = folders.get(pathText(entry.names.slice(0, -1)));
      // What lies in a folder that was left out was said with it.
      if (!parent) continue;
      try {
        const name = nameFor(entry, parent.used, target.isWindows, result);
        const path = [...parent.path, name];
        if (isDirectory(entry)) {
          const isNew = await target.createFolder(path);
          folders.set(pathText(entry.names), { path, used: new Set() });
          if (isNew) made.push({ path, inode: entry.inode });
          result.folders++;
        } else if (isFile(entry)) {
          await copies.start(async (buffers) => {
            try {
              const content = await tree.content(entry, signal);
              const file = await target.createFile(path);
              if (isDry) await file.finish(content.byteLength, entry.inode);
              else await exportFile(content, file, entry, buffers, signal, report);
              result.files++;
              result.bytes += entry.inode.size;
            } catch (error) {
              leaveOut(entry.names, error);
            }
          });
        } else skip(entry.names, "a link, which is not made outside");
      } catch (error) {
        leaveOut(entry.names, error);
      }
      if (++entries % entriesPerBreath === 0) await breathe();
    }
  } finally {
    // Cancelled or not, no file is left half written.
    await copies.settle();
  }
  copies.throwIfFailed();
  result.skipped.sort((a, b) => (a.path < b.path ? -1 : 1));
  // Inner folders first: writing into a folder changes its time.
  for (const { path, inode } of made.reverse()) {
    signal?.throwIfAborted();
    await target.finishFolder(path, inode);
  }
  return result;
}

/** The name of an entry outside. NAME_NOT_STORABLE where there is none. */
function nameFor({ entry, names }: FileEntry, used: Set<string>, isWindows: boolean, { renamed }: Exported): string {
  const stored = entry?.name;
  if (!stored) throw new EngineError("NAME_NOT_STORABLE", { name: "/", problem: "the root has no name" });
  const { name, reason } = outsideName(stored, isWindows);
  let free = name;
  // Two names that become one outside, such as those that differ in case on Windows.
  const key = (text: string) => (isWindows ? text.toLowerCase() : text);
  for (let count = 2; used.has(key(free)); count++) free = `${name} (${count})`;
  used.add(key(free));
  if (free !== stored.text || !stored.isUtf8)
    renamed.push({ path: pathText(names), text: `${JSON.stringify(free)}: ${reason ?? "the name is taken"}` });
  return free;
}

type Buffers = [Uint8Array, Uint8Array];

/** Copies that run side by side, each with buffers of its own. */
class Copies {
  readonly #most: number;
  readonly #running = new Set<Promise<void>>();
  readonly #free: Buffers[] = [];
  #failure: { error: unknown } | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  /** Starts a copy once fewer than the most are running. Throws what one before it failed with. */
  async start(copy: (buffers: Buffers) => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#most) await Promise.race(this.#running);
    this.throwIfFailed();
    const buffers = this.#free.pop() ?? [new Uint8Array(runBytes), new Uint8Array(runBytes)];
    const running = copy(buffers)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#free.push(buffers);
        this.#running.delete(running);
      });
    this.#running.add(running);
  }

  async settle(): Promise<void> {
    await Promise.all(this.#running);
  }

  throwIfFailed(): void {
    if (this.#failure) throw this.#failure.error;
  }
}

async function exportFile(
  content: FileContent,
  file: ExportFile,
  { inode }: FileEntry,
  buffers: Buffers,
  signal: AbortSignal | undefined,
  report: (bytes: number) => void,
): Promise<void> {
  let writing: Promise<void> = Promise.resolve();
  try {
    let [reading, written] = buffers;
    for (const run of content.runs(runBytes)) {
      signal?.throwIfAborted();
      // One run is read while the one before it is written.
      const [bytes] = await Promise.all([content.read(run, signal, reading), writing]);
      [reading, written] = [written, reading];
      writing = file.write(run.start, bytes);
      writing.catch(() => {}); // Awaited with the next run, or below.
      report(bytes.length);
    }
    await writing;
    await file.finish(content.byteLength, inode);
  } catch (error) {
    // The file is closed only when nothing is being written to it any more.
    await writing.catch(() => {});
    await file.discard();
    throw error;
  }
}
