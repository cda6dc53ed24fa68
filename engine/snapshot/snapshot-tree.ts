import { cycleHeads, isEmptyGuid, liveParentFlag, type Snapshot, snapshotFlags } from "../format/regions/index.ts";

/** What a line of the tree stands for: a snapshot, a parent that is not in the table, a cycle that was cut open, or the live state. */
export type NodeKind = "snapshot" | "missing" | "cycle" | "here";

/** One line of the tree, oldest first, with the lines that are to be drawn through it. */
export interface TreeNode {
  kind: NodeKind;
  /** Index in the table; of a cycle its first snapshot, else missing. */
  snapshot: number | undefined;
  /** Id of a parent that is missing. */
  id: string | undefined;
  /** Line of the parent. */
  parent: number | undefined;
  children: number;
  lane: number;
  /** Lanes that run past this node, a bit each, of the first `drawnLanes`. */
  through: number;
  /** Lanes that begin at this node for children other than the one that goes on in its own lane. */
  opens: number;
  /** Whether the node's own lane comes from above and goes on below. */
  up: boolean;
  down: boolean;
  /** Lanes beyond the drawn ones that are in use here. */
  beyond: number;
}

export interface SnapshotTree {
  nodes: TreeNode[];
  /** Lanes in use at most. */
  lanes: number;
  /** Longest chain of snapshots. */
  depth: number;
  tombstones: number;
  missing: number;
  cycles: number;
  /** Why it is not known which snapshot the live state descends from; undefined where it is. Convention W15. */
  hereUnknown: string | undefined;
}

export const drawnLanes = 24;
const latest = 2n ** 63n;

export const isTombstone = ({ flags }: Pick<Snapshot, "flags">): boolean => (flags & snapshotFlags.deleted) !== 0;
export const isLiveParent = ({ flags }: Pick<Snapshot, "flags">): boolean => (flags & liveParentFlag) !== 0;

const flagNames: readonly [bit: number, name: string][] = [
  [snapshotFlags.readOnly, "ReadOnly"],
  [snapshotFlags.deleted, "Deleted"],
  [snapshotFlags.baseSnapshot, "BaseSnapshot"],
  [liveParentFlag, "LiveParent"],
];
const namedFlags = flagNames.reduce((all, [bit]) => all | bit, 0);

/** A snapshot's flags by name; bits without one as a number. Core regions reference 3.1, convention W15. */
export function flagNamesOf(flags: number): string[] {
  const unnamed = flags & ~namedFlags;
  const names = flagNames.filter(([bit]) => flags & bit).map(([, name]) => name);
  return unnamed === 0 ? names : [...names, `0x${unnamed.toString(16)} (no name)`];
}

interface Draft {
  kind: NodeKind;
  snapshot: number | undefined;
  id: string | undefined;
  parent: number;
  /** Time, then place, by which siblings and roots are ordered. */
  ticks: bigint;
  place: number;
}

/**
 * The tree of a snapshot table, parents above their children and otherwise oldest first, each branch in a lane of its own. Tombstones
 * stay; a parent that is missing is a node, a cycle is cut open below a node. Linear but for the ordering.
 * Source: core regions reference 3.1, 3.5; convention W15.
 */
export function snapshotTree(snapshots: readonly Snapshot[]): SnapshotTree {
  const live = snapshots.flatMap((snapshot, index) => (isLiveParent(snapshot) ? [index] : []));
  const drafts = draftNodes(snapshots, live.length === 1 ? live[0] : undefined);
  const children = childrenOf(drafts);
  const order = orderOf(drafts, children);
  const main = mainChildren(drafts, children, order);
  const { nodes, lanes, depth } = assignLanes(drafts, children, order, main);
  return {
    nodes,
    lanes,
    depth,
    tombstones: snapshots.filter(isTombstone).length,
    missing: drafts.filter(({ kind }) => kind === "missing").length,
    cycles: drafts.filter(({ kind }) => kind === "cycle").length,
    hereUnknown:
      live.length === 1
        ? undefined
        : live.length === 0
          ? "no snapshot carries flag 0x0100, which marks the one that the live state descends from"
          : `${live.length} snapshots carry flag 0x0100, and the live state descends from one`,
  };
}

