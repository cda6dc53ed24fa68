import { StoredText } from "../base/stored-text.ts";
import { containerTypeFor, type RoaringContent, roaringBuckets, roaringHash } from "../format/regions/tagi-roaring.ts";

/** The content of a roaring tag index as the SDK lays it out: buckets, a block run for each bitmap, names. */
export function roaringIndex(
  tags: readonly { key: string; value: string; inodes: readonly bigint[] }[],
  blockBytes: number,
  bucketCount = roaringBuckets(tags.length),
): RoaringContent {
  const used = new Set<number>();
  let nextBlock = Math.ceil((16 + 16 * bucketCount) / blockBytes);
  const stored = tags.map(({ key, value, inodes }) => {
    const names = { key: StoredText.of(key), value: StoredText.of(value) };
    const hash = roaringHash(names.key.bytes, names.value.bytes);
    let slot = Number(hash % BigInt(bucketCount));
    while (used.has(slot)) slot = (slot + 1) % bucketCount;
    used.add(slot);
    const chunks = [...new Set(inodes.map((inode) => inode >> 16n))];
    const containers = chunks.map((chunkKey) => {
      const count = inodes.filter((inode) => inode >> 16n === chunkKey).length;
      const type = containerTypeFor(count);
      return { chunkKey, type, dataLength: type === 2 ? 8192 : 2 * count };
    });
    const byteLength = containers.reduce((sum, { dataLength }) => sum + 13 + dataLength, 4);
    const startBlock = nextBlock;
    const blockCount = Math.ceil(byteLength / blockBytes);
    nextBlock += blockCount;
    return { slot, hash, startBlock, blockCount, ...names, containers, inodes: [...inodes] };
  });
  const tagNames = stored.map(({ hash, key, value }) => ({ hash, key, value }));
  const nameBytes = tagNames.reduce((sum, { key, value }) => sum + 12 + key.bytes.length + value.bytes.length, 4);
  return {
    layout: "roaring",
    entryCount: tags.length,
    bucketCount,
    tagNameStartBlock: nextBlock,
    tagNameBlockCount: Math.ceil(nameBytes / blockBytes),
    tags: stored.sort((a, b) => a.slot - b.slot),
    tagNames,
  };
}
