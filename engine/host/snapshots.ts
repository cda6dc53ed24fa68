import type {
  ByteRange,
  OwnedSizeRow,
  SnapshotEntryRow,
  SnapshotNodeRow,
  SnapshotRowsRequest,
  SnapshotsMeasured,
  SnapshotTreeView,
} from "../contract/index.ts";
import { isEmptyGuid, type SnapContent, snapCodec } from "../format/regions/index.ts";
import { measureSnapshots, type OwnedSize, type SnapshotSizes } from "../snapshot/snapshot-sizes.ts";
import { drawnLanes, flagNamesOf, isTombstone, type SnapshotTree, snapshotTree, type TreeNode } from "../snapshot/snapshot-tree.ts";
import type { OpenVolume } from "./open-volume.ts";
import type { DecodedRegion } from "./region-content.ts";
import type { Report } from "./task.ts";

interface HeldTree {
  decoded: DecodedRegion<SnapContent>;
  tree: SnapshotTree;
  sizes: SnapshotSizes | undefined;
}

const mostReasons = 4;

/** The snapshot trees of one open volume: laid out once, measured when asked, dropped when the source changes. */
export class SnapshotTrees {
  readonly #opened: OpenVolume;
  readonly #held = new Map<number, Promise<HeldTree | undefined>>();

  constructor(opened: OpenVolume) {
    this.#opened = opened;
  }

  clear(): void {
    this.#held.clear();
  }

  /** The tree of a slot; undefined where no table is decoded. REGION_NOT_FOUND, REQUEST_INVALID for another kind. */
  async view(slot: number): Promise<SnapshotTreeView | undefined> {
    const held = await this.#require(slot);
    if (!held) return undefined;
    const { nodes, lanes, depth, tombstones, missing, cycles, hereUnknown } = held.tree;
    const here = nodes.findLastIndex(({ kind }) => kind === "here");
    const node = nodes[here];
    if (!node) return undefined;
    return {
      slot,
      rowCount: nodes.length - 1,
      snapshots: held.decoded.content.snapshots.length,
      tombstones,
      depth,
      missing,
      cycles,
      lanes,
      drawnLanes,
      here: this.#row(held, node, here, () => undefined),
      hereUnknown,
      blockBytes: this.#opened.volume.blockBytes,
    };
  }

  /** Lines of the tree from above to below. REGION_NOT_FOUND, REQUEST_INVALID. */
  async rows({ slot, start, count }: SnapshotRowsRequest): Promise<SnapshotNodeRow[]> {
    const held = await this.#require(slot);
    if (!held) return [];
    const severityOf = await this.#opened.contents.severityOf(slot);
    const end = Math.min(held.tree.nodes.length - 1, start + count);
    return held.tree.nodes.slice(start, Math.max(start, end)).map((node, index) => this.#row(held, node, start + index, severityOf));
  }

  /** Works out what each snapshot holds alone and what it shares. REGION_NOT_FOUND. */
  async measure(slot: number, signal: AbortSignal, report: Report): Promise<SnapshotsMeasured> {
    const held = await this.#require(slot);
    const snapshots = held?.decoded.content.snapshots ?? [];
    const sizes = held?.sizes ?? (await measureSnapshots(this.#opened.volume, snapshots, { signal, onProgress: report }));
    if (held) held.sizes = sizes;
    const reasons = new Map<string, number>();
    for (const [index, snapshot] of snapshots.entries()) {
      const unknown = sizes.snapshots[index]?.unknown;
      if (unknown !== undefined && !isTombstone(snapshot)) reasons.set(unknown, (reasons.get(unknown) ?? 0) + 1);
    }
    const unknown = [...reasons.values()].reduce((sum, count) => sum + count, 0);
    return {
      known: snapshots.filter((snapshot) => !isTombstone(snapshot)).length - unknown,
      unknown,
      reasons: [...reasons]
        .map(([text, count]) => ({ text, snapshots: count }))
        .sort((a, b) => b.snapshots - a.snapshots)
        .slice(0, mostReasons),
      liveUnknown: sizes.live.unknown,
      overlapping: sizes.overlapping,
    };
  }

  #require(slot: number): Promise<HeldTree | undefined> {
    const held =
      this.#held.get(slot) ??
      this.#opened.contents
        .decoded(slot, snapCodec)
        .then((decoded) => decoded && { decoded, tree: snapshotTree(decoded.content.snapshots), sizes: undefined });
    this.#held.set(slot, held);
    held.catch(() => this.#held.delete(slot));
    return held;
  }

  #row(
    held: HeldTree,
    { kind, snapshot, id, parent, ...drawn }: TreeNode,
    row: number,
    severityOf: (range: ByteRange) => SnapshotEntryRow["severity"],
  ): SnapshotNodeRow {
    const size = kind === "here" ? held.sizes?.live : kind === "snapshot" ? held.sizes?.snapshots[snapshot ?? -1] : undefined;
    return {
      row,
      kind,
      parentRow: parent,
      ...drawn,
      entry: snapshot === undefined ? undefined : this.#entry(held.decoded, snapshot, severityOf),
      missingId: id,
      size: size && sizeRow(size, held.sizes),
    };
  }

  #entry(
    { content, rangeOf }: DecodedRegion<SnapContent>,
    index: number,
    severityOf: (range: ByteRange) => SnapshotEntryRow["severity"],
  ): SnapshotEntryRow | undefined {
    const snapshot = content.snapshots[index];
    if (!snapshot) return undefined;
    const { volume } = this.#opened;
    const { inodeTableBlockOffset: start, inodeTableBlockCount: count, flags } = snapshot;
    const size = BigInt(volume.blockBytes);
    const range = rangeOf("snapshots", index);
    return {
      index,
      id: snapshot.snapshotId,
      parentId: isEmptyGuid(snapshot.parentSnapshotId) ? undefined : snapshot.parentSnapshotId,
      label: snapshot.label.text,
      createdTicks: snapshot.createdUtcTicks,
      isTombstone: isTombstone(snapshot),
      flags: flagNamesOf(flags),
      inodeTableBlock: start,
      inodeTableBlocks: count,
      inodeTableRange:
        start >= 0n && count > 0n && start + count <= volume.fileBlocks ? { start: start * size, end: (start + count) * size } : undefined,
      dataBlocks: snapshot.dataBlockCount,
      range,
      severity: range && severityOf(range),
    };
  }
}

function sizeRow(size: OwnedSize & { table?: OwnedSizeRow["table"] }, sizes: SnapshotSizes | undefined): OwnedSizeRow {
  const { exclusiveBlocks, sharedBlocks, unknown, table } = size;
  return { exclusiveBlocks, sharedBlocks, unknown, atMost: (sizes?.unknownOwners ?? 0) > 0, table };
}
