import { randomUUID } from "node:crypto";
import { access, link, open, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { EngineError } from "./engine.ts";

/**
 * Writes a new file whole or not at all: to a temporary one beside it, synced, then given its name, which no file of that name gives up.
 * FILE_EXISTS, DEVICE_NOT_FOUND, DEVICE_ACCESS_DENIED, DEVICE_WRITE_FAILED.
 */
export async function placeFile(path: string, parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  const refuse = (cause: NodeJS.ErrnoException): never => {
    if (cause.code === "EEXIST") throw new EngineError("FILE_EXISTS", { path }, { cause });
    if (cause.code === "ENOENT") throw new EngineError("DEVICE_NOT_FOUND", { path }, { cause });
    if (cause.code === "EACCES" || cause.code === "EPERM" || cause.code === "EROFS")
      throw new EngineError("DEVICE_ACCESS_DENIED", { path, writing: true }, { cause });
    throw new EngineError("DEVICE_WRITE_FAILED", { path, at: 0n, byteLength: 0, reason: cause.code ?? String(cause) }, { cause });
  };
  const handle = await open(temporary, "wx").catch(refuse);
  try {
    try {
      for await (const part of parts) await handle.writeFile(part).catch(refuse);
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
