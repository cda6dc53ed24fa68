import { Button, DialogBody } from "@blueprintjs/core";
import { useRef, useState } from "react";
import { openDropped, openVolume } from "../../store/session.ts";
import { closeDialog } from "./dialog-state.ts";
import { FolderBrowser } from "./FolderBrowser.tsx";

/** The folders that the host may open, or a file of this computer whose bytes stay in the page. */
export function OpenDialog() {
  const [path, setPath] = useState("");
  const file = useRef<HTMLInputElement>(null);
  return (
    <DialogBody>
      <FolderBrowser
        path={path}
        onPath={setPath}
        takesFocus
        onFile={(entry) => {
          closeDialog();
          void openVolume({ kind: "folder", path: entry.path });
        }}
        aside={
          <>
            <Button size="small" text="From this computer…" onClick={() => file.current?.click()} />
            <input
              ref={file}
              type="file"
              className="visually-hidden"
              aria-label="A file of this computer"
              tabIndex={-1}
              onChange={(event) => {
                closeDialog();
                void openDropped([...(event.target.files ?? [])]);
              }}
            />
          </>
        }
      />
      <p className="note">Files are opened read-only.</p>
    </DialogBody>
  );
}
