import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BlockDevice } from "../device/block-device.ts";
import type { MemoryDevice } from "../device/memory-device.ts";
import { MemoryDevice as Memory } from "../device/memory-device.ts";
import { OverlayDevice } from "../device/overlay-device.ts";
import { checkVolume } from "../forensics/check.ts";
import { extentFlag } from "../format/core/index.ts";
import { replCodec } from "../format/regions/repl.ts";
import { commitTransaction } from "../journal/transaction.ts";
import { filesOf, memorySource, someBytes, type TestFile } from "../testing/file-sources.ts";
import { goldenDevice } from "../testing/golden.ts";
import { describeOperationSafety } from "../testing/operation-safety.ts";
import { now, volumeDevice } from "../testing/small-volume.ts";
import { FileTree } from "../volume/file-tree.ts";
import { extentsOf } from "../volume/inode-content.ts";
import { openVolume } from "../volume/open.ts";
import { loadRegionBlocks } from "../volume/region-readers/coded-region.ts";
import { VolumeEdit } from "../volume/volume-edit.ts";
import { importFiles } from "./import-files.ts";
import { applyPlan, type OperationPlan, previewVolume } from "./operation.ts";
import { undoOperation } from "./undo.ts";
import { encodeUndoBundle, readUndoBundle } from "./undo-bundle.ts";

/** Behind every time that the volumes carry. */
const later = 640_000_000_000_000_000n;
const planOn = async (device: BlockDevice, files: readonly TestFile[], to = "/") =>
  importFiles.plan(await openVolume(device), { source: memorySource(files), to }, { now: later });
const importInto = async (device: BlockDevice, files: readonly TestFile[], to = "/") => applyPlan(device, await planOn(device, files, to));
const graveFindings = async (device: BlockDevice, deep = false) =>
  (await checkVolume(await openVolume(device), { deep }))
    .filter(({ severity }) => severity !== "info")
    .map(({ rule, title }) => `${rule}: ${title}`);

/** What a volume holds after an import, by path. */
const expected = (files: readonly TestFile[]) =>
  new Map<string, Uint8Array | undefined>([
    ["/", undefined],
    ...files.map(({ path, bytes }): [string, Uint8Array | undefined] => [path, bytes && Buffer.from(bytes)]),
  ]);
const sorted = (files: Map<string, Uint8Array | undefined>) => [...files].sort(([a], [b]) => (a < b ? -1 : 1));

/** Allocates every second block of the data region, so that no free run is longer than one. */
async function fragment(device: MemoryDevice, keepFree: bigint): Promise<void> {
  const volume = await openVolume(device);
  const data = volume.dataRegion;
  if (!data) throw new TypeError("there is a data region");
  const edit = await VolumeEdit.begin(volume);
  for (let block = data.startBlock; block < data.startBlock + data.blockCount - keepFree; block += 2n) await edit.mark(block, 1n, true);
  const { images } = await edit.finish({ now });
  await commitTransaction(
    device,
    edit.log,
    images.map(({ block, after }) => ({ targetBlock: block, image: after })),
    { now },
  );
}

const mixed: TestFile[] = [
  { path: "/empty", bytes: new Uint8Array(0) },
  { path: "/folder" },
  { path: "/folder/one", bytes: someBytes(1, 1) },
  { path: "/folder/block", bytes: someBytes(4096, 2) },
  { path: "/folder/more", bytes: someBytes(4097, 3) },
  { path: "/folder/inner" },
  { path: "/folder/inner/ümlaut 🙂.txt", bytes: someBytes(12_000, 4) },
];

