import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runInProcess } from "../testing/command-line.ts";
import { goldenBytes } from "../testing/golden.ts";

const folder = mkdtempSync(join(tmpdir(), "blockscope-overlay-"));
const before = process.env.BLOCKSCOPE_DATA_DIR;
beforeAll(() => {
  process.env.BLOCKSCOPE_DATA_DIR = join(folder, "data");
});
afterAll(() => {
  if (before === undefined) delete process.env.BLOCKSCOPE_DATA_DIR;
  else process.env.BLOCKSCOPE_DATA_DIR = before;
  rmSync(folder, { recursive: true, force: true });
});

const json = async (...args: string[]) => {
  const { code, out } = await runInProcess(...args, "--json");
  return { code, document: JSON.parse(out) };
};
const image = (golden: string, name: string): string => {
  const path = join(folder, name);
  writeFileSync(path, goldenBytes(golden));
  return path;
};

describe("the command line with an overlay", () => {
  it("changes the overlay alone with every writing command, and sees the image through it with every reading one", async () => {
    const [path, overlay] = [image("created-minimal-4k", "pure.dwvd"), join(folder, "pure.bsoverlay")];
    const bytes = readFileSync(path);
    const times = () => {
      const { mtimeNs, ctimeNs } = statSync(path, { bigint: true });
      return [mtimeNs, ctimeNs];
    };
    const untouched = times();
    const pure = (words: string) => {
      expect(readFileSync(path).equals(bytes), words).toBe(true);
      expect(times(), words).toEqual(untouched);
    };
    const missing = await json("inspect", path, "--overlay", overlay);
    expect([missing.code, missing.document.error.code]).toEqual([3, "DEVICE_NOT_FOUND"]);
    const note = join(folder, "note.txt");
    writeFileSync(note, "kept beside the image");
    const changes: string[][] = [
      ["label", path, "tried"],
      ["resize", path, "--blocks", "2100"],
      ["import", path, note],
      ["module", "add", path, "Tags"],
      ["config", path, "Tags=2"],
      ["repair", path],
      ["recover", path],
    ];
    expect((await json("label", path, "tried", "--overlay", overlay, "--plan")).document).toMatchObject({ image: path, overlay });
    expect(existsSync(overlay)).toBe(false);
    for (const change of changes) {
      expect((await runInProcess(...change, "--overlay", overlay, "--yes")).code, change.join(" ")).toBe(0);
      pure(change.join(" "));
    }
    const levels = await json("config", path, "Tags=3", "--overlay", overlay, "--yes");
    expect((await runInProcess("undo", levels.document.undoBundle, path, "--overlay", overlay, "--yes")).code).toBe(0);
    pure("undo");
    const plan = join(folder, "plan.json");
    writeFileSync(plan, JSON.stringify((await json("label", path, "planned", "--overlay", overlay, "--plan")).document));
    expect((await runInProcess("apply", plan, "--yes")).code).toBe(0);
    pure("apply");
    const inspected = await json("inspect", path, "--overlay", overlay);
    expect(inspected.document.superblock).toMatchObject({ volumeLabel: "planned", totalBlocks: 2100 });
    expect((await json("inspect", path)).document.superblock.volumeLabel).toBe("");
    expect((await runInProcess("cat", path, "/note.txt", "--overlay", overlay)).out).toBe("kept beside the image");
    expect((await json("check", path, "--overlay", overlay)).document.summary).toMatchObject({ error: 0, warning: 0 });
    const listed = (await json("module", "list", path, "--overlay", overlay)).document.modules;
    expect(listed.find(({ name }: { name: string }) => name === "Tags").active).toBe(true);
    for (const reading of [
      ["hex", path, "--block", "0"],
      ["ls", path],
      ["export", path, "--to", join(folder, "out")],
      ["module", "add", path, "Snapshot", "--strategy", "copy", "--to", join(folder, "copy.dwvd"), "--yes"],
    ]) {
      expect((await runInProcess(...reading, "--overlay", overlay)).code, reading.join(" ")).toBe(0);
      pure(reading.join(" "));
    }
    expect((await json("inspect", join(folder, "copy.dwvd"))).document.superblock.volumeLabel).toBe("planned");
  }, 60_000);
  it("shows what differs, commits it once, and drops it", async () => {
    const [path, overlay] = [image("created-minimal-4k", "commit.dwvd"), join(folder, "commit.bsoverlay")];
    const label = (text: string, to: string) => runInProcess("label", path, text, "--overlay", to, "--yes");
    await label("one", overlay);
    const shown = (await json("overlay", "show", overlay)).document;
    expect(shown).toMatchObject({
      schema: "blockscope.overlay/1",
      image: { path },
      base: { changed: false, committedChanges: 0 },
      changes: [{ operation: "label", inputs: { label: "one" } }],
    });
    const first = shown.blocks.find(({ block }: { block: number }) => block === 0);
    expect(first).toMatchObject({ structure: "SuperblockV2", before: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(first.fields).toContainEqual({ path: "volumeLabel", before: "", after: "one" });
    expect((await runInProcess("overlay", "show", overlay)).out).toContain("volumeLabel:");
    const cut = join(folder, "cut.bsoverlay");
    writeFileSync(cut, readFileSync(overlay).subarray(0, -9));
    const left = (await json("overlay", "show", cut)).document;
    expect([left.overlay.unreadBytes > 0, left.changes, shown.overlay.unreadBytes]).toEqual([true, [], 0]);
    expect((await runInProcess("overlay", "show", cut)).out).toContain("cut off while it was written, or damage");
    const other = join(folder, "other.bsoverlay");
    await label("two", other);
    const compared = (await json("overlay", "show", overlay, "--against", other)).document;
    expect(compared.against).toBe(other);
    expect(compared.blocks[0].fields).toContainEqual({ path: "volumeLabel", before: "two", after: "one" });
    const planned = await json("overlay", "commit", overlay, "--plan");
    expect(planned.document).toMatchObject({ operation: "overlay-commit", inputs: { overlay }, image: path });
    const plan = join(folder, "commit.json");
    writeFileSync(plan, JSON.stringify(planned.document));
    expect((await json("apply", plan, "--yes")).document).toMatchObject({ operation: "overlay-commit", verified: true });
    expect((await json("inspect", path)).document.superblock.volumeLabel).toBe("one");
    const again = await json("overlay", "commit", overlay, "--yes");
    expect([again.code, again.document.blocksWritten]).toEqual([0, 0]);
    const late = await json("overlay", "commit", other, "--yes");
    expect([late.code, late.document.error.code]).toEqual([4, "OVERLAY_BASE_CHANGED"]);
    const seen = await json("inspect", path, "--overlay", other);
    expect([seen.code, seen.document.error.code]).toEqual([4, "OVERLAY_BASE_CHANGED"]);
    expect((await json("overlay", "show", other)).document.base).toEqual({ changed: true, block: 0 });
    expect((await json("overlay", "drop", other)).document).toMatchObject({ dropped: false, changes: [{ operation: "label" }] });
    expect(existsSync(other)).toBe(true);
    expect((await json("overlay", "drop", other, "--yes")).document.dropped).toBe(true);
    expect(existsSync(other)).toBe(false);
    const notOne = await json("overlay", "drop", path, "--yes");
    expect([notOne.code, notOne.document.error.code, existsSync(path)]).toEqual([3, "OVERLAY_DAMAGED", true]);
  }, 60_000);
  it("recovers in the overlay, and says that the image must be recovered before it takes the rest over", async () => {
    const [path, overlay] = [image("wal-cut-after-07-committed", "pending.dwvd"), join(folder, "pending.bsoverlay")];
    const bytes = readFileSync(path);
    expect((await runInProcess("recover", path, "--overlay", overlay, "--yes")).code).toBe(0);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    const pending = await json("overlay", "commit", overlay, "--yes");
    expect([pending.code, pending.document.error.code]).toEqual([4, "VOLUME_NEEDS_RECOVERY"]);
    expect((await runInProcess("recover", path, "--yes")).code).toBe(0);
    expect((await json("overlay", "commit", overlay, "--yes")).document.summary).toContain("holds all 1 changes");
  }, 60_000);
  it("is named in the help of every command that looks into an image or changes one", async () => {
    const commands = ["inspect", "hex", "check", "remap", "ls", "cat", "export", "log", "module", "import", "label", "config", "resize"];
    for (const command of [...commands, "apply", "recover", "repair", "undo"])
      expect((await runInProcess(command, "--help")).out, command).toContain("--overlay FILE");
  });
  it("is refused over another volume, and while another process writes to it", async () => {
    const [path, overlay] = [image("created-minimal-4k", "mine.dwvd"), join(folder, "mine.bsoverlay")];
    await runInProcess("label", path, "mine", "--overlay", overlay, "--yes");
    const other = image("created-standard-4k", "yours.dwvd");
    const refused = await json("inspect", other, "--overlay", overlay);
    expect([refused.code, refused.document.error.code]).toEqual([4, "OVERLAY_OTHER_IMAGE"]);
    mkdirSync(join(folder, "empty"));
    const none = await json("overlay", "show", join(folder, "empty"));
    expect(none.code).toBe(3);
  });
});
