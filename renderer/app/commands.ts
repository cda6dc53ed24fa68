import type { Lens } from "../../engine/contract/index.ts";
import { type PanelName, setLayout, showPanel } from "../store/dock.ts";
import { findingId, selectFinding } from "../store/findings.ts";
import { askToDrop, currentOverlay, proposeCommit } from "../store/overlays.ts";
import { enableChanges, recover } from "../store/plan.ts";
import { goBack, goForward, lensNames, useSelection } from "../store/selection.ts";
import { activeVolume, changeSettings, chooseAndOpen, closeVolume, selectEnclosing, stepVolume, useSession } from "../store/session.ts";
import { checkVolume, isWritable, showThrough, useVolumeData } from "../store/volume-data.ts";
import { editPlace, openDialog } from "./dialogs/dialog-state.ts";
import { type PanelInfo, panels } from "./shell/panels.ts";

/** Everything that a menu, a key, the palette or the host's own menu can ask for. */
export interface Command {
  id: string;
  menu: "File" | "Edit" | "Go" | "View" | "Volume" | "Tools" | "Help";
  name: string;
  keys?: string;
  /** Why it cannot be done now. */
  disabled?: () => string | undefined;
  run: () => void;
}

const current = () => activeVolume(useSession.getState());
const needsVolume = () => (current() ? undefined : "No volume is open");

const panelCommands = (Object.entries(panels) as [PanelName, PanelInfo][]).map(
  ([name, { title, key }]): Command => ({
    id: `go.${name}`,
    menu: "Go",
    name: title,
    ...(key && { keys: `G ${key}` }),
    disabled: needsVolume,
    run: () => showPanel(name),
  }),
);

export const commands: readonly Command[] = [
  { id: "file.new", menu: "File", name: "New volume…", run: () => openDialog("new-volume") },
  {
    id: "file.open",
    menu: "File",
    name: "Open volume…",
    keys: "Ctrl+O",
    run: () => (useSession.getState().host?.choosing === "dialog" ? void chooseAndOpen() : openDialog("open")),
  },
  { id: "file.import", menu: "File", name: "Import files and folders…", disabled: needsChangeable, run: () => openDialog("import") },
  { id: "file.export", menu: "File", name: "Export files and folders…", disabled: needsVolume, run: () => openDialog("export") },
  {
    id: "file.close",
    menu: "File",
    name: "Close volume",
    disabled: needsVolume,
    run: () => {
      const volume = current();
      if (volume) void closeVolume(volume.id);
    },
  },
  { id: "file.settings", menu: "File", name: "Settings…", keys: "Ctrl+,", run: () => openDialog("settings") },
  {
    id: "edit.copy-place",
    menu: "Edit",
    name: "Copy place",
    disabled: () => needsVolume() ?? (selectionOf() ? undefined : "Nothing is selected"),
    run: copyPlace,
  },
  {
    id: "edit.bookmark",
    menu: "Edit",
    name: "Bookmark…",
    keys: "Ctrl+B",
    disabled: () => needsVolume() ?? (selectionOf() ? undefined : "Nothing is selected"),
    run: () => openDialog("bookmark"),
  },
  { id: "go.palette", menu: "Go", name: "Search commands, places, findings…", keys: "Ctrl+K", run: () => openDialog("palette") },
  {
    id: "go.place",
    menu: "Go",
    name: "Go to block, byte or expression…",
    keys: "Ctrl+G",
    disabled: needsVolume,
    run: () => editPlace(true),
  },
  {
    id: "go.back",
    menu: "Go",
    name: "Back",
    keys: "Alt+Left",
    disabled: needsVolume,
    run: () => {
      const volume = current();
      if (volume) goBack(volume.id);
    },
  },
  {
    id: "go.forward",
    menu: "Go",
    name: "Forward",
    keys: "Alt+Right",
    disabled: needsVolume,
    run: () => {
      const volume = current();
      if (volume) goForward(volume.id);
    },
  },
  {
    id: "go.up",
    menu: "Go",
    name: "Enclosing thing",
    keys: "Alt+Up",
    disabled: needsVolume,
    run: () => {
      const volume = current();
      if (volume) void selectEnclosing(volume);
    },
  },
  { id: "go.next-finding", menu: "Go", name: "Next finding", keys: "F8", disabled: needsFindings, run: () => stepFinding(1) },
  {
    id: "go.previous-finding",
    menu: "Go",
    name: "Previous finding",
    keys: "Shift+F8",
    disabled: needsFindings,
    run: () => stepFinding(-1),
  },
  ...panelCommands,
  { id: "view.inspect", menu: "View", name: "Inspect layout", run: () => setLayout("inspect") },
  { id: "view.forensics", menu: "View", name: "Forensics layout", run: () => setLayout("forensics") },
  { id: "view.operate", menu: "View", name: "Operate layout", run: () => setLayout("operate") },
  ...(["stored", "replay", "queue"] as const).map(
    (lens): Command => ({
      id: `view.${lens}`,
      menu: "View",
      name: `Show the volume ${lensNames[lens].toLowerCase()}`,
      disabled: () => needsLens(lens),
      run: () => showLens(lens),
    }),
  ),
  { id: "view.dark", menu: "View", name: "Dark", run: () => void changeSettings({ theme: "dark" }) },
  { id: "view.light", menu: "View", name: "Light", run: () => void changeSettings({ theme: "light" }) },
  { id: "volume.label", menu: "Volume", name: "Set the label…", disabled: needsChangeable, run: () => openDialog("label") },
  { id: "volume.level", menu: "Volume", name: "Set a module's level…", disabled: needsChangeable, run: () => openDialog("level") },
  { id: "volume.module", menu: "Volume", name: "Add a module…", disabled: needsChangeable, run: () => openDialog("module") },
  { id: "volume.repair", menu: "Volume", name: "Repair…", disabled: needsChangeable, run: () => openDialog("repair") },
  { id: "volume.resize", menu: "Volume", name: "Resize…", disabled: needsChangeable, run: () => openDialog("resize") },
  { id: "volume.recover", menu: "Volume", name: "Recover the log", disabled: needsPending, run: recoverLog },
  { id: "overlay.open", menu: "Volume", name: "Open with overlay…", disabled: needsVolume, run: () => openDialog("overlays") },
  { id: "overlay.difference", menu: "Volume", name: "Show difference", disabled: needsVolume, run: () => showPanel("difference") },
  { id: "overlay.commit", menu: "Volume", name: "Commit overlay to image…", disabled: needsOverlay, run: () => void commitOverlay() },
  { id: "overlay.drop", menu: "Volume", name: "Drop overlay…", disabled: needsOverlay, run: () => void dropOverlay() },
  {
    id: "volume.enable",
    menu: "Volume",
    name: "Enable changes",
    disabled: () => needsChangeable() ?? needsState("read-only"),
    run: () => setChanges(true),
  },
  {
    id: "volume.read-only",
    menu: "Volume",
    name: "Keep reading only",
    disabled: () => needsState("changes"),
    run: () => setChanges(false),
  },
  { id: "volume.next", menu: "Volume", name: "Next volume", keys: "Alt+PageDown", disabled: needsVolume, run: () => stepVolume(1) },
  { id: "volume.previous", menu: "Volume", name: "Previous volume", keys: "Alt+PageUp", disabled: needsVolume, run: () => stepVolume(-1) },
  {
    id: "tools.check",
    menu: "Tools",
    name: "Check all rules",
    disabled: needsVolume,
    run: () => {
      const volume = current();
      if (volume) void checkVolume(volume.id, volume.api);
    },
  },
  { id: "help.keyboard", menu: "Help", name: "Keyboard", run: () => openDialog("keyboard") },
  { id: "help.rules", menu: "Help", name: "Rules", run: () => openDialog("rules") },
  { id: "help.about", menu: "Help", name: "About Blockscope", run: () => openDialog("about") },
];

