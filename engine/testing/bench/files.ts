import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyToPath } from "../../host/changes.ts";
import { applyCreateVolume, EngineError, exportFiles, FileTree, openFileDevice, openVolume, planCreateVolume } from "../../host/engine.ts";
import { folderTarget } from "../../host/export-target.ts";
import { planOperation } from "../../host/operations.ts";
import { findProfile } from "../../volume/creation-profiles.ts";
import { someBytes } from "../file-sources.ts";
import { now } from "../small-volume.ts";
import { type Figure, median } from "./measure.ts";

const largeFiles = 4;
const largeBytes = 32 * 1_048_576;
const smallFiles = 1000;
const runs = 5;

/** Import and export of the same files against `cp -r` of them: 1 is as quick as cp. An import is planned, its undo bundle saved, and synced. */
export async function fileFigures(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), "blockscope-bench-"));
  try {
    const large = join(folder, "large");
    const small = join(folder, "small");
    await Promise.all([mkdir(large), mkdir(small)]);
    const bytes = someBytes(largeBytes, 1);
    for (let index = 0; index < largeFiles; index++) await writeFile(join(large, `file ${index}`), bytes);
    for (let index = 0; index < smallFiles; index++)
      await writeFile(join(small, `file ${index}`), bytes.subarray(0, (index * 61) % 65_536));
    return [...(await measure(folder, large, "large files")), ...(await measure(folder, small, "small files"))];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, source: string, words: string): Promise<Figure[]> {
  const copied: number[] = [];
  const synced: number[] = [];
  const imported: number[] = [];
  const exported: number[] = [];
  for (let run = 0; run < runs; run++) {
    // Names of their own each time: a file system is slow to create files where others were just deleted.
    const place = join(folder, `${words} ${run}`);
    const image = join(place, "image.dwvd");
    await mkdir(place);
    await createImage(image);
    const timed = async (times: number[], act: () => unknown): Promise<void> => {
      spawnSync("sync");
      times.push(await median(1, act));
    };
    await timed(synced, () => copyFolder(source, join(place, "synced"), true));
    await timed(imported, () => importFolder(image, source, join(place, "undo")));
    await timed(copied, () => copyFolder(source, join(place, "copied"), false));
    await timed(exported, () => exportFolder(image, join(place, "out")));
  }
  const middle = (times: number[]) => times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
  const figure = (name: string, times: number[], baseline: number[]): Figure => ({
    name: `${name}, ${words}`,
    value: `${(middle(baseline) / middle(times)).toFixed(2)} (${middle(times).toFixed(0)} ms against ${middle(baseline).toFixed(0)} ms)`,
  });
  return [
    figure("speed of an import as a ratio to cp, both brought to the medium", imported, synced),
    figure("speed of an export as a ratio to cp", exported, copied),
  ];
}

async function createImage(path: string): Promise<void> {
  const profile = findProfile("minimal");
  if (!profile) throw new TypeError("the profile is there");
  const handle = await open(path, "wx");
  await handle.close();
  const device = await openFileDevice(path, { writable: true });
  try {
    await applyCreateVolume(
      device,
      planCreateVolume({ ...profile, totalBlocks: 131_072n, label: "bench", uuid: "00112233-4455-6677-8899-aabbccddeeff", now }),
    );
  } finally {
    await device.close();
  }
}

async function copyFolder(source: string, target: string, toMedium: boolean): Promise<void> {
  const { status } = spawnSync("cp", ["-r", source, target]);
  if (status !== 0) throw new EngineError("TARGET_UNUSABLE", { path: target, reason: "cp failed" });
  if (toMedium) spawnSync("sync", ["-f", target]);
}

async function importFolder(image: string, source: string, undoFolder: string): Promise<void> {
  const device = await openFileDevice(image);
  try {
    const plan = await planOperation(await openVolume(device), "import", { paths: [source] }, { now: now + 1n });
    await applyToPath(image, plan, { undoFolder });
  } finally {
    await device.close();
  }
}

async function exportFolder(image: string, to: string): Promise<void> {
  const device = await openFileDevice(image);
  try {
    const tree = await FileTree.open(await openVolume(device));
    if (!tree.root) throw new TypeError("the import made a root");
    await exportFiles(tree, tree.root, await folderTarget(to));
  } finally {
    await device.close();
  }
}
