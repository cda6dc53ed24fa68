import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { dataFolder } from "./data-folder.ts";
import {
  type Applied,
  type ApplyOptions,
  applyPlan,
  EngineError,
  encodeUndoBundle,
  type OperationPlan,
  openFileDevice,
  openVolume,
  type Recovered,
  type RecoverOptions,
  readUndoBundle,
  recoverVolume,
  type Volume,
} from "./engine.ts";

/** Applies a plan to the file or device it was made on: locked, with an undo bundle saved first, and verified. PLAN_STALE, DEVICE_LOCKED and what writing throws. */
export async function applyToPath(
  path: string,
  plan: OperationPlan,
  { undoFolder, ...options }: Omit<ApplyOptions, "saveUndo"> & { undoFolder?: string | undefined },
): Promise<Applied & { bytesWritten: bigint }> {
  return withWritable(path, async (device) => {
    const applied = await applyPlan(device, plan, {
      ...options,
      saveUndo: (volume) => saveBundle(volume, plan, undoFolder ?? join(dataFolder(), "undo"), path, options.signal),
    });
    return { ...applied, bytesWritten: device.bytesWritten };
  });
}

/** Brings the log of the volume at a path to rest. VOLUME_NEEDS_RECOVERY where the user must decide. */
export const recoverPath = (path: string, options: RecoverOptions): Promise<Recovered & { bytesWritten: bigint }> =>
  withWritable(path, async (device) => ({ ...(await recoverVolume(device, options)), bytesWritten: device.bytesWritten }));

async function withWritable<Result>(
  path: string,
  act: (device: Awaited<ReturnType<typeof openFileDevice>>) => Promise<Result>,
): Promise<Result> {
  const release = await takeLock(path);
  try {
    const device = await openFileDevice(path, { writable: true });
    try {
      return await act(device);
    } finally {
      await device.close();
    }
  } finally {
    await release();
  }
}

/** Saves a bundle whole or not at all: to a temporary file, synced, then renamed. Gives its path. */
async function saveBundle(
  volume: Volume,
  plan: OperationPlan,
  folder: string,
  image: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const time = new Date().toISOString().replaceAll(":", "-").slice(0, 19);
  const name = `${basename(image).slice(0, 80)}-${time}-${plan.operation.replaceAll(/[^a-z0-9.-]/g, "_")}-${plan.planId.slice(0, 8)}.bsundo`;
  const path = join(folder, name);
  const temporary = `${path}.${randomUUID()}.tmp`;
  const handle = await open(temporary, "wx");
  try {
    for await (const part of encodeUndoBundle(volume, plan, resolve(image), signal)) await handle.write(part);
    await handle.sync();
  } catch (error) {
    await handle.close();
    await unlink(temporary);
    throw error;
  }
  await handle.close();
  await rename(temporary, path);
  const directory = await open(folder, "r");
  await directory.sync().finally(() => directory.close());
  return path;
}

/**
 * A lock file in the data folder beside the system's lock on the file itself: it names the owner, also where the system's lock is not
 * seen (another machine's mount). One whose owner is gone is taken over. DEVICE_LOCKED.
 */
async function takeLock(image: string): Promise<() => Promise<void>> {
  const folder = join(dataFolder(), "locks");
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${createHash("sha256").update(resolve(image)).digest("hex").slice(0, 32)}.lock`);
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await writeFile(path, JSON.stringify({ pid: process.pid, image: resolve(image) }), { flag: "wx" });
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const owner = await ownerOf(path);
      if (owner !== undefined && isAlive(owner)) throw new EngineError("DEVICE_LOCKED", { path: image, owner: `process ${owner}` });
      await rm(path, { force: true });
    }
  }
  throw new EngineError("DEVICE_LOCKED", { path: image });
}

async function ownerOf(path: string): Promise<number | undefined> {
  try {
    const { pid } = JSON.parse(await readFile(path, "utf8")) as { pid?: unknown };
    return typeof pid === "number" ? pid : undefined;
  } catch {
    // A lock that was cut off while it was written has no owner.
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The file that a bundle was made for. BUNDLE_DAMAGED. */
export async function imageOfBundle(path: string): Promise<string> {
  const device = await openFileDevice(path);
  try {
    return (await readUndoBundle(device)).document.image;
  } finally {
    await device.close();
  }
}

/** The volume at a path, opened for reading while `act` looks at it. */
export async function withVolume<Result>(path: string, act: (volume: Volume) => Promise<Result>): Promise<Result> {
  const device = await openFileDevice(path);
  try {
    return await act(await openVolume(device));
  } finally {
    await device.close();
  }
}
