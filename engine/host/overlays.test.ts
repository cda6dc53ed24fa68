import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { imageId } from "../contract/index.ts";
import { goldenBytes } from "../testing/golden.ts";
import { HostSession, HostState } from "./session.ts";

const folder = mkdtempSync(join(tmpdir(), "blockscope-overlays-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let sessions = 0;
/** A session of its own, with the image open in it. */
async function session(golden = "created-minimal-4k") {
  const root = join(folder, `root-${sessions}`);
  mkdirSync(root);
  const image = join(root, "disk.dwvd");
  writeFileSync(image, goldenBytes(golden));
  const state = new HostState({ kind: "browser", version: "test", root, dataFolder: join(folder, `data-${sessions++}`) });
  const client = new HostSession(state);
  const base = await client.open({ kind: "folder", path: "disk.dwvd" });
  return { state, client, base, image, root };
}
const label = async (volume: Awaited<ReturnType<HostSession["open"]>>, text: string) =>
  (await (await volume.plan({ operation: "label", inputs: JSON.stringify({ label: text }) })).apply()).result();
type Handle = Awaited<ReturnType<HostSession["open"]>>;

/** Lets go of what a client would let go of. */
const letGo = (...held: object[]) => {
  for (const each of held) (each as Partial<Disposable>)[Symbol.dispose]?.();
};

describe("overlays of an open volume", () => {
  it("takes changes at once, leaves the image alone, and shows what differs in all views of it", async () => {
    const { state, base, image } = await session();
    const bytes = readFileSync(image);
    const overlays = await base.overlays();
    const through = (await overlays.open()) as Handle;
    expect(await through.overview()).toMatchObject({ name: "disk.dwvd · overlay 1", writeState: "overlay", bytesWritten: 0n });
    await label(through, "tried");
    expect(readFileSync(image).equals(bytes)).toBe(true);
    const labelOf = async (volume: Handle) => (await volume.overview()).identity.find((fact) => fact.label === "Label")?.value;
    expect([await labelOf(through), await labelOf(base)]).toEqual(["tried", "none"]);
    expect((await through.overview()).bytesWritten).toBe(0n);
    const check = await through.check();
    expect(await check.result()).toMatchObject({ error: 0, warning: 0 });
    const colouring = await (await (await through.allocationMap()).colouring("overlay")).result();
    expect([colouring.kinds, colouring.starts.subarray(0, 8)]).toEqual([["written"], new Uint8Array(8)]);
    const [row] = await overlays.rows();
    expect(row).toMatchObject({ name: "overlay 1", changes: ['Set the label from "" to "tried".'], current: false });
    expect((await (await through.overlays()).rows())[0]?.current).toBe(true);
    const difference = await overlays.compare(imageId, row?.id ?? "");
    expect(await difference.view()).toMatchObject({ notes: [] });
    const rows = await difference.rows(0, 10);
    expect(rows[0]).toMatchObject({ block: 0n, structure: "SuperblockV2" });
    expect((await difference.change(0)).fields.map(({ path }) => path)).toContain("volumeLabel");
    await expect(difference.rows(0, 100_000)).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    letGo(difference);
    await state.close();
  });
  it("commits to the image, where a plan of it is applied like any other, and then says that the image holds it", async () => {
    const { state, base, image } = await session();
    const through = (await (await base.overlays()).open()) as Handle;
    await label(through, "tried");
    const [row] = await (await base.overlays()).rows();
    await expect((await through.overlays()).planCommit(row?.id ?? "")).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    const plan = await (await base.overlays()).planCommit(row?.id ?? "");
    expect(await plan.view()).toMatchObject({ operation: "overlay-commit", changedBlocks: 10 });
    await expect(plan.apply()).rejects.toMatchObject({ code: "VOLUME_READ_ONLY" });
    await base.enableChanges(true);
    await (await plan.apply()).result();
    plan[Symbol.dispose]();
    expect(readFileSync(image).subarray(0x98, 0x9d).toString()).toBe("tried");
    const difference = await (await base.overlays()).compare(imageId, row?.id ?? "");
    expect(await difference.view()).toMatchObject({ changedBlocks: 0n, notes: ["The image holds 1 of the overlay's changes already."] });
    letGo(difference);
    expect((await base.undoRows()).map(({ operation, problem }) => [operation, problem])).toContainEqual(["overlay-commit", undefined]);
    await state.close();
  });
  it("compares two overlays of one image", async () => {
    const { state, base } = await session();
    const overlays = await base.overlays();
    for (const text of ["one", "two"]) await label((await overlays.open()) as Handle, text);
    const [one, two] = await overlays.rows();
    const difference = await overlays.compare(one?.id ?? "", two?.id ?? "");
    const [first] = await difference.rows(0, 1);
    expect(first?.block).toBe(0n);
    const { fields } = await difference.change(0);
    expect(fields.find(({ path }) => path === "volumeLabel")).toMatchObject({ before: "one", after: "two" });
    letGo(difference);
    await state.close();
  });
  it("closes what is dropped, and forgets it", async () => {
    const { state, base, client } = await session();
    const overlays = await base.overlays();
    const through = (await overlays.open()) as Handle;
    await label(through, "gone");
    const [row] = await overlays.rows();
    await overlays.drop(row?.id ?? "");
    expect([await overlays.rows(), (await client.volumes()).length]).toEqual([[], 1]);
    await expect(overlays.drop(row?.id ?? "")).rejects.toMatchObject({ code: "HANDLE_UNKNOWN" });
    const again = (await overlays.open()) as Handle;
    expect((await again.overview()).identity.find((fact) => fact.label === "Label")?.value).toBe("none");
    await state.close();
  });
  it("finds overlays beside the image too, and follows no link out of that folder", async () => {
    const { state, base, root } = await session();
    const overlays = await base.overlays();
    await label((await overlays.open()) as Handle, "kept");
    const [row] = await overlays.rows();
    const kept = join(row?.folder ?? "", "disk.dwvd overlay 1.bsoverlay");
    expect(existsSync(kept)).toBe(true);
    copyFileSync(kept, join(root, "beside.bsoverlay"));
    mkdirSync(join(folder, `outside-${sessions}`));
    copyFileSync(kept, join(folder, `outside-${sessions}`, "away.bsoverlay"));
    symlinkSync(join(folder, `outside-${sessions}`, "away.bsoverlay"), join(root, "away.bsoverlay"));
    writeFileSync(join(root, "other.bsoverlay"), "no overlay");
    expect((await overlays.rows()).map(({ name }) => name).sort()).toEqual(["beside", "overlay 1"]);
    await state.close();
  });
  it("opens the image of an overlay that is opened as a file, and not one outside the folder", async () => {
    const { state, client, base, root } = await session();
    await label((await (await base.overlays()).open()) as Handle, "kept");
    const [row] = await (await base.overlays()).rows();
    copyFileSync(join(row?.folder ?? "", "disk.dwvd overlay 1.bsoverlay"), join(root, "mine.bsoverlay"));
    const through = await client.open({ kind: "folder", path: "mine.bsoverlay" });
    expect(await through.overview()).toMatchObject({ name: "disk.dwvd · mine", writeState: "overlay" });
    expect((await (await through.overlays()).rows()).find(({ current }) => current)?.name).toBe("mine");
    const other = await session();
    copyFileSync(join(root, "mine.bsoverlay"), join(other.root, "theirs.bsoverlay"));
    await expect(other.client.open({ kind: "folder", path: "theirs.bsoverlay" })).rejects.toMatchObject({ code: "PATH_OUTSIDE_ROOT" });
    await state.close();
    await other.state.close();
  });
  it("says that the image was changed since, and goes on showing nothing mixed", async () => {
    const { state, base } = await session();
    const overlays = await base.overlays();
    const through = (await overlays.open()) as Handle;
    await label(through, "tried");
    await base.enableChanges(true);
    await label(base, "otherwise");
    const [row] = await overlays.rows();
    await expect(overlays.planCommit(row?.id ?? "")).rejects.toMatchObject({ code: "OVERLAY_BASE_CHANGED" });
    await through.close();
    await expect(overlays.open(row?.id ?? "")).rejects.toMatchObject({ code: "OVERLAY_BASE_CHANGED" });
    const difference = await overlays.compare(imageId, row?.id ?? "");
    expect((await difference.view()).notes[0]).toContain("changed since the overlay was made, at block 0");
    letGo(difference);
    await state.close();
  });
});
