import { describe, expect, it } from "vitest";
import { toJson } from "../base/json.ts";
import { MemoryDevice } from "../device/memory-device.ts";
import { sealBlock } from "../format/core/index.ts";
import { goldenDifferences } from "../testing/compare-golden.ts";
import { goldenJson } from "../testing/golden.ts";
import { BlockReader } from "../volume/block-reader.ts";
import { computeChecksumTree } from "./checksum-tree.ts";

const blockBytes = 4096;
/** The device that the vectors' `about` describes. */
function vectorDevice(): MemoryDevice {
  const bytes = new Uint8Array(64 * blockBytes);
  const fill = (block: number, text: string) => {
    const letters = new TextEncoder().encode(text);
    for (let at = 0; at < blockBytes; at++) bytes[block * blockBytes + at] = letters[at % letters.length] ?? 0;
  };
  for (let block = 0; block < 20; block++) if (block !== 7) fill(block, `leaf ${block}. `);
  fill(20, "sealed. ");
  sealBlock(bytes.subarray(20 * blockBytes, 21 * blockBytes), "DATA", 3);
  return new MemoryDevice(bytes);
}

interface Row {
  extents: [start: number, count: number, flags: number][];
}

describe("the SDK's checksum tree", () => {
  it.each((goldenJson("vectors-checksum-tree").rows as Row[]).map((row) => [JSON.stringify(row.extents), row] as const))(
    "of %s is computed as the SDK computes it",
    async (_, { extents, ...expected }) => {
      const tree = await computeChecksumTree(
        new BlockReader(vectorDevice(), blockBytes),
        extents.map(([start, blockCount, flags]) => ({ startBlock: BigInt(start), blockCount, flags, logicalOffset: 0n })),
      );
      expect(goldenDifferences(toJson(tree), expected)).toEqual([]);
    },
  );
});
