import { describe, expect, it } from "vitest";
import type { BlockDevice } from "../device/block-device.ts";
import { mtrkCodec } from "../format/regions/mtrk.ts";
import { goldenDevice } from "../testing/golden.ts";
import { patchedDevice } from "../testing/patched-device.ts";
import { openVolume } from "../volume/open.ts";
import { loadRegionBlocks } from "../volume/region-readers/coded-region.ts";
import { checkTree, leafBlocks, nodeState, strideFor } from "./integrity-tree.ts";

async function treeOf(device: BlockDevice) {
  const volume = await openVolume(device);
  const region = volume.findRegion("MTRK");
  if (!region) throw new TypeError("no tree");
  const blocks = await loadRegionBlocks(volume, region, 64 * 1_048_576);
  const { content } = mtrkCodec.read(blocks);
  if (!content) throw new TypeError("no tree is decoded");
  return { volume, region, blocks, content, check: () => checkTree(volume, region, { blocks, content }) };
}
const patched = async (golden: string, patches: [bigint, number[]][]) =>
  treeOf(await patchedDevice(await goldenDevice(golden), new Map(patches.map(([at, bytes]) => [at, Uint8Array.from(bytes)]))));

describe("the stride of an integrity tree", () => {
  it("is the smallest power of two at which the tree fits its region", () => {
    expect(strideFor(625n, { blockCount: 64n }, 4096)).toBe(1n);
    expect(strideFor(2048n, { blockCount: 64n }, 4096)).toBe(1n);
    expect(strideFor(2049n, { blockCount: 64n }, 4096)).toBe(2n);
    expect(strideFor(1_048_576n, { blockCount: 64n }, 4096)).toBe(512n);
  });
  it("passes over sizes at which the SDK's layout loses leaves", () => {
    expect(strideFor(127n, { blockCount: 64n }, 4096)).toBe(1n);
    expect(strideFor(128n, { blockCount: 64n }, 4096)).toBe(2n);
  });
});

describe("an integrity tree held against its blocks", () => {
  it("matches in every leaf where nothing was changed", async () => {
    const { check } = await treeOf(await goldenDevice("populated-showcase"));
    const found = await check();
    expect(found).toMatchObject({ rootHolds: true, failingLeaves: [], failingNodes: [] });
    expect(found.leaves).toEqual({ matches: 625, differs: 0, unread: 0, unset: 0, notStored: 0, withoutBlock: 0 });
    expect(found.states[1]).toBe(nodeState.holds);
  });
  it("names the leaf of a changed block, and lights the path to the root", async () => {
    const leaf = 100;
    const { check, content } = await patched("populated-showcase", [[(1423n + BigInt(leaf)) * 4096n + 7n, [1, 2, 3]]]);
    const found = await check();
    expect(found.failingLeaves).toMatchObject([{ leaf, block: 1523n, state: "differs" }]);
    expect(found.leaves).toMatchObject({ matches: 624, differs: 1 });
    const lit = [...found.states.keys()].filter((node) => found.states[node] === nodeState.onPath);
    const path: number[] = [];
    for (let node = (content.treeCapacity + leaf) >> 1; node > 0; node >>= 1) path.unshift(node);
    expect(lit).toEqual(path);
  });
  it("names the inner node over a changed leaf", async () => {
    const { check, content } = await treeOf(await goldenDevice("damaged-mtrk-leaf-changed"));
    const found = await check();
    expect(found.failingNodes.length).toBeGreaterThan(0);
    for (const node of found.failingNodes) expect(node < content.treeCapacity && found.states[node] === nodeState.differs).toBe(true);
  });
  it("says which leaves are not stored, and which never were set", async () => {
    const lost = await (await treeOf(await goldenDevice("filled-mtrk-128"))).check();
    expect(lost.leaves.notStored).toBe(1);
    const partial = await (await treeOf(await goldenDevice("filled-mtrk-partial-incremental"))).check();
    expect(partial.leaves.unset).toBeGreaterThan(0);
    expect(partial.inner.untouched).toBeGreaterThan(0);
    expect(partial.failingNodes).toEqual([]);
  });
  it("says that a count of leaves of its own leaves the blocks open", async () => {
    const { volume, region, content } = await treeOf(await goldenDevice("filled-mtrk-5"));
    expect((await leafBlocks(volume, region, content)).mapping).toBe("assumed");
  });
  it("stops when told to", async () => {
    const { volume, region, blocks, content } = await treeOf(await goldenDevice("populated-showcase"));
    const signal = AbortSignal.abort();
    await expect(checkTree(volume, region, { blocks, content }, { signal })).rejects.toMatchObject({ name: "AbortError" });
  });
  it("of an object is held against the blocks of its inode", async () => {
    const { volume, region, content, check } = await treeOf(await goldenDevice("filled-mtrk-per-object"));
    const mapped = await leafBlocks(volume, region, content);
    expect(["object", "unknown"]).toContain(mapped.mapping);
    const found = await check();
    expect(found.failingNodes).toEqual([]);
  });
});
