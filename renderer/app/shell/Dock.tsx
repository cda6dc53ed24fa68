import { type DockviewApi, DockviewReact, type DockviewReadyEvent, type IDockviewPanelProps } from "dockview-react";
import { Suspense, useEffect, useRef } from "react";
import { type LayoutName, type PanelName, useDock } from "../../store/dock.ts";
import { changeSettings, type OpenVolume, useSession } from "../../store/session.ts";
import { useVolumeData } from "../../store/volume-data.ts";
import { focusPane } from "../../ui/focus.ts";
import { panels } from "./panels.ts";
import { useWindowShape, type WindowShape } from "./window-shape.ts";

interface PanelParameters {
  volume: OpenVolume;
}

/** A panel that was just opened, or whose code is still on its way, takes the focus once it is there. */
let focusWhenShown: PanelName | undefined;

function ShownPanel({ name, volume }: { name: PanelName; volume: OpenVolume }) {
  const { show: Show } = panels[name];
  useEffect(() => {
    if (focusWhenShown !== name) return;
    focusWhenShown = undefined;
    focusPane(paneOf(name));
  }, [name]);
  return <Show volume={volume} />;
}

const paneOf = (name: PanelName) => document.querySelector<HTMLElement>(`[data-pane="${name}"]`);

const components = Object.fromEntries(
  (Object.keys(panels) as PanelName[]).map((name) => [
    name,
    ({ params }: IDockviewPanelProps<PanelParameters>) => (
      <div className={`panel panel-${name}`} data-pane={name}>
        <Suspense fallback={<p className="empty is-loading">Loading…</p>}>
          <ShownPanel name={name} volume={params.volume} />
        </Suspense>
      </div>
    ),
  ]),
);

type Direction = "within" | "right" | "below";
type Step = [panel: PanelName, direction: Direction, beside: PanelName | undefined, size?: number];

/** Where each layout puts the panels; the first is the one in front of its group. */
const presets: Record<LayoutName, { steps: Step[]; front: PanelName[]; widths: [PanelName, number][] }> = {
  inspect: {
    steps: [
      ["overview", "within", undefined],
      ["inspector", "right", "overview", 304],
      ["layout", "below", "overview", 330],
      ["map", "within", "overview"],
      ["hex", "within", "layout"],
      ["findings", "within", "layout"],
      ["tasks", "within", "layout"],
    ],
    front: ["overview", "layout"],
    widths: [["inspector", 304]],
  },
  forensics: {
    steps: [
      ["findings", "within", undefined],
      ["hex", "right", "findings", 720],
      ["inspector", "right", "hex", 304],
      ["map", "within", "hex"],
      ["layout", "below", "hex", 300],
      ["overview", "within", "layout"],
      ["tasks", "within", "layout"],
    ],
    front: ["findings", "hex", "layout"],
    widths: [
      ["findings", 340],
      ["inspector", 290],
    ],
  },
  operate: {
    steps: [
      ["snapshots", "within", undefined],
      ["replication", "within", "snapshots"],
      ["raid", "within", "snapshots"],
      ["overview", "within", "snapshots"],
      ["map", "within", "snapshots"],
      ["layout", "within", "snapshots"],
      ["hex", "within", "snapshots"],
      ["findings", "right", "snapshots", 400],
      ["inspector", "within", "findings"],
      ["tasks", "below", "findings", 220],
    ],
    front: ["overview", "findings"],
    widths: [["findings", 340]],
  },
};

/** A dm-remap device begins with the panel of its own, which takes the whole height. */
const remapPreset: (typeof presets)["inspect"] = {
  steps: [
    ["remap", "within", undefined],
    ["inspector", "right", "remap", 304],
    ["overview", "within", "remap"],
    ["hex", "within", "remap"],
    ["copies", "within", "remap"],
    ["layout", "within", "remap"],
    ["findings", "within", "remap"],
    ["tasks", "within", "remap"],
  ],
  front: ["remap"],
  widths: [["inspector", 304]],
};
const isRemap = (volume: OpenVolume): boolean => useVolumeData.getState().volumes[volume.id]?.overview.kind === "dm-remap";

/** The panels of a preset in the room there is: without the inspector where that is a drawer, in one group where only one fits. */
function build(api: DockviewApi, preset: LayoutName, volume: OpenVolume, shape: WindowShape): void {
  api.clear();
  const { steps, front, widths } = preset === "inspect" && isRemap(volume) ? remapPreset : presets[preset];
  const [first] = steps;
  for (const [name, direction, beside, size] of steps) {
    if (shape === "narrow" && name === "inspector") continue;
    if (shape === "stacked") {
      api.addPanel({
        id: name,
        component: name,
        title: panels[name].title,
        params: { volume },
        ...(beside && first && { position: { referencePanel: first[0], direction: "within" } }),
      });
      continue;
    }
    api.addPanel({
      id: name,
      component: name,
      title: panels[name].title,
      params: { volume },
      ...(beside && { position: { referencePanel: beside, direction } }),
      ...(size !== undefined && (direction === "right" ? { initialWidth: size } : { initialHeight: size })),
    });
  }
  for (const name of shape === "stacked" ? front.slice(0, 1) : front) api.getPanel(name)?.api.setActive();
  if (shape === "stacked") return;
  for (const [name, width] of widths) api.getPanel(name)?.group.api.setSize({ width });
}

