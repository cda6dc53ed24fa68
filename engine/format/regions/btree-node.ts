import { fromHex, toHex, viewOf } from "../../base/bytes.ts";
import { array, bytes, flags, i64, type Kind, reservedUntil, struct, u16 } from "../../base/struct/index.ts";

const headBytes = 28;
/** The longest key that the SDK's reader takes. Source: other regions reference 17.1. */
export const longestKey = 256;
const leafFlag = 1;
const rootFlag = 2;
/** The number that stands for no block. */
export const noBlock = -1n;

/** Keys that a node of a block of so many bytes holds at most. Source: other regions reference 17.1. */
export const mostKeys = (blockBytes: number): number => Math.min(255, Math.max(3, Math.floor((blockBytes - 36) / 74)));

/** Byte runs one behind the other, each as long as was read before. */
const runs = (lengthsOf: (values: Record<string, unknown>) => readonly number[], doc: string): Kind<Uint8Array[]> => ({
  type: "bytes[]",
  class: "id",
  options: { doc },
  byteLength: undefined,
  leastBytes: 0,
  read: (reader, path) =>
    lengthsOf(reader.values).map((length, index) => bytes(length, { as: "id", doc }).read(reader, `${path}[${index}]`)),
  write: (writer, value) => {
    for (const each of value) bytes(each.length).write(writer, each);
  },
  measure: (value) => value.reduce((sum, each) => sum + each.length, 0),
  describe: (path, offset) => [{ path, type: "bytes[]", kind: "id", offset, doc }],
});

const keyCountOf = (values: Record<string, unknown>): number => values.keyCount as number;
const isLeafNode = (values: Record<string, unknown>): boolean => ((values.flags as number) & leafFlag) !== 0;

/** A node of the version 1 container's B-tree; fills a block, without trailer. Source: other regions reference 17.1. */
export const bTreeNodeBlock = struct("BTreeNode", {
  keyCount: u16(),
  flags: flags(u16(), { 0: "Leaf", 1: "Root" }),
  parentBlock: i64({ as: "pointer", unit: "block", doc: "-1 is none" }),
  nextLeafBlock: i64({ as: "pointer", unit: "block", doc: "-1 is none" }),
  prevLeafBlock: i64({ as: "pointer", unit: "block", doc: "-1 is none" }),
  keyLengths: array(u16({ unit: "bytes" }), keyCountOf),
  keys: runs((values) => values.keyLengths as number[], "Ascending as unsigned bytes"),
  values: array(i64(), (values) => (isLeafNode(values) ? keyCountOf(values) : 0)),
  childPointers: array(i64({ as: "pointer", unit: "block" }), (values) => (isLeafNode(values) ? 0 : keyCountOf(values) + 1)),
  unused: reservedUntil(0),
});

export interface BTreeNode {
  /** Absolute. */
  block: bigint;
  keyCount: number;
  flags: number;
  parentBlock: bigint;
  nextLeafBlock: bigint;
  prevLeafBlock: bigint;
  /** In hex; as text they compare as the bytes do. */
  keys: string[];
  /** Of a leaf, one for each key. */
  values?: bigint[];
  /** Of an inner node, one more than keys. */
  childPointers?: bigint[];
}

export const isLeaf = ({ flags: bits }: Pick<BTreeNode, "flags">): boolean => (bits & leafFlag) !== 0;
export const isRoot = ({ flags: bits }: Pick<BTreeNode, "flags">): boolean => (bits & rootFlag) !== 0;

/** Bytes that a node takes. Source: other regions reference 17.1. */
const nodeBytes = (keyBytes: number, keyCount: number, leaf: boolean): number =>
  headBytes + 2 * keyCount + keyBytes + 8 * (leaf ? keyCount : keyCount + 1);

/** Why the SDK's reader refuses a block as a node; undefined where it reads one. Source: other regions reference 17.1. */
export function sdkNodeFailure(block: Uint8Array, at: bigint): string | undefined {
  const view = viewOf(block);
  const keyCount = view.getUint16(0, true);
  const most = mostKeys(block.length);
  const corrupt = (what: string) => `InvalidDataException: Corrupt B-Tree node at block ${at}: ${what}`;
  if (keyCount > most) return corrupt(`KeyCount=${keyCount} exceeds MaxKeys=${most}.`);
  const lengths = Array.from({ length: keyCount }, (_, index) => view.getUint16(headBytes + 2 * index, true));
  const long = lengths.findIndex((length) => length > longestKey);
  if (long >= 0) return corrupt(`key length ${lengths[long]} at index ${long} exceeds MaxKeySize=${longestKey}.`);
  let end = headBytes + 2 * keyCount;
  for (const [index, length] of lengths.entries()) {
    end += length;
    if (end > block.length) return corrupt(`buffer overrun reading key ${index} (length=${length}).`);
  }
  const whole = nodeBytes(end - headBytes - 2 * keyCount, keyCount, (view.getUint16(2, true) & leafFlag) !== 0);
  return whole > block.length ? "ArgumentOutOfRangeException: Specified argument was out of the range of valid values." : undefined;
}

/** The node in a block that `sdkNodeFailure` lets pass, and the first byte behind it that is not zero. */
export function readNode(block: Uint8Array, at: bigint): { node: BTreeNode; slackAt: number | undefined } {
  const { keyLengths, keys, values, childPointers, unused, ...header } = bTreeNodeBlock.parse(block);
  const pointers = isLeaf(header) ? { values } : { childPointers };
  const node = { block: at, ...header, keys: keys.map(toHex), ...pointers };
  return { node, slackAt: unused && block.length - unused.length + unused.findIndex((byte) => byte !== 0) };
}

/** The block of a node. Throws a RangeError where the node is larger than a block or its pointers are not as many as its keys ask for. */
export function writeNode(node: Omit<BTreeNode, "block">, blockBytes: number): Uint8Array {
  const keys = node.keys.map((key) => fromHex(key));
  const leaf = isLeaf(node);
  const pointers = leaf ? node.values?.length : (node.childPointers?.length ?? 0) - 1;
  if (node.keyCount !== keys.length || pointers !== keys.length)
    throw new RangeError(`${keys.length} keys and as many pointers do not match`);
  const keyBytes = keys.reduce((sum, key) => sum + key.length, 0);
  if (nodeBytes(keyBytes, keys.length, leaf) > blockBytes)
    throw new RangeError(`a node of ${keys.length} keys does not fit ${blockBytes} bytes`);
  const { keyCount, flags: bits, parentBlock, nextLeafBlock, prevLeafBlock, values = [], childPointers = [] } = node;
  return bTreeNodeBlock.encode(
    {
      ...{ keyCount, flags: bits, parentBlock, nextLeafBlock, prevLeafBlock },
      keyLengths: keys.map((key) => key.length),
      ...{ keys, values, childPointers },
    },
    { byteLength: blockBytes },
  );
}
