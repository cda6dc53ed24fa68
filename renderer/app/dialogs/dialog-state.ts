import { create } from "zustand";
import { rememberFocus } from "../../ui/focus.ts";

export type DialogName =
  | "open"
  | "new-volume"
  | "import"
  | "export"
  | "settings"
  | "palette"
  | "keyboard"
  | "rules"
  | "label"
  | "level"
  | "module"
  | "repair"
  | "resize"
  | "bookmark"
  | "overlays"
  | "drop-overlay"
  | "about";

interface DialogState {
  /** The dialog that is open. */
  shown: DialogName | undefined;
  /** Something was entered in it that closing would lose. */
  isTouched: boolean;
  /** Closing was asked for all the same. */
  asksToClose: boolean;
  /** Something is being written: it stays open until that ends. */
  isBusy: boolean;
  /** The location bar is a box to type a place into. */
  editsPlace: boolean;
}
const fresh = { isTouched: false, asksToClose: false, isBusy: false };
export const useDialog = create<DialogState>()(() => ({ shown: undefined, ...fresh, editsPlace: false }));

let giveBack: ReturnType<typeof rememberFocus> | undefined;

/** Opens a dialog, unless one that would lose something is open. */
export function openDialog(shown: DialogName): void {
  const { shown: before, isTouched, isBusy } = useDialog.getState();
  if (before && (isTouched || isBusy)) {
    requestClose();
    return;
  }
  if (!before) giveBack = rememberFocus();
  useDialog.setState({ shown, ...fresh });
}

/** Gives the focus back to what had it before the dialog, unless what the dialog did moved it elsewhere. */
export const giveFocusBack = (dialog: Element | null): void => giveBack?.(dialog);

export const editPlace = (editsPlace: boolean) => useDialog.setState({ editsPlace });
export const closeDialog = () => useDialog.setState({ shown: undefined, ...fresh });

/** Closes the dialog; one in which something was entered asks first, one that writes stays. */
export function requestClose(): void {
  const { isTouched, isBusy, asksToClose } = useDialog.getState();
  if (isBusy) return;
  if (isTouched) useDialog.setState({ asksToClose: !asksToClose });
  else closeDialog();
}
export const keepDialog = () => useDialog.setState({ asksToClose: false });
export const touchDialog = (isTouched = true) => useDialog.setState({ isTouched });
export const setDialogBusy = (isBusy: boolean) => useDialog.setState({ isBusy });
