import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, read, readSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { nextData, nextHole } from "../device/system-calls.ts";
import { EngineError, type ImportEntry, type ImportSource, nsToTicks, type StoredRun } from "./engine.ts";

/** What one file or folder outside is, as it was found. */
interface Found extends ImportEntry {
  path: string;
  modifiedNs: bigint;
  /** Tells it from another file of the same name. */
  identity: string;
}

const permissionBits = 0o777n;
const mostNameBytes = 255;
const mostEntries = 2_000_000;

/**
 * Files and folders of this system, to be imported; folders with all they hold. Links are not followed; they, special files and `exclude`
 * (as `device:inode`, the image itself) are listed as left out. DEVICE_NOT_FOUND for a path that is not there.
 */
export async function folderSource(
  paths: readonly string[],
  { exclude, signal }: { exclude?: string | undefined; signal?: AbortSignal | undefined } = {},
): Promise<ImportSource> {
  const found: Found[] = [];
  const skipped: { path: string; reason: string }[] = [];
  const visit = async (path: string, names: readonly string[]): Promise<void> => {
    signal?.throwIfAborted();
    const stats = statsOf(path, (cause) => {
      if (names.length <= 1) throw new EngineError("DEVICE_NOT_FOUND", { path }, { cause });
      skipped.push({ path, reason: cause.code ?? String(cause) });
    });
    if (!stats) return;
    const identity = `${stats.dev}:${stats.ino}`;
    const reason = identity === exclude ? "the volume itself" : whyNot(stats, names.at(-1) ?? "");
    if (reason) {
      skipped.push({ path, reason });
      return;
    }
    if (found.length >= mostEntries)
      throw new EngineError("REQUEST_INVALID", { call: "import", problem: `more than ${mostEntries} entries` });
    if (names.length > 0) found.push(describe(path, names, stats, identity));
    if (!stats.isDirectory()) return;
    const inside = await readdir(path, { encoding: "buffer" }).catch((cause: NodeJS.ErrnoException) => {
      skipped.push({ path, reason: `its names cannot be read: ${cause.code}` });
      return [];
    });
    for (const bytes of inside.sort(Buffer.compare)) {
      const name = bytes.toString("utf8");
      if (Buffer.from(name, "utf8").equals(bytes)) await visit(join(path, name), [...names, name]);
      else skipped.push({ path: join(path, name), reason: "its name is not UTF-8" });
    }
  };
  for (const path of paths) {
    const name = basename(resolve(path));
    // The root of a drive has no name: what it holds is imported.
    await visit(resolve(path), name === "" ? [] : [name]);
  }
  return new FolderSource(paths, found, skipped);
}

/** What a path is, without following it; undefined where the system does not say, which `failed` is told. */
function statsOf(path: string, failed: (cause: NodeJS.ErrnoException) => void): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true });
  } catch (cause) {
    failed(cause as NodeJS.ErrnoException);
    return undefined;
  }
}

function whyNot(stats: BigIntStats, name: string): string | undefined {
  if (stats.isSymbolicLink()) return "a link, which is not followed";
  if (stats.isFIFO()) return "a named pipe";
  if (stats.isSocket()) return "a socket";
  if (stats.isBlockDevice() || stats.isCharacterDevice()) return "a device";
  if (!stats.isFile() && !stats.isDirectory()) return "neither a file nor a folder";
  return Buffer.byteLength(name) > mostNameBytes ? "its name is longer than 255 bytes" : undefined;
}

const describe = (path: string, names: readonly string[], stats: BigIntStats, identity: string): Found => ({
  path,
  names,
  isFolder: stats.isDirectory(),
  byteLength: stats.isDirectory() ? 0n : stats.size,
  permissions: Number(stats.mode & permissionBits),
  createdUtc: nsToTicks(stats.birthtimeNs > 0n ? stats.birthtimeNs : stats.mtimeNs),
  modifiedUtc: nsToTicks(stats.mtimeNs),
  modifiedNs: stats.mtimeNs,
  identity,
});

class FolderSource implements ImportSource {
  readonly entries: readonly Found[];
  readonly skipped: ImportSource["skipped"];
  readonly described: ImportSource["described"];

  constructor(paths: readonly string[], found: readonly Found[], skipped: ImportSource["skipped"]) {
    this.entries = found;
    this.skipped = skipped;
    this.described = {
      paths: paths.map((path) => resolve(path)),
      sources: found
        .filter(({ isFolder }) => !isFolder)
        .map(({ path, byteLength, modifiedUtc }) => ({ path, size: `${byteLength}`, modifiedUtc: `${modifiedUtc}` })),
    };
  }

  /** Opens an entry and makes sure that it is the one that was found. SOURCE_CHANGED. */
  async #with<Result>(entry: number, act: (descriptor: number, found: Found) => Result | Promise<Result>): Promise<Result> {
    const found = this.entries[entry];
    if (!found) throw new TypeError("the entry is there");
    const { path } = found;
    const changed = (reason: string, cause?: unknown) => new EngineError("SOURCE_CHANGED", { path, reason }, { cause });
    const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
    const guard = <Value>(what: string, call: () => Value): Value => {
      try {
        return call();
      } catch (cause) {
        throw changed(`${what} (${(cause as NodeJS.ErrnoException).code ?? cause})`, cause);
      }
    };
    // Opening and asking are quicker than a way through the thread pool for each.
    const descriptor = guard("it cannot be opened", () => openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
    try {
      const stats = guard("it cannot be read", () => fstatSync(descriptor, { bigint: true }));
      if (!stats.isFile() || `${stats.dev}:${stats.ino}` !== found.identity) throw changed("another file has its name");
      if (stats.size !== found.byteLength) throw changed(`it has ${stats.size} bytes, not ${found.byteLength}`);
      if (stats.mtimeNs !== found.modifiedNs) throw changed("it was written to");
      return await act(descriptor, found);
    } finally {
      closeSync(descriptor);
    }
  }

  runs(entry: number): Promise<StoredRun[]> {
    return this.#with(entry, (descriptor, { byteLength }) => {
      const runs: StoredRun[] = [];
      for (let at = 0n; at < byteLength; ) {
        const start = nextData(descriptor, at, byteLength) ?? at;
        const end = start < byteLength ? (nextHole(descriptor, start, byteLength) ?? byteLength) : byteLength;
        if (start < end) runs.push({ start, end });
        at = end;
      }
      return runs;
    });
  }

  read(entry: number, start: bigint, into: Uint8Array): Promise<void> {
    return this.#with(entry, async (descriptor, { path }) => {
      for (let done = 0; done < into.length; ) {
        const count = await readSome(descriptor, into, done, Number(start) + done).catch((cause: NodeJS.ErrnoException) => {
          throw new EngineError("SOURCE_CHANGED", { path, reason: `it cannot be read (${cause.code ?? cause})` }, { cause });
        });
        if (count === 0) throw new EngineError("SOURCE_CHANGED", { path, reason: "it became shorter" });
        done += count;
      }
    });
  }
}

/** Reads behind `done` of `into`; what is short at once, the rest beside the event loop. */
async function readSome(descriptor: number, into: Uint8Array, done: number, at: number): Promise<number> {
  const length = into.length - done;
  if (length <= readAtOnce) return readSync(descriptor, into, done, length, at);
  return new Promise((resolve, reject) =>
    read(descriptor, into, done, length, at, (error, bytesRead) => (error ? reject(error) : resolve(bytesRead))),
  );
}
const readAtOnce = 65_536;
