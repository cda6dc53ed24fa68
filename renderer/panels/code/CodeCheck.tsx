import type { RegionView } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { useHostTask } from "../../store/host-task.ts";
import { select } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { formatNoun, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";
import { ListTable } from "../../ui/list-table.tsx";
import { TaskButton } from "../../ui/task-button.tsx";

/** Holds the bytes of every module against the hash in its record. */
export function CodeCheck({ volume, view }: { volume: OpenVolume; view: RegionView }) {
  const { slot } = view;
  const task = useHostTask(volume, "Hash modules", `${slot}`, (api) => api.checkModules(slot));
  const { result } = task;
  if ((view.tables[0]?.rowCount ?? 0) === 0) return null;
  const failing = result ? result.differs + result.unread : 0;
  return (
    <section className="code-check" aria-label="Hash check">
      <div className="panel-bar">
        <Glyph state={task.state === "running" ? "running" : !result ? "not-run" : failing > 0 ? "error" : "ok"} label />
        <span aria-live="polite">
          {!result
            ? "The modules' bytes were not held against their hashes yet."
            : failing === 0
              ? `The bytes of ${formatNoun(result.matches, "module")} match their hashes.`
              : `${formatNoun(result.matches, "module")} match, ${result.differs} differ, ${result.unread} cannot be read.`}
        </span>
        <span className="stretch" />
        <TaskButton label="Check hashes" state={task.state} progress={task.progress} onRun={task.run} onStop={task.stop} />
      </div>
      {result && failing > 0 && (
        <ListTable
          label="Modules that do not match"
          empty=""
          rows={result.failing}
          more={result.more}
          mostRows={4}
          columns={[
            { id: "hash", title: "Hash", width: 110, cell: (row) => <Verdict hash={row.hash} /> },
            { id: "module", title: "Module", width: 170, cell: (row) => visible(row.entryPoint || `module ${row.index}`) },
            { id: "text", title: "Why", width: 900, cell: (row) => row.text },
          ]}
          onSelect={({ record }) => record && select({ volumeId: volume.id, range: record })}
          onOpen={({ record }) => {
            if (record) select({ volumeId: volume.id, range: record });
            showPanel("hex");
          }}
        />
      )}
    </section>
  );
}

const Verdict = ({ hash }: { hash: "matches" | "differs" | "unread" }) => (
  <>
    <Glyph state={hash === "matches" ? "ok" : hash === "differs" ? "error" : "warning"} /> {hash === "unread" ? "not read" : hash}
  </>
);
