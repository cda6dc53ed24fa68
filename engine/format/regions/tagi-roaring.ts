import { concatBytes, viewOf } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { StoredText } from "../../base/stored-text.ts";
import { array, bytes, type Decoded, i32, type Struct, struct, u64 } from "../../base/struct/index.ts";
import { anyStruct, blockOrZeros, type RegionBlocks, type RegionProblem } from "./region.ts";

const headerBytes = 16;
const bucketBytes = 16;
const containerHeaderBytes = 13;
const leastBuckets = 16;
const valuesPerContainer = 65_536;
const bitmapBytes = valuesPerContainer / 8;
/** An array of so many values becomes a bitmap. Other regions reference 2.6. */
const bitmapFrom = 4096;
/** The most inodes of one tag that are listed one by one. */
const mostListedInodes = 4_194_304;
const containerTypes = { array: 1, bitmap: 2, runs: 3 } as const;

const bucket = struct("RoaringTagBucket", {
  hash: u64({ as: "id", doc: "XXH64 of key, 0 and value; 0: empty" }),
  startBlock: i32({ as: "pointer", doc: "Block of the region" }),
  blockCount: i32({ unit: "blocks" }),
});
const header = struct("RoaringTagIndexHeader", {
  entryCount: i32({ doc: "Distinct pairs of key and value" }),
  bucketCount: i32(),
  tagNameStartBlock: i32({ as: "pointer", doc: "Block of the region; 0: none" }),
  tagNameBlockCount: i32({ unit: "blocks" }),
});

export interface RoaringContainer {
  /** The inode numbers' upper 48 bits. */
  chunkKey: bigint;
  type: number;
  dataLength: number;
}
export interface RoaringTag {
  slot: number;
  hash: bigint;
  startBlock: number;
  blockCount: number;
  /** Missing where the area of names has none for the hash. */
  key?: StoredText;
  value?: StoredText;
  containers: RoaringContainer[];
  /** Ascending. */
  inodes: bigint[];
  /** Inodes that the list leaves out; missing where it is whole. */
  unlistedInodes?: number;
}
export interface RoaringName {
  hash: bigint;
  key: StoredText;
  value: StoredText;
}
export interface RoaringContent extends Decoded<typeof header> {
  layout: "roaring";
  tags: RoaringTag[];
  /** In stored order. */
  tagNames: RoaringName[];
}

export type RoaringRule =
  `tagi.roaring-${"buckets" | "count-differs" | "range" | "slot" | "name-missing" | "hash-differs" | "bitmap" | "inode-missing"}`;

/** The index as the SDK loads it from a region of zeros. */
export const emptyRoaring = {
  layout: "roaring",
  entryCount: 0,
  bucketCount: 0,
  tagNameStartBlock: 0,
  tagNameBlockCount: 0,
  tags: [],
} as const;

/** Buckets that the SDK makes for so many entries. Other regions reference 2.6. */
export const roaringBuckets = (entries: number): number => {
  let count = leastBuckets;
  while (count < 2 * entries) count *= 2;
  return count;
};

/** Bytes of `count` blocks from `start`, those at hand; undefined where they are not in the region. */
function run(blocks: RegionBlocks, start: number, count: number): Uint8Array | undefined {
  if (start < 1 || count < 1 || start + count > blocks.blockCount) return undefined;
  return concatBytes(Array.from({ length: count }, (_, index) => blockOrZeros(blocks, start + index)));
}

/** Whether a region without the tag's trailer begins with the header of a roaring index that fits it. Other regions reference 2.6. */
export function isRoaring(blocks: RegionBlocks): boolean {
  const { entryCount, bucketCount, tagNameStartBlock, tagNameBlockCount } = header.parse(blockOrZeros(blocks, 0));
  if (entryCount < 1 || bucketCount < leastBuckets || (bucketCount & (bucketCount - 1)) !== 0 || entryCount > bucketCount) return false;
  if (headerBytes + bucketCount * bucketBytes > blocks.blockCount * blocks.blockBytes) return false;
  return tagNameStartBlock >= 0 && tagNameBlockCount >= 0 && tagNameStartBlock + tagNameBlockCount <= blocks.blockCount;
}

/** Hash of a tag. Other regions reference 2.6. */
export const roaringHash = (key: Uint8Array, value: Uint8Array): bigint => checksum.xxh64(concatBytes([key, Uint8Array.of(0), value]));

