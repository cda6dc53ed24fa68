import { Button, DialogBody, DialogFooter } from "@blueprintjs/core";
import type { OverlayRow } from "../../../engine/contract/index.ts";
import { askToDrop, dropOverlay, openOverlay, useAskedOverlay, useOverlayRows } from "../../store/overlays.ts";
import { activeVolume, useSession } from "../../store/session.ts";
import { formatBytes, formatNoun, visible } from "../../ui/format.ts";
import { closeDialog, openDialog } from "./dialog-state.ts";

/** Opens the image through a new overlay, or through one that there is. */
export function OverlaysDialog() {
  const volume = useSession(activeVolume);
  const rows = useOverlayRows(volume);
  const open = (id?: string) => {
    if (!volume) return;
    closeDialog();
    void openOverlay(volume, id);
  };
  const drop = (row: OverlayRow) => {
    askToDrop(row);
    openDialog("drop-overlay");
  };
  return (
    <>
      <DialogBody>
        <p>
          With an overlay, changes go to a file beside the image and all views show the result. The image is only read, until you commit the
          overlay to it. You can compare overlays with each other and drop them.
        </p>
        {rows === undefined ? (
          <p className="empty">Reading the overlays…</p>
        ) : (
          <ul className="overlays" aria-label="Overlays of this image">
            {rows.map((row) => (
              <li key={row.id}>
                <div>
                  <b>{visible(row.name)}</b>
                  {row.current && " · shown here"}
                  <p className="weak">
                    {row.problem !== undefined
                      ? visible(row.problem)
                      : row.changes.length === 0
                        ? "Nothing was changed in it."
                        : `${visible(row.changes.at(-1) ?? "")}${row.changes.length > 1 ? ` And ${formatNoun(row.changes.length - 1, "earlier change")}.` : ""}`}
                  </p>
                  <p className="weak">
                    {formatBytes(row.byteLength)} · {visible(row.folder)}
                  </p>
                </div>
                <Button
                  size="small"
                  text="Open"
                  aria-label={`Open ${row.name}`}
                  disabled={row.problem !== undefined || row.current}
                  onClick={() => open(row.id)}
                />
                <Button size="small" text="Drop…" aria-label={`Drop ${row.name}…`} onClick={() => drop(row)} />
              </li>
            ))}
          </ul>
        )}
        {rows?.length === 0 && <p className="empty">This image has no overlay yet.</p>}
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={closeDialog} />
            <Button intent="primary" autoFocus text="Open with a new overlay" onClick={() => open()} />
          </>
        }
      />
    </>
  );
}

/** Names what is lost with an overlay, and asks. */
export function DropOverlayDialog() {
  const volume = useSession(activeVolume);
  const asked = useAskedOverlay((state) => state.asked);
  if (!volume || !asked) return null;
  const drop = () => {
    closeDialog();
    void dropOverlay(volume, asked.id);
  };
  return (
    <>
      <DialogBody>
        <p>
          <b>{visible(asked.name)}</b> is thrown away{asked.changes.length > 0 ? ", and with it:" : ". Nothing was changed in it."}
        </p>
        {asked.changes.length > 0 && (
          <ul className="plan-sentences lost">
            {asked.changes.map((change, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the list does not change while it is asked about
              <li key={index}>{visible(change)}</li>
            ))}
          </ul>
        )}
        <p className="weak">The image stays as it is. What was committed to it before is not lost.</p>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button autoFocus text="Keep the overlay" onClick={closeDialog} />
            <Button intent="danger" text={`Drop ${asked.name}`} onClick={drop} />
          </>
        }
      />
    </>
  );
}
