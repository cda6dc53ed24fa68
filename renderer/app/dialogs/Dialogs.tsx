import { Button, Dialog, DialogBody, DialogFooter } from "@blueprintjs/core";
import { type ReactNode, useEffect, useRef } from "react";
import { useExportRequest } from "../../store/files.ts";
import { useRepairRequest } from "../../store/repair.ts";
import { dismissFailure, useTasks } from "../../store/tasks.ts";
import { AddModuleWizard } from "../wizards/AddModuleWizard.tsx";
import { ExportWizard } from "../wizards/ExportWizard.tsx";
import { ImportWizard } from "../wizards/ImportWizard.tsx";
import { NewVolumeWizard } from "../wizards/NewVolumeWizard.tsx";
import { AboutDialog } from "./AboutDialog.tsx";
import { BookmarkDialog } from "./BookmarkDialog.tsx";
import { LabelDialog, LevelDialog, ResizeDialog } from "./ChangeDialogs.tsx";
import { type DialogName, giveFocusBack, openDialog, requestClose, useDialog } from "./dialog-state.ts";
import { KeyboardDialog } from "./KeyboardDialog.tsx";
import { OpenDialog } from "./OpenDialog.tsx";
import { DropOverlayDialog, OverlaysDialog } from "./OverlayDialogs.tsx";
import { Palette } from "./Palette.tsx";
import { RepairDialog } from "./RepairDialog.tsx";
import { RulesDialog } from "./RulesDialog.tsx";
import { SettingsDialog } from "./SettingsDialog.tsx";

const shownDialogs = {
  open: { title: "Open a volume", width: 640, content: OpenDialog },
  "new-volume": { title: "New volume", width: 960, isWizard: true, content: NewVolumeWizard },
  import: { title: "Import files and folders", width: 960, isWizard: true, content: ImportWizard },
  export: { title: "Export files and folders", width: 960, isWizard: true, content: ExportWizard },
  settings: { title: "Settings", width: 480, content: SettingsDialog },
  palette: { title: "Search", width: 620, content: Palette },
  keyboard: { title: "Keyboard", width: 720, content: KeyboardDialog },
  rules: { title: "Rules", width: 900, content: RulesDialog },
  label: { title: "Set the label", width: 960, isWizard: true, content: LabelDialog },
  level: { title: "Set a module's level", width: 960, isWizard: true, content: LevelDialog },
  module: { title: "Add a module", width: 1200, isWizard: true, content: AddModuleWizard },
  repair: { title: "Repair", width: 960, isWizard: true, content: RepairDialog },
  resize: { title: "Resize", width: 960, isWizard: true, content: ResizeDialog },
  bookmark: { title: "Bookmark", width: 480, content: BookmarkDialog },
  overlays: { title: "Open with overlay", width: 620, content: OverlaysDialog },
  "drop-overlay": { title: "Drop an overlay", width: 520, content: DropOverlayDialog },
  about: { title: "About Blockscope", width: 480, content: AboutDialog },
} satisfies Record<DialogName, { title: string; width: number; isWizard?: boolean; content: () => ReactNode }>;

/** Whatever dialog is open, and the failure that waits to be read. */
export function Dialogs() {
  const shown = useDialog((state) => state.shown);
  const failure = useTasks((state) => state.shown);
  const dialog = shown && shownDialogs[shown];
  const frame = useRef<HTMLDivElement>(null);
  const isOpen = shown !== undefined;
  const asked = useRepairRequest((state) => state.asked);
  useEffect(() => {
    if (asked > 0) openDialog("repair");
  }, [asked]);
  const exportAsked = useExportRequest((state) => state.asked);
  useEffect(() => {
    if (exportAsked > 0) openDialog("export");
  }, [exportAsked]);
  useEffect(() => {
    if (!isOpen) giveFocusBack(frame.current?.parentElement ?? null);
  }, [isOpen]);
  // A dialog that a failure was shown over goes on where it was: what it disabled meanwhile had lost the focus to nobody.
  const isTold = failure !== undefined;
  const wasTold = useRef(false);
  useEffect(() => {
    if (wasTold.current && !isTold && isOpen) focusDialog(frame.current?.parentElement);
    wasTold.current = isTold;
  }, [isTold, isOpen]);
  return (
    <>
      {/* Its place in the document is there beforehand: a dialog that came a moment later would lose what is typed right after its key. */}
      <Dialog
        isOpen={isOpen}
        lazy={false}
        title={dialog?.title ?? ""}
        onClose={requestClose}
        className={`dialog-${shown}${dialog && "isWizard" in dialog ? " is-wizard" : ""}`}
        style={{ width: dialog?.width }}
        containerRef={frame}
        transitionDuration={0}
        shouldReturnFocusOnClose={false}
      >
        {dialog && <dialog.content />}
      </Dialog>
      <Dialog isOpen={isTold} title="That did not work" onClose={dismissFailure} role="alertdialog" transitionDuration={0}>
        <DialogBody>
          <p>
            <b>{failure?.what}</b>
          </p>
          {failure?.where && <p>{failure.where}</p>}
          {failure?.next && <p>{failure.next}</p>}
          <p className="mono code">{failure?.code}</p>
        </DialogBody>
        <DialogFooter actions={<Button intent="primary" text="Close" onClick={dismissFailure} />} />
      </Dialog>
    </>
  );
}

/** Focuses the button of a wizard's step, or what a plain dialog asks for. */
function focusDialog(dialog: Element | null | undefined): void {
  if (dialog?.contains(document.activeElement)) return;
  const button = dialog?.querySelector<HTMLElement>(".wizard-foot .bp6-intent-primary:not(:disabled)");
  (button ?? dialog?.querySelector<HTMLElement>("input:not(:disabled), button:not(:disabled)"))?.focus();
}
