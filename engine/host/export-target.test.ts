import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import type { MemoryDevice } from "../device/memory-device.ts";
import { exportFiles } from "../operations/export-files.ts";
import { importFiles } from "../operations/import-files.ts";
import { applyPlan } from "../operations/operation.ts";
import { memorySource, someBytes, type TestFile } from "../testing/file-sources.ts";
import { goldenDevice, goldenJson } from "../testing/golden.ts";
import { now, volumeDevice } from "../testing/small-volume.ts";
import { FileTree } from "../volume/file-tree.ts";
import { openVolume } from "../volume/open.ts";
import { ClientFiles } from "./client-files.ts";
import { folderTarget } from "./export-target.ts";
import { folderSource } from "./import-source.ts";
import { OpenVolume } from "./open-volume.ts";
import { HostState } from "./session.ts";
import { VolumeHost } from "./volume.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "blockscope-export-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function volumeWith(files: readonly TestFile[]): Promise<MemoryDevice> {
  const device = await volumeDevice();
  await applyPlan(device, await importFiles.plan(await openVolume(device), { source: memorySource(files), to: "/" }, { now }));
  return device;
}

/** A volume whose names are replaced by ones of the same length that no writer lets through. */
async function hostileVolume(names: readonly Uint8Array[]): Promise<MemoryDevice> {
  const placeholder = (name: Uint8Array, index: number) => `${String(index).padStart(2, "0")}${"p".repeat(64)}`.slice(0, name.length);
  const device = await volumeWith(names.map((name, index) => ({ path: `/${placeholder(name, index)}`, bytes: someBytes(10, index) })));
  const tree = await FileTree.open(await openVolume(device));
  const start = Number(tree.root?.inode.extents[0]?.startBlock ?? 0n) * 4096;
  let at = 0;
  for (const name of names) {
    device.bytes.set(name, start + at + 10);
    at += 10 + name.length;
  }
  return device;
}

async function exported(device: MemoryDevice, to: string) {
  const tree = await FileTree.open(await openVolume(device));
  if (!tree.root) throw new TypeError("there is a root");
  // A dry run writes nothing and says beforehand what the real one then does.
  const before = await everything(folder);
  const said = await exportFiles(tree, tree.root, await folderTarget(to, { isDry: true }), { isDry: true });
  expect(await everything(folder)).toEqual(before);
  const result = await exportFiles(tree, tree.root, await folderTarget(to));
  expect(said).toEqual(result);
  return result;
}
const encode = (text: string) => new TextEncoder().encode(text);
/** Every path below a folder. */
const everything = async (path: string) => (await readdir(path, { recursive: true })).sort();

