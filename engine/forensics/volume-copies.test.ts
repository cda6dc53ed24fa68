import { describe, expect, it } from "vitest";
import { openRemap } from "../remap/device.ts";
import { goldenDevice } from "../testing/golden.ts";
import { patchedDevice } from "../testing/patched-device.ts";
import { openVolume } from "../volume/open.ts";
import { compareFields, differingFirst } from "./compare-copies.ts";
import { remapComparison } from "./remap-copies.ts";
import { volumeComparisons, volumeRows } from "./volume-copies.ts";

async function compared(golden: string, id: string, patches: [bigint, number[]][] = []) {
  const device = await patchedDevice(await goldenDevice(golden), new Map(patches.map(([at, bytes]) => [at, Uint8Array.from(bytes)])));
  const volume = await openVolume(device);
  const comparison = volumeComparisons(volume).find((each) => each.id === id);
  if (!comparison) throw new TypeError(`no copies of ${id}`);
  return { ...comparison, rows: volumeRows(volume, comparison) };
}
const differing = (rows: { differs: boolean; path: string }[]) => rows.filter(({ differs }) => differs).map(({ path }) => path);

describe("the copies of a sound volume", () => {
  it.each(["superblock", "region-tables", "extended-metadata", "integrity-anchor"])("of its %s agree in every field", async (id) => {
    const { copies, rows } = await compared("populated-showcase", id);
    expect(differing(rows)).toEqual([]);
    expect(copies.map(({ state }) => state)).toEqual(copies.map(() => "holds"));
    expect(copies.filter(({ believed }) => believed)).toHaveLength(1);
    expect(rows.every(({ cells }) => cells.every((cell) => cell?.agrees))).toBe(true);
    expect(rows[0]?.vote.reason).toMatch(/^(both|all 3) agree$/);
  });
});

describe("copies of a superblock", () => {
  it("that differ name the one with the higher CheckpointSequence", async () => {
    const { copies, rows, reason } = await compared("damaged-mirror-older", "superblock");
    expect(reason).toMatch(/both hold; CheckpointSequence \d+ of the primary is the higher/);
    expect(copies.map(({ believed }) => believed)).toEqual([true, false]);
    const sequence = rows.find(({ path }) => path === "checkpointSequence");
    expect(sequence).toMatchObject({ differs: true, vote: { copy: 0, reason }, cells: [{ agrees: true }, { agrees: false }] });
    expect(differingFirst(rows)[0]?.differs).toBe(true);
  });
  it("of which one was wiped name the other", async () => {
    const { copies, reason } = await compared("damaged-primary-superblock-zeroed", "superblock");
    expect(copies).toMatchObject([
      { state: "blank", verdict: "all zero", believed: false },
      { state: "holds", believed: true },
    ]);
    expect(reason).toBe("only the mirror holds");
  });
  it("that are both gone leave no one to believe", async () => {
    const { copies, reason } = await compared("damaged-both-superblocks-zeroed", "superblock");
    expect(copies.some(({ believed }) => believed)).toBe(false);
    expect(reason).toMatch(/no majority/);
  });
  it("whose hash fails are damaged, and each cell lies in its own copy", async () => {
    const { copies, rows } = await compared("populated-showcase", "superblock", [[4n * 4096n + 0x40n, [9]]]);
    expect(copies.map(({ state }) => state)).toEqual(["holds", "damaged"]);
    const [row] = rows.filter(({ differs }) => differs);
    expect(row?.cells.map((cell) => cell && cell.start / 4096n)).toEqual([0n, 4n]);
    expect(row?.vote).toEqual({ copy: 0, reason: "only the primary holds" });
  });
});

describe("the three region tables", () => {
  it("that differ in a slot are decided by the tag at its start block", async () => {
    const slotStart = 4096n + 32n * 10n + 8n;
    const { rows, copies } = await compared("populated-showcase", "region-tables", [[slotStart, [1]]]);
    expect(copies.map(({ state }) => state)).toEqual(["holds", "damaged", "holds"]);
    expect(rows.find(({ path }) => path === "slots[10].startBlock")).toMatchObject({ differs: true, vote: { copy: 0 } });
  });
});

describe("a copy that is not there", () => {
  it("stands as missing, with its address", () => {
    const copy = {
      name: "a",
      start: 0n,
      end: 8n,
      state: "holds",
      verdict: "",
      believed: true,
      bytes: new Uint8Array(8),
      rows: [],
    } as const;
    const gone = { ...copy, start: 8n, end: 16n, state: "missing", believed: false, bytes: undefined } as const;
    const row = { path: "x", start: 0n, end: 8n, kind: "number", type: "u64", text: "0" } as const;
    const [compared] = compareFields({ copies: [{ ...copy, rows: [row] }, gone], reason: "only one holds" });
    expect(compared).toMatchObject({ differs: true, cells: [{ agrees: true }, undefined], vote: { copy: 0, reason: "only one holds" } });
  });
});

describe("the copies of dm-remap metadata", () => {
  it("are compared by the same fields, with the reader's own choice", async () => {
    const device = await openRemap(await goldenDevice("dmrm-d-version-conflict", "dm-remap"), { now: 1_800_000_000n });
    const [reading] = device?.readings ?? [];
    if (!reading) throw new TypeError("no metadata");
    const comparison = remapComparison(reading);
    expect(comparison.copies).toHaveLength(5);
    const rows = compareFields(comparison);
    expect(differing(rows)).toContain("integrity.version_counter");
    expect(rows.find(({ path }) => path === "integrity.version_counter")?.vote.reason).toMatch(/version_counter/);
  });
});
