import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFileDevice } from "../device/index.ts";
import { setLabel } from "../operations/set-label.ts";
import { now, volumeDevice } from "../testing/small-volume.ts";
import { applyToPath, withVolume } from "./changes.ts";
import { OpenVolume } from "./open-volume.ts";
import { planUndo } from "./operations.ts";
import { PlanHost } from "./plan.ts";
import { QueueHost } from "./queue-host.ts";
import { bundleOf, listUndo } from "./undo-list.ts";

let folder: string;
let path: string;
let opened: OpenVolume;
const held = process.env.BLOCKSCOPE_DATA_DIR;

const open = async () =>
  OpenVolume.open(
    { key: path, path, name: "disk.dwvd", folder, device: await openFileDevice(path), dataFolder: join(folder, "data") },
    () => {},
  );
const queueOf = (volume: OpenVolume) => new QueueHost(volume, async (name) => join(folder, name));
const label = (text: string) => ({ operation: "label", inputs: JSON.stringify({ label: text }) });
const module = (name: string) => ({ operation: "module.add", inputs: JSON.stringify({ module: name }) });
const titles = async (volume: OpenVolume) => (await queueOf(volume).view()).entries.map(({ title }) => title);
const plansOf = async (volume: OpenVolume) => (await queueOf(volume).view()).entries.map(({ planId }) => planId ?? "");
const labelAt = () => withVolume(path, async (volume) => volume.superblock?.volumeLabel.text);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "blockscope-queue-"));
  process.env.BLOCKSCOPE_DATA_DIR = join(folder, "data");
  path = join(folder, "disk.dwvd");
  writeFileSync(path, (await volumeDevice()).bytes);
  opened = await open();
});
afterEach(async () => {
  await opened.close();
  if (held === undefined) delete process.env.BLOCKSCOPE_DATA_DIR;
  else process.env.BLOCKSCOPE_DATA_DIR = held;
  rmSync(folder, { recursive: true });
});

