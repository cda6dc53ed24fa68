import { create } from "zustand";

export type PanelName =
  | "overview"
  | "layout"
  | "map"
  | "hex"
  | "findings"
  | "tasks"
  | "inspector"
  | "contents"
  | "snapshots"
  | "replication"
  | "raid"
  | "code"
  | "security"
  | "integrity"
  | "inodes"
  | "copies"
  | "journals"
  | "plan"
  | "difference"
  | "remap";

const panelOfKind: Readonly<Record<string, PanelName>> = {
  SNAP: "snapshots",
  REPL: "replication",
  RAID: "raid",
  CODE: "code",
  POLV: "security",
  ENCR: "security",
  MTRK: "integrity",
  INOD: "inodes",
  MWAL: "journals",
  DWAL: "journals",
};

/** The panel that shows what a kind of region holds. */
export const panelFor = (kind: string): PanelName => panelOfKind[kind] ?? "contents";

/** Asks the dock to bring a panel to the front; `count` rises so that the same panel can be asked for again. */
export const useDock = create<{ wanted: PanelName | undefined; count: number; preset: { name: LayoutName; count: number } }>()(() => ({
  wanted: undefined,
  count: 0,
  preset: { name: "inspect", count: 0 },
}));

export type LayoutName = "inspect" | "forensics" | "operate";

export const showPanel = (wanted: PanelName) => useDock.setState((state) => ({ wanted, count: state.count + 1 }));
export const setLayout = (name: LayoutName) => useDock.setState((state) => ({ preset: { name, count: state.preset.count + 1 } }));
