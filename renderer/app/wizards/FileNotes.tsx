import type { FileNote } from "../../../engine/contract/index.ts";
import { formatCount, visible } from "../../ui/format.ts";

/** Paths with a remark each, such as what is left out; nothing where there are none. */
export function FileNotes({ title, notes, count }: { title: string; notes: readonly FileNote[]; count: number }) {
  if (count === 0) return null;
  return (
    <section aria-label={title}>
      <h4>
        {title} · {formatCount(count)}
      </h4>
      <ul className="wizard-list" tabIndex={0} aria-label={title}>
        {notes.map(({ path, text }) => (
          <li key={`${path} ${text}`}>
            <span className="mono">{visible(path)}</span>
            <span className="weak">{visible(text)}</span>
          </li>
        ))}
      </ul>
      {count > notes.length && <p className="weak">{formatCount(count - notes.length)} more are not listed.</p>}
    </section>
  );
}
