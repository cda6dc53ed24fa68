import { create } from "zustand";

export type DialogName = "open" | "settings" | "palette" | "keyboard" | "rules" | "about";

export const useDialog = create<{ shown: DialogName | undefined }>()(() => ({ shown: undefined }));
export const openDialog = (shown: DialogName) => useDialog.setState({ shown });
export const closeDialog = () => useDialog.setState({ shown: undefined });
