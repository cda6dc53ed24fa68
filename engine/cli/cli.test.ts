import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as streamText } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { fromHex, toHex } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { sealBlock } from "../format/core/index.ts";
import { runInProcess } from "../testing/command-line.ts";
import { goldenDifferences } from "../testing/compare-golden.ts";
import { goldenBytes, goldenJson, goldenKeys } from "../testing/golden.ts";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "blockscope-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const image = (golden: string, name = `${golden}.dwvd`): string => {
  const path = join(folder, name);
  writeFileSync(path, goldenBytes(golden));
  return path;
};

function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { encoding: "utf8", maxBuffer: 64 * 1_048_576 }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

describe("the command line", () => {
  it("ends with 0 for a sound volume and 1 for one with errors, and changes neither", async () => {
    const [sound, damaged] = [image("created-standard-4k"), image("orchestrated-tags-option3-combined-on-minimal")];
    const before = statSync(damaged, { bigint: true });
    expect((await run("check", sound)).code).toBe(0);
    const { code, out } = await run("check", damaged, "--json");
    expect(code).toBe(1);
    const document = JSON.parse(out);
    expect(document).toMatchObject({ schema: "blockscope.check/1", summary: { error: 6 } });
    expect(document.findings.map((finding: { rule: string }) => finding.rule)).toContain("rpt.mirror-behind");
    const after = statSync(damaged, { bigint: true });
    expect([after.mtimeNs, after.ctimeNs]).toEqual([before.mtimeNs, before.ctimeNs]);
    expect(new Uint8Array(readFileSync(damaged))).toEqual(goldenBytes("orchestrated-tags-option3-combined-on-minimal"));
  });
  it("prints one JSON document, also for a failure", async () => {
    const inspected = await run("inspect", image("created-minimal-4k"), "--json");
    expect(JSON.parse(inspected.out)).toMatchObject({ schema: "blockscope.inspect/1", superblock: { totalBlocks: 2048, freeBlocks: 949 } });
    const missing = await run("inspect", join(folder, "none"), "--json");
    expect([missing.code, JSON.parse(missing.out).error.code]).toEqual([3, "DEVICE_NOT_FOUND"]);
    const text = join(folder, "text");
    writeFileSync(text, "hello");
    const other = await run("check", text, "--json");
    expect([other.code, JSON.parse(other.out).error.code]).toEqual([3, "NOT_A_VOLUME"]);
  });
  it.each([
    [["frobnicate"], 2],
    [["inspect"], 2],
    [["inspect", "a", "b"], 2],
    [["inspect", "a", "--colour"], 2],
    [["hex", "a"], 2],
    [["check", "a", "--rule", "no.such-rule"], 2],
    [["create", "a", "--profile", "standard"], 2],
    [["inspect", "--help"], 0],
  ])("ends %j with %i", async (args, code) => expect((await run(...args)).code).toBe(code));
  it.each<[string[], number, string, RegExp]>([
    [["label", "TEXT", "new", "--yes"], 3, "NOT_A_VOLUME", /is no DWVD version 2 volume/],
    [["import", "TEXT", "TEXT", "--yes"], 3, "NOT_A_VOLUME", /is no DWVD/],
    [["recover", "TEXT", "--yes"], 3, "NOT_A_VOLUME", /is no DWVD/],
    [["module", "list", "TEXT"], 3, "NOT_A_VOLUME", /is no DWVD/],
    [["apply", "FOLDER", "--yes"], 3, "DEVICE_NOT_SUPPORTED", /it is a folder/],
    [["label", "VOLUME", "new", "--yes", "--undo-dir", "TEXT"], 3, "TARGET_UNUSABLE", /already/],
    [["create", "FOLDER/none/new.dwvd", "--profile", "minimal", "--blocks", "2000", "--yes"], 3, "DEVICE_NOT_FOUND", /none does not exist/],
    [["config", "VOLUME", "Security=16", "--plan"], 2, "USAGE", /levels are 0 to 15/],
    [["config", "VOLUME", "Security=1=2", "--plan"], 2, "MODULE_UNKNOWN", /no module/],
    [["ls", "VOLUME", "--offset", "1TiB"], 3, "NOT_A_VOLUME", /none at byte/],
    [["hex", "FOLDER/empty.bin", "--block", "0"], 2, "BLOCK_OUT_OF_RANGE", /no whole block/],
    [["inspect", "VOLUME", "--color", "blue"], 2, "USAGE", /always, auto, never/],
  ])("refuses %j with %i and %s", async (args, code, error, words) => {
    const [text, volume] = [join(folder, "refused.txt"), image("created-minimal-4k", "refused.dwvd")];
    writeFileSync(text, "hello");
    writeFileSync(join(folder, "empty.bin"), "");
    const places: Record<string, string> = { TEXT: text, VOLUME: volume, FOLDER: folder };
    const told = await runInProcess(...args.map((each) => each.replace(/^[A-Z]+(?=$|\/)/, (name) => places[name] ?? name)), "--json");
    expect([told.code, JSON.parse(told.out).error.code]).toEqual([code, error]);
    expect(JSON.parse(told.out).error.message).toMatch(words);
    expect(new Uint8Array(readFileSync(volume))).toEqual(goldenBytes("created-minimal-4k"));
  });
  it("completes a change though nobody reads its progress any more, and says where its output cannot be written", async () => {
    const path = image("created-minimal-4k", "unread.dwvd");
    const label = ["label", path, "done", "--yes", "--undo-dir", folder, "--progress", "plain"];
    const child = spawn(process.execPath, [main, ...label], { stdio: ["ignore", "ignore", "pipe"] });
    child.stderr.destroy();
    expect((await once(child, "exit"))[0]).toBe(0);
    expect(JSON.parse((await run("inspect", path, "--json")).out).superblock.volumeLabel).toBe("done");
    if (process.platform !== "linux") return;
    const full = openSync("/dev/full", "w");
    const listing = spawn(process.execPath, [main, "check", "--list"], { stdio: ["ignore", full, "pipe"] });
    const said = listing.stderr ? streamText(listing.stderr) : undefined;
    expect([(await once(listing, "exit"))[0], await said]).toEqual([3, expect.stringContaining("ENOSPC")]);
    closeSync(full);
  });
  it("judges the seal of a policy vault where its key is at hand", async () => {
    const tampered = image("damaged-polv-tampered-resealed");
    const rulesOf = async (...more: string[]) =>
      JSON.parse((await run("check", tampered, "--json", ...more)).out).findings.map((finding: { rule: string }) => finding.rule);
    const [key, wrong] = [join(folder, "vault.key"), join(folder, "vault.txt")];
    writeFileSync(key, goldenKeys("damaged-polv-tampered-resealed").policyVault ?? "");
    writeFileSync(wrong, "no key");
    expect(await rulesOf()).not.toContain("polv.seal-mismatch");
    expect(await rulesOf("--vault-key", key)).toContain("polv.seal-mismatch");
    const { code, out } = await run("inspect", tampered, "--json", "--vault-key", wrong);
    expect([code, JSON.parse(out).error.code]).toEqual([3, "KEY_UNUSABLE"]);
  });
  it("seals a sealed volume again with the key in a file, and never shows the key", async () => {
    const sealed = image("sealed-standard");
    const hex: string = goldenJson("sealed-standard").inputs.hmacKey;
    const [key, other] = [join(folder, "seal.key"), join(folder, "other.key")];
    writeFileSync(key, hex);
    writeFileSync(other, "another key, as its bytes");
    const label = (...more: string[]) => run("label", sealed, "later", "--json", "--undo-dir", folder, ...more);
    const without = await label("--yes");
    expect([without.code, JSON.parse(without.out).error.code]).toEqual([4, "SEAL_KEY_NEEDED"]);
    expect((await label("--yes", "--seal-key", key, "--clear-seal")).code).toBe(2);
    expect(JSON.parse((await label("--plan", "--seal-key", other)).out).warnings.join()).toContain("it is another key");
    const planned = await label("--plan", "--seal-key", key);
    expect([JSON.parse(planned.out).warnings, planned.out.includes(hex)]).toEqual([[], false]);
    expect((await label("--yes", "--seal-key", key)).code).toBe(0);
    const block = new Uint8Array(readFileSync(sealed)).subarray(0, 4096);
    expect(toHex(block.subarray(4048, 4080))).toBe(toHex(checksum.hmacSha256(fromHex(hex), block.subarray(0, 4048))));
  });
  it("reads a general log on its own, and finds where it begins", async () => {
    const path = image("walh-full-block-committed", "log.bin");
    const { inputs, expect: expected, sdkReads } = goldenJson("walh-full-block-committed");
    const told = await run("log", path, "--start", `${inputs.walStartBlock}`, "--blocks", `${inputs.walBlockCount}`, "--json");
    expect(told.code).toBe(0);
    const document = JSON.parse(told.out);
    expect(document).toMatchObject({ schema: "blockscope.log/1", startBlock: 2, blockCount: 16, sdkReads });
    expect(goldenDifferences(document, expected)).toEqual([]);
    expect(document.findings.map((finding: { rule: string }) => finding.rule)).toEqual(["walh.replay-loses"]);
    expect(JSON.parse((await run("log", path, "--json")).out)).toEqual(document);
    expect((await run("log", path)).out).toContain("Transaction 1: committed, 1 changes");
    expect((await run("log", image("walh-header-checksum", "damaged.bin"))).code).toBe(1);
    expect((await run("log", image("created-minimal-4k"))).code).toBe(3);
  });
  it("names an example in the help of each command", async () => {
    for (const command of ["inspect", "hex", "check", "create", "log", "open", "serve"])
      expect((await run(command, "--help")).out).toContain("Example: blockscope ");
  });
  it("creates what the SDK creates, refuses a file that exists, and only plans without a terminal", async () => {
    const path = join(folder, "new.dwvd");
    const golden = goldenJson("created-minimal-4k").expect.superblock;
    const inputs = ["--profile", "minimal", "--blocks", "2048", "--uuid", golden.volumeUuid];
    const planned = await run("create", path, ...inputs, "--json");
    expect([planned.code, JSON.parse(planned.out).schema]).toEqual([0, "blockscope.plan/1"]);
    expect(() => statSync(path)).toThrow();
    const [plan, byPlan] = [join(folder, "create.json"), join(folder, "by-plan.dwvd")];
    writeFileSync(plan, planned.out);
    expect((await runInProcess("apply", plan, byPlan, "--yes")).code).toBe(0);
    expect(readFileSync(byPlan).subarray(0x40, 0x50)).toEqual(Buffer.from(goldenBytes("created-minimal-4k").subarray(0x40, 0x50)));
    writeFileSync(plan, planned.out.replace('"label": ""', '"label": "other"'));
    expect(await runInProcess("apply", plan, join(folder, "stale.dwvd"), "--yes", "--json")).toMatchObject({
      code: 4,
      out: expect.stringContaining("PLAN_STALE"),
    });
    expect((await run("create", path, ...inputs, "--yes")).code).toBe(0);
    expect((await run("check", path)).code).toBe(0);
    const again = await run("create", path, ...inputs, "--yes", "--json");
    expect([again.code, JSON.parse(again.out).error.code]).toEqual([4, "FILE_EXISTS"]);
    const small = await run("create", join(folder, "small.dwvd"), "--profile", "standard", "--blocks", "1000", "--yes", "--json");
    expect([small.code, JSON.parse(small.out).error.data.needed]).toEqual([1, 1296]);
    const wide = await run("create", join(folder, "wide.dwvd"), "--modules", "quorumseal", "--blocks", "2048", "--yes", "--json");
    expect(JSON.parse(wide.out).error.code).toBe("MODULE_NOT_STORABLE");
  });
  it("lists modules, adds one, copies with another, resizes, and brings the bytes back", async () => {
    const path = image("created-minimal-4k", "changed.dwvd");
    const before = readFileSync(path);
    const undo = join(folder, "undo");
    const listed = JSON.parse((await run("module", "list", path, "--json")).out);
    expect([listed.schema, listed.modules.length]).toEqual(["blockscope.modules/1", 39]);
    expect(listed.modules[12]).toEqual({ id: 12, name: "Snapshot", abbreviation: "SNAP", active: false, addable: true, reasons: [] });
    expect(listed.modules[32]).toMatchObject({ addable: false, reasons: ["the manifest on disk has 32 bits, none for module 32"] });
    const planned = await run("module", "add", path, "snap", "--json");
    expect(JSON.parse(planned.out)).toMatchObject({ operation: "module.add", inputs: { module: "Snapshot", strategy: "region" } });
    expect(readFileSync(path)).toEqual(before);
    const copied = await run("module", "add", path, "Tags", "--strategy", "copy", "--to", join(folder, "copy.dwvd"), "--yes", "--json");
    expect([copied.code, JSON.parse(copied.out).operation]).toEqual([0, "module.copy"]);
    expect((await run("check", join(folder, "copy.dwvd"))).code).toBe(0);
    const refused = await run("resize", path, "--blocks", "100", "--yes", "--json");
    expect([refused.code, JSON.parse(refused.out).error.data.reasons]).toEqual([
      1,
      ["1100 is the smallest number that holds what is in use"],
    ]);
    const resized = await run("resize", path, "--blocks", "1500", "--yes", "--undo-dir", undo, "--json");
    expect([resized.code, statSync(path).size]).toEqual([0, 1500 * 4096]);
    expect((await run("undo", JSON.parse(resized.out).undoBundle, "--yes", "--undo-dir", undo)).code).toBe(0);
    const [log, end] = [1035 * 4096, 1099 * 4096];
    expect(readFileSync(path).subarray(0, log)).toEqual(before.subarray(0, log));
    expect(readFileSync(path).subarray(end)).toEqual(before.subarray(end));
  }, 60_000);
  it("repairs what the SDK left, undoes it byte for byte, and copies good blocks from another image", async () => {
    const path = image("added-security-on-minimal", "repair.dwvd");
    const before = readFileSync(path);
    const undo = join(folder, "repair-undo");
    const shown = await run("repair", path, "--risk", "advisory", "--plan", "--json");
    expect([shown.code, JSON.parse(shown.out).schema, readFileSync(path).equals(before)]).toEqual([0, "blockscope.plan/1", true]);
    const applied = await run("repair", path, "--risk", "advisory", "--yes", "--undo-dir", undo, "--json");
    expect([applied.code, JSON.parse(applied.out)]).toEqual([0, expect.objectContaining({ operation: "repair", verified: true })]);
    expect(JSON.parse((await run("check", path, "--json")).out).summary).toMatchObject({ error: 0, warning: 0 });
    const again = await run("repair", path, "--risk", "dangerous", "--yes", "--json");
    expect([again.code, JSON.parse(again.out).blocksWritten]).toEqual([0, 0]);
    const flipped = image("damaged-bitmap-bit-flip", "repair-left.dwvd");
    const left = await runInProcess("repair", flipped, "--yes", "--undo-dir", undo, "--json");
    expect([left.code, JSON.parse(left.out).warnings]).toEqual([1, [expect.stringContaining("stay as they are: bmap.trailer-stale")]]);
    const nothing = await runInProcess("repair", flipped, "--plan");
    expect([nothing.code, nothing.out]).toEqual([0, expect.not.stringContaining("undo restores")]);
    const good = join(folder, "repair-good.dwvd");
    writeFileSync(good, readFileSync(path));
    const damaged = readFileSync(path);
    damaged.fill(0x11, 1984 * 4096, 1984 * 4096 + 512);
    writeFileSync(path, damaged);
    const copied = await run("repair", path, "--from", good, "--yes", "--undo-dir", undo, "--json");
    expect([copied.code, JSON.parse(copied.out).summary]).toEqual([0, expect.stringContaining("Copy block 1984")]);
    expect((await run("check", path)).code).toBe(0);
    const both = await run("repair", path, "--from", good, "--risk", "safe", "--plan", "--json");
    expect(JSON.parse(both.out)).toMatchObject({ inputs: { from: good, risk: "safe" }, blocks: [] });
    writeFileSync(path, readFileSync(good));
    expect((await run("undo", JSON.parse(applied.out).undoBundle, "--yes", "--undo-dir", undo)).code).toBe(0);
    const [log, end] = [1035 * 4096, 1099 * 4096];
    expect(readFileSync(path).subarray(0, log)).toEqual(before.subarray(0, log));
    expect(readFileSync(path).subarray(end)).toEqual(before.subarray(end));
  }, 120_000);
  it("shows the bytes of any file, and what they mean in a volume", async () => {
    const { out } = await run("hex", image("created-minimal-4k"), "--block", "0", "--annotate");
    expect(out).toMatch(/freeBlocks\s+i64 little-endian\s+949 blocks/);
    const beyond = await run("hex", image("created-minimal-4k"), "--block", "99999", "--json");
    expect([beyond.code, JSON.parse(beyond.out).error.code]).toEqual([2, "BLOCK_OUT_OF_RANGE"]);
  });
  it("opens a volume inside a larger image", async () => {
    const path = join(folder, "larger.img");
    const inner = goldenBytes("created-minimal-4k");
    const bytes = new Uint8Array(8192 + inner.length);
    bytes.set(inner, 8192);
    writeFileSync(path, bytes);
    const { out, code } = await run("inspect", path, "--offset", "8KiB", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ volumeOffset: 8192, superblock: { totalBlocks: 2048 } });
  });
  it("makes control and bidirectional characters of an image visible", async () => {
    const bytes = goldenBytes("created-minimal-4k");
    bytes.set(new TextEncoder().encode("a\u001b[31m\u202eb"), 0x98);
    sealBlock(bytes.subarray(0, 4096), "SUPB", 1);
    const path = join(folder, "label.dwvd");
    writeFileSync(path, bytes);
    const { out } = await run("inspect", path);
    expect(out).toContain("a\\u{1b}[31m\\u{202e}b");
    expect(out).not.toContain("\u001b");
  });
});
