import type { KeyboardEvent } from "react";
import type { ReplicaRow, ReplicationView } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { select, selectSelection, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { formatCount, formatNoun, formatTicks, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";

/** Replicas with vector and watermark side by side. A row selects its vector; its synced block is a link to the watermark's bytes. */
export function ReplicaTable({ volume, replication }: { volume: OpenVolume; replication: ReplicationView }) {
  const selection = useSelection(selectSelection(volume.id));
  const { replicas } = replication;
  if (replicas.length === 0) return <p className="empty">No replica slot is in use.</p>;
  const choose = ({ range, watermarkRange }: ReplicaRow) => {
    const bytes = range ?? watermarkRange;
    if (bytes) select({ volumeId: volume.id, range: bytes });
  };
  const keys = (row: ReplicaRow) => (event: KeyboardEvent) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    choose(row);
    if (event.key === "Enter") showPanel("hex");
    event.preventDefault();
  };
  const isSelected = ({ range, watermarkRange }: ReplicaRow) =>
    [range, watermarkRange].some((each) => each && each.start === selection?.range.start && each.end === selection.range.end);
  return (
    <section aria-label="Replicas">
      <h3>
        {formatNoun(replicas.length, "replica")} <span className="aside">of 32 slots</span>
      </h3>
      <div className="replica-scroll">
        <table className="replicas" role="grid" aria-label="Replicas">
          <thead>
            <tr>
              <th>Slot</th>
              <th>Replica</th>
              <th className="is-end">Counter</th>
              <th className="is-end" title="Behind the newest counter of all replicas">
                Behind
              </th>
              <th className="is-end">Synced gen.</th>
              <th className="is-end" title="Generations behind">
                Behind
              </th>
              <th className="is-end">Pending</th>
              <th>Status</th>
              <th>Last sync</th>
            </tr>
          </thead>
          <tbody>
            {replicas.map((row) => (
              <tr
                key={`${row.slot}/${row.watermarkSlot}`}
                tabIndex={0}
                aria-selected={isSelected(row)}
                onClick={() => choose(row)}
                onDoubleClick={() => {
                  choose(row);
                  showPanel("hex");
                }}
                onKeyDown={keys(row)}
              >
                <td>{row.slot}</td>
                <td>
                  <Identity row={row} />
                </td>
                <td className="is-end">{figure(row.counter)}</td>
                <td className="is-end">{figure(row.behindCounter)}</td>
                <td className="is-end">{figure(row.syncedGeneration)}</td>
                <td className="is-end">{figure(row.behindGenerations)}</td>
                <td className="is-end">{figure(row.pendingBlocks)}</td>
                <td>
                  {row.status ? (
                    <>
                      <Glyph state={row.status.tone} /> {row.status.name}
                    </>
                  ) : (
                    <span className="weak">no watermark</span>
                  )}
                </td>
                <td>{row.syncTicks === undefined ? <span className="weak">–</span> : <Time ticks={row.syncTicks} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const figure = (value: bigint | number | undefined) => (value === undefined ? <span className="weak">–</span> : formatCount(value));

function Time({ ticks }: { ticks: bigint }) {
  const { text, title } = formatTicks(ticks);
  return <span title={title}>{text}</span>;
}

const shortId = (id: string) => visible(`${id.slice(0, 8)}…${id.slice(-4)}`);

/** The replica's id, and what is odd about how its watermark was found. */
function Identity({ row: { slot, replicaId = "", counter, pairing, watermarkSlot, watermarkReplicaId } }: { row: ReplicaRow }) {
  const isEmpty = !/[^0-]/.test(replicaId);
  return (
    <>
      {isEmpty ? (
        <span className="weak">no id</span>
      ) : (
        <span className="mono" title={replicaId}>
          {shortId(replicaId)}
        </span>
      )}
      {pairing === "unmatched" && (
        <span
          className="remark"
          title={
            counter === undefined
              ? `Watermark slot ${watermarkSlot} names a replica that no vector names.`
              : `The watermark in slot ${slot} names ${watermarkReplicaId ?? "no replica"}; only the slot puts the two together.`
          }
        >
          <Glyph state="warning" /> <b>?</b>{" "}
          {counter === undefined ? "no vector" : `watermark of ${watermarkReplicaId?.slice(0, 8) ?? "no id"}`}
        </span>
      )}
      {pairing === "another-slot" && <span className="remark">watermark in slot {watermarkSlot}</span>}
    </>
  );
}
