import { describe, expect, it } from "vitest";
import { MemoryDevice } from "../../device/memory-device.ts";
import { goldenBytes } from "../../testing/golden.ts";
import { remapGoldens } from "../../testing/remap-goldens.ts";
import { OpenVolume } from "../open-volume.ts";
import { VolumeHost } from "../volume.ts";

const open = async (name: string) => {
  const device = new MemoryDevice(goldenBytes(name, "dm-remap"), { name, writable: false });
  const opened = await OpenVolume.open({ key: name, name, folder: "", device }, () => {});
  await opened.check(new AbortController().signal, () => {});
  return { opened, host: new VolumeHost(opened, () => opened.close()) };
};

describe("a dm-remap device in the host", () => {
  it("says what it is, which copy is believed, and where the copies lie", async () => {
    const { host } = await open("dmrm-d-version-conflict");
    const overview = await host.overview();
    expect(overview).toMatchObject({ kind: "dm-remap", blockNoun: "sector", blockBytes: 512, findings: { error: 2 } });
    expect(overview.headline).toContain("version_counter 13 is the largest of the 4 valid copies");
    expect(overview.identity).toContainEqual(expect.objectContaining({ label: "Copies valid", value: "4 of 5" }));
    expect(overview.health.find(({ id }) => id === "sums")).toMatchObject({ state: "error" });
    const layout = await host.layout();
    expect(layout.stored.map(({ startBlock, usedBlocks }) => [startBlock, usedBlocks])).toEqual(
      [0n, 1024n, 2048n, 4096n, 8192n].map((sector) => [sector, 9n]),
    );
    expect(layout.stored[3]?.problem).toContain("fails spare_devices.spare_info_crc");
    const [tree] = await host.tree();
    expect(tree?.children?.[2]).toMatchObject({ name: "copy 2 · chosen", range: { start: 1_048_576n, end: 1_053_035n } });
    expect(tree?.children?.[2]?.children?.map(({ name }) => name)).toContain("version_header");
    await host.close();
  });
  it("names field, copy and the other copies' values for a byte", async () => {
    const { host } = await open("dmrm-d-version-conflict");
    const found = await host.describe({ start: 1_048_576n + 40n, end: 1_048_576n + 48n });
    expect(found.title).toBe("integrity.version_counter");
    expect(found.trail.map(({ label }) => label)).toEqual([
      "dmrm-d-version-conflict",
      "DMRM copy 2",
      "integrity",
      "integrity.version_counter",
    ]);
    expect(found.checkedAgainst.map(({ value, agrees }) => [value, agrees])).toEqual([
      ["12", false],
      ["12", false],
      ["14", false],
      ["11", false],
    ]);
    expect(await host.locate("8192")).toMatchObject({ label: "Sector 8192 · DMRM copy 4", range: { start: 4_194_304n } });
    expect(await host.locate("dmrm")).toMatchObject({ label: "Sector 2048 · DMRM copy 2" });
    await host.close();
  });
  it.each(remapGoldens(/./))("shows every sector, copy set and view of %s", async (name) => {
    const { opened, host } = await open(name);
    const view = await host.remap();
    expect(view?.structures.length).toBeGreaterThan(0);
    for (const structure of view?.structures ?? []) {
      expect(structure.copies).toHaveLength(5);
      for (const row of structure.matrix) expect(row.cells, row.path).toHaveLength(5);
      expect(structure.matrix.every(({ cells }) => cells.some((cell) => cell !== undefined))).toBe(true);
    }
    expect(view?.validations.map(({ level }) => level)).toEqual(["BASIC", "INTEGRITY", "COMPLETE", "FORENSIC"]);
    for (const copy of opened.remap?.copies ?? []) {
      if (copy.state === "missing") continue;
      const block = await host.block(copy.sector);
      expect(block.fields.at(-1)?.end).toBe(block.byteOffset + 512n);
      expect((await host.describe({ start: copy.byteOffset, end: copy.byteOffset + 4n })).trail.length).toBeGreaterThan(1);
    }
    expect((await host.blocks(0n, 64)).every(({ state }) => state !== "misplaced")).toBe(true);
    expect((await host.copySets()).length).toBe(view?.structures.length);
    await host.close();
  });
  it("has no such view of a volume", async () => {
    const device = new MemoryDevice(goldenBytes("created-minimal-4k"), { writable: false });
    const opened = await OpenVolume.open({ key: "v", name: "v", folder: "", device }, () => {});
    expect(await new VolumeHost(opened, () => opened.close()).remap()).toBeUndefined();
    await opened.close();
  });
});
