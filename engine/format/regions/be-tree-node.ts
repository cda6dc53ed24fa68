import { fromHex, toHex, viewOf } from "../../base/bytes.ts";
import { array, bytes, enumeration, i32be, i64be, reservedUntil, struct, u8 } from "../../base/struct/index.ts";
import { sdkOutOfRange } from "./region.ts";

const headBytes = 9;
const longestKey = 65_536;

export const messageTypes = { 0: "Insert", 1: "Update", 2: "Delete", 3: "Upsert" } as const;

const keyOf = bytes((values) => values.keyLength as number, { as: "id" });
const entry = struct("BeTreeEntry", { keyLength: i32be({ unit: "bytes" }), key: keyOf, value: i64be() });
const message = struct("BeTreeMessage", {
  type: enumeration(u8(), messageTypes),
  keyLength: i32be({ unit: "bytes" }),
  key: keyOf,
  value: i64be(),
  timestamp: i64be(),
});
const pivot = struct("BeTreePivot", { keyLength: i32be({ unit: "bytes" }), key: keyOf });
const inner = struct("BeTreePivotsAndChildren", {
  pivotCount: i32be(),
  pivots: array(pivot, (values) => values.pivotCount as number),
  childCount: i32be(),
  childPointers: array(i64be({ as: "pointer", unit: "block" }), (values) => values.childCount as number),
});
const isLeafNode = (values: Record<string, unknown>): boolean => values.isLeaf !== 0;

/** A node of the adaptive index's Bε-tree: big-endian, fills a block, without trailer. Source: other regions reference 17.2. */
export const beTreeNodeBlock = struct("BeTreeNode", {
  isLeaf: u8({ oneOf: [0, 1] }),
  entryCount: i32be(),
  messageCount: i32be(),
  entries: array(entry, (values) => (isLeafNode(values) ? (values.entryCount as number) : 0)),
  messages: array(message, (values) => (isLeafNode(values) ? 0 : (values.messageCount as number))),
  inner: array(inner, (values) => (isLeafNode(values) ? 0 : 1)),
  unused: reservedUntil(0),
});

export interface BeTreeMessage {
  type: number;
  /** In hex, as all keys. */
  key: string;
  value: bigint;
  timestamp: bigint;
}

export interface BeTreeNode {
  isLeaf: boolean;
  entries: { key: string; value: bigint }[];
  messages: BeTreeMessage[];
  pivotKeys: string[];
  childPointers: bigint[];
}

/** Entries that a leaf should hold, and messages that an inner node should, at most. Source: other regions reference 17.2. */
export const mostLeafEntries = (blockBytes: number): number => Math.max(4, Math.floor((blockBytes - headBytes) / 40));
export const messageCapacity = (blockBytes: number): number => Math.max(2, Math.floor(Math.sqrt(mostLeafEntries(blockBytes))));

/** The exception that ends the SDK's reading of a node. */
class NodeFailure extends Error {}

/** Reads big-endian values one behind the other, as the SDK's reader does. */
class Cursor {
  readonly #view: DataView;
  readonly #block: Uint8Array;
  at = 0;
  constructor(block: Uint8Array) {
    this.#block = block;
    this.#view = viewOf(block);
  }
  get left(): number {
    return this.#block.length - this.at;
  }
  #take(byteLength: number): number {
    if (byteLength < 0 || byteLength > this.left) throw new NodeFailure(sdkOutOfRange);
    this.at += byteLength;
    return this.at - byteLength;
  }
  u8 = (): number => this.#view.getUint8(this.#take(1));
  i32 = (): number => this.#view.getInt32(this.#take(4));
  i64 = (): bigint => this.#view.getBigInt64(this.#take(8));
  hex = (byteLength: number): string => {
    const start = this.#take(byteLength);
    return toHex(this.#block.subarray(start, this.at));
  };
}

/** A node as the SDK's reader sees it. */
export interface BeTreeReading {
  node: BeTreeNode;
  /** First byte behind what was read. */
  end: number;
  /** What the node counts and does not hold, since the SDK's writer cuts what does not fit. */
  missing: string | undefined;
}