function draftNodes(snapshots: readonly Snapshot[], live: number | undefined): Draft[] {
  const byId = new Map(snapshots.map(({ snapshotId }, index) => [snapshotId, index]));
  const drafts: Draft[] = snapshots.map(({ createdUtcTicks }, index) => ({
    kind: "snapshot",
    snapshot: index,
    id: undefined,
    parent: -1,
    ticks: createdUtcTicks,
    place: index,
  }));
  const above = (kind: NodeKind, child: Draft, id: string | undefined): number =>
    drafts.push({ ...child, kind, id, snapshot: kind === "cycle" ? child.snapshot : undefined, parent: -1, place: child.place - 0.5 }) - 1;
  const heads = new Set(cycleHeads(snapshots, byId));
  const missing = new Map<string, number>();
  for (const [index, { parentSnapshotId }] of snapshots.entries()) {
    const draft = drafts[index];
    if (!draft || isEmptyGuid(parentSnapshotId)) continue;
    if (heads.has(index)) {
      draft.parent = above("cycle", draft, undefined);
      continue;
    }
    const known = byId.get(parentSnapshotId) ?? missing.get(parentSnapshotId);
    draft.parent = known ?? above("missing", draft, parentSnapshotId);
    if (known === undefined) missing.set(parentSnapshotId, draft.parent);
    // A missing parent stands right above the oldest of its children.
    const ghost = drafts[draft.parent];
    if (ghost?.kind === "missing" && draft.ticks < ghost.ticks) Object.assign(ghost, { ticks: draft.ticks, place: draft.place - 0.5 });
  }
  drafts.push({ kind: "here", snapshot: undefined, id: undefined, parent: live ?? -1, ticks: latest, place: snapshots.length });
  return drafts;
}

/** Children of each node, as one list cut by `starts`. */
interface Children {
  starts: Int32Array;
  list: Int32Array;
}

function childrenOf(drafts: readonly Draft[]): Children {
  const starts = new Int32Array(drafts.length + 1);
  for (const { parent } of drafts) if (parent >= 0) starts[parent + 1] = (starts[parent + 1] ?? 0) + 1;
  for (let node = 0; node < drafts.length; node++) starts[node + 1] = (starts[node + 1] ?? 0) + (starts[node] ?? 0);
  const next = starts.slice();
  const list = new Int32Array(starts[drafts.length] ?? 0);
  for (const [node, { parent }] of drafts.entries()) {
    if (parent < 0) continue;
    const at = next[parent] ?? 0;
    list[at] = node;
    next[parent] = at + 1;
  }
  return { starts, list };
}

const childList = ({ starts, list }: Children, node: number): Int32Array => list.subarray(starts[node] ?? 0, starts[node + 1] ?? 0);

/** Nodes from above to below: of those whose parent stands already, always the oldest. */
function orderOf(drafts: readonly Draft[], children: Children): Int32Array {
  const isBefore = (a: number, b: number): boolean => {
    const [first, second] = [drafts[a], drafts[b]];
    if (!first || !second) return false;
    return first.ticks === second.ticks ? first.place < second.place : first.ticks < second.ticks;
  };
  const heap: number[] = [];
  const push = (node: number): void => {
    let at = heap.push(node) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(node, heap[above] ?? 0)) break;
      heap[at] = heap[above] ?? 0;
      at = above;
    }
    heap[at] = node;
  };
  const pop = (): number => {
    const top = heap[0] ?? 0;
    const last = heap.pop() ?? 0;
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1] ?? 0, heap[below] ?? 0)) below++;
      if (!isBefore(heap[below] ?? 0, last)) break;
      heap[at] = heap[below] ?? 0;
      at = below;
    }
    heap[at] = last;
    return top;
  };
  for (const [node, { parent }] of drafts.entries()) if (parent < 0) push(node);
  const order = new Int32Array(drafts.length);
  for (let line = 0; line < drafts.length && heap.length > 0; line++) {
    const node = pop();
    order[line] = node;
    for (const child of childList(children, node)) push(child);
  }
  return order;
}

