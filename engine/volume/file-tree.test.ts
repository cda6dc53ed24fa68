import { describe, expect, it } from "vitest";
import { toHex } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { type SnapContent, snapCodec } from "../format/regions/snap.ts";
import { readFrozenInodes, recordLayout } from "../snapshot/frozen-inodes.ts";
import { goldenDevice, goldenJson } from "../testing/golden.ts";
import { FileTree, inodeType, isDirectory, isFile, namesOf, pathText } from "./file-tree.ts";
import { extentsOf, readInodeBytes } from "./inode-content.ts";
import { openVolume } from "./open.ts";
import { loadRegionBlocks, regionFacts } from "./region-readers/coded-region.ts";
import type { Volume } from "./volume.ts";

interface Content {
  path: string;
  inodeNumber: number;
  type: number;
  size: number;
  sha256: string;
}

/** What a tree holds, as the goldens tell it. */
async function contentsOf(volume: Volume, tree: FileTree): Promise<Content[]> {
  const found: Content[] = [];
  if (!tree.root) return found;
  for await (const item of tree.walk(tree.root)) {
    if (item.kind === "problem") throw new TypeError(`${pathText(item.problem.names)}: ${item.problem.text}`);
    const { names, inode, inodeNumber, type } = item.entry;
    const hash = checksum.startSha256();
    if (isFile(item.entry)) {
      const content = await tree.content(item.entry);
      for (const run of content.runs(4096)) hash.update(await content.read(run));
    } else {
      const { extents } = await extentsOf(volume, inode);
      hash.update((await readInodeBytes(volume, { size: inode.size, extents }, { start: 0n, byteLength: Number(inode.size) })).bytes);
    }
    found.push({ path: pathText(names), inodeNumber: Number(inodeNumber), type, size: Number(inode.size), sha256: toHex(hash.digest()) });
  }
  return found.sort((a, b) => a.inodeNumber - b.inodeNumber);
}

describe("the files of a volume", () => {
  it("are those that were written, live and in every snapshot", async () => {
    const volume = await openVolume(await goldenDevice("populated-showcase"));
    const { live, snapshots } = goldenJson("populated-showcase").inputs.contents as {
      live: Content[];
      snapshots: Record<string, Content[]>;
    };
    const tree = await FileTree.open(volume);
    expect(await contentsOf(volume, tree)).toEqual(live);
    const region = volume.findRegion("SNAP");
    if (!region || !tree.table) throw new TypeError("the golden has snapshots");
    const { content } = snapCodec.read(await loadRegionBlocks(volume, region, 1_048_576), regionFacts(volume, region));
    const layout = recordLayout(tree.table, await volume.requireBlock(tree.table.region.startBlock));
    if (typeof layout === "string") throw new TypeError(layout);
    for (const [id, expected] of Object.entries(snapshots)) {
      const snapshot = (content as SnapContent).snapshots.find(({ snapshotId }) => snapshotId === id);
      if (!snapshot) throw new TypeError(`snapshot ${id} is in the golden`);
      const frozen = await readFrozenInodes(volume, snapshot.inodeTableBlockOffset, Number(snapshot.inodeTableBlockCount), layout);
      expect(await contentsOf(volume, FileTree.of(volume, frozen.inodes)), id).toEqual(expected);
    }
  });
  it("are found by their path", async () => {
    const tree = await FileTree.open(await openVolume(await goldenDevice("populated-showcase")));
    expect(await tree.resolve(namesOf("/images/logo.png"))).toMatchObject({ inodeNumber: 8n, type: inodeType.file });
    expect(isDirectory(await tree.resolve([]))).toBe(true);
    await expect(tree.resolve(["images", "nothing"])).rejects.toMatchObject({
      code: "ENTRY_NOT_FOUND",
      data: { missing: "/images/nothing" },
    });
    await expect(tree.resolve(["README.txt", "x"])).rejects.toMatchObject({ code: "NOT_A_DIRECTORY" });
    await expect(tree.content(await tree.resolve(["images"]))).rejects.toMatchObject({ code: "NOT_A_FILE" });
  });
  it("has no root where nothing was imported", async () => {
    const tree = await FileTree.open(await openVolume(await goldenDevice("created-minimal-4k")));
    expect(tree.root).toBeUndefined();
    await expect(tree.resolve([])).rejects.toMatchObject({ code: "ENTRY_NOT_FOUND" });
  });
});