/** What the SDK's reader makes of a block: the node, or its exception. Source: other regions reference 17.2. */
export function readBeNode(block: Uint8Array): BeTreeReading | string {
  try {
    return readAsSdk(new Cursor(block));
  } catch (error) {
    if (error instanceof NodeFailure) return error.message;
    throw error;
  }
}

function readAsSdk(from: Cursor): BeTreeReading {
  const node: BeTreeNode = { isLeaf: from.u8() !== 0, entries: [], messages: [], pivotKeys: [], childPointers: [] };
  const [entryCount, messageCount] = [from.i32(), from.i32()];
  const counts = { entries: entryCount, pivots: 0, children: 0 };
  if (node.isLeaf) readEntries(from, entryCount, node);
  else {
    counts.entries = 0;
    for (let index = 0; index < messageCount; index++) node.messages.push(readMessage(from));
    readPivotsAndChildren(from, node, counts);
  }
  const missing = [
    [counts.entries, node.entries.length, "entries"],
    [counts.pivots, node.pivotKeys.length, "pivots"],
    [counts.children, node.childPointers.length, "children"],
  ].filter(([counted, read]) => counted !== read);
  const text = missing.map(([counted, read, what]) => `${read} of ${counted} ${what}`).join(", ");
  return { node, end: from.at, missing: text || undefined };
}

function readEntries(from: Cursor, count: number, node: BeTreeNode): void {
  for (let index = 0; index < count && from.left >= 12; index++) {
    const start = from.at;
    const length = from.i32();
    if (length < 0 || length > longestKey) {
      from.at = start;
      return;
    }
    node.entries.push({ key: from.hex(length), value: from.i64() });
  }
}

function readMessage(from: Cursor): BeTreeMessage {
  const type = from.u8();
  const length = from.i32();
  if (length < 0 || length > longestKey || length > from.left)
    throw new NodeFailure(
      `InvalidDataException: BeTreeMessage deserialization failed: keyLen ${length} is invalid (max ${longestKey}, available ${from.left}).`,
    );
  return { type, key: from.hex(length), value: from.i64(), timestamp: from.i64() };
}

function readPivotsAndChildren(from: Cursor, node: BeTreeNode, counts: { pivots: number; children: number }): void {
  if (from.left < 4) return;
  counts.pivots = from.i32();
  for (let index = 0; index < counts.pivots && from.left > 4; index++) {
    const start = from.at;
    const length = from.i32();
    if (length > from.left) {
      from.at = start;
      break;
    }
    node.pivotKeys.push(from.hex(length));
  }
  if (from.left <= 4) return;
  counts.children = from.i32();
  for (let index = 0; index < counts.children && from.left >= 8; index++) node.childPointers.push(from.i64());
}

/** The block of a node. Throws a RangeError where the node is larger than a block: the SDK's writer would cut it. */
export function writeBeNode(node: BeTreeNode, blockBytes: number): Uint8Array {
  const key = (hex: string) => ({ keyLength: hex.length / 2, key: fromHex(hex) });
  const value = {
    isLeaf: node.isLeaf ? 1 : 0,
    entryCount: node.entries.length,
    messageCount: node.messages.length,
    entries: node.entries.map((each) => ({ ...key(each.key), value: each.value })),
    messages: node.messages.map((each) => ({ type: each.type, ...key(each.key), value: each.value, timestamp: each.timestamp })),
    inner: node.isLeaf
      ? []
      : [
          {
            pivotCount: node.pivotKeys.length,
            pivots: node.pivotKeys.map(key),
            childCount: node.childPointers.length,
            childPointers: node.childPointers,
          },
        ],
  };
  const needed = beTreeNodeBlock.measure(value, {});
  if (needed > blockBytes) throw new RangeError(`a node of ${needed} bytes does not fit ${blockBytes}`);
  return beTreeNodeBlock.encode(value, { byteLength: blockBytes });
}