const overviewOf = () => {
  const volume = current();
  return volume && useVolumeData.getState().volumes[volume.id]?.overview;
};

function needsChangeable(): string | undefined {
  const overview = overviewOf();
  if (!overview) return "No volume is open";
  return overview.lockedReason === undefined ? undefined : `This volume cannot be changed: ${overview.lockedReason}`;
}
function needsState(state: string): string | undefined {
  if (overviewOf()?.writeState === state) return undefined;
  return state === "changes" ? "Changes are not enabled" : "Changes are enabled already";
}

function needsPending(): string | undefined {
  return (
    needsChangeable() ??
    (isWritable(overviewOf()) ? undefined : needsState("changes")) ??
    (overviewOf()?.pending ? undefined : "The log has nothing pending")
  );
}

function needsOverlay(): string | undefined {
  return needsVolume() ?? (overviewOf()?.overlay ? undefined : "This volume is not seen through an overlay");
}

async function commitOverlay(): Promise<void> {
  const volume = current();
  const id = overviewOf()?.overlay?.id;
  if (volume && id !== undefined && (await proposeCommit(volume, id))) showPanel("plan");
}

async function dropOverlay(): Promise<void> {
  const volume = current();
  const overlay = volume && (await currentOverlay(volume));
  if (!overlay) return;
  askToDrop(overlay);
  openDialog("drop-overlay");
}

function needsLens(lens: Lens): string | undefined {
  const overview = overviewOf();
  if (!overview) return "No volume is open";
  if (overview.lens === lens) return "It is shown so already";
  if (overview.lenses.includes(lens)) return undefined;
  return lens === "queue" ? "No change waits in the queue" : "No transaction waits to be replayed";
}

function showLens(lens: Lens): void {
  const volume = current();
  if (volume) void showThrough(volume, lens);
}

function setChanges(enabled: boolean): void {
  const volume = current();
  if (volume) void enableChanges(volume, enabled);
}

function recoverLog(): void {
  const volume = current();
  if (volume) void recover(volume);
}

export function runCommand(id: string): void {
  const command = commands.find((each) => each.id === id);
  if (command && !command.disabled?.()) command.run();
}

function selectionOf() {
  const volume = current();
  return volume && useSelection.getState().byVolume[volume.id];
}

function copyPlace(): void {
  const selection = selectionOf();
  if (selection) void navigator.clipboard.writeText(`0x${selection.range.start.toString(16)}–0x${(selection.range.end - 1n).toString(16)}`);
}

function findingsOf() {
  const volume = current();
  return volume ? (useVolumeData.getState().volumes[volume.id]?.findings ?? []) : [];
}

function needsFindings(): string | undefined {
  return needsVolume() ?? (findingsOf().length > 0 ? undefined : "There are no findings");
}

/** Selects the finding before or behind the selected place. */
function stepFinding(step: 1 | -1): void {
  const volume = current();
  const data = volume && useVolumeData.getState().volumes[volume.id];
  const placed = findingsOf().filter((finding) => finding.block !== undefined);
  if (!volume || !data || placed.length === 0) return;
  const selected = selectionOf()?.object;
  const index = placed.findIndex((finding) => findingId(finding) === selected);
  const next = index < 0 ? placed.at(step > 0 ? 0 : -1) : placed[(index + step + placed.length) % placed.length];
  if (next) selectFinding(volume.id, data.overview.blockBytes, next);
}
