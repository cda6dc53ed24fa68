import { Button } from "@blueprintjs/core";
import type { UndoRow } from "../../../engine/contract/index.ts";
import { proposeUndo } from "../../store/queue.ts";
import type { OpenVolume } from "../../store/session.ts";
import { formatBytes, visible } from "../../ui/format.ts";

/** The changes of this volume that were made and have an undo bundle, the newest first. */
export function UndoList({ volume, rows }: { volume: OpenVolume; rows: readonly UndoRow[] }) {
  if (rows.length === 0) return <p className="empty">No change of this volume has an undo bundle on this machine.</p>;
  return (
    <ul className="undo-list" aria-label="Changes that were made">
      {rows.map((row) => (
        <li key={row.id}>
          <span className="queue-title">{visible(row.title)}</span>
          <span>{visible(row.detail)}</span>
          <span className="weak" title={`${row.file}, ${row.byteLength} bytes`}>
            {new Date(row.writtenMs).toLocaleString()} · {formatBytes(row.byteLength)}
            {row.problem !== undefined && ` · ${visible(row.problem)}`}
          </span>
          {row.problem === undefined && (
            <Button
              size="small"
              text="Undo…"
              aria-label={`Undo ${row.title}…`}
              title="Plans it first: nothing is written"
              onClick={() => void proposeUndo(volume, row.id)}
            />
          )}
        </li>
      ))}
    </ul>
  );
}
