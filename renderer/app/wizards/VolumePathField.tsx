import { useId, useState } from "react";
import { listVolumeFolder } from "../../store/files.ts";
import type { OpenVolume } from "../../store/session.ts";
import { FolderBrowser } from "../dialogs/FolderBrowser.tsx";

/** A path in the volume, typed or chosen from its folders. */
export function VolumePathField({
  volume,
  label,
  path,
  onPath,
  takesFiles = false,
}: {
  volume: OpenVolume;
  label: string;
  path: string;
  onPath: (path: string) => void;
  /** Whether a file can be chosen, too. */
  takesFiles?: boolean;
}) {
  const id = useId();
  const [shown, setShown] = useState("");
  return (
    <>
      <div className="wizard-fields">
        <label htmlFor={id}>{label}</label>
        <div className="wizard-line">
          <input id={id} className="is-wide" value={path} onChange={(event) => onPath(event.target.value)} />
        </div>
      </div>
      <FolderBrowser
        label="In the volume"
        path={shown}
        onPath={(to) => {
          setShown(to);
          onPath(`/${to}`);
        }}
        list={(folder) => listVolumeFolder(volume, folder)}
        onFile={takesFiles ? (entry) => onPath(`/${entry.path}`) : undefined}
      />
    </>
  );
}