describe("exporting to a folder", () => {
  it("gives back what the golden volume was filled with", async () => {
    const tree = await FileTree.open(await openVolume(await goldenDevice("populated-showcase")));
    if (!tree.root) throw new TypeError("there is a root");
    const result = await exportFiles(tree, tree.root, await folderTarget(join(folder, "out")));
    expect([result.renamed, result.skipped, result.problems]).toEqual([[], [], []]);
    const { live } = goldenJson("populated-showcase").inputs.contents as {
      live: { path: string; type: number; size: number; sha256: string }[];
    };
    expect((await everything(join(folder, "out"))).length).toBe(live.length - 1);
    for (const { path, type, size, sha256 } of live) {
      const place = join(folder, "out", path);
      expect((await stat(place)).isDirectory(), path).toBe(type === 1);
      if (type === 1) continue;
      const bytes = await readFile(place);
      expect([bytes.length, toHex(checksum.sha256(bytes))], path).toEqual([size, sha256]);
    }
    const { inode } = await tree.resolve(["images", "logo.png"]);
    const found = await stat(join(folder, "out", "images", "logo.png"));
    expect(found.mode & 0o777).toBe(inode.permissions);
    expect(Math.abs(found.mtimeMs - Number((inode.modifiedUtc - 621_355_968_000_000_000n) / 10_000n))).toBeLessThan(1);
  });
  it("never leaves the folder, whatever the names say", async () => {
    const names = [
      "..",
      ".",
      "../../escaped",
      "/etc/passwd",
      "a\\..\\b",
      "CON",
      "nul.txt",
      "com1",
      "line\nbreak",
      "\u001b[31mred",
      "\u202etxt.exe",
      "\0zero",
      "fine",
    ];
    const bytes = [...names.map(encode), Uint8Array.of(0x62, 0xff, 0x61, 0x64)];
    const device = await hostileVolume(bytes);
    const result = await exported(device, join(folder, "deep", "out"));
    expect(await everything(folder)).toEqual(
      [
        "deep",
        "deep/out",
        ...["%2E%2E", "%2E", "..%2F..%2Fescaped", "%2Fetc%2Fpasswd", "a%5C..%5Cb", "%43ON", "%6Eul.txt", "%63om1", "line%0Abreak"],
        ...["%1B[31mred", "%E2%80%AEtxt.exe", "%00zero", "fine", "b%FFad"],
      ]
        .map((path) => (path.startsWith("deep") ? path : `deep/out/${path}`))
        .sort(),
    );
    expect([result.files, result.renamed.length, result.skipped]).toEqual([14, 13, []]);
    expect(result.renamed.find(({ text }) => text.includes("%43ON"))?.text).toMatch(/device of Windows/);
  });
  it("follows no link in the way and overwrites nothing", async () => {
    const outside = join(folder, "outside");
    const out = join(folder, "out");
    await mkdir(outside);
    await mkdir(out);
    await symlink(outside, join(out, "linked"));
    await symlink(join(outside, "made"), join(out, "link.txt"));
    await writeFile(join(out, "there.txt"), "mine");
    const device = await volumeWith([
      { path: "/link.txt", bytes: someBytes(5, 1) },
      { path: "/linked" },
      { path: "/linked/inside", bytes: someBytes(5, 2) },
      { path: "/new", bytes: someBytes(5, 3) },
      { path: "/there.txt", bytes: someBytes(5, 4) },
    ]);
    const result = await exported(device, out);
    expect(result.skipped.map(({ path }) => path).sort()).toEqual(["/link.txt", "/linked", "/there.txt"]);
    expect([await readdir(outside), await readFile(join(out, "there.txt"), "utf8"), result.files]).toEqual([[], "mine", 1]);
    expect((await lstat(join(out, "link.txt"))).isSymbolicLink()).toBe(true);
  });
  it("says what in the tree cannot be believed: cycles, inodes that are not there, cut entries", async () => {
    const device = await volumeWith([
      { path: "/loop" },
      { path: "/loop/back", bytes: someBytes(3, 1) },
      { path: "/gone", bytes: someBytes(3, 2) },
    ]);
    const tree = await FileTree.open(await openVolume(device));
    const root = Number(tree.root?.inode.extents[0]?.startBlock ?? 0n) * 4096;
    const loop = Number((await tree.resolve(["loop"])).inode.extents[0]?.startBlock ?? 0n) * 4096;
    // "back" becomes the root itself, "gone" inode 99.
    device.bytes[loop] = 1;
    const gone = Buffer.from(device.bytes.buffer).indexOf("gone", root);
    device.bytes[gone - 10] = 99;
    const result = await exported(device, join(folder, "out"));
    expect(result.problems).toMatchObject([
      { path: "/gone", text: "inode 99 is not in the inode table" },
      { path: "/loop/back", text: expect.stringMatching(/the entry says type 0, its inode 1/) },
      { path: "/loop/back", text: expect.stringMatching(/was met before/) },
    ]);
    expect(await everything(join(folder, "out"))).toEqual(["loop"]);
  });
});

describe("importing from a folder", () => {
  it("and exporting again gives the same bytes, holes, permissions and times", async () => {
    const source = join(folder, "source");
    await mkdir(join(source, "inner", "empty"), { recursive: true });
    await writeFile(join(source, "block"), someBytes(4096, 1), { mode: 0o600 });
    await writeFile(join(source, "inner", "12:30 what?.txt"), someBytes(5001, 2));
    const sparse = join(source, "sparse");
    await writeFile(sparse, someBytes(100, 3));
    const { truncate } = await import("node:fs/promises");
    await truncate(sparse, 3_000_000);
    await symlink("/etc/passwd", join(source, "link"));
    const device = await volumeDevice({ totalBlocks: 2500n });
    const found = await folderSource([source]);
    expect(found.skipped).toEqual([{ path: join(source, "link"), reason: "a link, which is not followed" }]);
    await applyPlan(device, await importFiles.plan(await openVolume(device), { source: found, to: "/" }, { now }));
    await exported(device, join(folder, "out"));
    const paths = (await everything(source)).filter((path) => path !== "link");
    expect(await everything(join(folder, "out", "source"))).toEqual(paths);
    for (const path of paths) {
      const [before, after] = await Promise.all([stat(join(source, path)), stat(join(folder, "out", "source", path))]);
      expect([after.mode, after.size, after.isDirectory()], path).toEqual([
        before.mode,
        before.isDirectory() ? after.size : before.size,
        before.isDirectory(),
      ]);
      expect(Math.abs(after.mtimeMs - before.mtimeMs), path).toBeLessThan(1);
      if (before.isFile())
        expect((await readFile(join(source, path))).equals(await readFile(join(folder, "out", "source", path))), path).toBe(true);
    }
    expect((await stat(join(folder, "out", "source", "sparse"))).blocks).toBeLessThan(100);
  });
  it("refuses a source that changed after it was planned, and writes nothing that counts", async () => {
    const source = join(folder, "changing");
    await writeFile(source, someBytes(5000, 1));
    const device = await volumeDevice();
    const plan = await importFiles.plan(await openVolume(device), { source: await folderSource([source]), to: "/" }, { now });
    await writeFile(source, someBytes(5000, 2));
    await expect(applyPlan(device, plan)).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
    expect((await FileTree.open(await openVolume(device))).root).toBeUndefined();
  });
  it("leaves the volume itself out", async () => {
    const image = join(folder, "image.dwvd");
    await writeFile(image, "volume");
    const { dev, ino } = await stat(image, { bigint: true });
    const source = await folderSource([folder], { exclude: `${dev}:${ino}` });
    expect(source.skipped).toEqual([{ path: image, reason: "the volume itself" }]);
    await expect(folderSource([join(folder, "nothing")])).rejects.toMatchObject({ code: "DEVICE_NOT_FOUND" });
  });
});

