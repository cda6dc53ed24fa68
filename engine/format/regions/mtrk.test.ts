import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { anyBytes, anyU32 } from "../../testing/arbitraries.ts";
import { writtenBlocks } from "../../testing/golden-region.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { exampleBlock } from "../../testing/worked-example.ts";
import { buildTree, type MerkleNodes, nodeAt, setLeaf, treeCapacity } from "./merkle.ts";
import { integrityTreeBlocks, type MtrkContent, mtrkCodec, nodesNotStored, storedNodes } from "./mtrk.ts";

const shaOf = (text: string): Uint8Array => checksum.sha256(new TextEncoder().encode(text));
const zeroHash = new Uint8Array(32);
const emptyNodes = (capacity: number): MerkleNodes => Array.from({ length: 2 * capacity }, () => zeroHash);

describe("core regions reference 7.8", () => {
  const nodes = emptyNodes(4);
  setLeaf(nodes, 0, shaOf("a"));
  const root = "211CF60DFD23D71F5B4D97BA59352A622829C71283BA303D24950F7AB0A9D804";
  const node2 = "F73902761F5D940342851B717C1D23BC1F78B1E93D554DB2B55B0EF4A045DE8F";
  const leaf0 = "CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB";
  const blocks = [
    exampleBlock({ 0: `04 00 00 00 04 00 00 00 ${root}` }, "4B52544D 01000000 2405763313C2EB45"),
    exampleBlock({ 0: root, 32: node2, 96: leaf0 }, "4B52544D 01000000 FD91E422D8971855"),
  ];
  const content: MtrkContent = {
    layout: "region",
    generation: 1,
    leafCount: 4,
    treeCapacity: 4,
    rootHash: nodeAt(nodes, 1),
    leaves: nodes.slice(4),
    nodesSha256: checksum.sha256OfParts(nodes.slice(1)),
  };
  it("is written so", () => expect(mtrkCodec.write(content, 4096, { nodes })).toEqual(blocks));
  it("is read so", () => expect(mtrkCodec.read(writtenBlocks(blocks)).content).toEqual(content));
  it("has another root when it is built at once", () => {
    const built = buildTree([shaOf("a"), zeroHash, zeroHash, zeroHash]);
    expect(toHex(nodeAt(built, 1))).toBe("a8efe8010d28c9703af50f4293d734b397d1ed6fd7e7029aa6b18b7e7304db45");
  });
  it("has this root over two leaves", () =>
    expect(toHex(nodeAt(buildTree([shaOf("a"), shaOf("b")]), 1))).toBe("e5a01fee14e0ed5c48714f22180f25ad8365b53f9779f79dc4a3d7e93963f94a"));
  it("hashes 64 zeros so (7.1)", () =>
    expect(toHex(checksum.sha256(new Uint8Array(64)))).toBe("f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"));
});

describe("nodes that the SDK's formula leaves no room for (7.2)", () => {
  it.each([
    [512, 16, 1],
    [512, 32, 0],
    [512, 256, 16],
    [512, 512, 33],
    [512, 1024, 52],
    [4096, 64, 0],
    [4096, 128, 1],
    [4096, 256, 0],
    [4096, 16_384, 128],
    [4096, 32_768, 257],
    [4096, 65_536, 388],
    [4096, 1_048_576, 8128],
    [65_536, 2048, 1],
    [65_536, 4_194_304, 2048],
  ])("in blocks of %i bytes with %i leaves are %i", (blockBytes, leaves, lost) => expect(nodesNotStored(leaves, blockBytes)).toBe(lost));
  it("let a default region hold 2048 leaves", () => {
    expect(integrityTreeBlocks(2048, 4096)).toBeLessThanOrEqual(64);
    expect(integrityTreeBlocks(2049, 4096)).toBeGreaterThan(64);
  });
});

const treesOf = fc.record({
  blockBytes: fc.constantFrom(512, 1024, 4096, 65_536),
  generation: anyU32,
  leaves: fc.array(fc.oneof(anyBytes(32), fc.constant(zeroHash)), { minLength: 1, maxLength: 300, size: "max" }),
  inodeNumber: fc.bigInt({ min: 1n, max: 2n ** 31n - 1n }),
  perObject: fc.boolean(),
});
const generated = treesOf.map(({ blockBytes, generation, leaves, inodeNumber, perObject }) => {
  const stored = buildTree(leaves);
  const capacity = treeCapacity(leaves.length);
  const lost = perObject ? 0 : nodesNotStored(leaves.length, blockBytes);
  const onDisk = stored.map((node, index) => (index >= 2 * capacity - lost ? zeroHash : node));
  const tree = {
    leafCount: leaves.length,
    treeCapacity: capacity,
    rootHash: nodeAt(stored, 1),
    leaves: onDisk.slice(capacity, capacity + leaves.length),
    nodesSha256: checksum.sha256OfParts(onDisk.slice(1)),
  };
  const nodeBlockCount = Math.ceil((2 * capacity - 1) / Math.floor((blockBytes - 16) / 48));
  const content: MtrkContent = perObject
    ? { layout: "perObject", inodeNumber, ...tree, headerBlock: 1099n, nodeBlockCount }
    : { layout: "region", generation, ...tree };
  return { blockBytes, content };
});
/** All nodes of a generated tree: its inner nodes are those that building gives. */
const nodesOf = (content: MtrkContent): MerkleNodes => {
  const built = buildTree(content.leaves);
  return built.map((node, index) => (index === 1 ? content.rootHash : node));
};
describeRegionProperties(mtrkCodec, {
  generated,
  write: (content, blockBytes) => mtrkCodec.write(content, blockBytes, { nodes: nodesOf(content) }),
  compared: ({ nodesSha256, ...content }) => content,
});

describe("stored nodes", () => {
  it("are those that were written", () => {
    const leaves = Array.from({ length: 100 }, (_, index) => shaOf(`${index}`));
    const nodes = buildTree(leaves);
    const content: MtrkContent = {
      layout: "region",
      generation: 1,
      leafCount: 100,
      treeCapacity: 128,
      rootHash: nodeAt(nodes, 1),
      leaves,
      nodesSha256: fromHex(""),
    };
    const stored = storedNodes(writtenBlocks(mtrkCodec.write(content, 4096, { nodes }), 64)) ?? [];
    expect(stored.slice(1, 255)).toEqual(nodes.slice(1, 255));
  });
});
