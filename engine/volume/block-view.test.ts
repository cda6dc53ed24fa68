import { describe, expect, it } from "vitest";
import { toHex } from "../base/bytes.ts";
import { goldenDevice, goldenNames } from "../testing/golden.ts";
import { annotateBlock, structureOf } from "./block-view.ts";
import { openVolume } from "./open.ts";
import type { Volume } from "./volume.ts";

/** Enough of each region to meet every structure it holds; all goldens together meet them many times. */
const mostBlocksPerRegion = 12;

async function storedBlocks(volume: Volume): Promise<[block: bigint, bytes: Uint8Array][]> {
  const found = new Map<bigint, Uint8Array>();
  const gather = async (start: bigint, end: bigint, most: number) => {
    let count = 0;
    await volume.reader.walk(start, end, (block, bytes) => {
      if (bytes) found.set(block, bytes);
      return ++count < most;
    });
  };
  await gather(0n, 15n, 15);
  for (const { startBlock, blockCount } of volume.ownRegions) {
    if (startBlock < 0n || blockCount <= 0n) continue;
    await gather(startBlock, startBlock + blockCount, mostBlocksPerRegion);
    await gather(startBlock + blockCount - 1n, startBlock + blockCount, 1);
  }
  return [...found];
}

describe.each(goldenNames(/./, { ending: ".dwvd.gz" }))("the blocks of %s", (name) => {
  it("are described byte for byte, each byte once, and encode back to what is stored", async () => {
    const volume = await openVolume(await goldenDevice(name));
    for (const [block, bytes] of await storedBlocks(volume)) {
      const first = block * BigInt(volume.blockBytes);
      let next = first;
      for (const row of await annotateBlock(volume, block, bytes)) {
        // There are very many rows: only one that is wrong is told.
        if (row.start !== next || row.end < row.start) expect([row.start, row.end], `block ${block}: ${row.path}`).toEqual([next, next]);
        next = row.end;
      }
      expect(next, `block ${block} is covered to its end`).toBe(first + BigInt(bytes.length));
      const structure = structureOf(volume, block, bytes);
      const encoded = structure.encode(structure.parse(bytes), { byteLength: bytes.length, checksums: "keep" });
      if (Buffer.compare(encoded, bytes) !== 0) expect(toHex(encoded), `block ${block}: ${structure.name}`).toBe(toHex(bytes));
    }
  });
});
