import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../base/bytes.ts";
import { anyI64, anyU32 } from "../../testing/arbitraries.ts";
import { writtenBlocks } from "../../testing/golden-region.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { roaringIndex } from "../../testing/roaring-index.ts";
import { tagTree } from "../../testing/tag-tree.ts";
import { exampleBlock } from "../../testing/worked-example.ts";
import { type TagiContent, type TagTreeContent, tagiCodec } from "./tagi.ts";
import type { TagEntry } from "./tagi-nodes.ts";
import type { RoaringContent } from "./tagi-roaring.ts";
import type { UnusedRegion } from "./unused-region.ts";

const utf8 = new TextEncoder();
const entryOf = (key: string, inodeNumber: number): TagEntry => ({
  key: utf8.encode(key),
  value: utf8.encode("prod"),
  inodeNumber: BigInt(inodeNumber),
  blockAddress: 100n,
});

describe("other regions reference 2.5", () => {
  const content = tagTree([entryOf("env", 42)], 64);
  const blocks = [
    exampleBlock(
      {
        0: "01 00 00 00 00 00 00 20 00 00 05 00 00 00 00 00",
        46: "80",
        352: "80",
        806: "40",
        862: "40",
        929: "02",
      },
      "49 47 41 54 07 00 00 00 de 68 51 53 1d 1d 3d 3b",
    ),
    exampleBlock(
      { 0: "01 01 00 03 65 6e 76 04 70 72 6f 64 2a 00 00 00 00 00 00 00 64 00 00 00 00 00 00 00" },
      "49 47 41 54 07 00 00 00 a3 0d 27 ad 51 46 f4 a9",
    ),
  ];
  it("is written so", () => expect(tagiCodec.write(content, 4096)).toEqual(blocks));
  it("is read so", () => {
    const read = tagiCodec.read(writtenBlocks(blocks, 64));
    expect(read).toMatchObject({ content, problems: [] });
    expect(read.sdkReads).toBeUndefined();
    expect(read.places?.entries?.(0)).toEqual({ block: 1, start: 3, byteLength: 25 });
  });
});

describe("a region that was never used", () => {
  const read = (first: Uint8Array) => tagiCodec.read(writtenBlocks([first], 64));
  it("is refused by the SDK as the creator formats it (1.3)", () =>
    expect(read(exampleBlock({}, "49 47 41 54 01 00 00 00 f0 50 e5 0a 6b be f6 51"))).toEqual({
      content: { state: "formatted" },
      sdkReads: "ArgumentOutOfRangeException: bitCount ('0') must be a non-negative and non-zero value. (Parameter 'bitCount')",
      problems: [],
    }));
  it("may be an emptied roaring index where it is zero (2.6)", () =>
    expect(read(new Uint8Array(4096))).toMatchObject({ content: { state: "notInitialised" }, sdkReads: { layout: "roaring", tags: [] } }));
});

describe("pointers that lead in circles", () => {
  const content = tagTree(
    Array.from({ length: 6 }, (_, index) => entryOf(`key${index}`, index)),
    2,
  );
  const readWith = (change: (blocks: Uint8Array[]) => void) => {
    const blocks = tagiCodec.write(content, 4096);
    change(blocks);
    return tagiCodec.read(writtenBlocks(blocks, 64));
  };
  it("of children end the reading, as they would not the SDK's", () => {
    const { content: read, sdkReads } = readWith(([, root]) => root?.set([1, 0, 0, 0], 3 + 2 * 5 + 2 * 4));
    expect((read as TagTreeContent).entries).toHaveLength(6);
    expect(sdkReads).toMatch(/^StackOverflowException/);
  });
  it("of leaves let the SDK list without end", () => {
    const { content: read, sdkReads } = readWith((blocks) => blocks[4]?.set([2], 4076));
    expect((read as TagTreeContent).entries).toHaveLength(6);
    expect(sdkReads).toMatchObject({ iterate: "endless" });
  });
});

const anyKey = fc.uint8Array({ minLength: 1, maxLength: 255 });
const anyEntry = fc.record({ key: anyKey, value: fc.uint8Array({ maxLength: 255 }), inodeNumber: anyI64, blockAddress: anyI64 });
/** Entries whose leaves fit a block, whatever their lengths: 7 of at most 528 bytes each. */
const trees: fc.Arbitrary<TagTreeContent> = fc
  .record({
    entries: fc.array(anyEntry, { maxLength: 90, size: "max" }),
    generation: anyU32.filter((generation) => generation !== 1),
    bits: fc.integer({ min: 1, max: 32_512 }),
  })
  .map(({ entries, generation, bits }) => tagTree(entries, 7, generation, bits));
const anyInodes = fc.oneof(
  fc.uniqueArray(fc.bigInt({ min: 0n, max: 2n ** 40n }), { minLength: 1, maxLength: 40 }),
  fc.integer({ min: 4090, max: 4200 }).map((count) => Array.from({ length: count }, (_, index) => BigInt(index))),
);
const roarings: fc.Arbitrary<RoaringContent> = fc
  .uniqueArray(fc.record({ key: fc.string({ unit: "grapheme" }), value: fc.string({ unit: "grapheme" }), inodes: anyInodes }), {
    minLength: 1,
    maxLength: 20,
    selector: ({ key, value }) => toHex(utf8.encode(`${key}\0${value}`)),
  })
  .map((tags) =>
    roaringIndex(
      tags.map((tag) => ({ ...tag, inodes: [...tag.inodes].sort((a, b) => (a < b ? -1 : 1)) })),
      4096,
    ),
  );

describeRegionProperties<TagiContent | UnusedRegion>(tagiCodec, {
  generated: fc.record({ content: fc.oneof(trees, roarings), blockBytes: fc.constant(4096) }),
  write: tagiCodec.write,
  numRuns: 40,
});
