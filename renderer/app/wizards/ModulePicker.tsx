import type { NewVolumeModule } from "../../../engine/contract/index.ts";

/** All modules as a grid of ticks; those that no volume can have say why. Without `onChange` it only shows. */
export function ModulePicker({
  modules,
  ticked,
  levels,
  onChange,
}: {
  modules: readonly NewVolumeModule[];
  ticked: ReadonlySet<string>;
  levels?: readonly { id: number; level: number }[] | undefined;
  onChange?: ((ticked: ReadonlySet<string>) => void) | undefined;
}) {
  const toggle = (name: string) => {
    const next = new Set(ticked);
    if (!next.delete(name)) next.add(name);
    onChange?.(next);
  };
  const unstorable = modules.filter(({ problem }) => problem !== undefined);
  return (
    <fieldset className="wizard-modules">
      <legend>
        Modules{onChange ? "" : " of this profile; choose “Modules of your own” to change them"} · {ticked.size} of {modules.length}
      </legend>
      <ul>
        {modules.map(({ id, name, problem, regions, inodeBytes }) => {
          const level = levels?.find((each) => each.id === id)?.level;
          const needs = [regions.join(", "), inodeBytes > 0 ? `${inodeBytes} bytes in each inode` : ""].filter(Boolean).join("; ");
          return (
            <li key={id}>
              <label title={problem ?? (needs || "no region and nothing in inodes")}>
                <input
                  type="checkbox"
                  checked={ticked.has(name)}
                  disabled={problem !== undefined || !onChange}
                  onChange={() => toggle(name)}
                />
                <span className="weak mono">{id}</span> {name}
                {level !== undefined && <small> level {level}</small>}
              </label>
            </li>
          );
        })}
      </ul>
      {unstorable.length > 0 && (
        <p className="weak">
          Modules {unstorable[0]?.id} to {unstorable.at(-1)?.id} cannot be stored: the manifest on disk has 32 bits.
        </p>
      )}
    </fieldset>
  );
}
