import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { goldenBytes, goldenJson } from "../testing/golden.ts";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "blockscope-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const image = (golden: string, name = `${golden}.dwvd`): string => {
  const path = join(folder, name);
  writeFileSync(path, goldenBytes(golden));
  return path;
};

function run(...args: string[]): Promise<{ code: number; out: Buffer; err: string }> {
  const env = { ...process.env, BLOCKSCOPE_DATA_DIR: join(folder, "data") };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { encoding: "buffer", maxBuffer: 64 * 1_048_576, env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err: err.toString() }),
    );
  });
}
const json = async (...args: string[]) => {
  const { code, out } = await run(...args, "--json");
  return { code, document: JSON.parse(out.toString()) };
};

describe("files on the command line", () => {
  it("are listed, printed and exported as they were put in, and the image is not touched", async () => {
    const path = image("populated-showcase");
    const { live } = goldenJson("populated-showcase").inputs.contents as {
      live: { path: string; size: number; inodeNumber: number; sha256: string }[];
    };
    const listed = await json("ls", path, "--recursive");
    expect([listed.code, listed.document]).toMatchObject([0, { schema: "blockscope.files/1", path: "/", problems: [] }]);
    expect(listed.document.entries).toEqual(
      expect.arrayContaining(
        live.slice(1).map(({ path: inside, size, inodeNumber }) => expect.objectContaining({ path: inside, size, inodeNumber })),
      ),
    );
    const printed = await run("cat", path, "/data/measurements.csv");
    const csv = live.find((each) => each.path === "/data/measurements.csv");
    expect([printed.code, printed.out.length, createHash("sha256").update(printed.out).digest("hex")]).toEqual([0, csv?.size, csv?.sha256]);
    const told = await json("cat", path, "/README.txt");
    expect(told.document).toMatchObject({ schema: "blockscope.content/1", size: 154, sha256: live[1]?.sha256 });
    const exported = await json("export", path, "/docs", "--to", join(folder, "out"));
    expect([exported.code, exported.document]).toMatchObject([
      0,
      { schema: "blockscope.exported/1", files: 1, folders: 0, renamed: [], skipped: [], problems: [] },
    ]);
    expect(readdirSync(join(folder, "out"))).toEqual(["Messplan.md"]);
    expect(readFileSync(path).equals(Buffer.from(goldenBytes("populated-showcase")))).toBe(true);
  }, 60_000);
  it("say with their exit code what went wrong", async () => {
    const path = image("populated-showcase", "codes.dwvd");
    expect(await json("cat", path, "/nothing")).toMatchObject({ code: 2, document: { error: { code: "ENTRY_NOT_FOUND" } } });
    expect(await json("cat", path, "/docs")).toMatchObject({ code: 2, document: { error: { code: "NOT_A_FILE" } } });
    expect(await json("ls", join(folder, "none"))).toMatchObject({ code: 3, document: { error: { code: "DEVICE_NOT_FOUND" } } });
    expect((await run("export", path)).code).toBe(2);
    expect(await json("import", path, join(folder, "none"), "--yes")).toMatchObject({
      code: 3,
      document: { error: { code: "DEVICE_NOT_FOUND" } },
    });
    const link = join(folder, "link");
    symlinkSync("/etc/passwd", link);
    expect(await json("import", path, link, "--yes")).toMatchObject({ code: 1, document: { error: { code: "NOTHING_TO_IMPORT" } } });
    expect(readFileSync(path).equals(Buffer.from(goldenBytes("populated-showcase")))).toBe(true);
  }, 60_000);
  it("are imported by a plan that is shown, exported, applied and undone", async () => {
    const path = image("created-standard-4k");
    const source = join(folder, "notes");
    mkdirSync(source);
    writeFileSync(join(source, "a.txt"), "first");
    symlinkSync("a.txt", join(source, "b.txt"));
    const planned = await json("import", path, source, "--to", "/archive", "--plan");
    expect(planned.document).toMatchObject({
      schema: "blockscope.plan/1",
      operation: "import",
      undoable: true,
      warnings: [expect.stringContaining("b.txt (a link, which is not followed)")],
    });
    expect(readFileSync(path).equals(Buffer.from(goldenBytes("created-standard-4k")))).toBe(true);
    const plan = join(folder, "plan.json");
    writeFileSync(plan, JSON.stringify(planned.document));
    const applied = await json("apply", plan, path, "--yes");
    expect([applied.code, applied.document]).toMatchObject([0, { schema: "blockscope.applied/1", operation: "import", verified: true }]);
    expect(applied.document.warnings).toEqual(planned.document.warnings);
    expect((await run("cat", path, "/archive/notes/a.txt")).out.toString()).toBe("first");
    expect((await json("check", path)).document.summary).toMatchObject({ error: 0, warning: 0 });
    // The plan was made on a volume that is no more.
    expect(await json("apply", plan, path, "--yes")).toMatchObject({
      code: expect.any(Number),
      document: { error: { code: "ENTRY_EXISTS" } },
    });
    const undone = await json("undo", applied.document.undoBundle, "--yes");
    expect(undone.code).toBe(0);
    expect(undone.document.warnings.join()).toContain("cannot be undone itself");
    expect((await json("ls", path)).document.entries).toEqual([]);
    // The bytes of its files are gone, so their names are not brought back either.
    expect((await json("undo", undone.document.undoBundle, "--yes")).document).toMatchObject({ error: { code: "UNDO_NOT_POSSIBLE" } });
    expect((await json("ls", path)).document.entries).toEqual([]);
    writeFileSync(join(source, "a.txt"), "other");
    expect(await json("apply", plan, path, "--yes")).toMatchObject({ code: 4, document: { error: { code: "PLAN_STALE" } } });
  }, 120_000);
});
