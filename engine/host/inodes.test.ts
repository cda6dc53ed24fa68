import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenDevice, goldenJson } from "../testing/golden.ts";
import { describeContent, inodeAt } from "./inodes.ts";
import { OpenVolume } from "./open-volume.ts";
import { permissionText } from "./region-views/inodes.ts";

const open = async (golden: string) =>
  OpenVolume.open({ key: golden, name: golden, folder: "", device: await goldenDevice(golden) }, () => {});
const slotOf = (opened: OpenVolume) => opened.volume.findRegion("INOD")?.slot ?? -1;
const rowsOf = (opened: OpenVolume, sort?: { column: string; descending: boolean }) =>
  opened.contents.rows({ slot: slotOf(opened), table: "inodes", start: 0, count: 500, ...(sort && { sort }) });

describe("the inodes of a volume", () => {
  let opened: OpenVolume;
  beforeAll(async () => {
    opened = await open("populated-showcase");
  });
  afterAll(() => opened.close());
  const files: { path: string; inodeNumber: number; type: number; size: number; sha256: string }[] =
    goldenJson("populated-showcase").inputs.contents.live;

  it("stand in a table with a row each, at the bytes of its record", async () => {
    const view = await opened.contents.view(slotOf(opened));
    expect(view).toMatchObject({ state: "decoded", tables: [{ id: "inodes", rowCount: files.length }] });
    const { rows } = await rowsOf(opened);
    expect(rows.map(({ cells }) => cells[0])).toEqual(files.map(({ inodeNumber }) => BigInt(inodeNumber)));
    expect(rows[0]?.cells.slice(1, 3)).toEqual(["Directory", 64n]);
  });
  it("are sorted by any column", async () => {
    const { rows } = await rowsOf(opened, { column: "size", descending: true });
    expect(rows[0]?.cells[2]).toBe(BigInt(Math.max(...files.map(({ size }) => size))));
  });
  it("give the content that was written, through their extents", async () => {
    const slot = slotOf(opened);
    for (const [index, file] of files.entries()) {
      const content = await describeContent(opened, { slot, index, start: 0n });
      expect(content.size).toBe(BigInt(file.size));
      expect(createHash("sha256").update(content.bytes).digest("hex"), file.path).toBe(file.sha256);
      expect(content.pieces.every(({ state }) => state === "data")).toBe(true);
    }
  });
  it("that are directories name their entries", async () => {
    const content = await describeContent(opened, { slot: slotOf(opened), index: 0, start: 0n });
    const names = files.filter(({ path }) => /^\/[^/]+$/.test(path)).map(({ path }) => path.slice(1));
    expect(content.entries?.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
    expect(content.directoryProblem).toBeUndefined();
  });
  it("are found by a byte of their record, with extents and module fields", async () => {
    const { rows } = await rowsOf(opened);
    const range = rows[3]?.range ?? { start: 0n, end: 0n };
    const inode = await inodeAt(opened, slotOf(opened), range.start + 17n);
    expect(inode).toMatchObject({ index: 3, range, isDirectory: false, type: "File" });
    expect(inode?.extents[0]?.range?.start).toBe((inode?.extents[0]?.startBlock ?? 0n) * 4096n);
    for (const fact of inode?.moduleFields ?? [])
      expect(fact.range && fact.range.start >= range.start && fact.range.end <= range.end).toBe(true);
    expect(await inodeAt(opened, slotOf(opened), 0n)).toBeUndefined();
  });
  it("that are not there are refused", async () => {
    await expect(describeContent(opened, { slot: slotOf(opened), index: 999, start: 0n })).rejects.toMatchObject({
      code: "REQUEST_INVALID",
    });
  });
});

describe("an inode with indirect extents", () => {
  it("has them behind its inline ones", async () => {
    const opened = await open("filled-indirect-extents-4k");
    try {
      const { rows } = await rowsOf(opened);
      const inodes = await Promise.all(rows.map(({ range }) => inodeAt(opened, slotOf(opened), range?.start ?? 0n)));
      const indirect = inodes.filter((inode) => inode && inode.indirectBlocks.length > 0);
      expect(indirect.length).toBeGreaterThan(0);
      for (const inode of indirect) expect(inode?.extents.at(-1)?.source).toBe("indirect");
    } finally {
      await opened.close();
    }
  });
});

describe("a table that was made and never filled", () => {
  it("is said to be so", async () => {
    const opened = await open("created-minimal-4k");
    try {
      expect(await opened.contents.view(slotOf(opened))).toMatchObject({
        state: "decoded",
        tables: [{ rowCount: 0, empty: expect.stringMatching(/in use/) }],
      });
    } finally {
      await opened.close();
    }
  });
});

describe("permissions", () => {
  it("are written as POSIX does", () => {
    expect(permissionText(0o755)).toBe("rwxr-xr-x");
    expect(permissionText(0o640)).toBe("rw-r-----");
  });
});
