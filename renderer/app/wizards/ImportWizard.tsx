import { Button } from "@blueprintjs/core";
import { useState } from "react";
import type { ChooseWhat, ImportSurvey } from "../../../engine/contract/index.ts";
import { chooseSources, surveyImport } from "../../store/files.ts";
import { propose } from "../../store/plan.ts";
import { activeVolume, type OpenVolume, useSession } from "../../store/session.ts";
import { Facts } from "../../ui/facts.tsx";
import { formatBytes, formatCount, formatNoun, visible } from "../../ui/format.ts";
import { touchDialog } from "../dialogs/dialog-state.ts";
import { FolderBrowser } from "../dialogs/FolderBrowser.tsx";
import { FileNotes } from "./FileNotes.tsx";
import { PlanResult, PlanStep } from "./PlanStep.tsx";
import { VolumePathField } from "./VolumePathField.tsx";
import { nothingWritten, TaskLine, useWatchedTask, WizardFrame } from "./WizardFrame.tsx";

const titles = ["Files and folders", "Where to", "Plan", "Result"] as const;

/** A source as the host takes it, and as people read it. */
interface Chosen {
  id: string;
  text: string;
}

export function ImportWizard() {
  const volume = useSession(activeVolume);
  return volume ? <ImportSteps key={volume.id} volume={volume} /> : null;
}

function ImportSteps({ volume }: { volume: OpenVolume }) {
  const [at, setAt] = useState(0);
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const [survey, setSurvey] = useState<ImportSurvey>();
  const [to, setTo] = useState("/");
  const [busy, setBusy] = useState(false);
  const task = useWatchedTask();
  const change = (next: readonly Chosen[]) => {
    touchDialog();
    setSurvey(undefined);
    setChosen(next);
  };
  const look = async () => {
    setBusy(true);
    const found = await surveyImport(
      volume,
      chosen.map(({ id }) => id),
      task.watch,
    );
    setBusy(false);
    setSurvey(found);
    if (found) setAt(1);
  };
  const plan = async () => {
    setBusy(true);
    const isPlanned = await propose(volume, "import", { paths: chosen.map(({ id }) => id), to });
    setBusy(false);
    if (isPlanned) setAt(2);
  };
  const found = [survey ? `${formatNoun(survey.files, "file")}, ${formatBytes(survey.bytes)}` : `${formatCount(chosen.length)} chosen`, to];
  const frame = { steps: titles.map((title, index) => ({ title, found: found[index] })), at, onStep: setAt };
  if (at === 0)
    return (
      <WizardFrame
        {...frame}
        heading="What is imported"
        about="folders with all they hold; links are not followed"
        problem={chosen.length === 0 ? "Choose at least one file or folder." : undefined}
        note="Nothing has been written. The next step says what will be taken in and what is left out."
        action={{ text: "Look at them", run: () => void look(), busy }}
        progress={busy && <TaskLine task={task} label="Looking" stopText="Stop" />}
      >
        <Sources chosen={chosen} onChange={change} />
      </WizardFrame>
    );
  if (at === 1 && survey)
    return (
      <WizardFrame
        {...frame}
        heading="Where it goes"
        about="a folder that is missing is made; nothing that is there is replaced"
        problem={
          survey.files + survey.folders === 0
            ? "There is nothing to import: all of it is left out."
            : to.startsWith("/")
              ? undefined
              : "A path in the volume begins with a slash."
        }
        note={nothingWritten}
        action={{ text: "Preview the plan", run: () => void plan(), busy }}
        preview={<SurveyView survey={survey} />}
      >
        <VolumePathField volume={volume} label="Folder in the volume" path={to} onPath={setTo} />
      </WizardFrame>
    );
  if (at === 2) return <PlanStep volume={volume} frame={frame} onApplied={() => setAt(3)} />;
  return <PlanResult volume={volume} frame={frame} />;
}

/** Chooses files and folders: in the host's own dialogs, or from the folders that it may open. */
function Sources({ chosen, onChange }: { chosen: readonly Chosen[]; onChange: (chosen: readonly Chosen[]) => void }) {
  const choosing = useSession((state) => state.host?.choosing);
  const [path, setPath] = useState("");
  const ask = async (what: ChooseWhat) => {
    const rows = await chooseSources(what);
    if (rows.length > 0) onChange([...chosen, ...rows.map(({ id, name, folder }) => ({ id, text: `${folder}/${name}` }))]);
  };
  const without = (id: string) => chosen.filter((each) => each.id !== id);
  return (
    <>
      {choosing === "dialog" ? (
        <p className="wizard-line">
          <Button text="Add files…" onClick={() => void ask("files")} />
          <Button text="Add folders…" onClick={() => void ask("folders")} />
        </p>
      ) : (
        <FolderBrowser
          path={path}
          onPath={setPath}
          ticked={new Set(chosen.map(({ id }) => id))}
          onToggle={(entry) =>
            onChange(
              chosen.some(({ id }) => id === entry.path) ? without(entry.path) : [...chosen, { id: entry.path, text: `/${entry.path}` }],
            )
          }
        />
      )}
      {chosen.length > 0 && (
        <>
          <h4>Chosen · {formatCount(chosen.length)}</h4>
          <ul className="wizard-list" aria-label="Chosen">
            {chosen.map(({ id, text }) => (
              <li key={id}>
                <span className="mono">{visible(text)}</span>
                <Button size="small" variant="minimal" text="Remove" onClick={() => onChange(without(id))} />
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function SurveyView({ survey }: { survey: ImportSurvey }) {
  const isTight = survey.mostBlocks > survey.freeBlocks;
  return (
    <>
      <h4>What is taken in</h4>
      <Facts
        rows={[
          {
            label: "Files and folders",
            value: `${formatNoun(survey.files, "file")}, ${formatNoun(survey.folders, "folder")}, ${formatBytes(survey.bytes)}`,
          },
          { label: "Space needed", value: `at most ${formatNoun(survey.mostBlocks, "block")}; holes of files take none` },
          { label: "Space free", value: formatNoun(survey.freeBlocks, "block") },
        ]}
      />
      {isTight && <p className="wizard-problem">It may not fit: the plan counts exactly and refuses what does not.</p>}
      <FileNotes title="Left out" notes={survey.skipped} count={survey.skippedCount} />
    </>
  );
}
