import { describe, expect, it } from "vitest";
import { viewOf } from "../base/bytes.ts";
import { MemoryDevice } from "../device/memory-device.ts";
import { sealBlock } from "../format/core/index.ts";
import { type SnapContent, snapCodec } from "../format/regions/index.ts";
import { goldenBytes } from "../testing/golden.ts";
import { openVolume } from "../volume/open.ts";
import { loadRegionBlocks } from "../volume/region-readers/coded-region.ts";
import type { Volume } from "../volume/volume.ts";
import { measureSnapshots, type SnapshotSizes } from "./snapshot-sizes.ts";

const blockBytes = 4096;
const inodeBytes = 384;
const showcase = goldenBytes("populated-showcase");

/** Opens an image after `edit` changed some of its bytes, and measures its snapshots. */
async function measure(
  edit: (image: Uint8Array) => void = () => {},
  golden = showcase,
): Promise<{ volume: Volume; content: SnapContent; sizes: SnapshotSizes }> {
  const image = golden.slice();
  edit(image);
  const volume = await openVolume(new MemoryDevice(image), { name: "test" });
  const region = volume.findRegion("SNAP");
  const content = region && snapCodec.read(await loadRegionBlocks(volume, region, 1_048_576)).content;
  if (!content) throw new Error("the image has no snapshot table");
  return { volume, content, sizes: await measureSnapshots(volume, content.snapshots) };
}

const blockOf = (image: Uint8Array, block: number): Uint8Array => image.subarray(block * blockBytes, (block + 1) * blockBytes);
const reseal = (image: Uint8Array, block: number, tag: string): void =>
  blockOf(image, block).set(sealBlock(blockOf(image, block), tag, 12));

/** Blocks of all inline extents in the inodes of one block, read byte by byte. */
function blocksIn(image: Uint8Array, block: number): Set<number> {
  const blocks = new Set<number>();
  const view = viewOf(blockOf(image, block));
  for (let record = 0; record + inodeBytes <= blockBytes - 16; record += inodeBytes) {
    if (view.getBigInt64(record, true) === 0n) continue;
    for (let extent = 0; extent < view.getInt32(record + 80, true); extent++) {
      const at = record + 84 + 24 * extent;
      const start = Number(view.getBigInt64(at, true));
      for (let index = 0; index < view.getInt32(at + 8, true); index++) blocks.add(start + index);
    }
  }
  return blocks;
}

describe("sizes of snapshots", () => {
  it("are what nothing else refers to, and what others refer to as well", async () => {
    const { content, sizes } = await measure();
    const owners = content.snapshots.map(({ flags, inodeTableBlockOffset: table }) =>
      flags & 2 ? new Set<number>() : blocksIn(showcase, Number(table)).add(Number(table)),
    );
    const live = blocksIn(showcase, 16);
    for (const [index, own] of owners.entries()) {
      const snapshot = content.snapshots[index];
      if ((snapshot?.flags ?? 0) & 2) {
        expect(sizes.snapshots[index]).toEqual({ unknown: "a tombstone owns nothing" });
        continue;
      }
      const others = [live, ...owners.filter((_, other) => other !== index)];
      const alone = [...own].filter((block) => others.every((other) => !other.has(block))).length;
      expect(sizes.snapshots[index]).toEqual({
        exclusiveBlocks: BigInt(alone),
        sharedBlocks: BigInt(own.size - alone),
        table: { blocks: 1, verified: 1 },
      });
      // The entry's own count leaves the frozen table out.
      expect(BigInt(own.size - 1)).toBe(snapshot?.dataBlockCount);
    }
    expect(sizes).toMatchObject({ unknownOwners: 0, overlapping: 0 });
    expect((sizes.live.exclusiveBlocks ?? 0n) + (sizes.live.sharedBlocks ?? 0n)).toBe(BigInt(live.size));
  });
  it("take in indirect extents and the blocks that hold them", async () => {
    const before = await measure();
    const last = before.content.snapshots.length - 1;
    const { sizes } = await measure((image) => {
      const list = viewOf(blockOf(image, 2000));
      list.setBigInt64(0, 2010n, true);
      list.setInt32(8, 6, true);
      const table = Number(before.content.snapshots[last]?.inodeTableBlockOffset);
      viewOf(blockOf(image, table)).setBigInt64(276, 2000n, true);
      reseal(image, table, "INOD");
    });
    expect(sizes.snapshots[last]?.exclusiveBlocks).toBe((before.sizes.snapshots[last]?.exclusiveBlocks ?? 0n) + 7n);
  });
  it("are not known, with the reason, where a frozen table is damaged, foreign, gone or no table", async () => {
    const { content } = await measure();
    const tables = content.snapshots.map(({ inodeTableBlockOffset }) => Number(inodeTableBlockOffset));
    const { sizes } = await measure((image) => {
      blockOf(image, tables[0] ?? 0)[100] = 0xee;
      blockOf(image, tables[1] ?? 0).fill(0);
      reseal(image, tables[2] ?? 0, "DATA");
      viewOf(blockOf(image, tables[3] ?? 0)).setInt32(80, 99, true);
      reseal(image, tables[3] ?? 0, "INOD");
    });
    expect(sizes.snapshots.slice(0, 4).map(({ unknown }) => unknown)).toEqual([
      `block ${tables[0]} of its inode table fails its checksum`,
      `block ${tables[1]} of its inode table was never written`,
      `block ${tables[2]} of its inode table carries the tag "DATA", not INOD`,
      `record 0 in block ${tables[3]} of its inode table is no inode`,
    ]);
    expect(sizes.unknownOwners).toBe(4);
    expect(sizes.snapshots[4]?.unknown).toBeUndefined();
  });
  it("are not known for tables outside the volume", async () => {
    const { sizes } = await measure(() => {}, goldenBytes("filled-snap-odd-ids"));
    expect(new Set(sizes.snapshots.slice(0, 4).map(({ unknown }) => unknown))).toEqual(
      new Set(["its inode table lies outside the volume"]),
    );
  });
  it("end at once when cancelled", async () => {
    const { volume, content } = await measure();
    const stop = AbortSignal.abort();
    await expect(measureSnapshots(volume, content.snapshots, { signal: stop })).rejects.toMatchObject({ name: "AbortError" });
  });
});
