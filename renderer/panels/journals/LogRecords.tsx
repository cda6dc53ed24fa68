import type { LogRecordRow, LogView } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { useLogRecords } from "../../store/journal.ts";
import { select, selectSelection, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { type DataColumn, DataTable } from "../../ui/data-table.tsx";
import { formatAddress, formatCount, visible } from "../../ui/format.ts";

const columns: readonly DataColumn[] = [
  { id: "offset", title: "Byte", width: 110, alignEnd: true, doc: "Where the record begins" },
  { id: "kind", title: "Record", width: 100, alignEnd: false },
  { id: "target", title: "Target", width: 90, alignEnd: true, doc: "The block that the image is for" },
  { id: "name", title: "What the target is", width: 210, alignEnd: false },
  { id: "structure", title: "Structure of the image", width: 190, alignEnd: false },
  { id: "sequence", title: "Sequence", width: 90, alignEnd: true },
  { id: "entries", title: "Entries", width: 70, alignEnd: true },
  { id: "bytes", title: "Bytes", width: 80, alignEnd: true },
];
const sequenceColumn = 5;

function cellOf(row: LogRecordRow, column: number): string {
  const values = [
    formatAddress(row.offset),
    row.kind,
    row.targetBlock === undefined ? "" : formatCount(row.targetBlock),
    row.target ?? "",
    row.structure ?? "",
    row.sequence === undefined ? "" : formatCount(row.sequence),
    row.entryCount === undefined ? "" : formatCount(row.entryCount),
    formatCount(row.byteLength),
  ];
  return column === sequenceColumn && row.kind === "entry" ? "" : visible(values[column] ?? "");
}

/** Every whole record of a log in the order of its bytes; a row selects its bytes, Enter opens them in hex. */
export function LogRecords({ volume, log }: { volume: OpenVolume; log: LogView }) {
  const { rowAt, onVisible, failure } = useLogRecords(volume, log.slot);
  const range = useSelection(selectSelection(volume.id))?.range;
  const choose = (row: LogRecordRow) => select({ volumeId: volume.id, range: row.range });
  let selectedIndex: number | undefined;
  for (let index = 0; range && selectedIndex === undefined && index < Math.min(log.recordCount, 2000); index++)
    if (rowAt(index)?.range.start === range.start && rowAt(index)?.range.end === range.end) selectedIndex = index;
  return (
    <>
      {failure && (
        <p className="empty" role="alert">
          {failure.what}
        </p>
      )}
      <DataTable
        label="Records"
        columns={columns}
        rowCount={log.recordCount}
        rowAt={rowAt}
        cell={cellOf}
        rowClass={(row) => (row.kind === "entry" ? undefined : "is-marker")}
        selectedIndex={selectedIndex}
        onVisible={onVisible}
        onSelect={choose}
        onOpen={(row) => {
          choose(row);
          showPanel("hex");
        }}
      />
    </>
  );
}
