import { Button } from "@blueprintjs/core";
import { Database, Document, FolderClose, Link } from "@blueprintjs/icons";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Folder } from "../../../engine/contract/index.ts";
import { listFolder } from "../../store/session.ts";
import { formatBytes, visible } from "../../ui/format.ts";

export type FolderEntry = Folder["entries"][number];
const icons = { folder: FolderClose, file: Document, device: Database, link: Link };

/** A tree of folders, one at a time: folders lead on, files are handed to `onFile`; where `onToggle` is given each entry can be ticked. */
export function FolderBrowser({
  path,
  onPath,
  list: read = listFolder,
  label = "Files",
  onFile,
  ticked,
  onToggle,
  takesFocus = false,
  aside,
}: {
  path: string;
  onPath: (path: string) => void;
  /** What a folder holds; those that the host may open unless told. */
  list?: (path: string) => Promise<Folder | undefined>;
  label?: string;
  onFile?: ((entry: FolderEntry) => void) | undefined;
  ticked?: ReadonlySet<string> | undefined;
  onToggle?: ((entry: FolderEntry) => void) | undefined;
  /** Whether the first entry of each folder takes the focus. */
  takesFocus?: boolean;
  aside?: ReactNode;
}) {
  const [folder, setFolder] = useState<Folder>();
  const list = useRef<HTMLUListElement>(null);
  const moved = useRef(takesFocus);
  const reading = useRef(read);
  reading.current = read;
  useEffect(() => {
    let stale = false;
    void reading.current(path).then((next) => !stale && next && setFolder(next));
    return () => {
      stale = true;
    };
  }, [path]);
  useEffect(() => {
    // Only where the user is: a folder that was entered, or a list that the dialog is about.
    if (folder && moved.current) list.current?.querySelector<HTMLElement>("button, input")?.focus();
  }, [folder]);
  const enter = (to: string) => {
    moved.current = true;
    onPath(to);
  };
  return (
    <>
      <div className="chooser-path">
        <Button size="small" text="Up" disabled={folder?.parent === undefined} onClick={() => enter(folder?.parent ?? "")} />{" "}
        <span className="mono">/{visible(folder?.path ?? "")}</span>
        <span className="stretch" />
        {aside}
      </div>
      <ul ref={list} className="chooser" aria-label={label}>
        {folder?.entries.map((entry) => (
          <li key={entry.path}>
            {onToggle && (
              <input
                type="checkbox"
                aria-label={`Choose ${visible(entry.name)}`}
                checked={ticked?.has(entry.path) ?? false}
                onChange={() => onToggle(entry)}
              />
            )}
            <Row entry={entry} onOpen={entry.kind === "folder" ? () => enter(entry.path) : onFile && (() => onFile(entry))} />
          </li>
        ))}
      </ul>
      {folder?.entries.length === 0 && <p className="empty">This folder is empty.</p>}
      {folder && folder.more > 0 && <p className="empty">{folder.more} more entries are not listed.</p>}
    </>
  );
}

function Row({ entry, onOpen }: { entry: FolderEntry; onOpen: (() => void) | undefined }) {
  const Icon = icons[entry.kind];
  const name = entry.looksLikeVolume ? <b>{visible(entry.name)}</b> : visible(entry.name);
  const size = entry.byteLength !== undefined && formatBytes(entry.byteLength);
  if (onOpen)
    return (
      <Button variant="minimal" size="small" fill alignText="start" icon={<Icon size={14} />} onClick={onOpen}>
        {name}
        <span className="source-size">{size}</span>
      </Button>
    );
  return (
    <span className="chooser-file">
      <Icon size={14} /> {name}
      <span className="source-size">{size}</span>
    </span>
  );
}
