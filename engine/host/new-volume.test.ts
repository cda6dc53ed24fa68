import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runCommandLine } from "../cli/run.ts";
import { openFileDevice } from "../device/index.ts";
import { openVolume } from "../volume/open.ts";
import { ticksText } from "./engine.ts";
import { HostSession, HostState } from "./session.ts";

let folder = "";
let state: HostState;
let session: HostSession;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "blockscope-new-"));
  state = new HostState({ kind: "browser", version: "", root: folder, dataFolder: join(folder, ".data") });
  session = new HostSession(state);
});
afterEach(async () => {
  await state.close();
  rmSync(folder, { recursive: true, force: true });
});
const small = { profile: "standard", blockBytes: 4096, blocks: 2048n, label: "month end" };
const at = (name: string, path = "") => ({ kind: "folder" as const, path, name });

describe("a new volume from the window", () => {
  it("has the same bytes as the command line gives for the same inputs", async () => {
    const plan = await session.newVolume(small, at("new.dwvd"));
    const view = await plan.view();
    expect(view).toMatchObject({ name: "new.dwvd", freeBlocks: 2048n - (await session.layoutOfNew(small)).metadataBlocks });
    expect(readdirSync(folder)).not.toContain("new.dwvd");
    const created = await (await plan.create()).result();
    expect(created).toMatchObject({ name: "new.dwvd", findings: { error: 0, warning: 0 } });
    expect(state.volumes.get(created.id)?.source.path).toBe(join(folder, "new.dwvd"));
    const device = await openFileDevice(join(folder, "new.dwvd"));
    const { superblock } = await openVolume(device);
    await device.close();
    const time = ticksText(superblock?.createdTimestampUtc ?? 0n) ?? "";
    const args = [
      "--profile",
      "standard",
      "--blocks",
      "2048",
      "--label",
      "month end",
      "--uuid",
      superblock?.volumeUuid ?? "",
      "--now",
      time,
    ];
    const said = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    expect(await runCommandLine(["create", join(folder, "other.dwvd"), ...args, "--yes", "--json"])).toBe(0);
    said.mockRestore();
    expect(readFileSync(join(folder, "new.dwvd")).equals(readFileSync(join(folder, "other.dwvd")))).toBe(true);
  });
  it("is laid out before it is made, and what does not fit is said with the number that does", async () => {
    const fewest = (await session.layoutOfNew(small)).fewestBlocks;
    const layout = await session.layoutOfNew({ ...small, blocks: 1024n });
    expect(layout.problem).toBe(`1024 blocks hold no data region with this profile. ${fewest} is the smallest that does.`);
    const fitting = await session.layoutOfNew({ ...small, blocks: fewest });
    expect([fitting.problem, fitting.dataBlocks]).toEqual([undefined, 1n]);
    expect(await session.layoutOfNew({ ...small, blocks: fewest - 1n })).toMatchObject({ dataBlocks: 0n, problem: expect.any(String) });
    expect(await session.layoutOfNew({ ...small, blockBytes: 512 })).toMatchObject({
      problem: "Block sizes below 4096 cannot hold the region tables.",
      regions: [],
    });
    const own = await session.layoutOfNew({ modules: ["Snapshot", "Tags"], blockBytes: 4096, blocks: 4096n });
    expect(own.regions.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["SNAP", "TAGI", "DATA"]));
    const unstorable = (await session.volumeChoices()).modules.filter(({ problem }) => problem !== undefined);
    expect(unstorable.map(({ id }) => id)).toEqual([32, 33, 34, 35, 36, 37, 38]);
  });
  it("takes no place of a file that is there, and no place outside the folder", async () => {
    writeFileSync(join(folder, "taken"), "kept");
    mkdirSync(join(folder, "in"));
    symlinkSync(tmpdir(), join(folder, "out"));
    await expect(session.newVolume(small, at("taken"))).rejects.toMatchObject({ code: "FILE_EXISTS" });
    for (const place of [at("../x"), at(".."), at(""), at("x", ".."), at("x", "out"), at("x", "/etc")])
      await expect(session.newVolume(small, place)).rejects.toMatchObject({ code: "PATH_OUTSIDE_ROOT" });
    await expect(session.newVolume(small, { kind: "grant", id: "/tmp/x" })).rejects.toMatchObject({ code: "HANDLE_UNKNOWN" });
    expect(readFileSync(join(folder, "taken"), "utf8")).toBe("kept");
    await (await (await session.newVolume(small, at("new.dwvd", "in"))).create()).result();
    expect(readdirSync(join(folder, "in"))).toEqual(["new.dwvd"]);
  });
  it("is taken away again when it is cancelled, and never takes a file's place that appeared meanwhile", async () => {
    const plan = await session.newVolume(small, at("new.dwvd"));
    const task = await plan.create();
    await task.cancel();
    await expect(task.result()).rejects.toMatchObject({ name: "AbortError" });
    expect(readdirSync(folder)).not.toContain("new.dwvd");
    writeFileSync(join(folder, "new.dwvd"), "theirs");
    await expect((await plan.create()).result()).rejects.toMatchObject({ code: "FILE_EXISTS" });
    expect(readFileSync(join(folder, "new.dwvd"), "utf8")).toBe("theirs");
  });
});
