import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ModuleReport } from "../contract/index.ts";
import { goldenDevice } from "../testing/golden.ts";
import { patchedDevice } from "../testing/patched-device.ts";
import { checkModules, moduleAt, reportModule } from "./code-modules.ts";
import { OpenVolume } from "./open-volume.ts";

const { signal } = new AbortController();
const open = async (golden: string, patches = new Map<bigint, Uint8Array>()) =>
  OpenVolume.open({ key: golden, name: golden, folder: "", device: await patchedDevice(await goldenDevice(golden), patches) }, () => {});
const slotOf = (opened: OpenVolume) => opened.volume.findRegion("CODE")?.slot ?? -1;
const report = (opened: OpenVolume, index: number): Promise<ModuleReport> => reportModule(opened, slotOf(opened), index, signal, () => {});

describe("the modules of a code cache", () => {
  let opened: OpenVolume;
  beforeAll(async () => {
    opened = await open("populated-showcase");
  });
  afterAll(() => opened.close());

  it("are held against the hashes in their records", async () => {
    const done: number[] = [];
    const checked = await checkModules(opened, slotOf(opened), signal, (progress) => done.push(progress.done));
    expect(checked).toEqual({ matches: 5, differs: 0, unread: 0, failing: [], more: 0 });
    expect(done).toEqual(done.toSorted((a, b) => a - b));
  });
  it("are told with their sections, each at its bytes of the volume", async () => {
    const found = await report(opened, 1);
    expect(found).toMatchObject({ hash: "matches", entryPoint: "add", entry: "exported", tail: "zero", malformed: undefined });
    expect(found.exports).toEqual([{ name: "add", kind: "function", type: "(i32, i32) → i32" }]);
    const head = await moduleAt(opened, slotOf(opened), found.record?.start ?? 0n);
    expect(found.sections[0]?.range.start).toBe((head?.range?.start ?? 0n) + 8n);
    expect(found.sections.at(-1)?.range.end).toBe(head?.range?.end);
  });
  it("are found by a byte of their record or of their own", async () => {
    const slot = slotOf(opened);
    const first = await moduleAt(opened, slot, (await report(opened, 0)).record?.start ?? 0n);
    expect(first).toMatchObject({ index: 0, entryPoint: "_start" });
    expect(await moduleAt(opened, slot, first?.range?.start ?? 0n)).toEqual(first);
    expect(await moduleAt(opened, slot, 0n)).toBeUndefined();
  });
  it("that are not there are refused", async () => {
    await expect(report(opened, 99)).rejects.toMatchObject({ code: "REQUEST_INVALID" });
  });
  it("stop being read when told to", async () => {
    await expect(checkModules(opened, slotOf(opened), AbortSignal.abort(), () => {})).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("a module that was changed", () => {
  it("differs from its record, and is read up to where it is broken", async () => {
    const opened = await open("populated-showcase", new Map([[1478n * 4096n + 8n, Uint8Array.of(99)]]));
    try {
      const checked = await checkModules(opened, slotOf(opened), signal, () => {});
      expect(checked).toMatchObject({ matches: 4, differs: 1, failing: [{ index: 1, entryPoint: "add", hash: "differs" }] });
      const found = await report(opened, 1);
      expect(found.malformed).toEqual({ at: 1478n * 4096n + 8n, text: "there is no section 99" });
      expect(found.entry).toBe("unknown");
    } finally {
      await opened.close();
    }
  });
  it("whose blocks were never written is said to be nothing", async () => {
    const opened = await open("filled-code-typical");
    try {
      expect((await report(opened, 0)).text).toMatch(/all zero: no binary stands there/);
    } finally {
      await opened.close();
    }
  });
  it("whose record names blocks outside the volume is not read", async () => {
    const opened = await open("filled-code-odd-values");
    try {
      const checked = await checkModules(opened, slotOf(opened), signal, () => {});
      expect(checked.unread).toBeGreaterThan(0);
      expect(checked.failing.filter(({ hash }) => hash === "unread").map(({ text }) => text)).toContainEqual(expect.stringMatching(/\d/));
    } finally {
      await opened.close();
    }
  });
});
