import { useEffect, useRef, useState } from "react";
import type { CreatedFile } from "../../../engine/contract/index.ts";
import { PlanBlocks } from "../../panels/plan/PlanBlocks.tsx";
import { createFile, forgetNewFile, type NewFile, showCreated } from "../../store/new-file.ts";
import { Facts } from "../../ui/facts.tsx";
import { formatBytes, formatCount, formatNoun, groupDigits, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";
import type { WizardProps } from "../../ui/wizard.tsx";
import { closeDialog } from "../dialogs/dialog-state.ts";
import { TaskLine, useWatchedTask, WizardFrame } from "./WizardFrame.tsx";

export type NewFileState = ReturnType<typeof useNewFile>;

/** A new file on its way through a wizard: planned, made, forgotten with the wizard. */
export function useNewFile() {
  const [file, setFile] = useState<NewFile>();
  const [created, setCreated] = useState<CreatedFile>();
  const [busy, setBusy] = useState(false);
  const task = useWatchedTask();
  const held = useRef(file);
  held.current = file;
  useEffect(() => () => forgetNewFile(held.current), []);
  const working = async <Result,>(work: () => Promise<Result>): Promise<Result> => {
    setBusy(true);
    const result = await work();
    setBusy(false);
    return result;
  };
  return {
    file,
    created,
    busy,
    task,
    /** Other work of the wizard, during which it waits. */
    working,
    drop: () => {
      forgetNewFile(file);
      setFile(undefined);
    },
    /** False where it was refused, which was shown. */
    plan: async (make: () => Promise<NewFile | undefined>): Promise<boolean> => {
      forgetNewFile(file);
      const planned = await working(make);
      setFile(planned);
      return planned !== undefined;
    },
    /** False where it failed or was cancelled, which was shown. */
    create: async (): Promise<boolean> => {
      if (!file) return false;
      const made = await working(() => createFile(file, task.watch));
      if (made) setCreated(made);
      return made !== undefined;
    },
  };
}

type Frame = Pick<WizardProps, "steps" | "at" | "onStep" | "side">;

/** The step before a file is made: what would be written, and the button that makes it. */
export function NewFilePlanStep({
  frame,
  state,
  file,
  words,
  onCreated,
}: {
  frame: Frame;
  state: NewFileState;
  file: NewFile;
  words: { about: string; making: string; stop: string };
  onCreated: () => void;
}) {
  const { busy, task, create } = state;
  return (
    <WizardFrame
      {...frame}
      onStep={busy ? undefined : frame.onStep}
      heading="Plan"
      about={words.about}
      note="Nothing has been written."
      command={file.view.command}
      action={{ text: `Create ${file.view.name}`, run: () => void create().then((made) => made && onCreated()), busy }}
      progress={busy && <TaskLine task={task} label={words.making} stopText={words.stop} />}
    >
      <NewFilePlan file={file} />
    </WizardFrame>
  );
}

/** The step behind it: what was made, and Open. */
export function NewFileResultStep({ frame, file, created, note }: { frame: Frame; file: NewFile; created: CreatedFile; note: string }) {
  return (
    <WizardFrame
      {...frame}
      isDone
      onStep={undefined}
      heading="Result"
      note={note}
      action={{
        text: "Open",
        run: () => {
          closeDialog();
          void showCreated(created);
        },
      }}
    >
      <NewFileResult file={file} created={created} />
    </WizardFrame>
  );
}

/** The five parts of a plan, for a file that is not there yet. */
function NewFilePlan({ file: { api, view } }: { file: NewFile }) {
  return (
    <div className="plan-body">
      <section aria-label="What will happen">
        <h4>What will happen</h4>
        <ul className="plan-sentences">
          {view.sentences.map((sentence) => (
            <li key={sentence}>{groupDigits(visible(sentence))}</li>
          ))}
          <li>
            {view.name} goes to <span className="mono">{visible(view.folder)}</span>, where nothing of that name is.
          </li>
        </ul>
      </section>
      <section aria-label="Blocks" className="plan-blocks">
        <h4>
          Blocks · {formatCount(view.writtenBlocks)} newly written ({formatBytes(view.writtenBytes)}), 0 changed
        </h4>
        {view.rowCount > 0 && (
          <PlanBlocks
            planId={`${view.name} ${view.rowCount}`}
            rowCount={view.rowCount}
            fetch={(start, count) => api.blocks(start, count)}
          />
        )}
      </section>
      <section aria-label="Worst case">
        <h4>Worst case</h4>
        <p>{visible(view.worstCase)}</p>
      </section>
      <section aria-label="If power fails">
        <h4>If power fails</h4>
        <p>{visible(view.ifPowerFails)}</p>
      </section>
      <section aria-label="Undo">
        <h4>Undo</h4>
        <p>{visible(view.undo)}</p>
      </section>
    </div>
  );
}

/** What became of a file that was made. */
function NewFileResult({ file: { view }, created }: { file: NewFile; created: CreatedFile }) {
  const { error, warning } = created.findings;
  const state = error > 0 ? "error" : warning > 0 ? "warning" : "ok";
  return (
    <>
      <p className="wizard-done">
        <Glyph state="ok" label /> {groupDigits(visible(created.summary))}
      </p>
      <Facts
        rows={[
          { label: "File", value: `${visible(view.folder)}/${visible(view.name)}`, mono: true },
          { label: "Size", value: formatBytes(view.byteLength), title: formatNoun(view.byteLength, "byte") },
          { label: "Written", value: formatBytes(created.bytesWritten), title: formatNoun(created.bytesWritten, "byte") },
          { label: "Free blocks", value: formatCount(created.freeBlocks) },
          {
            label: "Held against every rule",
            value: (
              <>
                <Glyph state={state} label /> {formatNoun(error, "error")}, {formatNoun(warning, "warning")}
              </>
            ),
          },
        ]}
      />
      <p className="weak">{visible(view.undo)}</p>
    </>
  );
}
