import { viewOf } from "../../../base/bytes.ts";
import { StoredText } from "../../../base/stored-text.ts";
import { type TagiContent, type TagTreeContent, tagiCodec } from "../../../format/regions/tagi.ts";
import type { TagNode } from "../../../format/regions/tagi-nodes.ts";
import type { RoaringContent } from "../../../format/regions/tagi-roaring.ts";
import type { UnusedRegion } from "../../../format/regions/unused-region.ts";
import { blockRuleCases, describeRegionRules } from "../../../testing/region-rules.ts";
import { roaringIndex } from "../../../testing/roaring-index.ts";
import { tableRuleCases } from "../../../testing/table-rules.ts";
import { tagTree } from "../../../testing/tag-tree.ts";

type Content = TagiContent | UnusedRegion;
const utf8 = new TextEncoder();
const entryOf = (key: string, valueBytes = 1) => ({
  key: utf8.encode(key),
  value: new Uint8Array(valueBytes).fill(0x76),
  inodeNumber: 42n,
  blockAddress: 100n,
});
/** A root in block 1, leaves of two entries each in blocks 2, 3 and 4. */
const sound = (): TagTreeContent =>
  tagTree(
    [..."abcdef"].map((key) => entryOf(key)),
    2,
  );
const node = (index: number, change: Partial<TagNode>) => (content: Content) =>
  void Object.assign((content as TagTreeContent).nodes[index] as TagNode, change);
const fields = (change: object) => (content: Content) => void Object.assign(content, change);
const as = (other: TagiContent) => (content: Content) => {
  for (const key of Object.keys(content)) delete (content as unknown as Record<string, unknown>)[key];
  Object.assign(content, other);
};
const roaring = (): RoaringContent =>
  roaringIndex(
    [
      { key: "env", value: "prod", inodes: [1n, 2n, 70_000n] },
      { key: "env", value: "test", inodes: [3n] },
    ],
    4096,
  );
const roaringWith = (change: (content: RoaringContent) => void) => (content: Content) => {
  const other = roaring();
  change(other);
  as(other)(content);
};
const wide = "abcdefghijklmnopqr";
/** Where the children of the root begin: behind two keys of one byte. */
const childrenStart = 3 + 2 * 2;
const loses = { "tagi.sdk-lookup-misses": "look-ups that end there find nothing" };
const filled = (blocks: Uint8Array[], block: number, start: number, bytes: number[]) => blocks[block]?.set(bytes, start);

