import "./code.css";
import "../../ui/pictures/pictures.css";
import { Tab, Tabs } from "@blueprintjs/core";
import { useCallback, useEffect, useState } from "react";
import type { ByteRange, ModuleHead, ModuleReport, RegionView, VolumeApi } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { useHostTask } from "../../store/host-task.ts";
import { useAsked } from "../../store/region.ts";
import { select, selectSelection, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { Facts } from "../../ui/facts.tsx";
import { formatAddress, formatBytes, formatCount, visible } from "../../ui/format.ts";
import { Glyph, Swatch } from "../../ui/glyphs.tsx";
import { ListTable } from "../../ui/list-table.tsx";
import { Ranges } from "../../ui/pictures/ranges.tsx";
import { TaskButton } from "../../ui/task-button.tsx";

/** Binaries up to this size are read as soon as they are selected. */
const readAtOnceBytes = 16n * 1_048_576n;

/** The selected module: its hash, and what its binary is made of. */
export function ModuleDetail({ volume, view: { slot, tables } }: { volume: OpenVolume; view: RegionView }) {
  const at = useSelection(selectSelection(volume.id))?.range.start;
  const question = useCallback((api: VolumeApi) => api.moduleAt(slot, at ?? 0n), [slot, at]);
  const { answer: head } = useAsked(volume, at === undefined ? undefined : question);
  const [shown, setShown] = useState<ModuleHead>();
  // A selection outside every module, such as a section's bytes of another panel, leaves the module that was shown.
  useEffect(() => {
    if (head) setShown(head);
  }, [head]);
  if ((tables[0]?.rowCount ?? 0) === 0) return null;
  if (!shown) return <p className="empty">Select a module: its hash check, sections, imports and exports stand here.</p>;
  return <Module key={shown.index} volume={volume} slot={slot} head={shown} />;
}

function Module({ volume, slot, head }: { volume: OpenVolume; slot: number; head: ModuleHead }) {
  const task = useHostTask(volume, `Read module ${head.index}`, `${slot} ${head.index}`, (api) => api.inspectModule(slot, head.index));
  const { state, run } = task;
  const isSmall = head.byteLength <= readAtOnceBytes;
  useEffect(() => {
    if (state === "idle" && isSmall) run();
  }, [state, isSmall, run]);
  const report = task.result;
  return (
    <section className="module-detail" aria-label={`Module ${head.index}`}>
      <div className="panel-bar">
        <h3>
          Module {head.index} · {visible(head.entryPoint || "no entry point")}
        </h3>
        <span aria-live="polite">
          {report ? (
            <>
              <Glyph state={report.hash === "matches" ? "ok" : report.hash === "differs" ? "error" : "warning"} /> {report.text}
            </>
          ) : (
            (head.problem ?? `${formatBytes(head.byteLength)}, not read yet`)
          )}
        </span>
        <span className="stretch" />
        <TaskButton label={report ? "Read again" : "Read module"} state={state} progress={task.progress} onRun={run} onStop={task.stop} />
      </div>
      {report && <Report volume={volume} head={head} report={report} />}
    </section>
  );
}

const entryWords: Readonly<Record<ModuleReport["entry"], string>> = {
  exported: "exported as a function",
  "not-a-function": "exported, and no function",
  missing: "not among the exports",
  "none-named": "none is named",
  unknown: "not known: the binary was not read whole",
};
const tailWords: Readonly<Record<ModuleReport["tail"], string>> = {
  zero: "zero",
  "in-use": "in use",
  none: "none: it fills its last block",
  unread: "not read",
};
const families: Readonly<Record<string, string>> = {
  type: "core",
  import: "replica",
  function: "integrity",
  table: "replica",
  memory: "inode",
  global: "journal",
  export: "security",
  code: "data",
  data: "snapshot",
};
const familyOf = (name: string): string => families[name] ?? "service";

function Report({ volume, head, report }: { volume: OpenVolume; head: ModuleHead; report: ModuleReport }) {
  const [tab, setTab] = useState("sections");
  const choose = (range: ByteRange) => select({ volumeId: volume.id, range });
  const open = (range: ByteRange) => {
    choose(range);
    showPanel("hex");
  };
  const start = head.range?.start ?? 0n;
  const { sections } = report;
  return (
    <>
      <Facts
        rows={[
          { label: "Entry point", value: entryWords[report.entry] },
          { label: "Functions", value: formatCount(report.functionCount) },
          { label: "Start function", value: report.startFunction === undefined ? "none" : `${report.startFunction}` },
          { label: "Own name", value: report.moduleName === undefined ? "none" : visible(report.moduleName) },
          { label: "Rest of the last block", value: tailWords[report.tail] },
          { label: "Stored SHA-256", value: `${report.storedHash.slice(0, 16)}…`, title: report.storedHash, mono: true },
        ]}
      />
      {report.sectionsLeftOut && <p className="notice">Its sections were not read: {report.sectionsLeftOut}.</p>}
      {report.malformed && (
        <p className="notice" role="alert">
          <Glyph state="error" /> The binary is not well formed: {visible(report.malformed.text)}, at{" "}
          <button
            type="button"
            className="link"
            onClick={() => open({ start: report.malformed?.at ?? 0n, end: (report.malformed?.at ?? 0n) + 1n })}
          >
            {formatAddress(report.malformed.at)}
          </button>
          . What stands before was read.
        </p>
      )}
      {sections.length > 0 && head.range && (
        <div className="picture">
          <Ranges
            start={0}
            end={Number(head.range.end - start)}
            unit="bytes"
            summary={`Sections in order: ${sections
              .map(({ name }) => visible(name))
              .join(", ")
              .slice(0, 400)}. The list below has them.`}
            ranges={sections.map((section) => ({
              start: Number(section.range.start - start),
              end: Number(section.range.end - start),
              label: `${visible(section.name)}: ${section.detail}`,
              family: familyOf(section.name),
            }))}
            marks={[]}
            onPick={(index) => sections[index] && choose(sections[index].range)}
          />
        </div>
      )}
      <Tabs id={`module-${report.index}`} selectedTabId={tab} onChange={(id) => setTab(String(id))} renderActiveTabPanelOnly>
        <Tab
          id="sections"
          title={`Sections ${formatCount(sections.length + report.moreSections)}`}
          panel={
            <ListTable
              label="Sections"
              empty="No section was read."
              rows={sections}
              more={report.moreSections}
              columns={[
                {
                  id: "name",
                  title: "Section",
                  width: 180,
                  cell: ({ name }) => (
                    <>
                      <Swatch family={familyOf(name)} /> {visible(name)}
                    </>
                  ),
                },
                { id: "detail", title: "Content", width: 220, cell: ({ detail }) => detail },
                { id: "size", title: "Size", width: 90, alignEnd: true, cell: ({ range }) => formatBytes(range.end - range.start) },
                {
                  id: "at",
                  title: "Address",
                  width: 120,
                  alignEnd: true,
                  cell: ({ range }) => <span className="mono">{formatAddress(range.start)}</span>,
                },
              ]}
              onSelect={({ range }) => choose(range)}
              onOpen={({ range }) => open(range)}
            />
          }
        />
        <Tab
          id="imports"
          title={`Imports ${formatCount(report.imports.length + report.moreImports)}`}
          panel={
            <ListTable
              label="Imports"
              empty="It imports nothing."
              rows={report.imports}
              more={report.moreImports}
              columns={[
                { id: "module", title: "From", width: 180, cell: ({ module }) => visible(module) },
                { id: "name", title: "Name", width: 200, cell: ({ name }) => visible(name) },
                { id: "kind", title: "Kind", width: 90, cell: ({ kind }) => kind },
                { id: "type", title: "Type", width: 260, cell: ({ type }) => <span className="mono">{type}</span> },
              ]}
              onSelect={() => {}}
            />
          }
        />
        <Tab
          id="exports"
          title={`Exports ${formatCount(report.exports.length + report.moreExports)}`}
          panel={
            <ListTable
              label="Exports"
              empty="It exports nothing."
              rows={report.exports}
              more={report.moreExports}
              columns={[
                { id: "name", title: "Name", width: 240, cell: ({ name }) => visible(name) },
                { id: "kind", title: "Kind", width: 90, cell: ({ kind }) => kind },
                { id: "type", title: "Type", width: 260, cell: ({ type }) => <span className="mono">{type}</span> },
              ]}
              onSelect={() => {}}
            />
          }
        />
      </Tabs>
    </>
  );
}
