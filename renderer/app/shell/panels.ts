import { type ComponentType, createElement, lazy } from "react";
import type { RegionView } from "../../../engine/contract/index.ts";
import { FindingsPanel } from "../../panels/findings/FindingsPanel.tsx";
import { InspectorPanel } from "../../panels/inspector/InspectorPanel.tsx";
import { LayoutPanel } from "../../panels/layout/LayoutPanel.tsx";
import { OverviewPanel } from "../../panels/overview/OverviewPanel.tsx";
import { TasksPanel } from "../../panels/tasks/TasksPanel.tsx";
import type { PanelName } from "../../store/dock.ts";
import type { OpenVolume } from "../../store/session.ts";

const HexPanel = lazy(() => import("../../panels/hex/HexPanel.tsx").then((module) => ({ default: module.HexPanel })));
const MapPanel = lazy(() => import("../../panels/map/MapPanel.tsx").then((module) => ({ default: module.MapPanel })));

const JournalsPanel = lazy(() => import("../../panels/journals/JournalsPanel.tsx").then((module) => ({ default: module.JournalsPanel })));
const CopiesPanel = lazy(() => import("../../panels/copies/CopiesPanel.tsx").then((module) => ({ default: module.CopiesPanel })));
const ContentsPanel = lazy(() => import("../../panels/region/ContentsPanel.tsx").then((module) => ({ default: module.ContentsPanel })));

const DifferencePanel = lazy(() =>
  import("../../panels/difference/DifferencePanel.tsx").then((module) => ({ default: module.DifferencePanel })),
);
const PlanPanel = lazy(() => import("../../panels/plan/PlanPanel.tsx").then((module) => ({ default: module.PlanPanel })));
const RemapPanel = lazy(() => import("../../panels/remap/RemapPanel.tsx").then((module) => ({ default: module.RemapPanel })));

type Drawing = ComponentType<{ volume: OpenVolume; view: RegionView }>;

/** A panel of the regions of some kinds; `drawing` is what such a region shows above its tables, `detail` below them of what is selected. */
const regionPanel = (kinds: readonly string[], empty: string, drawing?: () => Promise<Drawing>, detail?: () => Promise<Drawing>) =>
  lazy(async () => {
    const [{ RegionPanel }, Drawn, Detail] = await Promise.all([import("../../panels/region/RegionPanel.tsx"), drawing?.(), detail?.()]);
    const show = ({ volume }: { volume: OpenVolume }) =>
      createElement(RegionPanel, {
        volume,
        kinds,
        empty,
        ...(Drawn && { children: (view: RegionView) => createElement(Drawn, { volume, view }) }),
        ...(Detail && { detail: (view: RegionView) => createElement(Detail, { volume, view }) }),
      });
    return { default: show };
  });

export interface PanelInfo {
  title: string;
  /** Opens it after G. */
  key?: string;
  show: ComponentType<{ volume: OpenVolume }>;
}

/** The one table of panels: the dock shows them, the Go menu and the palette open them. */
export const panels: Record<PanelName, PanelInfo> = {
  overview: { title: "Overview", key: "O", show: OverviewPanel },
  layout: { title: "Layout", key: "L", show: LayoutPanel },
  map: { title: "Map", key: "M", show: MapPanel },
  hex: { title: "Hex", key: "H", show: HexPanel },
  findings: { title: "Findings", key: "F", show: FindingsPanel },
  tasks: { title: "Tasks", key: "T", show: TasksPanel },
  inspector: { title: "Inspector", show: InspectorPanel },
  contents: { title: "Contents", key: "C", show: ContentsPanel },
  snapshots: {
    title: "Snapshots",
    key: "S",
    show: regionPanel(
      ["SNAP"],
      "This volume has no snapshot table.",
      async () => (await import("../../panels/snapshots/SnapshotsDrawing.tsx")).SnapshotsDrawing,
    ),
  },
  replication: {
    title: "Replication",
    show: regionPanel(["REPL"], "This volume has no replication state.", async () => {
      const { ReplicationDrawing } = await import("../../panels/replication/ReplicationDrawing.tsx");
      return ReplicationDrawing;
    }),
  },
  raid: {
    title: "RAID",
    show: regionPanel(["RAID"], "This volume has no RAID metadata.", async () => {
      const { RaidDrawing } = await import("../../panels/raid/RaidDrawing.tsx");
      return RaidDrawing;
    }),
  },
  code: {
    title: "Code cache",
    show: regionPanel(
      ["CODE"],
      "This volume has no code cache.",
      async () => (await import("../../panels/code/CodeCheck.tsx")).CodeCheck,
      async () => (await import("../../panels/code/ModuleDetail.tsx")).ModuleDetail,
    ),
  },
  security: { title: "Security", show: regionPanel(["POLV", "ENCR"], "This volume has neither policy vault nor encryption header.") },
  journals: { title: "Journals", key: "J", show: JournalsPanel },
  inodes: {
    title: "Inodes",
    key: "I",
    show: regionPanel(
      ["INOD"],
      "This volume has no inode table.",
      undefined,
      async () => (await import("../../panels/inodes/InodeDetail.tsx")).InodeDetail,
    ),
  },
  copies: { title: "Copies", show: CopiesPanel },
  integrity: {
    title: "Integrity tree",
    show: regionPanel(
      ["MTRK"],
      "This volume has no integrity tree.",
      async () => (await import("../../panels/integrity/IntegrityTree.tsx")).IntegrityTree,
    ),
  },
  plan: { title: "Plan", key: "P", show: PlanPanel },
  difference: { title: "Difference", key: "V", show: DifferencePanel },
  remap: { title: "dm-remap", key: "D", show: RemapPanel },
};
