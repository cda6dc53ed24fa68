import "./record-bar.css";

export interface RecordPart {
  label: string;
  start: number;
  end: number;
  isNew?: boolean | undefined;
}

/** A record as one bar to scale, its parts by name where they fit; new ones hatched. What the bar shows is said below it in words. */
export function RecordBar({ parts, label }: { parts: readonly RecordPart[]; label: string }) {
  const length = parts.at(-1)?.end ?? 0;
  return (
    <div className="record-bar" role="img" aria-label={label}>
      {parts.map(({ label: name, start, end, isNew }) => {
        const percent = length > 0 ? ((end - start) / length) * 100 : 0;
        const kind = name === "padding" ? " is-padding" : start === 0 ? " is-core" : isNew ? " is-new" : "";
        return (
          <span key={`${start} ${name}`} className={kind} style={{ width: `${percent}%` }} title={`${name} · bytes ${start}–${end - 1}`}>
            <b>{percent > 6 ? `${name} ${kind === " is-core" ? "" : end - start}` : ""}</b>
          </span>
        );
      })}
    </div>
  );
}
