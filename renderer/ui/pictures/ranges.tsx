import { formatCount } from "../format.ts";

export interface ScaleRange {
  start: number;
  end: number;
  label: string;
  family?: string | undefined;
  health?: string | undefined;
}

const leastPercent = 0.25;

/** Runs on one scale with its ends written out, and marks on it. The list behind it is its twin. */
export function Ranges({
  start,
  end,
  unit,
  ranges,
  marks,
  summary,
  onPick,
}: {
  start: number;
  end: number;
  unit: string;
  ranges: readonly ScaleRange[];
  marks: readonly { at: number; label: string }[];
  summary: string;
  onPick: (index: number) => void;
}) {
  const span = Math.max(1, end - start);
  const at = (value: number) => `${Math.max(0, Math.min(100, ((value - start) / span) * 100))}%`;
  return (
    <div className="picture-ranges">
      <div className="ranges-bar" role="img" aria-label={summary}>
        {ranges.map((range, index) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: ranges have no identity beyond their place
            key={index}
            className={`family-${range.family ?? "data"} tone-${range.health ?? "plain"}`}
            style={{ left: at(range.start), width: `${Math.max(leastPercent, ((range.end - range.start) / span) * 100)}%` }}
            title={range.label}
            onClick={() => onPick(index)}
          />
        ))}
        {marks.map((mark) => (
          <i key={`${mark.label}${mark.at}`} style={{ left: at(mark.at) }} title={mark.label} />
        ))}
      </div>
      <p className="scale">
        <span>{formatCount(start)}</span>
        <span>{marks.map((mark) => `${mark.label} ${formatCount(mark.at)}`).join(" · ")}</span>
        <span>
          {formatCount(end)} {unit}
        </span>
      </p>
    </div>
  );
}
