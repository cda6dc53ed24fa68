import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { setLabel } from "../operations/set-label.ts";
import { now, volumeDevice } from "../testing/small-volume.ts";
import { openVolume } from "../volume/open.ts";
import { applyToPath } from "./changes.ts";
import { lockPath } from "./image-lock.ts";
import { birthOf } from "./processes.ts";

let folder = "";
let data: string | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "blockscope-changes-"));
  data = process.env.BLOCKSCOPE_DATA_DIR;
  process.env.BLOCKSCOPE_DATA_DIR = folder;
});
afterEach(async () => {
  if (data === undefined) delete process.env.BLOCKSCOPE_DATA_DIR;
  else process.env.BLOCKSCOPE_DATA_DIR = data;
  await rm(folder, { recursive: true, force: true });
});

const undoFolder = () => join(folder, "undo");
/** A volume in a file, and a plan for it. */
async function labelled() {
  const device = await volumeDevice();
  const path = join(folder, "disk.dwvd");
  await writeFile(path, device.bytes);
  return { path, plan: await setLabel.plan(await openVolume(device), { label: "after" }, { now: now + 1n }) };
}

/** A process that has ended. */
async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  return child.pid ?? 0;
}

describe("applying a plan to a file", () => {
  it("keeps no undo bundle of a change that was cancelled before anything was changed, and says so", async () => {
    const { path, plan } = await labelled();
    const stop = new AbortController();
    const before = await readFile(path);
    const cancelled = applyToPath(path, plan, { undoFolder: undoFolder(), signal: stop.signal, onProgress: () => stop.abort() });
    await expect(cancelled).rejects.toMatchObject({ name: "AbortError", message: "Cancelled. Nothing was changed." });
    expect(await readdir(undoFolder())).toEqual([]);
    expect(await readdir(join(folder, "locks"))).toEqual([]);
    expect((await readFile(path)).equals(before)).toBe(true);
  });
  it("saves an undo bundle first, tells how far it is, and leaves nothing else beside it", async () => {
    const { path, plan } = await labelled();
    const phases: string[] = [];
    const { undoBundle } = await applyToPath(path, plan, { undoFolder: undoFolder(), onProgress: ({ phase }) => void phases.push(phase) });
    expect(phases[0]).toBe("Saving undo bundle");
    expect(await readdir(undoFolder())).toEqual([undoBundle?.split("/").at(-1)]);
    expect(await readdir(join(folder, "locks"))).toEqual([]);
  });
  it("leaves no temporary file and an untouched volume where it is cancelled while the bundle is saved", async () => {
    const { path, plan } = await labelled();
    const before = await readFile(path);
    const stop = new AbortController();
    const applying = applyToPath(path, plan, { undoFolder: undoFolder(), signal: stop.signal, onProgress: () => stop.abort() });
    await expect(applying).rejects.toMatchObject({ name: "AbortError" });
    expect(await readdir(undoFolder())).toEqual([]);
    expect((await readFile(path)).equals(before)).toBe(true);
  });
  it("takes away what a process that is gone left of a bundle, and no other file", async () => {
    const { path, plan } = await labelled();
    const undo = await mkdtemp(join(folder, "undo-"));
    const kept = ["a.bsundo", `b.bsundo.${process.pid}-0123abcd.tmp`, `c.txt.${await deadProcess()}-0123abcd.tmp`];
    for (const name of [...kept, `d.bsundo.${await deadProcess()}-0123abcd.tmp`]) await writeFile(join(undo, name), "");
    await applyToPath(path, plan, { undoFolder: undo });
    expect((await readdir(undo)).filter((name) => !name.startsWith("disk"))).toEqual(kept);
  });
  it("is refused while another process holds the volume, and passes over a lock whose owner is gone", async () => {
    const { path, plan } = await labelled();
    await mkdir(join(folder, "locks"));
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const lockOf = (owner: object) => writeFile(lockPath(path), JSON.stringify({ image: path, ...owner }));
    const apply = () => applyToPath(path, plan, { undoFolder: undoFolder() });
    try {
      const birth = await birthOf(other.pid ?? 0);
      await lockOf({ pid: other.pid, birth });
      await expect(apply()).rejects.toMatchObject({ code: "DEVICE_LOCKED", data: { owner: `process ${other.pid}` } });
      await lockOf({ pid: other.pid });
      await expect(apply()).rejects.toMatchObject({ code: "DEVICE_LOCKED" });
      if (birth !== undefined) {
        // A later process has the number of the one that is gone.
        await lockOf({ pid: other.pid, birth: `${birth}0` });
        await apply();
      }
    } finally {
      other.kill();
    }
  });
});