/** The child that goes on in its parent's lane: the one that the live state descends from, else the one with the latest descendant. */
function mainChildren(drafts: readonly Draft[], children: Children, order: Int32Array): Int32Array {
  const newest = drafts.map(({ ticks }) => ticks);
  const main = new Int32Array(drafts.length).fill(-1);
  for (let line = order.length - 1; line >= 0; line--) {
    const node = order[line] ?? 0;
    for (const child of childList(children, node)) {
      const best = main[node] ?? -1;
      if (best < 0 || (newest[child] ?? 0n) >= (newest[best] ?? 0n)) main[node] = child;
    }
    const below = newest[main[node] ?? -1];
    if (below !== undefined && below > (newest[node] ?? 0n)) newest[node] = below;
  }
  return main;
}

function assignLanes(
  drafts: readonly Draft[],
  children: Children,
  order: Int32Array,
  main: Int32Array,
): { nodes: TreeNode[]; lanes: number; depth: number } {
  const laneOf = new Int32Array(drafts.length).fill(-1);
  const lineOf = new Int32Array(drafts.length).fill(-1);
  const depths = new Int32Array(drafts.length);
  const pool = new LanePool();
  const nodes: TreeNode[] = [];
  for (const [line, node] of order.entries()) {
    const draft = drafts[node];
    if (!draft) continue;
    const own = laneOf[node] ?? -1;
    const lane = own < 0 ? pool.take() : own;
    const { mask: before, beyond } = pool;
    let opens = 0;
    const kids = childList(children, node);
    for (const child of kids) {
      laneOf[child] = child === main[node] ? lane : pool.take();
      if (child !== main[node]) opens |= bitOf(laneOf[child] ?? 0);
    }
    if (kids.length === 0) pool.release(lane);
    depths[node] = (draft.parent < 0 ? 0 : (depths[draft.parent] ?? 0)) + (draft.kind === "snapshot" ? 1 : 0);
    lineOf[node] = line;
    nodes.push({
      kind: draft.kind,
      snapshot: draft.snapshot,
      id: draft.id,
      parent: draft.parent < 0 ? undefined : lineOf[draft.parent],
      children: kids.length,
      lane,
      through: before & ~bitOf(lane),
      opens,
      up: own >= 0,
      down: kids.length > 0,
      beyond: beyond - (lane >= drawnLanes ? 1 : 0),
    });
  }
  return { nodes, lanes: pool.most, depth: depths.reduce((most, depth) => Math.max(most, depth), 0) };
}

const bitOf = (lane: number): number => (lane < drawnLanes ? 1 << lane : 0);

/** Lanes in use; the lowest free one is taken first. */
class LanePool {
  mask = 0;
  /** Lanes in use beyond the drawn ones, and the most that were in use at once. */
  beyond = 0;
  most = 0;

  take(): number {
    const lane = Math.min(drawnLanes, 31 - Math.clz32(~this.mask & -~this.mask));
    if (lane < drawnLanes) this.mask |= 1 << lane;
    else this.beyond++;
    this.most = Math.max(this.most, countOnes(this.mask) + this.beyond);
    return lane;
  }

  release(lane: number): void {
    if (lane < drawnLanes) this.mask &= ~(1 << lane);
    else this.beyond--;
  }
}

function countOnes(mask: number): number {
  let count = 0;
  for (let left = mask; left !== 0; left &= left - 1) count++;
  return count;
}