describe("a client's export and import", () => {
  const client = async () => {
    const device = await volumeWith([{ path: "/docs" }, { path: "/docs/note", bytes: someBytes(5000, 1) }]);
    const opened = await OpenVolume.open({ key: "v", name: "v.dwvd", folder: "", device }, () => {});
    const state = new HostState({ kind: "browser", version: "", root: folder, dataFolder: join(folder, ".data") });
    return new VolumeHost(opened, () => opened.close(), new ClientFiles(state));
  };
  it("lists the volume, says what would be written, and writes it into a new folder below the root", async () => {
    const host = await client();
    expect(await host.files("")).toMatchObject({ path: "", parent: undefined, entries: [{ name: "docs", path: "docs", kind: "folder" }] });
    expect(await host.files("/docs")).toMatchObject({ path: "docs", parent: "", entries: [{ path: "docs/note", byteLength: 5000n }] });
    expect(await (await host.pathOfInode(3n)).result()).toBe("/docs/note");
    await expect((await host.pathOfInode(99n)).result()).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
    const request = { from: "/docs", to: "", name: "out" };
    const said = await (await host.surveyExport(request)).result();
    expect([said.files, said.bytes, said.to, await readdir(folder)]).toEqual([1, 5000n, join(folder, "out"), []]);
    expect(said.command).toBe(`blockscope export 'v.dwvd' '/docs' --to '${join(folder, "out")}'`);
    expect(await (await host.exportFiles(request)).result()).toEqual(said);
    expect(await readFile(join(folder, "out", "note"))).toEqual(Buffer.from(someBytes(5000, 1)));
  });
  it("names no folder outside the root, by no name and no link", async () => {
    const host = await client();
    await symlink(tmpdir(), join(folder, "out"));
    for (const request of [
      { to: "..", name: "" },
      { to: "", name: "../x" },
      { to: "out", name: "x" },
      { to: "/etc", name: "" },
    ])
      await expect((await host.exportFiles({ from: "/", ...request })).result()).rejects.toMatchObject({ code: "PATH_OUTSIDE_ROOT" });
    await expect((await host.exportFiles({ from: "/", to: "", name: "out" })).result()).rejects.toMatchObject({ code: "TARGET_UNUSABLE" });
    await expect((await host.surveyImport(["/etc/passwd"])).result()).rejects.toMatchObject({ code: "PATH_OUTSIDE_ROOT" });
  });
  it("says what an import takes in and leaves out before it is planned", async () => {
    const host = await client();
    await mkdir(join(folder, "in"));
    await writeFile(join(folder, "in", "a"), someBytes(5000, 2));
    await symlink("/etc/passwd", join(folder, "in", "link"));
    const survey = await (await host.surveyImport(["in"])).result();
    expect(survey).toMatchObject({ files: 1, folders: 1, bytes: 5000n, mostBlocks: 2n, skippedCount: 1 });
    expect(survey.skipped).toEqual([{ path: join(folder, "in", "link"), text: "a link, which is not followed" }]);
  });
});

describe("a client's plan", () => {
  const importing = async (host: VolumeHost, path: string) => host.plan({ operation: "import", inputs: JSON.stringify({ paths: [path] }) });
  it("reads only what the host lets it read", async () => {
    await writeFile(join(folder, "inside"), "fine");
    const opened = await OpenVolume.open({ key: "v", name: "v", folder: "", device: await volumeDevice() }, () => {});
    const closed = new VolumeHost(opened, () => opened.close());
    await expect(importing(closed, join(folder, "inside"))).rejects.toMatchObject({ code: "PATH_OUTSIDE_ROOT" });
    const files = new ClientFiles(new HostState({ kind: "browser", version: "", root: folder, dataFolder: join(folder, ".data") }));
    const rooted = new VolumeHost(opened, () => opened.close(), files);
    await expect(importing(rooted, "/etc/passwd")).rejects.toMatchObject({ code: "PATH_OUTSIDE_ROOT" });
    await expect(importing(rooted, "../inside")).rejects.toMatchObject({ code: "PATH_OUTSIDE_ROOT" });
    expect((await (await importing(rooted, "inside")).view()).operation).toBe("import");
  });
});
