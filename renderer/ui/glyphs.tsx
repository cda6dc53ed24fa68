import type { ReactNode } from "react";

/** The shapes of section 9: a state has its shape besides its colour. Drawn at 12 px. */
export type GlyphState = "ok" | "info" | "warning" | "error" | "not-run" | "running";
const names: Record<GlyphState, string> = {
  ok: "holds",
  info: "note",
  warning: "warning",
  error: "error",
  "not-run": "not run",
  running: "being checked",
};

const shapes: Record<GlyphState, ReactNode> = {
  ok: (
    <>
      <circle cx="6" cy="6" r="5.5" fill="currentColor" />
      <path d="M3.4 6.2 5.3 8l3.4-3.8" fill="none" stroke="var(--bs-panel)" strokeWidth="1.5" />
    </>
  ),
  info: <rect x="1.25" y="1.25" width="9.5" height="9.5" rx="1" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  warning: <path d="M6 .8 11.6 11H.4Z" fill="currentColor" />,
  error: <path d="M6 0l6 6-6 6-6-6Z" fill="currentColor" />,
  "not-run": <circle cx="6" cy="6" r="5" fill="none" stroke="currentColor" strokeWidth="1.3" strokeDasharray="2 1.6" />,
  running: <circle cx="6" cy="6" r="5" fill="none" stroke="currentColor" strokeWidth="1.3" strokeDasharray="8 4" />,
};

/** A state's glyph. With `label` it is named for readers of the screen, without it stands beside words that say so. */
export function Glyph({ state, label }: { state: GlyphState; label?: boolean }) {
  return (
    <svg
      className={`glyph glyph-${state}`}
      viewBox="0 0 12 12"
      width="12"
      height="12"
      {...(label ? { role: "img", "aria-label": names[state] } : { "aria-hidden": true })}
    >
      {shapes[state]}
    </svg>
  );
}

/** The swatch of a region family. */
export const Swatch = ({ family }: { family: string | undefined }) => <span className={`swatch family-${family ?? "none"}`} aria-hidden />;
