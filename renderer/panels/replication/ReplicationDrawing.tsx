import "./replication.css";
import { useCallback } from "react";
import type { RegionView, ReplicationView, VolumeApi } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { useAsked } from "../../store/region.ts";
import { select } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { Drawing, Figures } from "../../ui/drawing.tsx";
import { formatBytes, formatCount, formatNoun } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";
import { DirtyMap } from "./DirtyMap.tsx";
import { ReplicaTable } from "./ReplicaTable.tsx";

/** Replicas and their lag, the dirty bitmap along the tracked blocks, and what a delta would carry now. */
export function ReplicationDrawing({ volume, view }: { volume: OpenVolume; view: RegionView }) {
  const question = useCallback((api: VolumeApi) => api.replication(view.slot), [view.slot]);
  const { answer, failure } = useAsked(volume, view.state === "decoded" ? question : undefined);
  if (failure) return <p className="empty">{failure.what}</p>;
  if (!answer) return null;
  const selectBlocks = (start: bigint, count: bigint, open: boolean) => {
    const size = BigInt(answer.dirty.blockBytes);
    select({ volumeId: volume.id, range: { start: start * size, end: (start + count) * size } });
    if (open) showPanel("map");
  };
  return (
    <Drawing className="replication">
      <ReplicaTable volume={volume} replication={answer} />
      <Lag replication={answer} />
      <DirtyMap replication={answer} onSelect={selectBlocks} />
      <Coverage replication={answer} />
      <Ship replication={answer} />
    </Drawing>
  );
}

/** How far each replica is behind, as bars back from now. */
function Lag({ replication: { replicas, lagReference } }: { replication: ReplicationView }) {
  if (!lagReference) return null;
  const rows = replicas.filter(({ behindGenerations }) => behindGenerations !== undefined);
  const most = rows.reduce((longest, { behindGenerations = 0n }) => (behindGenerations > longest ? behindGenerations : longest), 1n);
  const percent = (behind: bigint) => (behind <= 0n ? 0 : Math.max(0.5, Number((behind * 10_000n) / most) / 100));
  const of =
    lagReference.of === "replication-epoch"
      ? `this volume's ReplicationEpoch: ${formatCount(lagReference.generation)}`
      : `furthest watermark: ${formatCount(lagReference.generation)}; the superblock's ReplicationEpoch is behind it`;
  return (
    <section aria-label="Behind, in generations">
      <h3>
        Behind, in generations <span className="aside">{of}</span>
      </h3>
      <ul className="lag">
        {rows.map(({ slot, watermarkSlot, replicaId = "", behindGenerations = 0n, status }) => (
          <li key={`${slot}/${watermarkSlot}`}>
            <span className="mono">{replicaId.slice(0, 8)}</span>
            <span className="lag-track" aria-hidden>
              <span className={`lag-bar lag-${status?.tone}`} style={{ width: `${percent(behindGenerations)}%` }} />
            </span>
            <b>{formatCount(behindGenerations)}</b>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What the bitmap covers, said aloud. Conventions W14 and W25. */
function Coverage({ replication: { trackedBlocks, dataBlocks, dataStart } }: { replication: ReplicationView }) {
  if (dataBlocks === undefined || dataStart === undefined)
    return (
      <p className="coverage coverage-warning">
        <Glyph state="warning" /> The bitmap covers {formatNoun(trackedBlocks, "block")}; no table names a data region that they could be
        counted from.
      </p>
    );
  const covered = BigInt(trackedBlocks) < dataBlocks ? BigInt(trackedBlocks) : dataBlocks;
  const whole = covered === dataBlocks;
  const more = BigInt(trackedBlocks) - dataBlocks;
  return (
    <p className={`coverage coverage-${whole ? "ok" : "warning"}`}>
      <Glyph state={whole ? "ok" : "warning"} />
      <span>
        <b>
          The bitmap covers {formatCount(covered)} of {formatNoun(dataBlocks, "data block")}.
        </b>{" "}
        {!whole && covered > 0n && `Changes past block ${formatCount(dataStart + covered - 1n)} are not tracked. `}
        {more > 0n && `It tracks ${formatNoun(more, "block")} more than the data region has.`}
      </span>
    </p>
  );
}

/** Size of a delta made now, and its runs by length. */
function Ship({ replication: { dirty, trackedBlocks } }: { replication: ReplicationView }) {
  const most = Math.max(1, ...dirty.lengths.map(({ runs }) => runs));
  const formula = `${formatCount(dirty.blocks - dirty.unlistedBlocks)} blocks × ${formatCount(dirty.blockBytes)} bytes + ${formatCount(dirty.runs)} runs × ${dirty.extentBytes} bytes + ${dirty.headerBytes} bytes of header = ${formatCount(dirty.bytesToShip)} bytes`;
  return (
    <section aria-label="If you ship now">
      <h3>If you ship now</h3>
      <Figures
        rows={[
          {
            value: formatBytes(dirty.bytesToShip),
            label: `${formatNoun(dirty.blocks, "block")} + ${formatCount(dirty.runs)} × ${dirty.extentBytes} B + ${dirty.headerBytes} B`,
            title: formula,
          },
          { value: trackedBlocks > 0 ? `${((dirty.blocks / trackedBlocks) * 100).toFixed(2)} %` : "–", label: "of the tracked blocks" },
          { value: formatNoun(dirty.longestRun, "block"), label: "in the longest run" },
        ]}
      />
      {dirty.unlistedBlocks > 0 && (
        <p className="note">
          {formatNoun(dirty.unlistedBlocks, "dirty block")} beyond the limit are counted, and left out of runs and sizes.
        </p>
      )}
      <h3>Runs by length</h3>
      <ul className="run-lengths" aria-label="Runs by length in blocks">
        {dirty.lengths.map(({ from, runs, blocks }, index) => {
          const name = from === 1 ? "1" : index === dirty.lengths.length - 1 ? `${from} and more` : `${from} to ${2 * from - 1}`;
          return (
            <li key={from} title={`${formatNoun(runs, "run")} of ${name} blocks, ${formatNoun(blocks, "block")} in all`}>
              <span className="run-count">{runs > 0 ? formatCount(runs) : ""}</span>
              <span className="run-bar" style={{ height: runs > 0 ? `${Math.max(2, (runs / most) * 44)}px` : 0 }} aria-hidden />
              <span>
                {from}
                {index === dirty.lengths.length - 1 ? "+" : ""}
              </span>
              <span className="visually-hidden">
                {formatNoun(runs, "run")} of {name} blocks
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
