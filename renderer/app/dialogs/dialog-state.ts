import { create } from "zustand";
import { rememberFocus } from "../../ui/focus.ts";

export type DialogName =
  | "open"
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
  | "about";

/** The dialog that is open, and whether the location bar is a box to type a place into. */
export const useDialog = create<{ shown: DialogName | undefined; editsPlace: boolean }>()(() => ({ shown: undefined, editsPlace: false }));

let giveBack: ReturnType<typeof rememberFocus> | undefined;

export function openDialog(shown: DialogName): void {
  if (!useDialog.getState().shown) giveBack = rememberFocus();
  useDialog.setState({ shown });
}

/** Gives the focus back to what had it before the dialog, unless what the dialog did moved it elsewhere. */
export const giveFocusBack = (dialog: Element | null): void => giveBack?.(dialog);

export const editPlace = (editsPlace: boolean) => useDialog.setState({ editsPlace });
export const closeDialog = () => useDialog.setState({ shown: undefined });
