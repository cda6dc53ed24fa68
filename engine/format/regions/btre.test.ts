import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../base/bytes.ts";
import { toJson } from "../../base/json.ts";
import { anyBytes, anyI64, anyU8 } from "../../testing/arbitraries.ts";
import { goldenJson } from "../../testing/golden.ts";
import { writtenBlocks } from "../../testing/golden-region.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { type BeTreeNode, beTreeNodeBlock, messageCapacity, mostLeafEntries, readBeNode, writeBeNode } from "./be-tree-node.ts";
import { type BTreeNodes, type BtreContent, btreCodec } from "./btre.ts";
import { type BTreeNode, mostKeys, readNode, sdkNodeFailure, writeNode } from "./btree-node.ts";
import type { UnusedRegion } from "./unused-region.ts";

const vectors = goldenJson("vectors-node-codecs");
const padded = (hex: string, blockSize: number): Uint8Array => {
  const block = new Uint8Array(blockSize);
  block.set(Buffer.from(hex, "hex"));
  return block;
};
const big = (value: number | string): bigint => BigInt(value);

interface NodeVector {
  name: string;
  blockSize: number;
  maxKeys: number;
  serialize: string;
  hex?: string;
  node?: {
    block: number;
    keyCount: number;
    flags: number;
    parentBlock: number;
    nextLeafBlock: number;
    prevLeafBlock: number;
    keys: string[];
    values?: (number | string)[];
    childPointers?: (number | string)[];
  };
  deserialize?: string;
}

describe("nodes of a B-tree in vectors-node-codecs", () => {
  it.each((vectors.bTreeNodes as NodeVector[]).filter(({ hex }) => hex !== undefined))("$name", (vector) => {
    const { blockSize, hex = "", node, deserialize = "ok" } = vector;
    const block = padded(hex, blockSize);
    expect(mostKeys(blockSize)).toBe(vector.maxKeys);
    const at = big(node?.block ?? 77);
    expect(sdkNodeFailure(block, at) ?? "ok").toBe(deserialize);
    if (!node || deserialize !== "ok") return;
    expect(toJson(readNode(block, at).node)).toEqual(node);
    const { parentBlock, nextLeafBlock, prevLeafBlock, values, childPointers, ...rest } = node;
    const given: BTreeNode = {
      ...rest,
      block: at,
      ...{ parentBlock: big(parentBlock), nextLeafBlock: big(nextLeafBlock), prevLeafBlock: big(prevLeafBlock) },
      ...(values && { values: values.map(big) }),
      ...(childPointers && { childPointers: childPointers.map(big) }),
    };
    expect(writeNode(given, blockSize)).toEqual(block);
  });
  it("are refused where they do not fit a block, as by the SDK", () => {
    const key = "61".repeat(200);
    const node = {
      keyCount: 3,
      flags: 1,
      parentBlock: -1n,
      nextLeafBlock: -1n,
      prevLeafBlock: -1n,
      keys: [key, key, key],
      values: [1n, 2n, 3n],
    };
    expect(() => writeNode(node, 512)).toThrow(RangeError);
    expect(() => writeNode({ ...node, values: [1n] }, 4096)).toThrow(RangeError);
  });
  it.each(vectors.bTreeNodesDamaged as { name: string; blockSize: number; hex: string; deserialize: string }[])(
    "damaged: $name",
    ({ blockSize, hex, deserialize }) => {
      const block = padded(hex, blockSize);
      expect(sdkNodeFailure(block, 77n) ?? JSON.stringify(toJson(readNode(block, 77n).node))).toBe(deserialize);
    },
  );
});

interface BeVector {
  name: string;
  blockSize: number;
  maxLeafEntries: number;
  bufferCapacity: number;
  node: {
    isLeaf: boolean;
    entries: { key: string; value: number | string }[];
    messages: { type: number; key: string; value: number | string; timestamp: number | string }[];
    pivotKeys: string[];
    childPointers: (number | string)[];
  };
  hex: string;
  deserialize: string;
  sdkReads?: object;
}

