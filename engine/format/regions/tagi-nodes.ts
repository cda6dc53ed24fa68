import { viewOf } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import {
  array,
  bytes,
  type Decoded,
  i16,
  i32,
  i64,
  reserved,
  reservedUntil,
  type Struct,
  struct,
  u8,
  u16,
} from "../../base/struct/index.ts";
import { blockTrailer, trailerBytes } from "../core/index.ts";
import { anyStruct, type RegionPlace, sdkOutOfRange } from "./region.ts";

const nodeHeaderBytes = 3;
const nextLeafBytes = 4;
/** Bytes of block 0 before the filter. Other regions reference 2.1. */
export const filterStart = 16;
export const mostKeyBytes = 255;

/** One tag of one inode, 18 bytes, key and value. Other regions reference 2.2. */
export const tagEntry = struct("TagIndexEntry", {
  keyLength: u8({ unit: "bytes" }),
  key: bytes((values) => values.keyLength as number),
  valueLength: u8({ unit: "bytes" }),
  value: bytes((values) => values.valueLength as number),
  inodeNumber: i64(),
  blockAddress: i64({ as: "pointer", unit: "block" }),
});
export type TagEntry = Omit<Decoded<typeof tagEntry>, "keyLength" | "valueLength">;

const tagKey = struct("TagIndexKey", { length: u8({ unit: "bytes" }), key: bytes((values) => values.length as number) });

/** Bytes of a filter of so many bits. */
export const filterBytes = (bits: number): number => Math.ceil(Math.max(0, bits) / 8);

/** The fields at the start of block 0. Other regions reference 2.1. */
export const tagIndexHeader = struct("TagIndexHeader", {
  entryCount: i32(),
  treeDepth: i16({ doc: "Levels above the leaves" }),
  bloomBitCount: i32({ check: (value) => value > 0, expects: "more than 0" }),
  bloomHashCount: u8({ check: (value) => value > 0, expects: "more than 0" }),
  reserved: reserved(5),
});

const headerBlock = struct("TagIndexBlock", {
  header: tagIndexHeader,
  bloom: bytes(
    (values, left) =>
      Math.min(filterBytes((values.header as Decoded<typeof tagIndexHeader>).bloomBitCount), Math.max(0, left - trailerBytes)),
    { as: "flags", doc: "Bloom filter of the keys, least significant bit first" },
  ),
  unused: reservedUntil(trailerBytes),
  trailer: blockTrailer,
});

/** A node of the tree; where it stands in the region is its block. */
export type TagNode =
  | { block: number; isLeaf: true; keyCount: number; nextLeaf: number }
  | { block: number; isLeaf: false; keyCount: number; keys: Uint8Array[]; children: number[] };

export interface ParsedNode {
  node: TagNode;
  /** A leaf's entries, in order, and where they lie. */
  entries: TagEntry[];
  places: RegionPlace[];
  /** Bytes that header, entries, keys and children take; NextLeaf and trailer are not in them. */
  usedBytes: number;
  typeByte: number;
}

/** Why a block cannot be parsed as a node: in words, and as the SDK puts it. */
export interface BrokenNode {
  found: string;
  sdk: string;
}

/** A node by the SDK's own parser: it knows no payload, so what reaches into the trailer is read from it. Other regions reference 2.2, 2.3. */
export function parseNode(block: Uint8Array, index: number): ParsedNode | BrokenNode {
  const view = viewOf(block);
  const typeByte = view.getUint8(0);
  const keyCount = view.getUint16(1, true);
  const capacity = Math.floor((block.length - trailerBytes) / 8);
  if (keyCount > capacity)
    return {
      found: `${keyCount} keys`,
      sdk: `InvalidDataException: TagIndex B+-tree node keyCount ${keyCount} exceeds block capacity ${capacity}.`,
    };
  const ranOff = { found: `${keyCount} keys that do not end in the block`, sdk: sdkOutOfRange };
  return typeByte === 1 ? (parseLeaf(block, index, keyCount) ?? ranOff) : (parseInternal(block, index, keyCount, typeByte) ?? ranOff);
}

function parseLeaf(block: Uint8Array, index: number, keyCount: number): ParsedNode | undefined {
  const entries: TagEntry[] = [];
  const places: RegionPlace[] = [];
  let at = nodeHeaderBytes;
  for (let entry = 0; entry < keyCount; entry++) {
    const valueAt = at + 1 + (block[at] ?? 0);
    const byteLength = 18 + (block[at] ?? 0) + (block[valueAt] ?? 0);
    if (valueAt >= block.length || at + byteLength > block.length) return undefined;
    const { keyLength: _, valueLength: __, ...fields } = tagEntry.parse(block.subarray(at, at + byteLength));
    entries.push(fields);
    places.push({ block: index, start: at, byteLength });
    at += byteLength;
  }
  const nextLeaf = viewOf(block).getInt32(block.length - trailerBytes - nextLeafBytes, true);
  return { node: { block: index, isLeaf: true, keyCount, nextLeaf }, entries, places, usedBytes: at, typeByte: 1 };
}

