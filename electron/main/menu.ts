import { Menu, type MenuItemConstructorOptions } from "electron";

/** Commands of the page that the native menu asks for, by id. */
const entries: readonly { menu: string; items: readonly { label: string; command: string; accelerator?: string }[] }[] = [
  {
    menu: "File",
    items: [
      { label: "New volume…", command: "file.new" },
      { label: "Open volume…", command: "file.open", accelerator: "CmdOrCtrl+O" },
      { label: "Import files and folders…", command: "file.import" },
      { label: "Export files and folders…", command: "file.export" },
      { label: "Close volume", command: "file.close" },
      { label: "Settings…", command: "file.settings", accelerator: "CmdOrCtrl+," },
    ],
  },
  {
    menu: "Go",
    items: [
      { label: "Search…", command: "go.palette", accelerator: "CmdOrCtrl+K" },
      { label: "Go to place…", command: "go.place", accelerator: "CmdOrCtrl+G" },
    ],
  },
  { menu: "Tools", items: [{ label: "Check all rules", command: "tools.check" }] },
  {
    menu: "Help",
    items: [
      { label: "Keyboard", command: "help.keyboard" },
      { label: "Rules", command: "help.rules" },
      { label: "About Blockscope", command: "help.about" },
    ],
  },
];

/** Replaces Electron's default menu, and with it reload and developer keys. */
export function setMenu(run: (command: string) => void): void {
  const template: MenuItemConstructorOptions[] = entries.map(({ menu, items }) => ({
    label: menu,
    submenu: [
      ...items.map(
        ({ label, command, accelerator }): MenuItemConstructorOptions => ({
          label,
          ...(accelerator && { accelerator }),
          click: () => run(command),
        }),
      ),
      ...(menu === "File" ? [{ type: "separator" as const }, { role: "quit" as const }] : []),
    ],
  }));
  template.splice(1, 0, { role: "editMenu" });
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
