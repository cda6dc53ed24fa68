import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { volumeDevice } from "../testing/small-volume.ts";
import { diskSpeed, timeOn } from "./disk-speed.ts";
import { HostSession, HostState } from "./session.ts";
import type { VolumeHost } from "./volume.ts";

let folder = "";
let state: HostState;
let volume: VolumeHost;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "blockscope-module-"));
  process.env.BLOCKSCOPE_DATA_DIR = join(folder, ".data");
  writeFileSync(join(folder, "disk.dwvd"), (await volumeDevice({ totalBlocks: 1600n })).bytes);
  state = new HostState({ kind: "browser", version: "", root: folder, dataFolder: join(folder, ".data") });
  volume = await new HostSession(state).open({ kind: "folder", path: "disk.dwvd" });
});
afterEach(async () => {
  await state.close();
  delete process.env.BLOCKSCOPE_DATA_DIR;
  rmSync(folder, { recursive: true, force: true });
});

describe("adding a module from the window", () => {
  it("says what the module needs and each check with its result", async () => {
    const { needs, groups } = await volume.preflight("RAID");
    expect(needs).toMatchObject({ regions: [{ name: "RAIDMetadata", kind: "RAID", blocks: 64n }], inodeBytes: 4 });
    expect(groups.map(({ title }) => title)).toEqual(["For every way", "Padding claim", "Inode migration"]);
    expect(groups.flatMap(({ checks }) => checks).every(({ problem }) => problem === undefined)).toBe(true);
    await expect(volume.preflight("nothing")).rejects.toMatchObject({ code: "MODULE_UNKNOWN" });
  });
  it("compares the ways with time on this disk, the layout and an inode record as they would be", async () => {
    const { ways, disk, regions, inodeRecord } = await volume.strategyChoices("RAID");
    const [region, padding, migrate, copy] = ways;
    expect(region).toMatchObject({ available: false, regions: undefined, milliseconds: undefined });
    for (const way of [padding, migrate, copy]) {
      expect(way?.milliseconds?.least).toBeGreaterThan(0);
      expect(way?.milliseconds?.most).toBeGreaterThanOrEqual(way?.milliseconds?.least ?? Number.NaN);
      expect(way?.regions?.filter(({ isNew }) => isNew).map(({ kind }) => kind)).toContain("RAID");
      expect(way?.regions?.length).toBeGreaterThan(regions.length);
    }
    expect(disk?.syncMs.least).toBeGreaterThan(0);
    expect(padding?.inodesWritten).toBe(0);
    expect(copy).toMatchObject({ undoBytes: 0, byteLength: BigInt(readFileSync(join(folder, "disk.dwvd")).length) });
    const added = padding?.inodeRecord?.find(({ moduleId }) => moduleId === 5);
    expect(added?.end).toBe((added?.start ?? 0) + 4);
    expect(inodeRecord.some(({ moduleId }) => moduleId === 5)).toBe(false);
  });
  it("makes a copy where nothing is, whole or not at all, and leaves the volume as it is", async () => {
    const before = readFileSync(join(folder, "disk.dwvd"));
    const at = (name: string) => ({ kind: "folder" as const, path: "", name });
    await expect(volume.planCopy("RAID", at("disk.dwvd"))).rejects.toMatchObject({ code: "FILE_EXISTS" });
    await expect(volume.planCopy("RAID", at("../copy"))).rejects.toMatchObject({ code: "PATH_OUTSIDE_ROOT" });
    const plan = await volume.planCopy("RAID", at("copy.dwvd"));
    expect((await plan.view()).command).toBe("blockscope module add 'disk.dwvd' RAID --strategy copy --to 'copy.dwvd' --yes");
    const stopped = await plan.create();
    await stopped.cancel();
    await expect(stopped.result()).rejects.toMatchObject({ name: "AbortError" });
    expect(readdirSync(folder).sort()).toEqual([".data", "disk.dwvd"]);
    const made = await (await plan.create()).result();
    expect(made).toMatchObject({ name: "copy.dwvd", findings: { error: 0, warning: 0 } });
    expect(state.volumes.get(made.id)?.stored.volume.findRegion("RAID")).toBeDefined();
    expect(readFileSync(join(folder, "disk.dwvd")).equals(before)).toBe(true);
  });
});

describe("the speed of a disk", () => {
  it("is measured in the folder, which stays as it was, and gives a span of time", async () => {
    const speed = await diskSpeed(join(folder, "undo"));
    expect(readdirSync(join(folder, "undo"))).toEqual([]);
    expect(speed && timeOn(speed, 1_048_576n, 5).most).toBeGreaterThan(0);
    const fixed = { syncMs: { least: 2, most: 4 }, bytesPerSecond: { least: 1000, most: 2000 } };
    expect(timeOn(fixed, 4000n, 5)).toEqual({ least: 2010, most: 4020 });
  });
  it("is not known where the folder cannot be written to", async () => {
    writeFileSync(join(folder, "file"), "");
    expect(await diskSpeed(join(folder, "file", "undo"))).toBeUndefined();
  });
});

describe("what the user chose in a dialog", () => {
  it("is written to only where it was chosen to be", async () => {
    const chosen = [join(folder)];
    const desktop = new HostState({ kind: "desktop", version: "", dataFolder: join(folder, ".data"), chooseFiles: async () => chosen });
    const session = new HostSession(desktop);
    const [toRead] = await session.choose("folders");
    const [toWrite] = await session.choose("target");
    const id = desktop.grant(join(folder, "disk.dwvd"));
    const opened = await session.open({ kind: "grant", id });
    const exportTo = async (to: string | undefined) => (await opened.exportFiles({ from: "/", to: to ?? "", name: "out" })).result();
    await expect(exportTo(toRead?.id)).rejects.toMatchObject({ code: "HANDLE_UNKNOWN" });
    expect((await exportTo(toWrite?.id)).to).toBe(join(folder, "out"));
    await expect(opened.planCopy("RAID", { kind: "grant", id })).rejects.toMatchObject({ code: "HANDLE_UNKNOWN" });
    await desktop.close();
  });
});
