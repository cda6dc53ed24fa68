import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { goldenDifferences } from "../testing/compare-golden.ts";
import { goldenBytes, goldenJson } from "../testing/golden.ts";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "blockscope-remap-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const image = (golden: string): string => {
  const path = join(folder, `${golden}.img`);
  writeFileSync(path, goldenBytes(golden, "dm-remap"));
  return path;
};
function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { encoding: "utf8", maxBuffer: 64 * 1_048_576 }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

describe("the command line on a dm-remap device", () => {
  it("inspects it in the notation of the goldens, judged at a given time, and changes nothing", async () => {
    const path = image("dmr4k-e-all-corrupt");
    const before = statSync(path, { bigint: true });
    const { code, out } = await run("inspect", path, "--json", "--now", "1762000000");
    const document = JSON.parse(out);
    const { copies, chosenCopy, readReturn, validCopies } = goldenJson("dmr4k-e-all-corrupt", "dm-remap");
    for (const copy of copies) delete copy.damage;
    expect(goldenDifferences(document, { format: "DMR4-kernel", copies, chosenCopy, readReturn, validCopies })).toEqual([]);
    expect([code, document.schema, document.kind]).toEqual([1, "blockscope.inspect/1", "dm-remap"]);
    const later = JSON.parse((await run("inspect", path, "--json", "--now", "2026-01-01T00:00:00Z")).out);
    expect(later.chosenCopy).toBe(4);
    const after = statSync(path, { bigint: true });
    expect([after.mtimeNs, after.ctimeNs]).toEqual([before.mtimeNs, before.ctimeNs]);
  });
  it("checks it, and says where in sectors", async () => {
    const { code, out } = await run("check", image("dmrm-d-version-conflict"), "--json");
    const document = JSON.parse(out);
    expect(code).toBe(1);
    expect(document.findings[0]).toMatchObject({
      rule: "dmrm.spare-info-crc",
      region: "DMRM",
      block: 4102,
      byteOffset: 2_100_381,
      byteLength: 4,
    });
    expect((await run("check", image("dmrm-a-valid5"))).code).toBe(0);
  });
  it("names structure and field of every byte of a sector", async () => {
    const { out } = await run("hex", image("dmrm-d-version-conflict"), "--block", "2048", "--annotate");
    expect(out).toContain("Sector 2048 · DMRM copy 2");
    expect(out).toMatch(/integrity\.version_counter\s+u64 little-endian\s+13/);
  });
  it("scans several devices, one of which cannot be read", async () => {
    const { code, out } = await run("remap", "scan", image("dmr4k-c-mixed-script"), join(folder, "none"), "--json");
    const [mixed, missing] = JSON.parse(out).devices;
    expect(code).toBe(0);
    expect(
      mixed.structures.map(({ format, validCopies, chosenCopy }: Record<string, unknown>) => [format, validCopies, chosenCopy]),
    ).toEqual([
      ["DMR4-kernel", 3, 1],
      ["DMR4-script", 5, 0],
    ]);
    expect(missing.error.code).toBe("DEVICE_NOT_FOUND");
  });
  it("shows, validates and matches", async () => {
    const path = image("dmrm-d-version-conflict");
    const shown = JSON.parse((await run("remap", "show", path, "--json")).out);
    expect(shown).toMatchObject({
      schema: "blockscope.remap/1",
      chosenCopy: 2,
      reassembly: { table: { line: "0 1953525168 dm-remap-v4 /dev/sdb /dev/sdc" } },
    });
    const validated = await run("remap", "validate", path, "--level", "basic", "--json");
    expect([validated.code, JSON.parse(validated.out)]).toMatchObject([0, { level: "BASIC", result: "OK", code: 0 }]);
    expect((await run("remap", "validate", path)).code).toBe(1);
    const spare = join(folder, "spare");
    writeFileSync(spare, "");
    truncateSync(spare, 41_943_040 * 512);
    const matched = await run("remap", "match", path, spare, "--json");
    expect(JSON.parse(matched.out).devices.map(({ confidence }: { confidence: number }) => confidence)).toEqual([0, 50, 0, 0]);
  });
  it.each([
    [["remap"], 2],
    [["remap", "mend", "x"], 2],
    [["remap", "validate", "x", "--level", "deep"], 2],
    [["remap", "match", "x"], 2],
    [["inspect", "x", "--now", "tomorrow"], 2],
  ])("ends %j with %i", async (args, code) => expect((await run(...args)).code).toBe(code));
  it("refuses what holds no metadata", async () => {
    const path = join(folder, "blank");
    writeFileSync(path, new Uint8Array(65_536));
    const { code, out } = await run("remap", "show", path, "--json");
    expect([code, JSON.parse(out).error.code]).toEqual([3, "NOT_DM_REMAP"]);
  });
});
