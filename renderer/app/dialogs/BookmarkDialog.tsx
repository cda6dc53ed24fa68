import { Button, DialogBody, DialogFooter } from "@blueprintjs/core";
import { type FormEvent, useState } from "react";
import { addBookmark } from "../../store/bookmarks.ts";
import { selectSelection, useSelection } from "../../store/selection.ts";
import { activeVolume, useSession } from "../../store/session.ts";
import { selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { formatAddress } from "../../ui/format.ts";
import { closeDialog } from "./dialog-state.ts";

/** Names what is selected. */
export function BookmarkDialog() {
  const volume = useSession(activeVolume);
  const range = useSelection(selectSelection(volume?.id))?.range;
  const known = useVolumeData(selectVolumeData(volume?.id))
    ?.tree.find((node) => node.id === "bookmarks")
    ?.children?.find((node) => node.range?.start === range?.start && node.range?.end === range?.end);
  const [name, setName] = useState(known?.name ?? "");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!volume || !range || name.trim() === "") return;
    closeDialog();
    await addBookmark(volume, name.trim(), range);
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <DialogBody>
        <label className="setting">
          <span>Name</span>
          <input autoFocus maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <p className="weak">
          {range ? `${formatAddress(range.start)}–${formatAddress(range.end - 1n)}` : "Nothing is selected."} Kept in the data folder, not
          in the image.
        </p>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={closeDialog} />
            <Button type="submit" intent="primary" text="Bookmark" disabled={!range || name.trim() === ""} />
          </>
        }
      />
    </form>
  );
}
