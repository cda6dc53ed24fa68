import { ContextMenuPopover, MenuDivider, MenuItem } from "@blueprintjs/core";
import { type ReactNode, useEffect, useState } from "react";
import { removeBookmark } from "../../store/bookmarks.ts";
import { type PanelName, panelFor, showPanel } from "../../store/dock.ts";
import { select, selectSelection, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { runTask } from "../../store/tasks.ts";
import type { VolumeData } from "../../store/volume-data.ts";
import { bytesFormats, type CopiedRange, mostCopiedBytes, placeFormats } from "../../ui/copy-formats.ts";
import { rememberFocus } from "../../ui/focus.ts";
import { formatBytes } from "../../ui/format.ts";
import { KeyMenu, MenuTitle } from "../../ui/key-menu.tsx";
import { openDialog } from "../dialogs/dialog-state.ts";
import { panels } from "./panels.ts";

/** What a right click does not take for itself: text can be selected, typed and copied as everywhere. */
const ownMenus = "input, textarea, [contenteditable], .bp6-popover, .bp6-dialog";
const rows = '[role="treeitem"], [role="row"], [role="option"]';

/** The menu of what is selected, where it was asked for: by the right button, Shift+F10 or the Menu key. */
export function SelectionMenu({ volume, data }: { volume: OpenVolume; data: VolumeData }) {
  const [at, setAt] = useState<{ left: number; top: number; giveBack: () => void }>();
  useEffect(() => {
    const open = (event: MouseEvent) => {
      const target = event.target instanceof Element ? event.target : undefined;
      if (!target?.closest("[data-pane]") || target.closest(ownMenus) || String(getSelection()) !== "") return;
      selectUnder(volume, target, event.button === 2);
      event.preventDefault();
      const giveBack = rememberFocus();
      const box = target.getBoundingClientRect();
      // A key has no place: the menu then stands at what has the focus.
      const byKey = event.button !== 2;
      setAt({
        left: byKey ? box.left + Math.min(box.width / 2, 200) : event.clientX,
        top: byKey ? box.top + Math.min(box.height / 2, 200) : event.clientY,
        giveBack: () => giveBack(undefined),
      });
    };
    addEventListener("contextmenu", open);
    return () => removeEventListener("contextmenu", open);
  }, [volume]);
  const close = () => {
    at?.giveBack();
    setAt(undefined);
  };
  return (
    <ContextMenuPopover
      isOpen={at !== undefined}
      targetOffset={at ?? { left: 0, top: 0 }}
      onClose={close}
      transitionDuration={0}
      content={<Items volume={volume} data={data} onDone={close} />}
    />
  );
}

/** Selects what was pointed at, unless it lies in what is selected already. */
function selectUnder(volume: OpenVolume, target: Element, pointed: boolean): void {
  const row = target.closest<HTMLElement>(rows);
  if (row && row.getAttribute("aria-selected") !== "true" && !target.closest("button")) row.click();
  const { hovered, byVolume } = useSelection.getState();
  const range = byVolume[volume.id]?.range;
  if (row || !pointed || hovered?.volumeId !== volume.id) return;
  if (!range || hovered.range.start < range.start || hovered.range.end > range.end) select(hovered);
}

const openers: readonly PanelName[] = ["hex", "map", "layout", "inspector", "copies"];

function Items({ volume, data, onDone }: { volume: OpenVolume; data: VolumeData; onDone: () => void }) {
  const selection = useSelection(selectSelection(volume.id));
  const range = selection?.range;
  const act = (text: string, run: () => void, disabled?: string): ReactNode => (
    <MenuItem
      key={text}
      text={text}
      disabled={disabled !== undefined}
      title={disabled ?? ""}
      onClick={() => {
        onDone();
        run();
      }}
    />
  );
  if (!range)
    return <KeyMenu label="Selection">{act("Nothing is selected", () => {}, "Select a region, a block or a byte first")}</KeyMenu>;
  const { blockBytes, name } = data.overview;
  const place: CopiedRange = { image: name, start: range.start, end: range.end, blockBytes };
  const size = BigInt(blockBytes);
  const block = range.start / size;
  const region = data.layout?.stored.find((each) => each.startBlock <= block && block < each.startBlock + each.blockCount);
  const own = region && panelFor(region.kind);
  const tooLong = range.end - range.start > mostCopiedBytes ? `Up to ${formatBytes(mostCopiedBytes)} are copied at once` : undefined;
  const bookmark = data.tree
    .find((node) => node.id === "bookmarks")
    ?.children?.find((node) => node.range?.start === range.start && node.range.end === range.end);
  return (
    <KeyMenu label="Selection">
      <MenuTitle>Open in</MenuTitle>
      {[...openers, ...(own && own !== "contents" ? [own] : [])].map((panel) => act(panels[panel].title, () => showPanel(panel)))}
      <MenuDivider />
      <MenuTitle>Copy {formatBytes(range.end - range.start)} as</MenuTitle>
      {placeFormats.map((format) => act(format.name, () => void copy(() => format.of(place))))}
      {bytesFormats.map((format) => act(format.name, () => void copy(async () => format.of(await bytesOf(volume, range))), tooLong))}
      <MenuDivider />
      {act(bookmark ? "Rename bookmark…" : "Bookmark…", () => openDialog("bookmark"))}
      {bookmark && act("Remove bookmark", () => void removeBookmark(volume, range))}
    </KeyMenu>
  );
}

const copy = (text: () => string | Promise<string>) => runTask("Copy", async () => navigator.clipboard.writeText(await text()));

async function bytesOf(volume: OpenVolume, { start, end }: { start: bigint; end: bigint }): Promise<Uint8Array> {
  const { bytes } = await volume.api.bytes(start, Number(end - start));
  return bytes;
}
