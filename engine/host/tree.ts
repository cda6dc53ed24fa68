import type { Bookmark, TreeNode } from "../contract/index.ts";
import type { Volume } from "./engine.ts";
import { familyOf } from "./families.ts";
import { findingsOfBlocks, findingsOfRegion, healthOf } from "./finding-counts.ts";
import type { OpenVolume } from "./open-volume.ts";
import { remapTree } from "./remap/places.ts";

const groupNames = ["SuperblockV2", "RegionPointerTable", "ExtendedMetadata", "IntegrityAnchor"];

/** What a volume is, as a tree: the superblock group, the region tables, the regions, the journals, the inodes; then the user's bookmarks. */
export async function describeTree(opened: OpenVolume): Promise<TreeNode[]> {
  const bookmarks = await opened.bookmarks.list();
  return [...structureTree(opened), ...(bookmarks.length > 0 ? [bookmarkTree(opened.volume, bookmarks)] : [])];
}

/** Health is of what was judged; a bookmark is only a name. */
function bookmarkTree({ blockBytes }: Volume, bookmarks: readonly Bookmark[]): TreeNode {
  const children = bookmarks.map(
    ({ name, range }): TreeNode => ({
      id: `bookmark-${range.start}-${range.end}`,
      name,
      detail: `${range.start / BigInt(blockBytes)}`,
      health: "not-run",
      range,
    }),
  );
  return { id: "bookmarks", name: "Bookmarks", icon: "bookmarks", health: "not-run", detail: `${children.length}`, children };
}

function structureTree(opened: OpenVolume): TreeNode[] {
  const { volume, findings, remap } = opened;
  if (remap) return remapTree(opened, remap);
  if (volume.kind === "unknown") return [];
  const block = (id: string, name: string, start: bigint): TreeNode => ({
    id,
    name,
    detail: `${start}`,
    family: "core",
    health: healthOf(findingsOfBlocks(findings, start, start + 1n)),
    range: rangeOf(volume, start, 1n),
  });
  const groupBlocks = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n];
  const regions = volume.regions
    .toSorted((a, b) => (a.startBlock < b.startBlock ? -1 : 1))
    .map(
      (region): TreeNode => ({
        id: `region-${region.slot}`,
        name: region.name,
        detail: `${region.startBlock}`,
        family: familyOf(region.kind),
        health: healthOf(findingsOfRegion(findings, region)),
        kind: region.kind,
        range: rangeOf(volume, region.startBlock, region.blockCount),
      }),
    );
  const ofKinds = (...kinds: string[]) => {
    const slots = new Set(volume.regions.filter((region) => kinds.includes(region.kind)).map((region) => `region-${region.slot}`));
    return regions.filter((node) => slots.has(node.id)).map((node) => ({ ...node, id: `by-kind-${node.id}` }));
  };
  return [
    parent(
      "group",
      "Superblock group",
      "group",
      groupBlocks.map((start) => block(`block-${start}`, `${groupNames[Number(start % 4n)]}${start >= 4n ? " (mirror)" : ""}`, start)),
    ),
    parent("tables", "Region tables", "copies", [
      block("block-8", "RegionDirectory slots", 8n),
      block("block-9", "RegionDirectory header", 9n),
    ]),
    parent("regions", "Regions", "regions", regions),
    parent("inodes", "Inodes", "inodes", ofKinds("INOD")),
    parent("snapshots", "Snapshots", "snapshots", ofKinds("SNAP")),
    parent("journals", "Journals", "journals", ofKinds("MWAL", "DWAL", "OPJR")),
  ];
}

const weight: readonly TreeNode["health"][] = ["ok", "not-run", "running", "info", "warning", "error"];

function parent(id: string, name: string, icon: TreeNode["icon"], children: TreeNode[]): TreeNode {
  const health = children.reduce<TreeNode["health"]>(
    (worst, child) => (weight.indexOf(child.health) > weight.indexOf(worst) ? child.health : worst),
    "ok",
  );
  return { id, name, icon, health, detail: `${children.length}`, children };
}

function rangeOf(volume: Volume, startBlock: bigint, blockCount: bigint): TreeNode["range"] {
  const size = BigInt(volume.blockBytes);
  return startBlock < 0n || blockCount <= 0n ? undefined : { start: startBlock * size, end: (startBlock + blockCount) * size };
}
