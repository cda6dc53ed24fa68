import "./snapshots.css";
import { useEffect, useState } from "react";
import type { RegionView, SnapshotsMeasured, SnapshotTreeView } from "../../../engine/contract/index.ts";
import { useHostTask } from "../../store/host-task.ts";
import type { OpenVolume } from "../../store/session.ts";
import { useSnapshotTree } from "../../store/snapshots.ts";
import { formatCount, formatNoun } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";
import { TaskButton } from "../../ui/task-button.tsx";
import { SnapshotDetails } from "./SnapshotDetails.tsx";
import { SnapshotTree } from "./SnapshotTree.tsx";

/** The snapshot tree with sizes, the live state below it, and what is known of the selected snapshot. */
export function SnapshotsDrawing({ volume, view }: { volume: OpenVolume; view: RegionView }) {
  const { slot, state } = view;
  const task = useHostTask(volume, "Sizes of snapshots", `${slot}`, (api) => api.measureSnapshots(slot));
  const measured = task.state === "done";
  const { answer: tree, failure } = useSnapshotTree(volume, state === "decoded" ? slot : undefined, measured);
  const [chosen, setChosen] = useState<number>();
  const { run } = task;
  const hasSnapshots = state === "decoded" && tree !== undefined && tree.snapshots > 0;
  useEffect(() => {
    if (hasSnapshots) run();
  }, [run, hasSnapshots]);
  if (failure) return <p className="empty">{failure.what}</p>;
  if (!tree) return null;
  if (tree.snapshots === 0) return <p className="empty">This volume has no snapshots.</p>;
  return (
    <div className="snapshots">
      <div className="panel-bar">
        <span aria-live="polite">{summaryOf(tree)}</span>
        <span className="stretch" />
        {task.state === "running" && <span className="weak">{task.progress?.phase ?? "Working out sizes"}…</span>}
        {task.state !== "done" && (
          <TaskButton label="Work out sizes" state={task.state} progress={task.progress} onRun={task.run} onStop={task.stop} />
        )}
      </div>
      {task.result && <Limits measured={task.result} />}
      <SnapshotTree volume={volume} tree={tree} measured={measured} running={task.state === "running"} chosen={chosen} onChoose={setChosen}>
        {(row, goTo) => row && <SnapshotDetails volume={volume} row={row} onGoTo={goTo} />}
      </SnapshotTree>
    </div>
  );
}

function summaryOf({ snapshots, tombstones, depth, missing, cycles }: SnapshotTreeView): string {
  const parts = [
    formatNoun(snapshots - tombstones, "snapshot"),
    formatNoun(tombstones, "tombstone"),
    `depth ${formatCount(depth)}`,
    ...(missing > 0 ? [formatNoun(missing, "missing parent")] : []),
    ...(cycles > 0 ? [formatNoun(cycles, "cycle")] : []),
  ];
  return parts.join(" · ");
}

/** What the sizes leave out, and why. */
function Limits({ measured: { unknown, reasons, liveUnknown, overlapping, known } }: { measured: SnapshotsMeasured }) {
  if (unknown === 0 && liveUnknown === undefined && overlapping === 0) return null;
  return (
    <div className="notice">
      {unknown > 0 && (
        <p>
          <Glyph state="warning" /> The sizes of {formatNoun(unknown, "snapshot")} are not known:{" "}
          {reasons.map(({ text, snapshots }) => `${text} (${formatCount(snapshots)})`).join("; ")}.
        </p>
      )}
      {liveUnknown !== undefined && (
        <p>
          <Glyph state="warning" /> What the live state refers to is not known: {liveUnknown}.
        </p>
      )}
      {known > 0 && (unknown > 0 || liveUnknown !== undefined) && (
        <p>
          <Glyph state="info" /> "Only here" is at most what is shown: those owners may share some of it.
        </p>
      )}
      {overlapping > 0 && (
        <p>
          <Glyph state="warning" /> {formatNoun(overlapping, "extent")} overlap others only in part; they count as shared.
        </p>
      )}
    </div>
  );
}
