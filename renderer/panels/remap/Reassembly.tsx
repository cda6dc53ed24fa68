import { Button } from "@blueprintjs/core";
import type { RemapReassemblyView } from "../../../engine/contract/index.ts";
import { visible } from "../../ui/format.ts";
import { Glyph, type GlyphState } from "../../ui/glyphs.tsx";

const glyphs: Readonly<Record<RemapReassemblyView["steps"][number]["state"], GlyphState | undefined>> = {
  ok: "ok",
  attention: "warning",
  open: undefined,
  impossible: "error",
};

/** What it takes to put the target together again; nothing here writes or loads anything. */
export function Reassembly({ reassembly }: { reassembly: RemapReassemblyView }) {
  const { steps, table, notes } = reassembly;
  const line = table && visible(table.line);
  return (
    <aside className="remap-reassembly" aria-label="Reassembly instructions">
      <h2>To put it together again</h2>
      <ol>
        {steps.map(({ state, title, text }, index) => {
          const glyph = glyphs[state];
          return (
            <li key={title}>
              {glyph ? (
                <Glyph state={glyph} label />
              ) : (
                <span className="remap-step" aria-hidden>
                  {index + 1}
                </span>
              )}
              <b>{visible(title)}</b>
              <span>{visible(text)}</span>
            </li>
          );
        })}
      </ol>
      {line !== undefined && (
        <>
          <h3>
            Table for dmsetup
            <Button size="small" variant="minimal" text="Copy" onClick={() => void navigator.clipboard.writeText(line)} />
          </h3>
          <code className="remap-line">{line}</code>
        </>
      )}
      {notes.map((note) => (
        <p key={note} className="remap-caution">
          <Glyph state="warning" /> <span>{visible(note)}</span>
        </p>
      ))}
      <p className="remap-note">Blockscope shows this and loads nothing.</p>
    </aside>
  );
}
