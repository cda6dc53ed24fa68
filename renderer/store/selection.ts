import { create } from "zustand";
import type { Lens, VolumeId } from "../../engine/contract/index.ts";

/** What is selected, for the whole window: bytes of a volume, and the field in them if one is meant. */
export interface Selection {
  volumeId: VolumeId;
  /** What the panels show of the volume. */
  source: Lens;
  /** Bytes of the volume, `end` excluded. */
  range: { start: bigint; end: bigint };
  /** Path of a field in the block's structure. */
  path?: string | undefined;
  /** Id of a finding or region that stands for the range. */
  object?: string | undefined;
}

interface Trail {
  past: readonly Selection[];
  future: readonly Selection[];
  lastMoveMs: number;
}

interface SelectionState {
  byVolume: Readonly<Record<VolumeId, Selection>>;
  trails: Readonly<Record<VolumeId, Trail>>;
  hovered: Selection | undefined;
  /** What the panels show of each volume. */
  sources: Readonly<Record<VolumeId, Lens>>;
}

/** What is shown, in words. */
export const lensNames: Readonly<Record<Lens, string>> = { stored: "As stored", replay: "After replay", queue: "After the queue" };

const mostPlaces = 200;
const mergedMs = 2000;
const noTrail: Trail = { past: [], future: [], lastMoveMs: 0 };

export const useSelection = create<SelectionState>()(() => ({ byVolume: {}, trails: {}, hovered: undefined, sources: {} }));

export const selectSelection = (id: VolumeId | undefined) => (state: SelectionState) => (id === undefined ? undefined : state.byVolume[id]);
export const selectTrail = (id: VolumeId | undefined) => (state: SelectionState) =>
  id === undefined ? noTrail : (state.trails[id] ?? noTrail);

const blockBytesOfMerge = 4096n;

/** Selects; the place before it can be gone back to. Moves inside one block within two seconds are one place. */
export function select(selection: Omit<Selection, "source">): void {
  useSelection.setState((state) => {
    const next: Selection = { ...selection, source: state.sources[selection.volumeId] ?? "stored" };
    const before = state.byVolume[next.volumeId];
    const trail = state.trails[next.volumeId] ?? noTrail;
    const now = Date.now();
    if (before && sameSelection(before, next)) return state;
    const merges =
      before && now - trail.lastMoveMs < mergedMs && before.range.start / blockBytesOfMerge === next.range.start / blockBytesOfMerge;
    const past = before && !merges ? [...trail.past, before].slice(-mostPlaces) : trail.past;
    return {
      byVolume: { ...state.byVolume, [next.volumeId]: next },
      trails: { ...state.trails, [next.volumeId]: { past, future: [], lastMoveMs: now } },
    };
  });
}

const sameSelection = (a: Selection, b: Selection): boolean =>
  a.range.start === b.range.start && a.range.end === b.range.end && a.path === b.path && a.object === b.object;

export const hover = (hovered: Omit<Selection, "source"> | undefined) =>
  useSelection.setState(({ sources }) => ({ hovered: hovered && { ...hovered, source: sources[hovered.volumeId] ?? "stored" } }));

/** Says what the panels show of a volume from now on: the selection stays where it is, and is of that. */
export const selectSource = (id: VolumeId, source: Lens) =>
  useSelection.setState(({ sources, byVolume }) => {
    const selected = byVolume[id];
    return {
      sources: { ...sources, [id]: source },
      ...(selected && selected.source !== source && { byVolume: { ...byVolume, [id]: { ...selected, source } } }),
    };
  });

function move(id: VolumeId, from: "past" | "future", to: "past" | "future"): void {
  useSelection.setState((state) => {
    const trail = state.trails[id] ?? noTrail;
    const target = trail[from].at(-1);
    const present = state.byVolume[id];
    if (!target) return state;
    return {
      byVolume: { ...state.byVolume, [id]: target },
      trails: {
        ...state.trails,
        [id]: { ...trail, [from]: trail[from].slice(0, -1), [to]: present ? [...trail[to], present] : trail[to], lastMoveMs: 0 },
      },
    };
  });
}

export const goBack = (id: VolumeId) => move(id, "past", "future");
export const goForward = (id: VolumeId) => move(id, "future", "past");