describe("importing files", () => {
  it("puts them into inodes and extents, and nothing above information is found", async () => {
    const device = await volumeDevice();
    await importInto(device, mixed);
    expect(sorted(await filesOf(device))).toEqual(sorted(expected(mixed)));
    expect(await graveFindings(device, true)).toEqual([]);
    const tree = await FileTree.open(await openVolume(device));
    expect(tree.root?.inode).toMatchObject({ linkCount: 3, permissions: 0o755, modifiedUtc: later });
    expect((await tree.resolve(["folder"])).inode).toMatchObject({ linkCount: 3, permissions: 0o750, modifiedUtc: now - 10n });
    expect((await tree.resolve(["folder", "more"])).inode).toMatchObject({
      permissions: 0o640,
      size: 4097n,
      allocatedSize: 8192n,
      createdUtc: now - 20n,
      modifiedUtc: now - 10n,
      changedUtc: later,
    });
  });
  it.each(["standard", "enterprise", "max-security", "analytics"])(
    "leaves a %s volume sound, with its modules' inode fields",
    async (profile) => {
      const device = await volumeDevice({ profile, totalBlocks: 4096n });
      await importInto(device, mixed, "/into/here");
      expect([...(await filesOf(device)).keys()]).toContain("/into/here/folder/inner/ümlaut 🙂.txt");
      expect(await graveFindings(device, true)).toEqual([]);
    },
  );
  it.each([8192, 16_384, 32_768, 65_536])("works with blocks of %i bytes, indirect extents included", async (blockBytes) => {
    const device = await volumeDevice({ blockBytes, totalBlocks: 2800n });
    await fragment(device, 20n);
    const files = [{ path: "/pieces", bytes: someBytes(blockBytes * 400 + 3, 5) }, ...mixed];
    await importInto(device, files);
    const tree = await FileTree.open(await openVolume(device));
    const { extents, indirectBlocks } = await extentsOf(tree.volume, (await tree.resolve(["pieces"])).inode);
    expect([extents.length, indirectBlocks.length > 0]).toEqual([401, true]);
    expect(sorted(await filesOf(device))).toEqual(sorted(expected(files)));
  });
  it("needs indirect blocks behind pointers where free space is in pieces", async () => {
    const device = await volumeDevice({ totalBlocks: 4000n });
    await fragment(device, 16n);
    const files = [{ path: "/pieces", bytes: someBytes(4096 * 900, 6) }];
    await importInto(device, files);
    expect(sorted(await filesOf(device))).toEqual(sorted(expected(files)));
    const { inode } = await (await FileTree.open(await openVolume(device))).resolve(["pieces"]);
    expect([inode.extentCount, inode.indirectExtentBlock > 0n, inode.doubleIndirectBlock > 0n]).toEqual([8, true, true]);
    // The blocks that the test itself allocated belong to nothing.
    expect((await graveFindings(device)).filter((finding) => !finding.startsWith("bmap.unowned"))).toEqual([]);
  });
  it("keeps holes as hole extents that own no blocks", async () => {
    const device = await volumeDevice();
    const bytes = new Uint8Array(20 * 4096 + 7);
    bytes.set(someBytes(5000, 7), 4096 * 3 + 100);
    const files = [
      {
        path: "/sparse",
        bytes,
        holes: [
          { start: 0, end: 4096 * 3 },
          { start: 4096 * 5, end: bytes.length },
        ],
      },
    ];
    const free = (await openVolume(device)).superblock?.freeBlocks ?? 0n;
    await importInto(device, files);
    const tree = await FileTree.open(await openVolume(device));
    const { inode } = await tree.resolve(["sparse"]);
    expect(inode.extents.slice(0, 3)).toMatchObject([
      { startBlock: 0n, blockCount: 3, flags: extentFlag.hole, logicalOffset: 0n },
      { blockCount: 2, flags: 0, logicalOffset: 12_288n },
      { startBlock: 0n, blockCount: 16, flags: extentFlag.hole, logicalOffset: 20_480n },
    ]);
    // Two blocks of data and one of the root.
    expect([inode.allocatedSize, tree.volume.superblock?.freeBlocks]).toEqual([8192n, free - 3n]);
    expect(sorted(await filesOf(device))).toEqual(sorted(expected(files)));
    expect(await graveFindings(device)).toEqual([]);
  });
  it("adds to folders that are there and gives their old blocks back", async () => {
    const device = await volumeDevice();
    await importInto(device, mixed);
    const free = (await openVolume(device)).superblock?.freeBlocks ?? 0n;
    await importInto(device, [{ path: "/folder" }, { path: "/folder/new", bytes: someBytes(10, 8) }]);
    expect((await openVolume(device)).superblock?.freeBlocks).toBe(free - 1n);
    expect(sorted(await filesOf(device))).toEqual(sorted(expected([...mixed, { path: "/folder/new", bytes: someBytes(10, 8) }])));
    expect(await graveFindings(device, true)).toEqual([]);
  });
  it("splits what the log cannot hold between files, and each step leaves a whole volume", async () => {
    const files: TestFile[] = Array.from({ length: 700 }, (_, index) => ({
      path: `/file ${index}`,
      bytes: someBytes(1 + (index % 5), index),
    }));
    const device = await volumeDevice({ totalBlocks: 2500n });
    const plan = await planOn(device, files);
    expect(plan.steps.length).toBe(2);
    for (const count of [1, 2]) {
      const layer = new OverlayDevice(device);
      await applyPlan(layer, { ...plan, steps: plan.steps.slice(0, count) });
      expect(await graveFindings(layer)).toEqual([]);
    }
    await applyPlan(device, plan);
    expect((await filesOf(device)).size).toBe(701);
    const preview = await previewVolume(await openVolume(await volumeDevice({ totalBlocks: 2500n })), plan);
    expect((await FileTree.open(preview)).root?.inode.size).toBe((await FileTree.open(await openVolume(device))).root?.inode.size);
  });
  it("is undone to the byte, in steps too", async () => {
    const files: TestFile[] = Array.from({ length: 650 }, (_, index) => ({ path: `/f${index}`, bytes: someBytes(3, index) }));
    const device = await volumeDevice({ totalBlocks: 2500n });
    await importInto(device, mixed);
    // Free blocks that hold something: their old bytes come back as well.
    device.bytes.fill(0x5a, 2000 * 4096, 2300 * 4096);
    const before = device.bytes.slice();
    const plan = await planOn(device, files);
    const parts: Uint8Array[] = [];
    await applyPlan(device, plan, {
      saveUndo: async (volume) => {
        for await (const part of encodeUndoBundle(volume, plan, "image")) parts.push(part);
        return "bundle";
      },
    });
    const bundle = await readUndoBundle(new Memory(Buffer.concat(parts)));
    await applyPlan(device, await undoOperation.plan(await openVolume(device), { bundle }, { now: later + 1n }));
    const { region } = (await openVolume(device)).log ?? {};
    if (!region) throw new TypeError("there is a log");
    const [logStart, logEnd] = [Number(region.startBlock) * 4096, Number(region.startBlock + region.blockCount) * 4096];
    expect(Buffer.compare(device.bytes.subarray(0, logStart), before.subarray(0, logStart))).toBe(0);
    expect(Buffer.compare(device.bytes.subarray(logEnd), before.subarray(logEnd))).toBe(0);
  });
  it("refuses what cannot be, and says the number that would", async () => {
    const device = await volumeDevice();
    const big = [{ path: "/big", bytes: new Uint8Array(4096 * 500) }];
    await expect(planOn(device, big)).rejects.toMatchObject({ code: "SPACE_NEEDED", data: { needed: 500n, free: 201n } });
    await expect(planOn(device, [])).rejects.toMatchObject({ code: "NOTHING_TO_IMPORT" });
    await importInto(device, mixed);
    await expect(planOn(device, [{ path: "/empty", bytes: someBytes(1, 1) }])).rejects.toMatchObject({ code: "ENTRY_EXISTS" });
    await expect(planOn(device, [{ path: "/x", bytes: someBytes(1, 1) }], "/empty")).rejects.toMatchObject({ code: "ENTRY_EXISTS" });
    for (const path of ["/..", "/a\0b", `/${"n".repeat(256)}`, "/\ud800"])
      await expect(planOn(device, [{ path, bytes: someBytes(1, 1) }]), path).rejects.toMatchObject({ code: "NAME_NOT_STORABLE" });
  });
  it("finds its way in a volume with every module whose regions are filled", async () => {
    const device = new OverlayDevice(await goldenDevice("populated-all-modules"));
    const rules = async () => new Set((await graveFindings(device)).map((finding) => finding.split(":")[0]));
    const before = await rules();
    const files = await filesOf(device);
    await importInto(device, mixed, "/new");
    const after = await filesOf(device);
    for (const [path, bytes] of files) expect(after.get(path), path).toEqual(bytes);
    expect(after.get("/new/folder/more")).toEqual(Buffer.from(someBytes(4097, 3)));
    // Its tags name inodes that it does not have: that shows once there are inodes to hold them against.
    expect([...(await rules())].filter((rule) => !before.has(rule))).toEqual(["tagi.inode-missing"]);
  });
  it("leaves snapshots as they are: what they own is neither freed nor written", async () => {
    const device = new OverlayDevice(await goldenDevice("populated-showcase"));
    await importInto(device, mixed);
    expect([...(await filesOf(device)).keys()]).toEqual(expect.arrayContaining(["/docs/Messplan.md", "/folder/inner/ümlaut 🙂.txt"]));
    expect(await graveFindings(device, true)).toEqual([]);
    const volume = await openVolume(device);
    const state = volume.findRegion("REPL");
    if (!state || !volume.dataRegion) throw new TypeError("the golden has a replication state");
    const dirty = replCodec.read(await loadRegionBlocks(volume, state, 1_048_576)).content?.dirtyBlocks ?? [];
    const { inode } = await (await FileTree.open(volume)).resolve(["folder", "block"]);
    expect(dirty).toContain(Number((inode.extents[0]?.startBlock ?? 0n) - volume.dataRegion.startBlock));
  });
  it("brings back whatever tree was put in", async () => {
    const size = fc.oneof(
      fc.integer({ min: 0, max: 20 }),
      fc.constantFrom(4095, 4096, 4097, 8191, 8192, 8193),
      fc.integer({ min: 0, max: 60_000 }),
    );
    const name = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
      .filter((text) => !/[/\0]/.test(text) && text !== "." && text !== ".." && text.isWellFormed());
    const file = fc.record({ folder: fc.nat(5), name, size, seed: fc.nat(1000), hole: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(name, { maxLength: 5 }),
        fc.array(file, { maxLength: 25 }),
        fc.boolean(),
        async (folders, files, isPieces) => {
          const tree = new Map<string, TestFile>();
          let at = "";
          const paths = [""];
          for (const folder of folders) {
            at = `${at}/${folder}`;
            paths.push(at);
            tree.set(at, { path: at });
          }
          for (const each of files) {
            const path = `${paths[each.folder % paths.length]}/${each.name}`;
            if (tree.has(path)) continue;
            const bytes = someBytes(each.size, each.seed);
            const holes = each.hole && each.size > 12_288 ? [{ start: 4096, end: 8192 }] : [];
            for (const { start, end } of holes) bytes.fill(0, start, end);
            tree.set(path, { path, bytes, holes });
          }
          if (tree.size === 0) return;
          const device = await volumeDevice({ totalBlocks: 2500n });
          if (isPieces) await fragment(device, 8n);
          await importInto(device, [...tree.values()]);
          expect(sorted(await filesOf(device))).toEqual(sorted(expected([...tree.values()])));
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);
});

/** Applies a plan as a host does: content of free blocks is written with the undo bundle. */
const applyWithBundle = async (device: BlockDevice, plan: OperationPlan): Promise<void> => {
  await applyPlan(device, plan, {
    saveUndo: async (volume, _plan, options) => {
      for await (const part of encodeUndoBundle(volume, plan, "image", options)) expect(part.length).toBeGreaterThan(0);
      return "bundle";
    },
  });
};

describe("importing into one transaction", () => {
  describeOperationSafety({
    before: () => volumeDevice(),
    act: async (device) => applyWithBundle(device, await planOn(device, mixed.slice(0, 5))),
  });
});

describe("importing in steps", () => {
  const files: TestFile[] = Array.from({ length: 30 }, (_, index) => ({ path: `/${index}`, bytes: someBytes(index % 3, index) }));
  // Of 16 blocks four are left for inodes: the second step takes what is beyond 24 objects.
  const planSteps = async (device: BlockDevice) =>
    importFiles.plan(await openVolume(device), { source: memorySource(files), to: "/", mostLogBlocks: 16 }, { now: later });
  it("stops at whole steps when it is cancelled", async () => {
    const device = await volumeDevice();
    const plan = await planSteps(device);
    expect(plan.steps.length).toBe(2);
    const stop = new AbortController();
    const onPhase = (phase: string, step: number) => void (step === 0 && phase === "verify" && stop.abort());
    await expect(applyPlan(device, plan, { signal: stop.signal, onPhase })).rejects.toMatchObject({ name: "AbortError" });
    expect((await filesOf(device)).size).toBeGreaterThan(10);
    expect(await graveFindings(device)).toEqual([]);
  });
  describeOperationSafety({
    before: () => volumeDevice(),
    act: async (device) => applyWithBundle(device, await planSteps(device)),
    between: async () => {
      const states: BlockDevice[] = [];
      const { steps } = await planSteps(await volumeDevice());
      for (let count = 1; count < steps.length; count++) {
        const device = await volumeDevice();
        await applyPlan(device, { ...(await planSteps(device)), steps: steps.slice(0, count) });
        states.push(device);
      }
      return states;
    },
    mostStates: 5000,
  });
});