/** Opens a panel that no layout shows by itself, beside the overview or, where that was closed, in the active group. */
function openBeside(api: DockviewApi, name: PanelName, volume: OpenVolume): void {
  const beside = api.getPanel("overview") ?? api.activePanel;
  api.addPanel({
    id: name,
    component: name,
    title: panels[name].title,
    params: { volume },
    ...(beside && { position: { referencePanel: beside.id, direction: "within" } }),
  });
}

const currentLayout = "current";
const presetName = "preset";
const saveAfterMs = 800;

/** The panels of one volume, dockable; the arrangement is remembered. */
export function Dock({ volume }: { volume: OpenVolume }) {
  const api = useRef<DockviewApi>(undefined);
  const wanted = useDock((state) => state.wanted);
  const count = useDock((state) => state.count);
  const preset = useDock((state) => state.preset);
  const builtFor = useRef(preset.count);
  const shape = useWindowShape();
  const shapeNow = useRef(shape);

  useEffect(() => {
    if (count === 0 || !wanted) return;
    if (!api.current) return;
    const panel = api.current.getPanel(wanted);
    if (!panel) {
      focusWhenShown = wanted;
      openBeside(api.current, wanted, volume);
      return;
    }
    panel.api.setActive();
    const pane = paneOf(wanted);
    if (pane && !pane.querySelector(".is-loading")) focusPane(pane);
    else focusWhenShown = wanted;
  }, [wanted, count, volume]);

  useEffect(() => {
    if (!api.current || builtFor.current === preset.count) return;
    builtFor.current = preset.count;
    build(api.current, preset.name, volume, shapeNow.current);
  }, [preset, volume]);

  const arrange = (dock: DockviewApi) => {
    if (shapeNow.current === "wide" && !isRemap(volume) && restore(dock, volume)) rememberedPreset();
    else build(dock, preset.name, volume, shapeNow.current);
  };
  const arrangeNow = useRef(arrange);
  arrangeNow.current = arrange;
  useEffect(() => {
    if (!api.current || shapeNow.current === shape) return;
    shapeNow.current = shape;
    arrangeNow.current(api.current);
  }, [shape]);

  const ready = (event: DockviewReadyEvent) => {
    api.current = event.api;
    arrange(event.api);
    let timer: ReturnType<typeof setTimeout> | undefined;
    nameGroups(event.api);
    event.api.onDidLayoutChange(() => {
      nameGroups(event.api);
      clearTimeout(timer);
      // What a small window shows is not what the user arranged.
      timer = setTimeout(() => shapeNow.current === "wide" && !isRemap(volume) && remember(event.api), saveAfterMs);
    });
  };
  return (
    <div className="dock">
      <DockviewReact className="dockview-theme-bs" components={components} onReady={ready} disableFloatingGroups />
    </div>
  );
}

/** Each group is a landmark; they are told apart by what is in them. */
function nameGroups(api: DockviewApi): void {
  for (const group of api.groups) group.element.setAttribute("aria-label", `Panels ${group.panels.map((panel) => panel.title).join(", ")}`);
}

/** The remembered arrangement, with this volume in its panels. False where there is none that fits. */
function restore(api: DockviewApi, volume: OpenVolume): boolean {
  const text = useSession.getState().settings?.layouts[currentLayout];
  if (!text) return false;
  try {
    const layout = JSON.parse(text);
    for (const panel of Object.values<{ params?: object }>(layout.panels)) panel.params = { volume };
    api.fromJSON(layout);
    return presets.inspect.steps.every(([name]) => api.getPanel(name) !== undefined);
  } catch {
    // An arrangement of another version: the preset takes its place.
    return false;
  }
}

/** The switch says which layout the restored arrangement came from. */
function rememberedPreset(): void {
  const name = useSession.getState().settings?.layouts[presetName];
  if (name === "inspect" || name === "forensics" || name === "operate") useDock.setState(({ preset }) => ({ preset: { ...preset, name } }));
}

function remember(api: DockviewApi): void {
  const layout = api.toJSON();
  for (const panel of Object.values(layout.panels)) delete panel.params;
  const text = JSON.stringify(layout);
  const { layouts = {} } = useSession.getState().settings ?? {};
  const preset = useDock.getState().preset.name;
  if (layouts[currentLayout] !== text || layouts[presetName] !== preset)
    void changeSettings({ layouts: { ...layouts, [currentLayout]: text, [presetName]: preset } });
}
