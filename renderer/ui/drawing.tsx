import "./drawing.css";
import type { ReactNode } from "react";

/** What a panel draws above the tables of a region. */
export const Drawing = ({ className, children }: { className: string; children: ReactNode }) => (
  <div className={`drawing ${className}`}>{children}</div>
);

export interface FigureRow {
  value: string;
  label: string;
  title?: string | undefined;
}

/** Large figures, each with its words below. */
export const Figures = ({ rows }: { rows: readonly FigureRow[] }) => (
  <dl className="figures">
    {rows.map(({ value, label, title }) => (
      <div key={label} title={title}>
        <dt>{label}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);
