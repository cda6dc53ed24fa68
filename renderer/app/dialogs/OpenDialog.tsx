import { Button, DialogBody } from "@blueprintjs/core";
import { Database, Document, FolderClose } from "@blueprintjs/icons";
import { useEffect, useRef, useState } from "react";
import type { Folder } from "../../../engine/contract/index.ts";
import { listFolder, openDropped, openVolume } from "../../store/session.ts";
import { formatBytes } from "../../ui/format.ts";
import { closeDialog } from "./dialog-state.ts";

const icons = { folder: FolderClose, file: Document, device: Database };

/** The folders that the host may open, or a file of this computer whose bytes stay in the page. */
export function OpenDialog() {
  const [folder, setFolder] = useState<Folder>();
  const [path, setPath] = useState("");
  const file = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    let stale = false;
    void listFolder(path).then((next) => !stale && next && setFolder(next));
    return () => {
      stale = true;
    };
  }, [path]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each folder that arrives has a first entry
  useEffect(() => list.current?.querySelector<HTMLElement>("button")?.focus(), [folder]);
  const open = (entry: Folder["entries"][number]) => {
    if (entry.kind === "folder") return setPath(entry.path);
    closeDialog();
    void openVolume({ kind: "folder", path: entry.path });
  };
  return (
    <DialogBody>
      <p className="chooser-path">
        <Button size="small" text="Up" disabled={folder?.parent === undefined} onClick={() => setPath(folder?.parent ?? "")} />{" "}
        <span className="mono">/{folder?.path ?? ""}</span>
        <span className="stretch" />
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
      </p>
      <ul ref={list} className="chooser" aria-label="Files">
        {folder?.entries.map((entry) => {
          const Icon = icons[entry.kind];
          return (
            <li key={entry.path}>
              <Button variant="minimal" size="small" fill alignText="start" icon={<Icon size={14} />} onClick={() => open(entry)}>
                {entry.looksLikeVolume ? <b>{entry.name}</b> : entry.name}
                <span className="source-size">{entry.byteLength !== undefined && formatBytes(entry.byteLength)}</span>
              </Button>
            </li>
          );
        })}
      </ul>
      {folder?.entries.length === 0 && <p className="empty">This folder is empty.</p>}
      {folder && folder.more > 0 && <p className="empty">{folder.more} more entries are not listed.</p>}
      <p className="note">Files are opened read-only.</p>
    </DialogBody>
  );
}