interface Bitmap {
  containers: RoaringContainer[];
  inodes: bigint[];
  unlisted: number;
  fault?: string;
}

function readBitmap(stream: Uint8Array): Bitmap {
  const view = viewOf(stream);
  const bitmap: Bitmap = { containers: [], inodes: [], unlisted: 0 };
  const count = view.getInt32(0, true);
  let at = 4;
  let before = -1n;
  for (let index = 0; index < count; index++) {
    if (at + containerHeaderBytes > stream.length) return { ...bitmap, fault: `${count} containers, ${index} are there` };
    const [chunkKey, type, dataLength] = [view.getBigInt64(at, true), view.getUint8(at + 8), view.getInt32(at + 9, true)];
    at += containerHeaderBytes;
    if (dataLength < 0 || at + dataLength > stream.length) return { ...bitmap, fault: `container ${index} of ${dataLength} bytes` };
    bitmap.containers.push({ chunkKey, type, dataLength });
    const values = containerValues(type, stream.subarray(at, at + dataLength));
    const room = mostListedInodes - bitmap.inodes.length;
    for (const value of values.slice(0, Math.max(0, room))) bitmap.inodes.push((chunkKey << 16n) | BigInt(value));
    bitmap.unlisted += Math.max(0, values.length - room);
    if (chunkKey <= before) bitmap.fault ??= `container ${index} of chunk ${chunkKey} behind chunk ${before}`;
    if (type < 1 || type > 3) bitmap.fault ??= `container ${index} of type ${type}`;
    else if (!isAscending(values)) bitmap.fault ??= `container ${index} with values out of order`;
    before = chunkKey;
    at += dataLength;
  }
  return count < 0 ? { ...bitmap, fault: `${count} containers` } : bitmap;
}

const isAscending = (values: readonly number[]): boolean => values.every((value, index) => index === 0 || value > (values[index - 1] ?? 0));

/** The low 16 bits of a container's inodes; an unknown type is read as an array, as the SDK does. At most 65536. */
function containerValues(type: number, data: Uint8Array): number[] {
  const view = viewOf(data);
  const words = Math.floor(data.length / 2);
  if (type === containerTypes.bitmap) {
    const values: number[] = [];
    for (let byte = 0; byte < Math.min(data.length, bitmapBytes); byte++)
      for (let bit = 0; bit < 8; bit++) if ((data[byte] ?? 0) & (1 << bit)) values.push(byte * 8 + bit);
    return values;
  }
  if (type !== containerTypes.runs)
    return Array.from({ length: Math.min(words, valuesPerContainer) }, (_, index) => view.getUint16(index * 2, true));
  const values: number[] = [];
  for (let at = 0; at + 4 <= data.length && values.length < valuesPerContainer; at += 4) {
    const start = view.getUint16(at, true);
    const last = Math.min(valuesPerContainer - 1, start + view.getUint16(at + 2, true));
    for (let value = start; value <= last && values.length < valuesPerContainer; value++) values.push(value);
  }
  return values;
}

function readNames(stream: Uint8Array): RoaringName[] {
  const view = viewOf(stream);
  const names: RoaringName[] = [];
  let at = 4;
  const text = (): StoredText | undefined => {
    if (at + 2 > stream.length) return undefined;
    const end = at + 2 + view.getUint16(at, true);
    if (end > stream.length) return undefined;
    const found = new StoredText(stream.slice(at + 2, end), false);
    at = end;
    return found;
  };
  for (let left = view.getInt32(0, true); left > 0 && at + 8 <= stream.length; left--) {
    const hash = view.getBigUint64(at, true);
    at += 8;
    const key = text();
    const value = key && text();
    if (!key || !value) break;
    names.push({ hash, key, value });
  }
  return names;
}