describe("nodes of a Bε-tree in vectors-node-codecs", () => {
  it.each(vectors.beTreeNodes as BeVector[])("$name", ({ blockSize, node, hex, deserialize, sdkReads, ...limits }) => {
    const block = padded(hex, blockSize);
    expect(mostLeafEntries(blockSize)).toBe(limits.maxLeafEntries);
    expect(messageCapacity(blockSize)).toBe(limits.bufferCapacity);
    const read = readBeNode(block);
    if (deserialize !== "ok") {
      expect(read).toBe(deserialize);
      return;
    }
    if (typeof read === "string") throw new TypeError(read);
    expect(toJson(read.node)).toEqual(sdkReads ?? node);
    const given: BeTreeNode = {
      ...node,
      entries: node.entries.map(({ key, value }) => ({ key, value: big(value) })),
      messages: node.messages.map(({ type, key, value, timestamp }) => ({ type, key, value: big(value), timestamp: big(timestamp) })),
      childPointers: node.childPointers.map(big),
    };
    if (sdkReads) expect(() => writeBeNode(given, blockSize)).toThrow(RangeError);
    else expect(writeBeNode(given, blockSize)).toEqual(block);
  });
  it("are covered by their fields", () => {
    for (const { hex, blockSize } of vectors.beTreeNodes as BeVector[]) {
      const rows = beTreeNodeBlock.annotate(padded(hex, blockSize));
      expect(rows.at(-1)?.end).toBe(BigInt(blockSize));
      expect(rows.every((row, index) => row.start === (rows[index - 1]?.end ?? 0n))).toBe(true);
    }
  });
});

describe("other regions reference 17.1", () => {
  const hex = `02000300${"ff".repeat(24)}010002006162630a000000000000001400000000000000`;
  const node = {
    block: 1099n,
    keyCount: 2,
    flags: 3,
    parentBlock: -1n,
    nextLeafBlock: -1n,
    prevLeafBlock: -1n,
    keys: ["61", "6263"],
    values: [10n, 20n],
  };
  const content: BTreeNodes = { layout: "nodes", nodes: [node] };
  it("is written so", () => expect(btreCodec.write(content, 4096).map(toHex)).toEqual([hex.padEnd(8192, "0")]));
  it("is read so", () => expect(btreCodec.read(writtenBlocks([padded(hex, 4096)]))).toMatchObject({ content, problems: [] }));
});

/** A tree as the SDK's bulk loader builds it, of `count` keys. */
function bulkLoaded(count: number): Uint8Array[] {
  const most = mostKeys(4096);
  const keys = Array.from({ length: count }, (_, index) => toHex(new TextEncoder().encode(`${index}`.padStart(5, "0"))));
  const start = 1099n;
  const nodes: BTreeNode[] = [];
  const none = -1n;
  const leafCount = Math.ceil(count / most);
  for (let leaf = 0; leaf < leafCount; leaf++) {
    const own = keys.slice(leaf * most, (leaf + 1) * most);
    const links = {
      nextLeafBlock: leaf < leafCount - 1 ? start + BigInt(leaf + 1) : none,
      prevLeafBlock: leaf > 0 ? start + BigInt(leaf - 1) : none,
    };
    nodes.push({
      block: start + BigInt(leaf),
      keyCount: own.length,
      flags: 1,
      parentBlock: none,
      ...links,
      keys: own,
      values: own.map(() => 1n),
    });
  }
  let level = [...nodes];
  while (level.length > 1) {
    const above: BTreeNode[] = [];
    for (let first = 0; first < level.length; first += most + 1) {
      const children = level.slice(first, first + most + 1);
      const separators = children.slice(1).map((child) => child.keys[0] ?? "");
      const node: BTreeNode = {
        ...{ block: start + BigInt(nodes.length + above.length), keyCount: separators.length, flags: 0, parentBlock: none },
        ...{ nextLeafBlock: none, prevLeafBlock: none, keys: separators, childPointers: children.map(({ block }) => block) },
      };
      for (const child of children) child.parentBlock = node.block;
      above.push(node);
    }
    nodes.push(...above);
    level = above;
  }
  const [root] = level;
  if (root) root.flags |= 2;
  return btreCodec.write({ layout: "nodes", nodes }, 4096);
}

