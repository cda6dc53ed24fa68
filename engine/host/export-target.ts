import { closeSync, constants, fchmodSync, ftruncateSync, futimesSync, openSync, type Stats, write, writeSync } from "node:fs";
import { lstat, mkdir, open, realpath, rm, utimes } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { EngineError, type ExportFile, type ExportTarget, type OutsideAttributes, systemReason, ticksToUnixMs } from "./engine.ts";

const isWindows = process.platform === "win32";
const permissionBits = 0o777;

/**
 * A folder of this system as the target of an export; it is made where it is missing. One that is dry writes nothing: it only says what is
 * in the way. TARGET_UNUSABLE.
 */
export async function folderTarget(folder: string, { isDry = false }: { isDry?: boolean } = {}): Promise<ExportTarget> {
  const wanted = resolve(folder);
  if (isDry) return new DryTarget(wanted);
  await calling(wanted, () => mkdir(wanted, { recursive: true }));
  const root = await calling(wanted, () => realpath(wanted));
  return new FolderTarget(root);
}

/** What the system refuses is told as TARGET_UNUSABLE. */
async function calling<Result>(path: string, act: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === undefined) throw cause;
    throw new EngineError("TARGET_UNUSABLE", { path, reason: systemReason(cause) }, { cause });
  }
}
/** A place in a folder. TARGET_UNUSABLE where the name would lead out of it. */
function joinInside(folder: string, name: string): string {
  const place = join(folder, name);
  if (name === "" || !place.startsWith(folder.endsWith(sep) ? folder : folder + sep) || place === folder)
    throw new EngineError("TARGET_UNUSABLE", { path: folder, reason: `${JSON.stringify(name)} would lead out of it` });
  return place;
}

const unusable = (path: string, reason: string) => new EngineError("TARGET_UNUSABLE", { path, reason });

/** What is at a place; undefined where nothing is. */
const foundAt = (place: string) =>
  lstat(place).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw unusable(place, systemReason(cause));
  });

/** Takes every name that a real target would take at this moment, and writes nothing. */
class DryTarget implements ExportTarget {
  readonly isWindows = isWindows;
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** The place of a path, if all folders on the way to it are there or would be made. TARGET_UNUSABLE. */
  async #place(path: readonly string[]): Promise<string> {
    let at = this.#root;
    for (const name of path.slice(0, -1)) {
      at = joinInside(at, name);
      requireFolder(at, await foundAt(at));
    }
    return joinInside(at, path.at(-1) ?? "");
  }

  async createFolder(path: readonly string[]): Promise<boolean> {
    const place = await this.#place(path);
    const found = await foundAt(place);
    requireFolder(place, found);
    return found === undefined;
  }

  async createFile(path: readonly string[]): Promise<ExportFile> {
    const place = await this.#place(path);
    if (await foundAt(place)) throw unusable(place, systemReason({ code: "EEXIST" }));
    return { write: async () => {}, finish: async () => {}, discard: async () => {} };
  }

  async finishFolder(): Promise<void> {}
}

/** What is there must be a real folder. TARGET_UNUSABLE. */
function requireFolder(place: string, found: Stats | undefined): void {
  if (found?.isSymbolicLink()) throw unusable(place, "a link is in the way");
  if (found && !found.isDirectory()) throw unusable(place, "a file is in the way");
}

class FolderTarget implements ExportTarget {
  readonly isWindows = isWindows;
  readonly #root: string;
  /** Folders that were found to be real ones. */
  readonly #known = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** The place of a path: below the root, and no link on the way to it. TARGET_UNUSABLE. */
  async #place(path: readonly string[]): Promise<string> {
    let at = this.#root;
    for (const name of path.slice(0, -1)) {
      at = joinInside(at, name);
      if (!this.#known.has(at)) await this.#requireFolder(at);
    }
    return joinInside(at, path.at(-1) ?? "");
  }

