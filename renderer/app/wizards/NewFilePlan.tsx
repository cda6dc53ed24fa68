import type { CreatedFile } from "../../../engine/contract/index.ts";
import { PlanBlocks } from "../../panels/plan/PlanBlocks.tsx";
import type { NewFile } from "../../store/new-file.ts";
import { Facts } from "../../ui/facts.tsx";
import { formatBytes, formatCount, formatNoun, groupDigits, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";

/** The five parts of a plan, for a file that is not there yet. */
export function NewFilePlan({ file: { api, view } }: { file: NewFile }) {
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
export function NewFileResult({ file: { view }, created }: { file: NewFile; created: CreatedFile }) {
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