describe("bulk-loaded trees (17.1, traps)", () => {
  it.each([
    [200, 0],
    [3000, 2970],
    [3100, 54],
  ])("of %i sorted keys hide %i from the SDK's search", (count, hidden) => {
    const { sdkReads, problems } = btreCodec.read(writtenBlocks(bulkLoaded(count), 64));
    expect((sdkReads as { lookupMisses: unknown[] } | undefined)?.lookupMisses ?? []).toHaveLength(hidden);
    expect(problems.map(({ rule }) => rule)).toEqual(hidden > 0 ? ["btre.key-unreachable"] : []);
  });
});

const keyHex = fc.uint8Array({ maxLength: 256 }).map(toHex);
const nodes = fc.array(
  fc.record({
    leaf: fc.boolean(),
    flags: fc.constantFrom(0, 2, 4),
    keys: fc.array(keyHex, { maxLength: 12 }),
    pointers: fc.array(anyI64, { minLength: 13, maxLength: 13 }),
    links: fc.tuple(anyI64, anyI64, anyI64),
  }),
  { minLength: 1, maxLength: 4 },
);
const content = nodes.map(
  (all): BTreeNodes => ({
    layout: "nodes",
    nodes: all.map(({ leaf, flags, keys, pointers, links: [parentBlock, nextLeafBlock, prevLeafBlock] }, index) => ({
      ...{ block: 1099n + BigInt(index), keyCount: keys.length, flags: flags + (leaf ? 1 : 0) },
      ...{ parentBlock, nextLeafBlock, prevLeafBlock, keys },
      ...(leaf ? { values: pointers.slice(0, keys.length) } : { childPointers: pointers.slice(0, keys.length + 1) }),
    })),
  }),
);
describeRegionProperties<BtreContent | UnusedRegion>(btreCodec, {
  generated: fc.record({ blockBytes: fc.constantFrom(4096, 8192, 65_536), content: content.filter(isNotEmpty) }),
  write: btreCodec.write,
});

/** Whether no node would be a block of zeros. */
function isNotEmpty({ nodes: all }: BTreeNodes): boolean {
  return all.every(({ keyCount, parentBlock }) => keyCount > 0 && parentBlock !== 0n);
}

describe("nodes of a Bε-tree", () => {
  const node = fc.oneof(
    fc
      .record({ entries: fc.array(fc.record({ key: fc.uint8Array({ maxLength: 40 }).map(toHex), value: anyI64 }), { maxLength: 60 }) })
      .map(({ entries }): BeTreeNode => ({ isLeaf: true, entries, messages: [], pivotKeys: [], childPointers: [] })),
    fc
      .record({
        messages: fc.array(fc.record({ type: anyU8, key: anyBytes(9).map(toHex), value: anyI64, timestamp: anyI64 }), { maxLength: 30 }),
        pivotKeys: fc.array(fc.uint8Array({ maxLength: 40 }).map(toHex), { maxLength: 20 }),
        childPointers: fc.array(anyI64, { maxLength: 21 }),
      })
      .map((inner): BeTreeNode => ({ isLeaf: false, entries: [], ...inner })),
  );
  it("are read as they were written", () =>
    fc.assert(
      fc.property(node, (given) => {
        const read = readBeNode(writeBeNode(given, 4096));
        expect(typeof read === "string" ? read : read.node).toEqual(given);
        expect(typeof read === "string" ? read : read.missing).toBeUndefined();
      }),
    ));
});
