import { Button } from "@blueprintjs/core";
import { useEffect, useState } from "react";
import type { ExportView, SourceRow } from "../../../engine/contract/index.ts";
import { chooseSources, exportFiles, forgetExport, surveyExport, useExportRequest } from "../../store/files.ts";
import { activeVolume, type OpenVolume, useSession } from "../../store/session.ts";
import { Facts } from "../../ui/facts.tsx";
import { formatBytes, formatCount, formatNoun, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";
import { closeDialog, touchDialog } from "../dialogs/dialog-state.ts";
import { FolderBrowser } from "../dialogs/FolderBrowser.tsx";
import { FileNotes } from "./FileNotes.tsx";
import { VolumePathField } from "./VolumePathField.tsx";
import { TaskLine, useWatchedTask, WizardFrame } from "./WizardFrame.tsx";

const titles = ["From the volume", "Where to", "Plan", "Result"] as const;

export function ExportWizard() {
  const volume = useSession(activeVolume);
  return volume ? <ExportSteps key={volume.id} volume={volume} /> : null;
}

/** Copies files out of a volume: said beforehand, name by name where one changes; the volume is only read. */
function ExportSteps({ volume }: { volume: OpenVolume }) {
  const choosing = useSession((state) => state.host?.choosing);
  const [at, setAt] = useState(0);
  const [from, setFrom] = useState(useExportRequest.getState().path ?? "/");
  useEffect(() => forgetExport, []);
  const [folder, setFolder] = useState("");
  const [granted, setGranted] = useState<SourceRow>();
  const [name, setName] = useState("");
  const [survey, setSurvey] = useState<ExportView>();
  const [result, setResult] = useState<ExportView>();
  const [busy, setBusy] = useState(false);
  const task = useWatchedTask();
  const request = { from, to: choosing === "dialog" ? (granted?.id ?? "") : folder, name };
  const run = async (work: typeof surveyExport, keep: (view: ExportView) => void, next: number) => {
    setBusy(true);
    const view = await work(volume, request, task.watch);
    setBusy(false);
    if (!view) return;
    keep(view);
    setAt(next);
  };
  const found = [from, survey && visible(survey.to), survey && formatNoun(survey.files, "file")];
  const frame = {
    steps: titles.map((title, index) => ({ title, found: found[index] })),
    at,
    onStep: at < 3 && !busy ? setAt : undefined,
    progress: busy && <TaskLine task={task} label="Exporting" stopText="Stop" />,
  };
  if (at === 0)
    return (
      <WizardFrame
        {...frame}
        heading="What is exported"
        about="a file, or a folder with all below it"
        problem={from.startsWith("/") ? undefined : "A path in the volume begins with a slash."}
        note="The volume is only read."
        action={{ text: "Where to", run: () => setAt(1) }}
      >
        <VolumePathField volume={volume} label="Path in the volume" path={from} onPath={setFrom} takesFiles />
      </WizardFrame>
    );
  if (at === 1)
    return (
      <WizardFrame
        {...frame}
        heading="Where it goes"
        about="nothing that is there is overwritten"
        problem={
          choosing === "dialog" && !granted
            ? "Choose a folder."
            : /[/\\]/.test(name)
              ? "A name holds no separators; choose the folder in the list."
              : undefined
        }
        note="Nothing has been written. The next step says what would be written, renamed and left out."
        action={{ text: "Preview the plan", run: () => void run(surveyExport, setSurvey, 2), busy }}
      >
        {choosing === "dialog" ? (
          <p className="wizard-line">
            <Button
              text={granted ? "Choose another…" : "Choose a folder…"}
              onClick={() =>
                void chooseSources("target").then(([row]) => {
                  if (!row) return;
                  touchDialog();
                  setGranted(row);
                })
              }
            />
            <span className="mono">{granted && visible(`${granted.folder}/${granted.name}`)}</span>
          </p>
        ) : (
          <FolderBrowser path={folder} onPath={setFolder} />
        )}
        <div className="wizard-fields">
          <label htmlFor="export-name">New folder in it</label>
          <div className="wizard-line">
            <input id="export-name" value={name} onChange={(event) => setName(event.target.value)} />
            <span className="weak">{name === "" ? "none: straight into the folder above" : "made where it is missing"}</span>
          </div>
        </div>
      </WizardFrame>
    );
  if (at === 2 && survey)
    return (
      <WizardFrame
        {...frame}
        heading="Plan"
        about="found by going through all names; no content was read"
        problem={survey.files + survey.folders === 0 ? "There is nothing to export: all of it is left out." : undefined}
        note="Nothing has been written. The volume is only read."
        command={survey.command}
        action={{ text: "Export", run: () => void run(exportFiles, setResult, 3), busy }}
      >
        <section aria-label="What will happen">
          <h4>What will happen</h4>
          <ul className="plan-sentences">
            <li>
              Write {formatNoun(survey.files, "file")} and {formatNoun(survey.folders, "folder")} ({formatBytes(survey.bytes)}) to{" "}
              <span className="mono">{visible(survey.to)}</span>, byte for byte, holes kept.
            </li>
            <li>Keep permissions and times. Follow no link, and overwrite nothing.</li>
          </ul>
        </section>
        <Notes view={survey} words={{ renamed: "Renamed outside", skipped: "Would be left out" }} />
        <section aria-label="Worst case">
          <h4>Worst case</h4>
          <p>If this goes wrong in every way we know, you lose nothing: the volume is only read. Stopping leaves whole files only.</p>
        </section>
      </WizardFrame>
    );
  return (
    <WizardFrame
      {...frame}
      isDone
      heading="Result"
      note="The volume was only read."
      command={result?.command}
      action={{ text: "Done", run: closeDialog }}
    >
      {result && (
        <>
          <p className="wizard-done">
            <Glyph state={result.counts.skipped + result.counts.problems > 0 ? "warning" : "ok"} label /> Wrote{" "}
            {formatNoun(result.files, "file")} and {formatNoun(result.folders, "folder")}.
          </p>
          <Facts
            rows={[
              { label: "Folder", value: visible(result.to), mono: true },
              { label: "Bytes of the files", value: formatBytes(result.bytes), title: formatCount(result.bytes) },
              { label: "Renamed", value: formatCount(result.counts.renamed) },
              { label: "Left out", value: formatCount(result.counts.skipped) },
            ]}
          />
          <Notes view={result} words={{ renamed: "Renamed outside", skipped: "Left out" }} />
        </>
      )}
    </WizardFrame>
  );
}

const Notes = ({ view, words }: { view: ExportView; words: { renamed: string; skipped: string } }) => (
  <>
    <FileNotes title={words.skipped} notes={view.skipped} count={view.counts.skipped} />
    <FileNotes title={words.renamed} notes={view.renamed} count={view.counts.renamed} />
    <FileNotes title="Cannot be believed" notes={view.problems} count={view.counts.problems} />
  </>
);
