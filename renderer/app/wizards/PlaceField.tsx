import { Button } from "@blueprintjs/core";
import { useId, useState } from "react";
import type { NewPlace, SourceRow } from "../../../engine/contract/index.ts";
import { chooseNewFile } from "../../store/new-file.ts";
import { useSession } from "../../store/session.ts";
import { visible } from "../../ui/format.ts";
import { touchDialog } from "../dialogs/dialog-state.ts";
import { FolderBrowser } from "../dialogs/FolderBrowser.tsx";

/** Where a new file is to go, as far as that is chosen. */
export interface ChosenPlace {
  name: string;
  /** Below the host's root. */
  folder: string;
  /** What the host's own dialog gave. */
  granted?: SourceRow | undefined;
}
export const noPlace = (name: string): ChosenPlace => ({ name, folder: "" });

/** The place as the host takes it, or why there is none yet. */
export function placeOf(chosen: ChosenPlace, choosing: string | undefined): NewPlace | string {
  if (choosing === "dialog") return chosen.granted ? { kind: "grant", id: chosen.granted.id } : "Choose where the file goes.";
  if (chosen.name.trim() === "") return "The file needs a name.";
  if (/[/\\]/.test(chosen.name)) return "A name holds no separators; choose the folder in the list.";
  return { kind: "folder", path: chosen.folder, name: chosen.name };
}

/** Chooses a place by the host's dialog, or as a name in a folder that the host may use. */
export function PlaceField({ chosen, onChange }: { chosen: ChosenPlace; onChange: (place: ChosenPlace) => void }) {
  const choosing = useSession((state) => state.host?.choosing);
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  if (choosing === "dialog")
    return (
      <>
        <span className="field-name">Place</span>
        <div className="wizard-line">
          <Button
            size="small"
            text={chosen.granted ? "Choose another…" : "Choose…"}
            onClick={() =>
              void chooseNewFile(chosen.name).then((granted) => {
                if (!granted) return;
                touchDialog();
                onChange({ ...chosen, granted });
              })
            }
          />
          <span className="mono">{chosen.granted && visible(`${chosen.granted.folder}/${chosen.granted.name}`)}</span>
        </div>
      </>
    );
  return (
    <>
      <label htmlFor={id}>File name</label>
      <div className="wizard-line">
        <input id={id} value={chosen.name} onChange={(event) => onChange({ ...chosen, name: event.target.value })} />
        <span>
          in <span className="mono">/{visible(chosen.folder)}</span>
        </span>
        <Button size="small" text={isOpen ? "Hide folders" : "Other folder…"} onClick={() => setOpen(!isOpen)} />
      </div>
      {isOpen && (
        <>
          <span />
          <div>
            <FolderBrowser
              path={chosen.folder}
              onPath={(folder) => {
                touchDialog();
                onChange({ ...chosen, folder });
              }}
            />
          </div>
        </>
      )}
    </>
  );
}
