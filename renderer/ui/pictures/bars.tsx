import { Glyph, type GlyphState } from "../glyphs.tsx";

export interface Bar {
  label: string;
  value: number;
  /** Length of the track; the longest bar's where it is missing. */
  of?: number | undefined;
  text: string;
  health?: GlyphState | undefined;
}

/** Quantities as bars, each with its words; a row is picked by click or Enter. */
export function Bars({ bars, onPick }: { bars: readonly Bar[]; onPick: (index: number) => void }) {
  const longest = Math.max(1, ...bars.map((bar) => bar.of ?? bar.value));
  return (
    <ul className="picture-bars">
      {bars.map((bar, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars have no identity beyond their place
        <li key={index}>
          <button type="button" onClick={() => onPick(index)}>
            <span className="bar-label">{bar.label}</span>
            <span className="bar-track" style={{ width: `${((bar.of ?? longest) / longest) * 100}%` }} aria-hidden>
              <span
                className={`bar-fill tone-${bar.health ?? "plain"}`}
                style={{ width: `${Math.min(100, (Math.max(0, bar.value) / Math.max(1e-9, bar.of ?? longest)) * 100)}%` }}
              />
            </span>
            <span className="bar-text">
              {bar.health && <Glyph state={bar.health} label />} {bar.text}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
