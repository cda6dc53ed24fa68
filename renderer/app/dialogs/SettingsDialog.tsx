import { DialogBody, HTMLSelect, Switch } from "@blueprintjs/core";
import type { Settings } from "../../../engine/contract/index.ts";
import { changeSettings, useSession } from "../../store/session.ts";

function Choice<Name extends "theme" | "density" | "verbosity">({
  name,
  label,
  options,
}: {
  name: Name;
  label: string;
  options: readonly Settings[Name][];
}) {
  const value = useSession((state) => state.settings?.[name]);
  return (
    <label className="setting">
      <span>{label}</span>
      <HTMLSelect
        autoFocus={name === "theme"}
        value={value ?? ""}
        options={[...options]}
        onChange={(event) => void changeSettings({ [name]: event.target.value })}
      />
    </label>
  );
}

/** What the user may set; the host keeps it. */
export function SettingsDialog() {
  const settings = useSession((state) => state.settings);
  return (
    <DialogBody>
      <Choice name="theme" label="Theme" options={["system", "dark", "light"]} />
      <Choice name="density" label="Density" options={["comfortable", "compact"]} />
      <Choice name="verbosity" label="Spoken in the hex view" options={["bytes", "fields", "quiet"]} />
      <label className="setting">
        <span>Bytes in a row</span>
        <HTMLSelect
          value={settings?.hexColumns ?? 16}
          options={[8, 16, 32]}
          onChange={(event) =>
            void changeSettings({ hexColumns: Number(event.target.value) === 32 ? 32 : Number(event.target.value) === 8 ? 8 : 16 })
          }
        />
      </label>
      <Switch
        checked={settings?.singleKeys ?? true}
        label="Single keys: G then a letter goes to a panel"
        onChange={(event) => void changeSettings({ singleKeys: event.currentTarget.checked })}
      />
    </DialogBody>
  );
}