  async #requireFolder(place: string): Promise<void> {
    requireFolder(place, await calling(place, () => lstat(place)));
    this.#known.add(place);
  }

  async createFolder(path: readonly string[]): Promise<boolean> {
    const place = await this.#place(path);
    try {
      await mkdir(place, { mode: 0o700 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") return calling(place, () => Promise.reject(error));
      await this.#requireFolder(place);
      return false;
    }
    this.#known.add(place);
    return true;
  }

  async createFile(path: readonly string[]): Promise<ExportFile> {
    const place = await this.#place(path);
    const { O_WRONLY, O_CREAT, O_EXCL } = constants;
    // O_EXCL follows no link and takes no file that is there.
    const descriptor = await calling(place, () => openSync(place, O_WRONLY | O_CREAT | O_EXCL | (constants.O_NOFOLLOW ?? 0), 0o600));
    return new FolderFile(descriptor, place);
  }

  async finishFolder(path: readonly string[], { permissions, accessedUtc, modifiedUtc }: OutsideAttributes): Promise<void> {
    const place = await this.#place(path);
    await this.#requireFolder(place);
    const handle = isWindows
      ? undefined
      : await calling(place, () => open(place, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW));
    try {
      if (handle) {
        await calling(place, () => handle.chmod(permissions & permissionBits || 0o755));
        const times = timesOf({ accessedUtc, modifiedUtc });
        if (times) await calling(place, () => handle.utimes(...times));
      } else {
        const times = timesOf({ accessedUtc, modifiedUtc });
        if (times) await calling(place, () => utimes(place, ...times));
      }
    } finally {
      await handle?.close();
    }
  }
}

/** Access and modification in seconds; undefined where no time is stored. */
function timesOf({ accessedUtc, modifiedUtc }: Pick<OutsideAttributes, "accessedUtc" | "modifiedUtc">): [number, number] | undefined {
  if (modifiedUtc <= 0n) return undefined;
  const seconds = (ticks: bigint) => ticksToUnixMs(ticks) / 1000 + Number(ticks % 10_000n) / 1e7;
  return [seconds(accessedUtc > 0n ? accessedUtc : modifiedUtc), seconds(modifiedUtc)];
}

/** What is written at once; more goes beside the event loop. */
const writeAtOnce = 65_536;

/** A file of this system. Setting lengths, permissions and times is quicker at once than on a way through the thread pool for each. */
class FolderFile implements ExportFile {
  readonly #descriptor: number;
  readonly #place: string;
  /** Where what was written ends. */
  #end = 0n;

  constructor(descriptor: number, place: string) {
    this.#descriptor = descriptor;
    this.#place = place;
  }

  async write(at: bigint, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; )
      done += await calling(this.#place, () => writeSome(this.#descriptor, bytes, done, Number(at) + done));
    const end = at + BigInt(bytes.length);
    if (end > this.#end) this.#end = end;
  }

  async finish(byteLength: bigint, { permissions, accessedUtc, modifiedUtc }: OutsideAttributes): Promise<void> {
    await calling(this.#place, () => {
      if (byteLength !== this.#end) ftruncateSync(this.#descriptor, Number(byteLength));
      if (!isWindows) fchmodSync(this.#descriptor, permissions & permissionBits || 0o644);
      const times = timesOf({ accessedUtc, modifiedUtc });
      if (times) futimesSync(this.#descriptor, ...times);
      closeSync(this.#descriptor);
    });
  }

  async discard(): Promise<void> {
    closeSync(this.#descriptor);
    await rm(this.#place, { force: true });
  }
}

/** Writes behind `done` of `bytes`; gives how many bytes were written. */
function writeSome(descriptor: number, bytes: Uint8Array, done: number, at: number): number | Promise<number> {
  const length = bytes.length - done;
  if (length <= writeAtOnce) return writeSync(descriptor, bytes, done, length, at);
  return new Promise((resolve, reject) =>
    write(descriptor, bytes, done, length, at, (error, written) => (error ? reject(error) : resolve(written))),
  );
}
