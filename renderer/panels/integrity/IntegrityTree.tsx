import "../../ui/pictures/pictures.css";
import type { ByteRange, IntegrityReport, IntegrityView, RegionView } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { nodeRange, useIntegrity, useIntegrityCheck } from "../../store/integrity.ts";
import { select } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { formatCount, formatNoun } from "../../ui/format.ts";
import { Glyph, type GlyphState } from "../../ui/glyphs.tsx";
import { ListTable } from "../../ui/list-table.tsx";
import { TaskButton } from "../../ui/task-button.tsx";
import { TreeLevels } from "../../ui/tree-levels.tsx";

/** The tree as levels; once it is computed anew, what differs and the paths above it. */
export function IntegrityTree({ volume, view }: { volume: OpenVolume; view: RegionView }) {
  const { answer: tree, failure } = useIntegrity(volume, view.slot);
  const task = useIntegrityCheck(volume, view.slot);
  if (failure) return <p className="empty">{failure.what}</p>;
  if (!tree) return null;
  const choose = (range: ByteRange | undefined) => range && select({ volumeId: volume.id, range });
  const report = task.result;
  const { state, words } = verdictOf(tree, report, task.state === "running");
  return (
    <section className="integrity-tree" aria-label="Integrity tree">
      <div className="panel-bar">
        <Glyph state={state} label />
        <span aria-live="polite">{words}</span>
        <span className="stretch" />
        <TaskButton
          label={report ? "Check again" : "Check against blocks"}
          state={task.state}
          progress={task.progress}
          onRun={task.run}
          onStop={task.stop}
        />
      </div>
      <p className="notice">
        <Glyph state={tree.coverage.mapping === "as-built" && tree.coverage.stride === 1n ? "ok" : "info"} /> {tree.coverage.text}
      </p>
      <div className="picture">
        <TreeLevels
          levels={(report ?? tree).levels}
          summary={`${formatNoun(tree.levels.length, "level")} over ${formatNoun(tree.leafCount, "leaf", "leaves")}. ${words}`}
          onPick={(node) => choose(nodeRange(tree.nodes, node))}
        />
      </div>
      {report && report.failing.length > 0 && (
        <ListTable
          label="Nodes that do not hold"
          empty=""
          rows={report.failing}
          more={report.more}
          mostRows={6}
          columns={[
            {
              id: "state",
              title: "State",
              width: 100,
              cell: (row) => (
                <>
                  <Glyph state={row.state === "unread" ? "warning" : "error"} /> {row.state === "unread" ? "not read" : "differs"}
                </>
              ),
            },
            {
              id: "what",
              title: "What",
              width: 150,
              cell: (row) => (row.leaf === undefined ? `inner node ${formatCount(row.node)}` : `leaf ${formatCount(row.leaf)}`),
            },
            { id: "level", title: "Level", width: 60, alignEnd: true, cell: (row) => row.level },
            {
              id: "block",
              title: "Block",
              width: 90,
              alignEnd: true,
              cell: ({ block }) =>
                block && (
                  <button
                    type="button"
                    className="link"
                    tabIndex={-1}
                    onClick={(event) => {
                      event.stopPropagation();
                      choose(block);
                    }}
                  >
                    {formatCount(block.start / BigInt(tree.nodes.blockBytes))}
                  </button>
                ),
            },
            { id: "stored", title: "Stored", width: 220, cell: (row) => <span className="mono">{row.stored}</span> },
            { id: "computed", title: "Computed", width: 220, cell: (row) => <span className="mono">{row.computed || "–"}</span> },
          ]}
          onSelect={({ range }) => choose(range)}
          onOpen={({ block, range }) => {
            choose(block ?? range);
            showPanel("hex");
          }}
        />
      )}
    </section>
  );
}

/** One sentence with how much was checked: a tree that covers a part says so. */
function verdictOf(tree: IntegrityView, report: IntegrityReport | undefined, running: boolean): { state: GlyphState; words: string } {
  if (running) return { state: "running", words: "Computing nodes and hashing blocks…" };
  if (!report) return { state: "not-run", words: "Not held against the blocks yet." };
  const { leaves, inner, rootHolds } = report;
  const rest = [
    ...(leaves.unset > 0 ? [`${formatNoun(leaves.unset, "leaf", "leaves")} not set`] : []),
    ...(leaves.notStored > 0 ? [`${formatCount(leaves.notStored)} not stored`] : []),
    ...(leaves.withoutBlock > 0 ? [`${formatCount(leaves.withoutBlock)} without a block`] : []),
  ];
  const tail = rest.length > 0 ? ` (${rest.join(", ")})` : "";
  const held = leaves.matches + leaves.differs;
  const root = rootHolds ? "" : " The header's root is not node 1.";
  if (inner.differs + leaves.differs + leaves.unread === 0 && rootHolds)
    return {
      state: held > 0 ? "ok" : "info",
      words: `${formatNoun(leaves.matches, "leaf matches its block", "leaves match their blocks")}, ${formatNoun(inner.holds, "inner node")} hold${tail}.`,
    };
  const assumed = leaves.differs > 0 && tree.coverage.mapping === "assumed" ? " Which blocks the leaves stand for is assumed." : "";
  return {
    state: inner.differs > 0 || !rootHolds || assumed === "" ? "error" : "warning",
    words: `${formatCount(leaves.differs)} of ${formatNoun(held, "leaf", "leaves")} differ, ${formatNoun(inner.differs, "inner node")} ${inner.differs === 1 ? "differs" : "differ"}, ${formatNoun(leaves.unread, "block")} not read${tail}.${root}${assumed}`,
  };
}
