import type { ModuleChoice } from "../../../engine/contract/index.ts";
import { visible } from "../../ui/format.ts";

/** All modules: those that can be added, then those that cannot with each reason, then those that are there. */
export function ModuleChooser({
  modules,
  chosen,
  onChoose,
}: {
  modules: readonly ModuleChoice[];
  chosen: string | undefined;
  onChoose: (name: string) => void;
}) {
  const groups = [
    { title: "Can be added to this volume", rows: modules.filter(({ addable, active }) => addable && !active) },
    { title: "Not possible where the volume is", rows: modules.filter(({ addable, active }) => !addable && !active) },
  ];
  const active = modules.filter((each) => each.active);
  return (
    <>
      {groups.map(({ title, rows }) => (
        <fieldset key={title} className="module-chooser">
          <legend>
            {title} · {rows.length}
          </legend>
          <ul>
            {rows.map(({ name, abbreviation, id, reasons }) => (
              <li key={id}>
                <label>
                  <input type="radio" name="module" checked={name === chosen} onChange={() => onChoose(name)} />
                  <span className="weak mono">{id}</span>
                  <span>
                    {name} <span className="weak mono">{abbreviation}</span>
                    {reasons.length > 0 && <small>{reasons.map(visible).join("; ")}</small>}
                  </span>
                </label>
              </li>
            ))}
          </ul>
        </fieldset>
      ))}
      <p className="weak">Active already: {active.length === 0 ? "none" : active.map(({ name }) => name).join(", ")}.</p>
    </>
  );
}