function parseInternal(block: Uint8Array, index: number, keyCount: number, typeByte: number): ParsedNode | undefined {
  const keys: Uint8Array[] = [];
  let at = nodeHeaderBytes;
  for (let key = 0; key < keyCount; key++) {
    const end = at + 1 + (block[at] ?? 0);
    if (end > block.length) return undefined;
    keys.push(block.slice(at + 1, end));
    at = end;
  }
  if (at + 4 * (keyCount + 1) > block.length) return undefined;
  const children = Array.from({ length: keyCount + 1 }, (_, child) => viewOf(block).getInt32(at + 4 * child, true));
  const node: TagNode = { block: index, isLeaf: false, keyCount, keys, children };
  return { node, entries: [], places: [], usedBytes: at + 4 * (keyCount + 1), typeByte };
}

export const isBroken = (parsed: ParsedNode | BrokenNode): parsed is BrokenNode => "sdk" in parsed;

/** Bytes of a node that must be left for what stands behind its keys. */
export const nodeRoom = (isLeaf: boolean, blockBytes: number): number => blockBytes - trailerBytes - (isLeaf ? nextLeafBytes : 0);

/** The filter's bits of a key. Other regions reference 2.1. */
export function* bloomBits(key: Uint8Array, bits: number, hashes: number): Generator<number> {
  for (let seed = 0; seed < hashes; seed++) yield Number(checksum.xxh64(key, BigInt(seed)) % BigInt(bits));
}

/** The filter of these keys. */
export function bloomFilter(keys: Iterable<Uint8Array>, bits: number, hashes: number): Uint8Array {
  const filter = new Uint8Array(filterBytes(bits));
  for (const key of keys) for (const bit of bloomBits(key, bits, hashes)) filter[bit >>> 3] = (filter[bit >>> 3] ?? 0) | (1 << (bit & 7));
  return filter;
}

/** Whether a filter lets a key pass. */
export function passesFilter(filter: Uint8Array, key: Uint8Array, bits: number, hashes: number): boolean {
  for (const bit of bloomBits(key, bits, hashes)) if (!((filter[bit >>> 3] ?? 0) & (1 << (bit & 7)))) return false;
  return true;
}

/** The structure of one block of the tree: block 0 or a node. */
export function tagIndexStructure(index: number, block: Uint8Array): Struct<unknown> {
  if (index === 0) return anyStruct(headerBlock);
  const parsed = block.length > trailerBytes + nextLeafBytes ? parseNode(block, index) : undefined;
  const isLeaf = block[0] === 1;
  const room = nodeRoom(isLeaf, block.length);
  const head = { isLeaf: u8({ as: "flags", doc: "1: leaf, else an internal node" }), keyCount: u16() };
  const tail = { trailer: blockTrailer };
  if (!parsed || isBroken(parsed) || parsed.usedBytes > room)
    return anyStruct(struct("TagIndexNode", { ...head, content: bytes((_, left) => Math.max(0, left - trailerBytes)), ...tail }));
  if (isLeaf)
    return anyStruct(
      struct("TagIndexLeaf", {
        ...head,
        entries: array(tagEntry, parsed.node.keyCount),
        unused: reservedUntil(trailerBytes + nextLeafBytes),
        nextLeaf: i32({ as: "pointer", doc: "Block of the region with the next leaf; 0: none" }),
        ...tail,
      }),
    );
  return anyStruct(
    struct("TagIndexInternalNode", {
      ...head,
      keys: array(tagKey, parsed.node.keyCount),
      children: array(i32({ as: "pointer", doc: "Block of the region" }), parsed.node.keyCount + 1),
      unused: reservedUntil(trailerBytes),
      ...tail,
    }),
  );
}

/** The bytes of a node without trailer. Throws a RangeError for one that does not fit. Other regions reference 2.2, 2.4. */
export function encodeNode(node: TagNode, entries: readonly TagEntry[], blockBytes: number): Uint8Array {
  const block = new Uint8Array(blockBytes);
  const view = viewOf(block);
  view.setUint8(0, node.isLeaf ? 1 : 0);
  view.setUint16(1, node.keyCount, true);
  let at = nodeHeaderBytes;
  const put = (part: Uint8Array): void => {
    if (at + part.length > nodeRoom(node.isLeaf, blockBytes))
      throw new RangeError(`node ${node.block} does not fit a block of ${blockBytes}`);
    block.set(part, at);
    at += part.length;
  };
  const limited = (run: Uint8Array): number => {
    if (run.length > mostKeyBytes) throw new RangeError(`keys and values have at most ${mostKeyBytes} bytes`);
    return run.length;
  };
  if (node.isLeaf) {
    for (const entry of entries) put(tagEntry.encode({ ...entry, keyLength: limited(entry.key), valueLength: limited(entry.value) }));
    view.setInt32(nodeRoom(true, blockBytes), node.nextLeaf, true);
    return block;
  }
  for (const key of node.keys) put(Uint8Array.of(limited(key), ...key));
  const child = new Uint8Array(4);
  for (const each of node.children) {
    viewOf(child).setInt32(0, each, true);
    put(child);
  }
  return block;
}
