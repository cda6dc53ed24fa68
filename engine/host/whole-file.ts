import { randomUUID } from "node:crypto";
import { access, link, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { EngineError, systemReason } from "./engine.ts";
import { isAlive } from "./processes.ts";

/**
 * Writes a new file whole or not at all: to a temporary one beside it, synced, then given its name, which no file of that name gives up.
 * FILE_EXISTS, DEVICE_NOT_FOUND, DEVICE_ACCESS_DENIED, DEVICE_WRITE_FAILED.
 */
export async function placeFile(path: string, parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomUUID().slice(0, 8)}.tmp`;
  const refuse = (cause: NodeJS.ErrnoException): never => {
    if (cause.code === "EEXIST") throw new EngineError("FILE_EXISTS", { path }, { cause });
    if (cause.code === "ENOENT") throw new EngineError("DEVICE_NOT_FOUND", { path: dirname(path) }, { cause });
    if (cause.code === "EACCES" || cause.code === "EPERM" || cause.code === "EROFS")
      throw new EngineError("DEVICE_ACCESS_DENIED", { path, writing: true }, { cause });
    throw new EngineError("DEVICE_WRITE_FAILED", { path, at: 0n, byteLength: 0, reason: systemReason(cause) }, { cause });
  };
  const handle = await open(temporary, "wx").catch(refuse);
  try {
    try {
      for await (const piece of joined(parts)) await handle.writeFile(piece).catch(refuse);
      await handle.sync().catch(refuse);
    } finally {
      await handle.close();
    }
    await giveName(temporary, path).catch(refuse);
  } finally {
    await rm(temporary, { force: true });
  }
  const folder = await open(dirname(resolve(path)), "r");
  await folder.sync().finally(() => folder.close());
}

/** Makes a folder where it is missing. TARGET_UNUSABLE. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((cause: unknown) => {
    throw new EngineError("TARGET_UNUSABLE", { path, reason: systemReason(cause) }, { cause });
  });
}

/** Small parts are written together. */
async function* joined(parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let byteLength = 0;
  for await (const part of parts) {
    held.push(part);
    byteLength += part.length;
    if (byteLength < writtenAtOnce) continue;
    yield Buffer.concat(held);
    [held, byteLength] = [[], 0];
  }
  yield Buffer.concat(held);
}
const writtenAtOnce = 1_048_576;

/** Takes away what processes that are gone left of files that end so: nothing finishes it any more. */
export async function removeLeftovers(folder: string, ending: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = /\.(\d{1,10})-[0-9a-f]{8}\.tmp$/.exec(name)?.[1];
    if (pid === undefined || !name.slice(0, name.indexOf(`.${pid}-`)).endsWith(ending) || isAlive(Number(pid))) continue;
    await rm(join(folder, name), { force: true });
  }
}

/** A second name, unlike a new one, never takes the place of a file that appeared meanwhile; not every file system has second names. */
async function giveName(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) throw Object.assign(new Error("it exists"), { code: "EEXIST" });
    await rename(temporary, path);
  }
}