describeRegionRules<Content>(
  tagiCodec,
  tagiCodec.write,
  { content: sound, facts: { totalBlocks: 1280n, hasInode: (inode) => inode < 100_000n } },
  [
    ...blockRuleCases("tagi"),
    ...tableRuleCases("tagi", "TAGI", 7).filter(({ rule }) => rule !== "tagi.slack-not-zero"),
    { rule: "tagi.slack-not-zero", blocks: (blocks) => filled(blocks, 2, 4000, [1]) },
    { rule: "tagi.slack-not-zero", blocks: (blocks) => filled(blocks, 1, 4000, [1]) },
    { rule: "tagi.slack-not-zero", blocks: (blocks) => filled(blocks, 0, 4000, [1]) },
    { rule: "tagi.entry-count-differs", content: fields({ entryCount: 7 }) },
    { rule: "tagi.depth-differs", content: fields({ treeDepth: 2 }) },
    { rule: "tagi.filter-refused", blocks: ([first]) => first?.set([0, 0, 0, 0], 6) },
    { rule: "tagi.filter-refused", blocks: ([first]) => first?.set([0], 10) },
    {
      rule: "tagi.filter-overlaps-trailer",
      blocks: ([first]) => {
        if (!first) return;
        first.fill(0xff, 16, 4080);
        viewOf(first).setInt32(6, (4096 - 16) * 8, true);
      },
      also: {},
    },
    {
      rule: "tagi.filter-misses-key",
      blocks: ([first]) => first?.fill(0, 16, 16 + 1024),
      also: loses,
    },
    { rule: "tagi.filter-differs", blocks: ([first]) => first?.fill(0xff, 16, 16 + 1024) },
    { rule: "tagi.reserved-not-zero", blocks: ([first]) => first?.set([1], 11) },
    {
      rule: "tagi.node-broken",
      blocks: (blocks) => filled(blocks, 4, 1, [0xff, 0x01]),
      also: {
        "tagi.entry-count-differs": "its entries are lost",
        "tagi.chain-differs": "it is no leaf any more",
        "tagi.filter-differs": "the bits of its keys are left",
      },
    },
    { rule: "tagi.node-type", blocks: (blocks) => filled(blocks, 1, 0, [2]) },
    {
      rule: "tagi.leaf-overflow",
      content: as(tagTree([entryOf("k", 255)], 64)),
      blocks: (blocks) => {
        const leaf = blocks[1];
        if (!leaf) return;
        // 14 entries of 273 bytes and one that ends in NextLeaf: 3 + 14 · 273 + 254 = 4079 of 4076 bytes.
        const entry = leaf.slice(3, 3 + 274);
        for (let index = 0; index < 14; index++) leaf.set(entry, 3 + index * 274);
        leaf.set([1, 0x6b, 219], 3 + 14 * 274);
        leaf.fill(0x76, 3 + 14 * 274 + 3, 4076 - 14);
        leaf.fill(0, 4076 - 14, 4080);
        leaf.set([15, 0], 1);
        blocks[0]?.set([15], 0);
      },
    },
    {
      rule: "tagi.internal-overflow",
      // 17 keys of 235 bytes and 18 children are 4087 bytes: the trailer takes the place of the last two children.
      content: (content) => {
        const tree = tagTree(
          [...wide].map((letter) => ({ ...entryOf(letter), key: utf8.encode(letter.repeat(235)) })),
          1,
        );
        as(tree)(content);
        node(0, { keys: [...wide].slice(1).map((letter) => utf8.encode(letter)) })(content);
      },
      blocks: ([, root]) => {
        const keys = [...wide].slice(1).flatMap((letter) => [235, ...utf8.encode(letter.repeat(235))]);
        const children = [...wide].flatMap((_, index) => [2 + index, 0, 0, 0]);
        root?.set([0, 17, 0, ...keys, ...children].slice(0, 4080));
      },
      also: {
        ...loses,
        "tagi.child-range": "the trailer's bytes are read as children",
        "tagi.entry-count-differs": "the entries of the lost children are not in the tree any more",
        "tagi.chain-differs": "the chain goes on to the leaves that the tree lost",
      },
    },
    {
      rule: "tagi.child-range",
      blocks: (blocks) => filled(blocks, 1, childrenStart + 8, [64, 0, 0, 0]),
      also: {
        ...loses,
        "tagi.entry-count-differs": "the entries of the child are not in the tree any more",
        "tagi.chain-differs": "the chain goes on to the leaf that the tree lost",
      },
    },
    {
      rule: "tagi.node-shared",
      content: node(0, { children: [2, 3, 3] }),
      also: {
        "tagi.entry-count-differs": "the entries of the lost leaf are not in the tree any more",
        "tagi.chain-differs": "the chain goes on to the leaf that the tree lost",
      },
    },
    {
      rule: "tagi.node-cycle",
      content: node(0, { children: [2, 3, 1] }),
      also: {
        "tagi.entry-count-differs": "the entries of the lost leaf are not in the tree any more",
        "tagi.chain-differs": "the chain goes on to the leaf that the tree lost",
      },
    },
    {
      rule: "tagi.leaf-depth",
      content: (content) => {
        const tree = content as TagTreeContent;
        node(0, { keyCount: 1, keys: [utf8.encode("c")], children: [2, 3] })(content);
        tree.nodes.splice(
          1,
          3,
          { block: 2, isLeaf: true, keyCount: 2, nextLeaf: 4 },
          { block: 3, isLeaf: false, keyCount: 1, keys: [utf8.encode("e")], children: [4, 5] },
          { block: 4, isLeaf: true, keyCount: 2, nextLeaf: 5 },
          { block: 5, isLeaf: true, keyCount: 2, nextLeaf: 0 },
        );
      },
    },
    {
      rule: "tagi.numbering",
      content: (content) => {
        node(0, { children: [2, 3, 5] })(content);
        node(2, { nextLeaf: 5 })(content);
        node(3, { block: 5 })(content);
      },
      trailers: (blocks) => blocks.splice(4, 1, blocks[4] ?? new Uint8Array(4096)),
    },
    {
      rule: "tagi.chain-cycle",
      content: node(3, { nextLeaf: 2 }),
    },
    { rule: "tagi.chain-differs", content: node(1, { nextLeaf: 0 }) },
    {
      rule: "tagi.keys-order",
      content: (content) => {
        const [first, second] = (content as TagTreeContent).entries;
        if (first && second) (content as TagTreeContent).entries.splice(0, 2, second, first);
      },
      also: loses,
    },
    { rule: "tagi.separator", content: node(0, { keys: [utf8.encode("cc"), utf8.encode("e")] }) },
    {
      rule: "tagi.block-address",
      content: (content) => void Object.assign((content as TagTreeContent).entries[0] ?? {}, { blockAddress: 1280n }),
    },
    {
      rule: "tagi.inode-missing",
      content: (content) => void Object.assign((content as TagTreeContent).entries[0] ?? {}, { inodeNumber: 100_000n }),
    },
    {
      rule: "tagi.sdk-lookup-misses",
      content: as(
        tagTree(
          [..."aabbbb"].map((key) => entryOf(key)),
          3,
        ).entries.length > 0
          ? tagTree(
              [..."abbbcd"].map((key, index) => ({ ...entryOf(key), inodeNumber: BigInt(index) })),
              2,
            )
          : sound(),
      ),
    },
    { unsealed: true, rule: "tagi.roaring-buckets", content: as(roaringIndex([{ key: "env", value: "prod", inodes: [1n] }], 4096, 32)) },
    {
      unsealed: true,
      rule: "tagi.roaring-count-differs",
      content: roaringWith((content) => void Object.assign(content, { entryCount: 3 })),
    },
    {
      unsealed: true,
      rule: "tagi.roaring-range",
      content: roaringWith(() => undefined),
      blocks: (blocks) => {
        const slot = roaring().tags[0]?.slot ?? 0;
        filled(blocks, 0, 16 + slot * 16 + 8, [64, 0, 0, 0]);
      },
    },
    {
      unsealed: true,
      rule: "tagi.roaring-slot",
      content: roaringWith((content) => {
        const [tag] = content.tags;
        const taken = new Set(content.tags.map(({ slot }) => slot));
        let slot = ((tag?.slot ?? 0) + 2) % 16;
        while (taken.has(slot)) slot = (slot + 1) % 16;
        Object.assign(tag ?? {}, { slot });
      }),
    },
    { unsealed: true, rule: "tagi.roaring-name-missing", content: roaringWith((content) => void content.tagNames.pop()) },
    {
      unsealed: true,
      rule: "tagi.roaring-hash-differs",
      content: roaringWith((content) => void Object.assign(content.tagNames[0] ?? {}, { value: StoredText.of("none") })),
    },
    {
      unsealed: true,
      rule: "tagi.roaring-bitmap",
      content: roaringWith(() => undefined),
      blocks: (blocks) => filled(blocks, roaring().tags[0]?.startBlock ?? 0, 4 + 8, [9]),
    },
    {
      unsealed: true,
      rule: "tagi.roaring-inode-missing",
      content: as(roaringIndex([{ key: "env", value: "prod", inodes: [100_000n] }], 4096)),
    },
  ],
);