/** Decodes and judges a roaring tag index. Other regions reference 2.6. */
export function readRoaring(
  blocks: RegionBlocks,
  hasInode?: (inodeNumber: bigint) => boolean | undefined,
): { content: RoaringContent; problems: RegionProblem<RoaringRule>[] } {
  const stored = header.parse(blockOrZeros(blocks, 0));
  const problems: RegionProblem<RoaringRule>[] = [];
  const inHeader = (rule: RoaringRule, subject: string, found: string, expected: string, start: number, byteLength: number): void => {
    const block = Math.floor(start / blocks.blockBytes);
    problems.push({ rule, subject, found, expected, block, start: start % blocks.blockBytes, byteLength });
  };
  const headerBlocks = Math.ceil((headerBytes + bucketBytes * stored.bucketCount) / blocks.blockBytes);
  const head = concatBytes(Array.from({ length: headerBlocks }, (_, index) => blockOrZeros(blocks, index)));
  const names = run(blocks, stored.tagNameStartBlock, stored.tagNameBlockCount);
  const tagNames = names ? readNames(names) : [];
  if (!names && stored.tagNameStartBlock !== 0)
    inHeader(
      "tagi.roaring-range",
      "names of tags",
      `${stored.tagNameBlockCount} blocks from ${stored.tagNameStartBlock}`,
      `blocks of the region's ${blocks.blockCount}`,
      8,
      8,
    );
  const byHash = new Map(tagNames.map((name) => [name.hash, name]));
  const tags: RoaringTag[] = [];
  for (let slot = 0; slot < stored.bucketCount; slot++) {
    const at = headerBytes + slot * bucketBytes;
    const { hash, startBlock, blockCount } = bucket.parse(head.subarray(at, at + bucketBytes));
    if (hash === 0n) continue;
    const say = (rule: RoaringRule, found: string, expected: string): void =>
      inHeader(rule, `bucket ${slot}`, found, expected, at, bucketBytes);
    const stream = run(blocks, startBlock, blockCount);
    if (!stream) say("tagi.roaring-range", `${blockCount} blocks from ${startBlock}`, `blocks of the region's ${blocks.blockCount}`);
    const { containers, inodes, unlisted, fault } = stream
      ? readBitmap(stream)
      : { containers: [], inodes: [], unlisted: 0, fault: undefined };
    const name = byHash.get(hash);
    tags.push({
      slot,
      hash,
      startBlock,
      blockCount,
      ...(name && { key: name.key, value: name.value }),
      containers,
      inodes,
      ...(unlisted > 0 && { unlistedInodes: unlisted }),
    });
    if (fault) say("tagi.roaring-bitmap", fault, "containers of known types with ascending values");
    if (!name) say("tagi.roaring-name-missing", `hash ${hash}`, "a key and a value in the area of names");
    else if (roaringHash(name.key.bytes, name.value.bytes) !== hash)
      say("tagi.roaring-hash-differs", `hash ${hash}`, `that of ${JSON.stringify(name.key.text)} and its value`);
    const missing = inodes.find((inode) => hasInode?.(inode) === false);
    if (missing !== undefined) say("tagi.roaring-inode-missing", `inode ${missing}`, "inodes of the volume");
  }
  judgeBuckets(stored, tags, inHeader);
  return { content: { layout: "roaring", ...stored, tags, tagNames }, problems };
}

function judgeBuckets(
  { entryCount, bucketCount }: Decoded<typeof header>,
  tags: readonly RoaringTag[],
  add: (rule: RoaringRule, subject: string, found: string, expected: string, start: number, byteLength: number) => void,
): void {
  if (bucketCount !== roaringBuckets(entryCount))
    add("tagi.roaring-buckets", "bucketCount", `${bucketCount}`, `${roaringBuckets(entryCount)} for ${entryCount} entries`, 4, 4);
  if (entryCount !== tags.length) add("tagi.roaring-count-differs", "entryCount", `${entryCount}`, `${tags.length} buckets in use`, 0, 4);
  const used = new Set(tags.map(({ slot }) => slot));
  for (const { slot, hash } of tags) {
    let probe = Number(hash % BigInt(bucketCount));
    while (probe !== slot && used.has(probe)) probe = (probe + 1) % bucketCount;
    if (probe !== slot)
      add(
        "tagi.roaring-slot",
        `bucket ${slot}`,
        `bucket ${probe} before it is empty`,
        "a bucket that probing reaches",
        headerBytes + slot * bucketBytes,
        bucketBytes,
      );
  }
}

