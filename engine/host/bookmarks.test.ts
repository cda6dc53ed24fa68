import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bookmarks } from "./bookmarks.ts";

describe("bookmarks", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "blockscope-bookmarks-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const [first, second] = [
    { start: 4096n, end: 8192n },
    { start: 2n ** 53n, end: 2n ** 53n + 1n },
  ];

  it("are there again after a restart, exact beyond 53 bits", async () => {
    const file = join(folder, "kept.json");
    const bookmarks = new Bookmarks(file);
    await Promise.all([bookmarks.add({ name: "bad frame", range: first }), bookmarks.add({ name: "old tail", range: second })]);
    expect(await new Bookmarks(file).list()).toEqual([
      { name: "bad frame", range: first },
      { name: "old tail", range: second },
    ]);
  });
  it("have one name for a range, the last one given, and go when they are removed", async () => {
    const bookmarks = new Bookmarks();
    await bookmarks.add({ name: "first", range: first });
    await bookmarks.add({ name: "second", range: first });
    expect(await bookmarks.list()).toEqual([{ name: "second", range: first }]);
    await bookmarks.remove(first);
    expect(await bookmarks.list()).toEqual([]);
  });
  it("of a broken file are set aside and said", async () => {
    const file = join(folder, "broken.json");
    await writeFile(file, '[{"name":"x","start":"-1","end":"5"}]');
    const problems: string[] = [];
    expect(await new Bookmarks(file, (problem) => problems.push(problem)).list()).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(await readFile(`${file}.broken`, "utf8")).toContain('"x"');
  });
});
