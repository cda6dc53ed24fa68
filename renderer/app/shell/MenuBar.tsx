import { Button, MenuItem, PopoverNext, SegmentedControl } from "@blueprintjs/core";
import { Search } from "@blueprintjs/icons";
import { type LayoutName, setLayout, useDock } from "../../store/dock.ts";
import { KeyMenu } from "../../ui/key-menu.tsx";
import { commands, runCommand } from "../commands.ts";
import { openDialog } from "../dialogs/dialog-state.ts";

const menus = ["File", "Edit", "Go", "View", "Volume", "Tools", "Help"] as const;

/** Menus, the search box, the layout switch. */
export function MenuBar({ title }: { title: string }) {
  const preset = useDock((state) => state.preset.name);
  return (
    <header className="menu-bar" data-pane="menu">
      <h1 className="visually-hidden">{title}</h1>
      <img className="mark" src="./icon.svg" alt="" width="20" height="20" />
      <nav aria-label="Menus">
        {menus.map((name) => (
          <PopoverNext key={name} placement="bottom-start" arrow={false} content={<CommandMenu name={name} />}>
            <Button variant="minimal" size="small" text={name} aria-haspopup="menu" />
          </PopoverNext>
        ))}
      </nav>
      <button type="button" className="search-box" onClick={() => openDialog("palette")} aria-keyshortcuts="Control+K">
        <Search size={12} />
        <span>Search commands, blocks, fields, findings</span>
        <kbd>Ctrl</kbd>
        <kbd>K</kbd>
      </button>
      <SegmentedControl
        size="small"
        intent="primary"
        aria-label="Layout"
        value={preset}
        onValueChange={(name) => setLayout(name as LayoutName)}
        options={[
          { label: "Inspect", value: "inspect" },
          { label: "Forensics", value: "forensics" },
          { label: "Operate", value: "operate" },
        ]}
      />
    </header>
  );
}

function CommandMenu({ name }: { name: string }) {
  return (
    <KeyMenu label={name}>
      {commands
        .filter((command) => command.menu === name)
        .map((command) => {
          const reason = command.disabled?.();
          return (
            <MenuItem
              key={command.id}
              text={command.name}
              label={command.keys ?? ""}
              disabled={reason !== undefined}
              title={reason ?? ""}
              onClick={() => runCommand(command.id)}
            />
          );
        })}
    </KeyMenu>
  );
}
