import { createHash } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { dataFolder } from "./data-folder.ts";
import { EngineError, systemReason } from "./engine.ts";
import { birthOf, isAlive } from "./processes.ts";
import { makeFolder } from "./whole-file.ts";

/** Who holds a lock; numbers are given to processes anew, so it says when its own began too. */
interface Owner {
  pid: number;
  birth?: string | undefined;
}

/** Where the lock of an image is. */
export const lockPath = (image: string): string =>
  join(dataFolder(), "locks", `${createHash("sha256").update(resolve(image)).digest("hex").slice(0, 32)}.lock`);

/**
 * A lock file in the data folder beside the system's lock on the file itself: it names the owner, also where the system's lock is not
 * seen (another machine's mount). One whose owner is gone is taken over. DEVICE_LOCKED, TARGET_UNUSABLE.
 */
export async function takeLock(image: string): Promise<() => Promise<void>> {
  const path = lockPath(image);
  await makeFolder(dirname(path));
  const owner: Owner = { pid: process.pid, birth: await birthOf(process.pid) };
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await writeFile(path, JSON.stringify({ ...owner, image: resolve(image) }), { flag: "wx" });
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST")
        throw new EngineError("TARGET_UNUSABLE", { path, reason: systemReason(error) }, { cause: error });
      const holder = await ownerOf(path);
      if (holder && (await isThere(holder))) throw new EngineError("DEVICE_LOCKED", { path: image, owner: `process ${holder.pid}` });
      await rm(path, { force: true });
    }
  }
  throw new EngineError("DEVICE_LOCKED", { path: image });
}

async function ownerOf(path: string): Promise<Owner | undefined> {
  try {
    const { pid, birth } = JSON.parse(await readFile(path, "utf8")) as { pid?: unknown; birth?: unknown };
    return typeof pid === "number" ? { pid, birth: typeof birth === "string" ? birth : undefined } : undefined;
  } catch {
    // A lock that was cut off while it was written has no owner.
    return undefined;
  }
}

async function isThere({ pid, birth }: Owner): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const now = birth && (await birthOf(pid));
  return !now || now === birth;
}