describe("the queue of a volume", () => {
  it("is kept across a restart with its order, and shown without a byte of the file changed", async () => {
    const before = readFileSync(path);
    const queue = queueOf(opened);
    await queue.add(label("one"));
    await queue.add(module("AuditLog"));
    const shown = await queue.view();
    expect(shown.entries).toMatchObject([
      { title: "Set the label", detail: 'Set the label from "before" to "one".', state: "planned", changed: 10, written: 0n },
      { title: "Add module AuditLog", state: "planned" },
    ]);
    expect(shown.figures.find((figure) => figure.label === "Sequence")).toMatchObject({ before: 1n, after: 3n });
    expect(shown.worstCase).toContain("you lose nothing");

    await opened.show("queue");
    expect(opened.volume.superblock?.volumeLabel.text).toBe("one");
    expect(opened.volume.findRegion("ALOG")).toBeDefined();
    expect(opened.stored.volume.superblock?.volumeLabel.text).toBe("before");
    await opened.close();

    opened = await open();
    expect(opened.lens).toBe("stored");
    expect(await queueOf(opened).view()).toMatchObject({ entries: shown.entries, figures: shown.figures });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("is applied in its order, each change with an undo bundle of its own, and empties as it goes", async () => {
    const queue = queueOf(opened);
    await queue.add(label("one"));
    await queue.add(module("AuditLog"));
    await expect(queue.apply(await plansOf(opened))).rejects.toMatchObject({ code: "VOLUME_READ_ONLY" });
    opened.enableChanges(true);
    const task = await queue.apply(await plansOf(opened));
    expect(await task.result()).toMatchObject({ applied: [{ operation: "label" }, { operation: "module.add" }], left: 0 });
    expect(await labelAt()).toBe("one");
    expect(opened.volume.findRegion("ALOG")).toBeDefined();
    expect(opened.writeState.bytesWritten).toBeGreaterThan(0n);
    expect(await titles(opened)).toEqual([]);

    const rows = await listUndo(opened);
    expect(rows.map(({ title, problem }) => [title, problem === undefined])).toEqual([
      ["Add module AuditLog", true],
      ["Set the label", false],
    ]);
    const { plan, close } = await planUndo(opened.stored.volume, await bundleOf(opened, rows[0]?.id ?? ""), { now: now + 9n });
    await (await new PlanHost(opened, plan, { close }).apply()).result();
    await close();
    expect(opened.volume.findRegion("ALOG")).toBeUndefined();
    const after = await listUndo(opened);
    expect(after.filter(({ problem }) => problem === undefined).map(({ title }) => title)).toEqual([
      "Undo: Add module AuditLog",
      "Set the label",
    ]);
  });

  it("lets only independent neighbours trade places, and keeps times in their order", async () => {
    const queue = queueOf(opened);
    await queue.add(label("one"));
    await queue.add(label("two"));
    await queue.add(module("AuditLog"));
    const { entries } = await queue.view();
    await expect(queue.move(entries[1]?.id ?? "", "up")).rejects.toMatchObject({
      code: "QUEUE_ORDER_MATTERS",
      data: { first: 1, second: 2 },
    });
    await queue.move(entries[2]?.id ?? "", "up");
    expect(await titles(opened)).toEqual(["Set the label", "Add module AuditLog", "Set the label"]);
    opened.enableChanges(true);
    await (await queue.apply(await plansOf(opened))).result();
    expect(await labelAt()).toBe("two");
  });

  it("refuses at once what cannot be made, and lets what became impossible be removed", async () => {
    const queue = queueOf(opened);
    await expect(queue.add(module("Nonsense"))).rejects.toMatchObject({ code: "MODULE_UNKNOWN" });
    await queue.add(module("AuditLog"));
    await expect(queue.add(module("AuditLog"))).rejects.toMatchObject({ code: "MODULE_NOT_ADDABLE" });
    await queue.add({ operation: "config", inputs: JSON.stringify({ levels: { AuditLog: 2 } }) });
    const [first, second] = (await queue.view()).entries;
    await queue.remove(first?.id ?? "");
    expect((await queue.view()).entries).toMatchObject([{ id: second?.id, state: "failed", failure: { code: expect.any(String) } }]);
    await queue.clear();
    expect(await titles(opened)).toEqual([]);
  });

  it("stops before a change that would do something else than was shown, and keeps what is left", async () => {
    const queue = queueOf(opened);
    await queue.add(label("one"));
    const shown = await plansOf(opened);
    const plan = await withVolume(path, (volume) => setLabel.plan(volume, { label: "from elsewhere" }, { now: now + 1n }));
    await applyToPath(path, plan, {});
    const before = readFileSync(path);
    opened.enableChanges(true);
    const task = await queue.apply(shown);
    await expect(task.result()).rejects.toMatchObject({ code: "QUEUE_STALE", data: { change: 1 } });
    expect(readFileSync(path).equals(before)).toBe(true);
    expect((await queue.view()).entries).toMatchObject([{ state: "planned", failure: { code: "QUEUE_STALE" } }]);
    // Looked at again it is applied.
    await (await queue.apply(await plansOf(opened))).result();
    expect(await labelAt()).toBe("one");
  });

  it("stops behind the change that is being made when it is cancelled", async () => {
    const queue = queueOf(opened);
    for (const text of ["one", "two", "three"]) await queue.add(label(text));
    opened.enableChanges(true);
    const task = await queue.apply(await plansOf(opened));
    await task.cancel();
    const { applied, left } = await task.result();
    expect(applied.length + left).toBe(3);
    expect(left).toBeGreaterThan(0);
    expect(await titles(opened)).toHaveLength(left);
  });

  it("sets a damaged file aside and says so", async () => {
    await queueOf(opened).add(label("one"));
    await opened.close();
    const queues = join(folder, "data", "queues");
    const [file = ""] = readdirSync(queues);
    writeFileSync(join(queues, file), readFileSync(join(queues, file), "utf8").slice(0, 100));
    opened = await open();
    expect(await queueOf(opened).view()).toMatchObject({ entries: [], problem: expect.stringContaining("set aside") });
    expect(readdirSync(queues)).toEqual([`${file}.broken`]);
    await queueOf(opened).add(label("two"));
    expect(await titles(opened)).toEqual(["Set the label"]);
  });

  it("keeps paths of this system for files that a client names", async () => {
    writeFileSync(join(folder, "note.txt"), "a note");
    await queueOf(opened).add({ operation: "import", inputs: JSON.stringify({ paths: ["note.txt"] }) });
    const [file = ""] = readdirSync(join(folder, "data", "queues"));
    expect(readFileSync(join(folder, "data", "queues", file), "utf8")).toContain(JSON.stringify(join(folder, "note.txt")));
    expect((await queueOf(opened).view()).entries).toMatchObject([{ title: "Import files", state: "planned" }]);
    rmSync(join(folder, "note.txt"));
    await opened.close();
    opened = await open();
    expect((await queueOf(opened).view()).entries).toMatchObject([{ state: "failed", failure: { code: "DEVICE_NOT_FOUND" } }]);
    await opened.show("queue");
    expect(opened.volume.superblock).toEqual(opened.stored.volume.superblock);
  });

  it("does not make a change twice that was made when the host was stopped in it", async () => {
    const queue = queueOf(opened);
    await queue.add(label("one"));
    await queue.add(label("two"));
    await opened.close();
    const file = join(folder, "data", "queues", readdirSync(join(folder, "data", "queues"))[0] ?? "");
    const kept = JSON.parse(readFileSync(file, "utf8"));
    const [first] = kept.entries;
    const stopped = JSON.stringify({ ...kept, making: { id: first.id, sequence: "1", steps: 1 } });

    // Stopped before the commit: nothing was made.
    writeFileSync(file, stopped);
    opened = await open();
    expect(await titles(opened)).toHaveLength(2);
    await opened.close();

    writeFileSync(file, stopped);
    await applyToPath(path, await withVolume(path, (volume) => setLabel.plan(volume, { label: "one" }, { now: BigInt(first.now) })), {});
    opened = await open();
    expect(await queueOf(opened).view()).toMatchObject({
      entries: [{ detail: 'Set the label from "one" to "two".' }],
      problem: expect.stringContaining("was made before Blockscope was stopped"),
    });
    await opened.close();
    opened = await open();
    expect(await titles(opened)).toHaveLength(1);
  });

  it("is not kept for a volume that cannot be changed", async () => {
    const remote = await OpenVolume.open({ key: "r", name: "r", folder: "", device: await volumeDevice() }, () => {});
    await expect(queueOf(remote).add(label("one"))).rejects.toMatchObject({ code: "VOLUME_READ_ONLY" });
    await remote.close();
  });
});
