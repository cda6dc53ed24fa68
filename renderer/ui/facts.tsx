import type { ReactNode } from "react";

export interface FactRow {
  label: string;
  value: ReactNode;
  title?: string | undefined;
  mono?: boolean | undefined;
  onOpen?: (() => void) | undefined;
}

/** Labels and values in two columns. A value that leads somewhere is a link. */
export function Facts({ rows }: { rows: readonly FactRow[] }) {
  return (
    <dl className="facts">
      {rows.map((row) => (
        <div key={row.label}>
          <dt>{row.label}</dt>
          <dd className={row.mono ? "mono" : undefined} title={row.title}>
            {row.onOpen ? (
              <button type="button" className="link" onClick={row.onOpen}>
                {row.value}
              </button>
            ) : (
              row.value
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
