import { describe, expect, it } from "vitest";
import { concatBytes, equalBytes, fromHex } from "../../base/bytes.ts";
import { toJson } from "../../base/json.ts";
import { goldenJson } from "../../testing/golden.ts";
import { sealBlock } from "./block-trailer.ts";
import { extentTreeNode, flatExtents, isExtentTreeNode } from "./extent-blocks.ts";
import { inodeExtent } from "./inode.ts";

interface Vector {
  what?: string;
  blockSize: number;
  payloadHex: string;
  trailerHex: string;
  exception?: string;
  fields: Record<string, unknown> | null;
}
const vectors = (goldenJson("vectors-extent-tree").cases as Vector[]).map(
  (vector, index) => [vector.what ?? `vector ${index}`, vector] as const,
);

function blockOf({ blockSize, payloadHex, trailerHex }: Vector): Uint8Array {
  const block = new Uint8Array(blockSize);
  block.set(fromHex(payloadHex));
  block.set(fromHex(trailerHex), blockSize - 16);
  return block;
}

describe("a node of the extent tree", () => {
  it.each(vectors.filter(([, vector]) => vector.fields))("reads as the SDK reads it and encodes back: %s", (_, vector) => {
    const block = blockOf(vector);
    const node = extentTreeNode.decode(block);
    const { leafEntries = toJson(node.entries), internalEntries = [], ...header } = vector.fields ?? {};
    expect(toJson(node)).toMatchObject(header);
    expect(toJson(node.entries)).toEqual(leafEntries);
    expect(toJson(node.internalEntries)).toEqual(internalEntries);
    expect(node.entries.length + node.internalEntries.length).toBe(node.entryCount);
    expect(equalBytes(extentTreeNode.encode(node, { byteLength: block.length }), block)).toBe(true);
  });
  it.each(vectors.filter(([, vector]) => vector.exception))("is refused where the SDK refuses it: %s", (what, vector) => {
    const code = what.startsWith("entry count") ? "COUNT_EXCEEDS_SPACE" : "CONSTANT_MISMATCH";
    expect(() => extentTreeNode.decode(blockOf(vector))).toThrowError(expect.objectContaining({ code }));
  });
  it("with a wrong hash is refused", () => {
    const damaged = blockOf((vectors[0] as (typeof vectors)[number])[1]);
    damaged[100] = 1;
    expect(() => extentTreeNode.decode(damaged)).toThrowError(expect.objectContaining({ code: "CHECKSUM_MISMATCH" }));
  });
  it.each([
    [0, 168],
    [1, 253],
  ])("of level %i holds at most %i entries: a larger count does not run into the trailer", (level, capacity) => {
    const block = new Uint8Array(4096);
    block.set(fromHex("4558544e"));
    block.set([level, 0, 0xff, 0xff], 4);
    const node = extentTreeNode.parse(sealBlock(block, "EXTN", 1));
    expect(node.entries.length + node.internalEntries.length).toBe(capacity);
    expect(node.trailer.blockTypeTag).toBe(0x4558_544e);
    expect(() => extentTreeNode.decode(block)).toThrowError(
      expect.objectContaining({ code: "COUNT_EXCEEDS_SPACE", data: expect.objectContaining({ count: 65_535, room: capacity }) }),
    );
  });
});

describe("a flat block of extents", () => {
  const extent = (startBlock: bigint, blockCount: number) => inodeExtent.encode({ startBlock, blockCount, flags: 0, logicalOffset: 0n });
  it("ends at the first empty extent", () => {
    const block = new Uint8Array(4096);
    block.set(concatBytes([extent(5n, 1), extent(9n, 2), extent(0n, 0), extent(11n, 1)]));
    expect(flatExtents(block).map((each) => each.startBlock)).toEqual([5n, 9n]);
  });
  it.each([
    [4096, 170],
    [8192, 341],
    [65_536, 2730],
  ])("of %i bytes holds up to %i", (blockBytes, count) => {
    const block = concatBytes(Array.from({ length: Math.floor(blockBytes / 24) }, (_, index) => extent(BigInt(index + 1), 1)));
    const padded = new Uint8Array(blockBytes);
    padded.set(block);
    expect(flatExtents(padded)).toHaveLength(count);
  });
  it("is not taken for a node of the tree", () => {
    expect(isExtentTreeNode(extent(5n, 1))).toBe(false);
    expect(isExtentTreeNode(fromHex("4558544e00"))).toBe(true);
    expect(isExtentTreeNode(fromHex("455854"))).toBe(false);
  });
});
