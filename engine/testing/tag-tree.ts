import { compareBytes } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import type { TagTreeContent } from "../format/regions/tagi.ts";
import { bloomFilter, type TagEntry, type TagNode } from "../format/regions/tagi-nodes.ts";

/** The content of a tag index of one or two levels over sorted entries, `perLeaf` of them in each leaf. */
export function tagTree(entries: readonly TagEntry[], perLeaf: number, generation = 7, bloomBitCount = 8192): TagTreeContent {
  const sorted = [...entries].sort((a, b) => compareBytes(a.key, b.key));
  const leaves = Array.from({ length: Math.max(1, Math.ceil(sorted.length / perLeaf)) }, (_, index) =>
    sorted.slice(index * perLeaf, (index + 1) * perLeaf),
  );
  const firstLeaf = leaves.length > 1 ? 2 : 1;
  const nodes: TagNode[] = leaves.map((own, index) => ({
    block: firstLeaf + index,
    isLeaf: true,
    keyCount: own.length,
    nextLeaf: index + 1 < leaves.length ? firstLeaf + index + 1 : 0,
  }));
  if (leaves.length > 1) {
    const keys = leaves.slice(1).map(([first]) => first?.key ?? new Uint8Array(0));
    nodes.unshift({ block: 1, isLeaf: false, keyCount: keys.length, keys, children: leaves.map((_, index) => firstLeaf + index) });
  }
  const bloomHashCount = 5;
  const filter = bloomFilter(
    sorted.map(({ key }) => key),
    bloomBitCount,
    bloomHashCount,
  );
  return {
    layout: "bTree",
    generation,
    entryCount: sorted.length,
    treeDepth: leaves.length > 1 ? 1 : 0,
    bloomBitCount,
    bloomHashCount,
    bloomSha256: checksum.sha256(filter),
    nodeCount: nodes.length,
    nodes,
    entries: sorted,
  };
}