/** The blocks of a roaring index, without trailers, each part where the content says. Throws a RangeError where parts do not fit. */
export function writeRoaring(content: RoaringContent, blockBytes: number): Uint8Array[] {
  const { layout: _, tags, tagNames, ...fields } = content;
  const buckets = new Uint8Array(headerBytes + bucketBytes * fields.bucketCount);
  buckets.set(header.encode(fields));
  for (const { slot, hash, startBlock, blockCount } of tags)
    buckets.set(bucket.encode({ hash, startBlock, blockCount }), headerBytes + slot * bucketBytes);
  const parts: { at: number; count: number; stream: Uint8Array }[] = [
    { at: 0, count: Math.ceil(buckets.length / blockBytes), stream: buckets },
    ...tags.map((tag) => ({ at: tag.startBlock, count: tag.blockCount, stream: encodeBitmap(tag) })),
  ];
  if (fields.tagNameStartBlock > 0)
    parts.push({ at: fields.tagNameStartBlock, count: fields.tagNameBlockCount, stream: encodeNames(tagNames) });
  const blockCount = Math.max(...parts.map(({ at, count }) => at + count));
  const whole = new Uint8Array(blockCount * blockBytes);
  for (const { at, count, stream } of parts) {
    if (stream.length > count * blockBytes) throw new RangeError(`${stream.length} bytes do not fit ${count} blocks`);
    whole.set(stream, at * blockBytes);
  }
  return Array.from({ length: blockCount }, (_, index) => whole.slice(index * blockBytes, (index + 1) * blockBytes));
}

function encodeBitmap({ containers, inodes }: RoaringTag): Uint8Array {
  const count = new Uint8Array(4);
  viewOf(count).setInt32(0, containers.length, true);
  const parts: Uint8Array[] = [count];
  for (const { chunkKey, type } of containers) {
    const values = inodes.filter((inode) => inode >> 16n === chunkKey).map((inode) => Number(inode & 0xffffn));
    const data = encodeContainer(type, values);
    const head = new Uint8Array(containerHeaderBytes);
    viewOf(head).setBigInt64(0, chunkKey, true);
    viewOf(head).setUint8(8, type);
    viewOf(head).setInt32(9, data.length, true);
    parts.push(head, data);
  }
  return concatBytes(parts);
}

function encodeContainer(type: number, values: readonly number[]): Uint8Array {
  if (type === containerTypes.bitmap) {
    const data = new Uint8Array(bitmapBytes);
    for (const value of values) data[value >>> 3] = (data[value >>> 3] ?? 0) | (1 << (value & 7));
    return data;
  }
  const words: number[] = [];
  if (type === containerTypes.runs)
    for (const value of values) {
      const [start, more] = words.slice(-2);
      if (start !== undefined && more !== undefined && start + more + 1 === value) words[words.length - 1] = more + 1;
      else words.push(value, 0);
    }
  else words.push(...values);
  const data = new Uint8Array(words.length * 2);
  for (const [index, word] of words.entries()) viewOf(data).setUint16(index * 2, word, true);
  return data;
}

/** The kind of container that the SDK makes for so many values. Other regions reference 2.6. */
export const containerTypeFor = (cardinality: number): number => (cardinality >= bitmapFrom ? containerTypes.bitmap : containerTypes.array);

function encodeNames(names: readonly RoaringName[]): Uint8Array {
  const count = new Uint8Array(4);
  viewOf(count).setInt32(0, names.length, true);
  const text = ({ bytes: stored }: StoredText): Uint8Array => {
    if (stored.length > 0xffff) throw new RangeError("a key or value has at most 65535 bytes");
    return concatBytes([Uint8Array.of(stored.length & 0xff, stored.length >>> 8), stored]);
  };
  return concatBytes([
    count,
    ...names.flatMap(({ hash, key, value }) => {
      const head = new Uint8Array(8);
      viewOf(head).setBigUint64(0, hash, true);
      return [head, text(key), text(value)];
    }),
  ]);
}

/** The structure of a block of a roaring index: only the header's place is known from the block itself. */
export function roaringStructure(index: number, block: Uint8Array): Struct<unknown> {
  if (index > 0)
    return anyStruct(struct("RoaringTagIndexBlock", { data: bytes((_, left) => left, { doc: "Buckets, a bitmap or names of tags" }) }));
  const { bucketCount } = header.parse(block);
  const room = Math.floor((block.length - headerBytes) / bucketBytes);
  return anyStruct(
    struct("RoaringTagIndex", {
      header,
      buckets: array(bucket, Math.min(Math.max(0, bucketCount), room)),
      rest: bytes((_, left) => left),
    }),
  );
}
